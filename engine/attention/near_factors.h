#pragma once

#include "engine/attention/cells.h"
#include "engine/attention/factors.h"
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
// So A = diag(s) P K + D, s_i = M_i / Z_i, D on the near pairs alone (Factors::near). Causal: all
// of it for j <= i, the 1 being what P K has there. A row without near pairs needs no M.
// log_normaliser becomes ln Z_i in the units of the scores.
//
// From the factors of all tokens, not causal. Without an offset in the registry one is solved on
// sampled_rows(): "calibrated, not fitted". Throws Error for splats of the form token.
// O((n + pairs) k + pairs d + 64 n d), the same for any number of threads.
[[nodiscard]] Factors near_factors(const SplatRegistry& registry, const Coordinates& coordinates,
                                   const Target& target, Factors factors,
                                   const NearOptions& options, const Work& work);

// The factors of splats as they are looked at: with the near set where there is one, the splats are
// a head's and there is a target; else as compute_factors has them, causal where `options` say so.
[[nodiscard]] Factors factors_beside(Backend& backend, const SplatRegistry& registry,
                                     const Coordinates& coordinates, FactorOptions options,
                                     const Target* target, const NearOptions& near,
                                     const Work& work);

// What every column of the factors gives outside the near set, on average over the rows, and last
// what the exact pairs have: [c + 1], together 1 (rulings.md "Near set").
[[nodiscard]] std::vector<double> near_usage(const Factors& factors);

}  // namespace hsa
