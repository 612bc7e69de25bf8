#pragma once

#include "engine/attention/cells.h"
#include "engine/attention/near_set.h"
#include "engine/core/work.h"
#include "engine/model/coordinates.h"
#include "engine/model/factors.h"
#include "engine/model/splat_registry.h"

#include <cstdint>
#include <span>
#include <vector>

namespace hsa {

// A with a near set, in one normaliser (real-heads.md 3):
//   A_ij = exp(score_ij) / Z_i inside, M_i (P K)_ij / Z_i outside,
//   ln M_i = LSE_s(ln w_s + ell^q_s + c_s) + kappa_query |q|^2 / 2 + offset, or q^T L0 q / 2 in
//   place of the middle term,
//   Z_i = sum of the near exponentials + M_i (1 - near part of row i of P K).
// So A = diag(s) P K + D, s_i = M_i / Z_i, D on the near pairs alone. Causal: all of it for j <= i,
// the 1 being what P K has there. A row without near pairs needs no M.
struct NearFactors {
    // p is s_i P(s|i), and so are the weights of causal rows: whatever reads factors reads the far
    // part of A. log_normaliser is ln Z_i in the units of the scores.
    Factors far;
    std::vector<float> far_scale;  // [n] s_i
    NearSet set;
    std::vector<float> exact;       // [pairs] A
    std::vector<float> correction;  // [pairs] D
    double offset = 0.0;            // the registry's, or solved
};

// From the factors of all tokens, not causal. Without an offset in the registry one is solved on
// sampled_rows(): "calibrated, not fitted". Throws Error for splats of the form token.
// O((n + pairs) k + pairs d + 64 n d), the same for any number of threads.
[[nodiscard]] NearFactors near_factors(const SplatRegistry& registry,
                                       const Coordinates& coordinates, const Target& target,
                                       Factors factors, const NearOptions& options,
                                       const Work& work);

// The level of the one part that a pair inside the near set has.
inline constexpr std::uint16_t kExactLevel = 0xfffdU;

// As those of cells.h.
[[nodiscard]] CellParts cell_parts(const NearFactors& near, std::size_t i, std::size_t j);
void attention_rows(const NearFactors& near, std::span<const std::uint32_t> rows,
                    const AttentionSettings& settings, MatrixView<float> out);
[[nodiscard]] Matrix<float> attend(const NearFactors& near, MatrixView<const float> values);
// The mean of D over a block: what block_parts of the far part lacks. O(rows ln n + pairs in it).
[[nodiscard]] double mean_correction(const NearFactors& near, const Block& block);
// What every column of the factors gives outside the near set, on average over the rows, and last
// what the exact pairs have: [c + 1], together 1 (rulings.md "Near set").
[[nodiscard]] std::vector<double> near_usage(const NearFactors& near);

}  // namespace hsa
