#pragma once

#include "engine/compute/log_sums.h"
#include "engine/core/matrix.h"

#include <cstddef>
#include <functional>
#include <span>
#include <vector>

namespace hsa {

// What the keys leave in each splat: sum_j exp(ell_j) and U_s = sum_j exp(ell_j) v_j, both times
// exp(-most), so that nothing leaves its range.
struct KeySums {
    LogSums mass;           // [k]
    Matrix<double> values;  // [k, v]

    KeySums() = default;
    KeySums(std::size_t splats, std::size_t columns);
    // U_s over the splat's mass, the mean value that it stands for: [k, v], zeros without a key.
    [[nodiscard]] Matrix<float> means() const;
};

// Adds the sums over other keys of the same splats and columns.
void add_key_sums(KeySums& into, const KeySums& from);

// Sums over [0, rows): group(begin, end, out) writes those of the chunks of kChunkRows rows from
// `begin` to `end`, one element of `out` each, [splats] and [splats, columns]. Chunks are joined in
// float64 in a fixed binary tree, so the result has the same bits for any number of threads.
[[nodiscard]] KeySums sum_over_keys(
    std::size_t rows, std::size_t splats, std::size_t columns,
    const std::function<void(std::size_t begin, std::size_t end, std::span<KeySums> out)>& group);

}  // namespace hsa
