#pragma once

#include "engine/compute/backend.h"
#include "engine/compute/level_kernels.h"
#include "engine/core/work.h"
#include "engine/model/coordinates.h"
#include "engine/model/factors.h"
#include "engine/model/splat_registry.h"
#include "engine/model/whitening.h"

#include <cstdint>
#include <span>
#include <vector>

namespace hsa {

// The log kernels of all splats at one token from differences in float64, not clamped: [k], columns
// as the registry's rows. whitening: one a splat of that side.
[[nodiscard]] std::vector<double> exact_log_kernel(const SplatRegistry& registry,
                                                   std::span<const Whitening> whitening,
                                                   const Coordinates& coordinates,
                                                   std::size_t token, double temperature,
                                                   Side side = Side::key);

// Rows of P (and ln Z) of tokens that are far from every splat, formed in the log domain from their
// own log kernels: softmax of ln w_s + ell_s + c_s. Where every ell was clamped, differences in
// float64 decide and ties are equal (rulings.md "At bind"). `tokens` rise. Form token.
void write_far_rows(Backend& backend, const SplatRegistry& registry,
                    const std::vector<LevelKernel>& levels, const Coordinates& coordinates,
                    double temperature, std::span<const std::uint32_t> tokens, Factors& factors,
                    const Work& work);

// The same of every row of factors.p, which the coordinates' queries belong to: softmax of ln w_s +
// ell^q_s + c_s, logits in float64 (log kernels too where the backend has TwofoldKernels).
// `levels` are bound on the query side.
void write_query_rows(Backend& backend, const SplatRegistry& registry,
                      const std::vector<LevelKernel>& levels, const Coordinates& coordinates,
                      double temperature, Factors& factors, const Work& work);

}  // namespace hsa
