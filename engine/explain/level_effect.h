#pragma once

#include "engine/attention/target.h"
#include "engine/core/work.h"
#include "engine/model/factors.h"

#include <cstddef>
#include <optional>
#include <vector>

namespace hsa {

// How much worse attention would be held against its target without one level: the others and the
// background share what went through it, as when it is muted.
struct LevelEffects {
    double row_kl = 0.0;  // with all levels, nats
    // [levels] of the same rows without that level; nothing where some row has no attention left.
    std::vector<std::optional<double>> without;
    std::size_t rows = 0;  // stratified rows that were read
    bool exact = true;     // they are all rows
};

// Mean row-KL over at most 256 stratified rows that have a target (masked ones have none). Throws
// Cancelled.
[[nodiscard]] LevelEffects level_effects(const Factors& factors, const Target& target,
                                         std::size_t levels, const Work& work);

}  // namespace hsa
