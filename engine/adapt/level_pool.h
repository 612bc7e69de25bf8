#pragma once

#include "engine/adapt/cycle_context.h"
#include "engine/adapt/level_attention.h"

#include <cstdint>
#include <span>
#include <vector>

namespace hsa {

// The rows a cycle measures on, with the target on them, shared by its levels.
struct Pool {
    std::vector<std::uint32_t> rows;
    Matrix<float> target;  // [rows, columns]
};
[[nodiscard]] Pool draw_pool(const CycleContext& context);

// One level measured on the pool (adaptation.md 2).
struct LevelPool {
    LevelSplats splats;
    LevelKeys keys;
    LevelQueries queries;       // of the pool's rows
    std::vector<double> usage;  // [k] mean P(s|i), the background's share left out
    std::vector<double>
        error_share;             // [k] mean_i P(s|i) [(R ln R) K^T]_is; 0 for a splat of this cycle
    std::vector<double> row_kl;  // [rows] KL(T_i | A_l,i), as first measured
};
// Where a splat of the level stands; its size when it is none of them.
[[nodiscard]] std::size_t place_of(const LevelPool& level, SplatId splat);
[[nodiscard]] LevelPool measure_level(const CycleContext& context, const Pool& pool,
                                      const SplatRegistry& registry, std::size_t level);

// Brings a measured level up to date with a registry some of whose splats are gone or new; only the
// new ones cost a kernel. Error shares and row KL of the others stay as measured.
void follow_registry(const CycleContext& context, const Pool& pool, const SplatRegistry& registry,
                     LevelPool& level);

// A_l on some places of the pool over all columns: [places, m].
[[nodiscard]] Matrix<float> pool_attention(const LevelPool& level,
                                           std::span<const std::size_t> places);

}  // namespace hsa
