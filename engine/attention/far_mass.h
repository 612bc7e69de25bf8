#pragma once

#include "engine/core/matrix.h"
#include "engine/model/splat_registry.h"

#include <span>
#include <vector>

namespace hsa {

// What the far part of a row weighs beside its near set (real-heads.md 3), for rows that are at
// hand; near_factors.h puts it together for all of them.

// ln M_i less the offset, of the queries [rows, d] with the ln Z of their rows of P K: ln Z_i +
// kappa_query |q_i|^2 / 2, or q^T L0 q / 2 with query_quadratic. Throws Error for splats of the
// form token, whose masses are relative.
[[nodiscard]] std::vector<double> log_far_masses(const SplatRegistry& registry,
                                                 MatrixView<const float> queries,
                                                 std::span<const float> log_normalisers);

// One normaliser for both parts of a row.
struct JoinedRow {
    double log_normaliser = 0.0;
    double far_scale = 0.0;  // s = M / Z
};
// From the scores of the near pairs, ln M with the offset, and what P K has outside them. Without
// near pairs s is 1 / outside, whatever M; without anything 0.
[[nodiscard]] JoinedRow join_row(std::span<const float> scores, double log_mass, double outside);

// A row that an offset is solved from.
struct FarShare {
    double log_near = 0.0;  // ln of the sum of its near exponentials
    double log_far = 0.0;   // ln of M times what P K has outside, without an offset
    double wanted = 0.0;    // the share that the exact row has outside
};
// The offset that gives the far parts the share that they have in the exact rows, on average: of
// all offsets that of least KL, for the mean difference of the two is the slope of the KL. Rows
// that are wholly near or wholly far do not count; 0 where all are.
[[nodiscard]] double solve_offset(std::span<const FarShare> rows);

}  // namespace hsa
