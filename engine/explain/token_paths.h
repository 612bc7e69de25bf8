#pragma once

#include "engine/explain/cards.h"
#include "engine/explain/level_flow.h"
#include "engine/model/factors.h"
#include "engine/model/splat_registry.h"

#include <cstddef>
#include <vector>

namespace hsa {

// One way from a token up through the levels: a splat a level, finest first.
struct TokenPath {
    std::vector<SplatId> splats;
    double share = 0.0;       // of what leaves the token in the finest level
    bool along_tree = false;  // each splat is the parent of the one before
};

// How one token hangs in the hierarchy.
struct TokenPaths {
    std::size_t token = 0;
    std::vector<double> gates;     // [levels] the share of its attention that goes through each
    std::vector<TokenPath> paths;  // the strongest, falling
    double along_tree = 0.0;       // share of all paths that keep to the tree
    // [levels] where it arrives when it climbs from the finest level to this one and attends from
    // there, its 20 strongest tokens: A_m(i, j) = sum_t up_m(t) K(j|t), up_0(s) = P_0(s|i),
    // up_m(t) = sum_c up_(m-1)(c) M(c, t) / sum_t M(c, t) (LevelFlow::link).
    std::vector<std::vector<WeightedToken>> arrives;
};

// `flow`: of the same factors and registry. O(k^2 + n k). Throws Error when there is no such token.
[[nodiscard]] TokenPaths token_paths(const Factors& factors, const SplatRegistry& registry,
                                     const LevelFlow& flow, std::size_t token);

}  // namespace hsa
