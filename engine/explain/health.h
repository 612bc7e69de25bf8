#pragma once

#include "engine/model/factors.h"
#include "engine/model/measures.h"
#include "engine/model/splat_registry.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace hsa {

// Whether the factors are what they must be: rows of P and columns of K sum to 1.
struct FactorHealth {
    double row_sum_error = 0.0;  // largest |sum_s P(s|i) - 1| of the rows that are not empty
    double key_sum_error = 0.0;  // largest |sum_j K(j|s) - 1|
    std::size_t empty_rows = 0;  // every key masked
    std::size_t not_finite = 0;  // entries of P and K that are NaN or infinite
    std::vector<std::uint32_t> faulty_rows;  // tokens with such an entry or a wrong sum: the first
};
[[nodiscard]] FactorHealth factor_health(const Factors& factors);

struct LevelHealth {
    std::string name;
    std::vector<SplatId> dead;  // usage below 5 % of the level's mean; rising
    double usage_gini = 0.0;    // 0: all splats of the level are used alike; 1 - 1/k: one has all
};
[[nodiscard]] std::vector<LevelHealth> level_health(const SplatRegistry& registry,
                                                    const Measures& measures);

}  // namespace hsa
