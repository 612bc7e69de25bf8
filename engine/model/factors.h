#pragma once

#include "engine/core/matrix.h"
#include "engine/model/splat_registry.h"

#include <cstdint>
#include <vector>

namespace hsa {

// A = P K in two factors (maths.md 2), token-major on both sides: `p` is P [n, c], `k` is K
// transposed [n, c]. Columns follow the registry's rows by rising id, the background, if there is
// one, last: c = splats + 1 or splats. Rows of `p` sum to 1 (0 where every key is masked), columns
// of `k` sum to 1.
struct Factors {
    Matrix<float> p;
    Matrix<float> k;
    std::vector<SplatId> ids;           // [c]; kNoSplat for the background
    std::vector<std::uint16_t> level;   // [c]; kBackgroundLevel for the background
    std::vector<double> log_weight;     // [c] ln w as used, mutes and solos included
    std::vector<double> log_mass;       // [c] c_s = LSE_j ell_s(j)
    std::vector<float> log_normaliser;  // [n] ln Z_i = LSE_s(ln w_s + ell_s(i) + c_s)
    // With attention.splats_per_token: the largest 2 (1 - kept) of a row, which bounds its L1
    // error.
    double row_bound = 0.0;

    [[nodiscard]] std::size_t tokens() const { return p.rows(); }
    [[nodiscard]] std::size_t columns() const { return ids.size(); }
    [[nodiscard]] bool has_background() const { return !ids.empty() && ids.back() == kNoSplat; }
};

inline constexpr std::uint16_t kBackgroundLevel = 0xffffU;

// Tokens of one tile of the stored sums.
inline constexpr std::size_t kTileTokens = 64;

// Prefix sums of both factors at every 64th token, float64: row t holds the sum over tokens
// [0, 64 t); the last row is the sum over all n. Shape [ceil(n / 64) + 1, c].
struct TileSums {
    Matrix<double> p;
    Matrix<double> k;
};

}  // namespace hsa
