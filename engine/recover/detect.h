#pragma once

#include "engine/adapt/faults.h"
#include "engine/explain/health.h"
#include "engine/model/factors.h"
#include "engine/model/finding.h"
#include "engine/model/history.h"
#include "engine/model/measures.h"
#include "engine/recover/report.h"

#include <cstddef>

namespace hsa {

// Detectors: each a pure function of what it looks at, which says what it held against which limit
// (checks) and what is beyond it (findings).

// Numbers of splats that no splat may have, axes too far apart, rows of P and columns of K that do
// not sum to 1. `health`: of the factors, null where there are none; `storage`: how they are kept.
[[nodiscard]] Findings find_numbers(const SplatRegistry& registry, const Proportions& proportions,
                                    const FactorHealth* health, Storage storage);

// Levels without splats.
[[nodiscard]] Findings find_empty_levels(const SplatRegistry& registry);

// Splats without a parent they can have, and levels whose splats lie under parents that have
// little of them. `overlap`: null where it could not be computed.
[[nodiscard]] Findings find_orphans(const SplatRegistry& registry, const ParentOverlap* overlap);

// An objective that stands still over the last 20 cycles before `cycle` while attention explains
// next to nothing of the target.
[[nodiscard]] Findings find_stagnation(const History& history, std::int32_t cycle,
                                       const Measures& measures);

// Settings out of what the engine can work with; amplitudes and widths out of proportion.
[[nodiscard]] Findings find_configuration(const SplatRegistry& registry,
                                          const Proportions& proportions,
                                          const CheckSettings& settings, std::size_t tokens,
                                          std::size_t masked);

// One splat that has nearly all of its level, rows that fell onto a token or two, rows that are
// all alike where the target's differ.
[[nodiscard]] Findings find_collapse(const SplatRegistry& registry, const Measures& measures);

// Levels that carry next to no information about the tokens, less than a tenth of what the level
// above carries, or next to nothing of their share of attention.
[[nodiscard]] Findings find_bottleneck(const SplatRegistry& registry, const Measures& measures);

// What the present settings need: P, K and sums of what is shown and of a cycle beside it,
// coordinates, and the rows of the target that a cycle holds.
struct MemoryNeed {
    std::size_t tokens = 0, splats = 0, dimension = 0, blocks = 1;  // distinct coordinate blocks
    std::size_t probe_rows = 128;
    Storage storage = Storage::float32;
    bool causal = false;

    [[nodiscard]] double bytes() const;
};
[[nodiscard]] Findings find_memory(const MemoryNeed& need, const CheckSettings& settings);

// The gradients of the adjust steps of `cycle`: none at all, huge, or not finite.
[[nodiscard]] Findings find_gradients(const History& history, std::int32_t cycle);

}  // namespace hsa
