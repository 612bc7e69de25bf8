#pragma once

#include "engine/adapt/propose.h"
#include "engine/prune/head_pool.h"

#include <optional>
#include <vector>

namespace hsa {

// Where attention between the queries and keys of a splat is least explained: unit directions of
// either side, the same one in the form shared. Empty when there is none.
struct SplitDirections {
    std::vector<double> query;  // [d]
    std::vector<double> key;    // [d]
};

// X_q^T (W - W0) X_k with W - W0 = P(s|i) K(j|s) (T / A - 1) outside the near set, in coordinates
// whitened by the splat's kernels: its first singular vectors (paired), or the top eigenvector of
// its symmetric part (shared) (adaptation.md, "mitosis").
[[nodiscard]] SplitDirections split_directions(const HeadContext& context, const HeadPool& pool,
                                               const SplatRegistry& registry, std::size_t column);

// A splat in two, .7 standard deviations either way on each side along these directions (its
// principal axes where they are empty); ln w such that both halves have together what it had, on
// average over the pool's rows weighted by that.
[[nodiscard]] std::vector<Splat> halves_of_head(const HeadContext& context, const HeadPool& pool,
                                                const SplatRegistry& registry, SplatId id,
                                                const SplitDirections& directions);

// Splits the splat of largest error share.
[[nodiscard]] std::optional<Proposal> propose_head_mitosis(const HeadContext& context,
                                                           const HeadPool& pool,
                                                           const Eligibility& eligible);

}  // namespace hsa
