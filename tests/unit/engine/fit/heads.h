#pragma once

#include "engine/fit/head.h"

#include <cstdint>
#include <memory>

// Heads made up for the tests, with everything that a Head looks at.
struct TestHead {
    hsa::Coordinates coordinates;
    std::shared_ptr<const hsa::Target> target;
    hsa::Matrix<float> values;

    [[nodiscard]] hsa::Head view() const { return {coordinates, *target, values.view()}; }
};

// Queries and keys around `clusters` shared directions, means of their own; scores of a few nats.
// The values are one number a cluster and two of their own.
[[nodiscard]] TestHead clustered_head(std::size_t n, std::size_t d, std::size_t clusters,
                                      double sharpness, std::uint64_t seed);
