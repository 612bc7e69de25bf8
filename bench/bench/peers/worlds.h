#pragma once

#include "engine/fit/head.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

namespace hsa_bench {

// A head with a known structure: the data of a generator as queries and keys, logits times the
// sharpness.
struct World {
    hsa::Coordinates coordinates;
    std::shared_ptr<const hsa::Target> target;
    hsa::Matrix<float> values;  // [n, grouped + as many of noise alone]
    std::size_t grouped = 0;

    [[nodiscard]] hsa::Head head() const { return {coordinates, *target, values.view()}; }
};

inline constexpr std::array<const char*, 3> kWorlds = {"clusters", "tree", "band"};

// The values: a mean of its own for each group of keys (k-means, as many as the generator has) plus
// noise of half its size, then columns of noise alone. Throws Error for another name.
[[nodiscard]] World make_world(const std::string& name, std::size_t n, double sharpness,
                               std::uint64_t seed);

}  // namespace hsa_bench
