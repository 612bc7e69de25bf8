#pragma once

#include "engine/adapt/adam.h"
#include "engine/adapt/controller.h"
#include "engine/adapt/rows.h"
#include "engine/adapt/target_rows.h"

#include <cstdint>
#include <memory>
#include <vector>

namespace hsa {

// What every step of one cycle (or edit) reads and none changes, made once: rows, columns and the
// target on them. Only with a target; coverage mode needs none of it.
struct CycleContext {
    CycleContext(Backend& used, const AdaptInput& read, const SplatRegistry& registry,
                 std::int32_t number, const Work& tied);

    Backend& backend;
    const AdaptInput& input;
    Work work;
    std::uint64_t seed = 1;
    std::int32_t cycle = 0;
    RowSets rows;
    Columns columns;
    TargetRows probe;              // T on the rows V
    double background = 0.0;       // logit, the same at every level
    std::vector<double> lambda;    // [levels] nats a splat: adapt.lambda x KL(T | uniform) on V
    std::vector<StepScale> scale;  // [levels]

    // T[rows, columns of this cycle]: [rows.size(), columns.size()].
    [[nodiscard]] Matrix<float> target(std::span<const std::uint32_t> of_rows) const;
    [[nodiscard]] Matrix<float> coordinates(std::size_t level,
                                            std::span<const std::uint32_t> of_rows) const;
    // Columns of this cycle that each row sees where attention is causal; else empty (past.h).
    [[nodiscard]] std::vector<std::size_t> seen(std::span<const std::uint32_t> of_rows) const;
    // KL(T | A_l) of each row of V, all columns; and averaged over V (rulings.md "Quotas").
    [[nodiscard]] std::vector<double> probe_rows_kl(const LevelSplats& splats) const;
    [[nodiscard]] double probe_kl(const LevelSplats& splats) const;
};

// The seed of adaptation's random numbers.
[[nodiscard]] std::uint64_t adapt_seed(const AdaptInput& input);

}  // namespace hsa
