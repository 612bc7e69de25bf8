#pragma once

#include "engine/core/matrix.h"
#include "engine/model/factors.h"

#include <cstdint>
#include <span>
#include <vector>

namespace hsa {

// Calls use(first, rows) for stretches of `rows` so short that a dense matrix [stretch, n] is
// small.
template <class Use>
void by_stretch(std::span<const std::uint32_t> rows, Use use) {
    constexpr std::size_t kStretch = 32;
    for (std::size_t first = 0; first < rows.size(); first += kStretch)
        use(first,
            rows.subspan(first, rows.size() - first < kStretch ? rows.size() - first : kStretch));
}

// Rows of A_l, one level's own attention: out [rows, n]. `share` is the level's share of the
// weights; the background takes part with it (rulings.md "Background and level weights"). A row in
// which the level has no mass (muted, weight 0, no background) is zero.
void level_attention_rows(const Factors& factors, std::uint16_t level, double share,
                          std::span<const std::uint32_t> rows, MatrixView<float> out);

}  // namespace hsa
