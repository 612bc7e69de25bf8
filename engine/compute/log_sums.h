#pragma once

#include "engine/core/matrix.h"

#include <vector>

namespace hsa {

// Sums of exponentials of s columns as exp(most) * sum, so that neither part leaves its range.
struct LogSums {
    std::vector<float> most;  // [k], -infinity where there are no rows
    std::vector<double> sum;  // [k]

    // most + ln sum: [k].
    [[nodiscard]] std::vector<double> logs() const;
};

// Joins the sums of tiles (rows of `most` and `sum`: [tiles, k]) two by two in a fixed binary tree,
// so that the result has the same bits for any number of threads. Leaves both arguments changed.
[[nodiscard]] LogSums join_tiles(Matrix<float>& most, Matrix<double>& sum);

}  // namespace hsa
