#pragma once

#include "engine/compute/sharded_backend.h"
#include "engine/core/matrix.h"
#include "tests/card/card.h"
#include "tests/catch.h"
#include "tests/reference/cases.h"

#include <cmath>
#include <memory>
#include <utility>
#include <vector>

namespace reference {

// Numbers in (0, 1], other ones for every `what`.
inline hsa::Matrix<float> drawn(std::size_t rows, std::size_t cols, std::size_t what) {
    hsa::Matrix<float> made(rows, cols);
    for (std::size_t e = 0; e < made.size(); ++e)
        made.data()[e] = static_cast<float>((e * 7919 + what * 104729) % 997 + 1) / 997.0F;
    return made;
}

// Squared error over the square of what is right.
inline double miss(const hsa::Matrix<double>& found, const hsa::Matrix<double>& wanted) {
    REQUIRE(found.size() == wanted.size());
    double error = 0.0;
    double square = 0.0;
    for (std::size_t e = 0; e < wanted.size(); ++e) {
        error += std::pow(found.data()[e] - wanted.data()[e], 2.0);
        square += std::pow(wanted.data()[e], 2.0);
    }
    return error / square;
}

// Two cards as one.
inline std::unique_ptr<hsa::Backend> two_tested() {
    std::vector<std::unique_ptr<hsa::Backend>> cards;
    for (int c = 0; c < 2; ++c) cards.push_back(tested());
    return hsa::make_sharded_backend(std::move(cards));
}

}  // namespace reference
