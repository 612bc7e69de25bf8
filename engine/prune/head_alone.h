#pragma once

#include "engine/prune/head_pool.h"

#include <cstdint>
#include <span>
#include <vector>

namespace hsa {

// Some splats of a head by themselves, without the others and the background: K of all tokens, and
// log_normaliser as the LSE over them of ln w + ell^q + c on the given rows. What the head's
// splats have in common is that of `registry`.
[[nodiscard]] Factors splats_alone(const HeadContext& context, const SplatRegistry& registry,
                                   std::span<const Splat> splats,
                                   std::span<const std::uint32_t> rows);

// The tokens of the largest K of a splat by itself, at most kTokensTold, by falling K.
inline constexpr std::size_t kTokensTold = 8;
[[nodiscard]] std::vector<std::uint32_t> strongest_keys(const HeadContext& context,
                                                        const SplatRegistry& registry,
                                                        const Splat& splat);
// The places of the largest numbers, at most kTokensTold, by falling number, ties to the lower.
[[nodiscard]] std::vector<std::uint32_t> strongest_tokens(std::span<const double> mass);

// What to add to every ln w of `after` so that they have together what `before` (splats of the
// registry) have, as a logit, in the mean over the pool's rows weighted by that share.
[[nodiscard]] double weight_shift(const HeadContext& context, const HeadPool& pool,
                                  const SplatRegistry& registry, std::span<const SplatId> before,
                                  std::span<const Splat> after);

}  // namespace hsa
