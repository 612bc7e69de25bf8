#pragma once

#include "engine/core/range.h"
#include "engine/explain/ask.h"
#include "engine/model/factors.h"

#include <cstdint>
#include <span>
#include <vector>

namespace hsa {

// Sums of a factor's rows over the tokens of sorted ranges that lie within a range: [c].
[[nodiscard]] std::vector<double> sum_of_tokens(const FactorMatrix& factor,
                                                std::span<const Range> tokens, Range within);

// Splat by splat, exactly: of each listed column the sum of A over the asked rows [listed][parts],
[[nodiscard]] std::vector<std::vector<SplatPart>> parts_of_columns(
    const Factors& factors, std::span<const Range> asked, std::span<const std::uint32_t> listed);
// and of each listed row the sum over the asked columns. Sorted ranges and tokens below n; O((asked
// + listed^2) c).
[[nodiscard]] std::vector<std::vector<SplatPart>> parts_of_rows(
    const Factors& factors, std::span<const Range> asked, std::span<const std::uint32_t> listed);

}  // namespace hsa
