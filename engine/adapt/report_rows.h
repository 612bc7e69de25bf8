#pragma once

#include "engine/model/splat_registry.h"

#include <algorithm>
#include <cstddef>

namespace hsa {

// How many rows W has of so many tokens, which row-KL, row entropy and objectives are of: those of
// row_sets() or, of splats that were fitted to a head, of fit_rows().
[[nodiscard]] constexpr std::size_t report_row_count(Form form, std::size_t tokens) {
    constexpr std::size_t kAll = 64, kQuarter = 1024, kMost = 256;
    if (tokens < kAll) return tokens;
    if (form != Form::token) return std::min(tokens / 4, kMost);
    return tokens < kQuarter ? (tokens + 3) / 4 : kMost;
}

}  // namespace hsa
