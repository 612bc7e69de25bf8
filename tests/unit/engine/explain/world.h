#pragma once

#include "engine/attention/factors.h"
#include "engine/core/matrix.h"
#include "engine/model/coordinates.h"
#include "engine/model/dataset.h"
#include "engine/model/factors.h"
#include "engine/model/history.h"
#include "engine/model/measures.h"
#include "engine/model/splat_registry.h"
#include "engine/snapshot.h"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace explain_test {

// Splats of two levels, Fine and Coarse, over random coordinates, and their attention by the
// formulas of maths.md 2 in double, written here once more so that nothing tested computes what it
// is tested against.
struct World {
    hsa::SplatRegistry registry;
    hsa::Coordinates coordinates;
    hsa::Factors factors;
    hsa::TileSums sums;
    hsa::Measures measures;
};

struct Shape {
    std::size_t tokens = 40;
    std::size_t dimension = 5;
    std::size_t fine = 6;
    std::size_t coarse = 3;
    bool background = true;
    std::uint64_t seed = 1;
};

[[nodiscard]] World make_world(const Shape& shape);

// P and K of every token in double, stored in single precision.
[[nodiscard]] hsa::Factors factors_of(const hsa::SplatRegistry& registry,
                                      const hsa::Coordinates& coordinates);
// A = P K cell by cell in double: [n, n].
[[nodiscard]] hsa::Matrix<double> attention_of(const hsa::Factors& factors);

// "One word a token": a text of the words joined by blanks, types by lower-case spelling.
[[nodiscard]] std::shared_ptr<const hsa::Dataset> text_of(const std::vector<std::string>& words);

// A snapshot of a world over a text of its size, with a history of one cycle and a name a splat.
[[nodiscard]] hsa::Snapshot snapshot_of(const World& world);

// Indices of the largest values, falling, ties to the lower index.
[[nodiscard]] std::vector<std::uint32_t> falling(const std::vector<double>& values);

}  // namespace explain_test
