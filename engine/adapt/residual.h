#pragma once

#include "engine/adapt/propose.h"

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace hsa {

// Where attention is missing, for a birth there (adaptation.md 3).

// The splat that carries most of a row of the pool: its column.
[[nodiscard]] std::size_t owner_of(const LevelPool& level, std::size_t place);

// A place of the pool drawn by what its KL is above the median (the rest is what no single splat
// takes away) whose owner is free and not resting; nothing when none is.
[[nodiscard]] std::optional<std::size_t> draw_residual_row(std::uint64_t seed,
                                                           const LevelPool& level,
                                                           const Eligibility& eligible);

// At most 256 places of a pool of `rows`, stratified, `place` among them.
[[nodiscard]] std::vector<std::size_t> residual_places(std::size_t rows, std::size_t place);

// Rows and columns of max(T - A, 0) [rows, m] around one row, by two power steps: weights of sum 1.
struct Residual {
    std::vector<double> rows;
    std::vector<double> columns;
};
[[nodiscard]] Residual power_steps(const Matrix<float>& missing, std::size_t start);

// The ln w for which a new splat, its logits without one given, takes a quarter, half, one, two and
// four times an even share among `splats` more; `log_rest` as solve_log_weight().
[[nodiscard]] std::vector<float> weights_to_try(std::span<const float> logits,
                                                std::span<const double> log_rest,
                                                std::size_t splats);
// What it takes of every row with that ln w: [rows].
[[nodiscard]] std::vector<double> shares_taken(std::span<const float> logits,
                                               std::span<const double> log_rest, float log_weight);

}  // namespace hsa
