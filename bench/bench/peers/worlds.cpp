#include "bench/bench/peers/worlds.h"

#include "bench/adapt/generators.h"
#include "bench/bench/peers/cells.h"
#include "engine/core/error.h"
#include "engine/core/random.h"

#include <cmath>
#include <utility>

namespace hsa_bench {
namespace {

using hsa::Matrix;

constexpr std::size_t kColumns = 16;

struct Generated {
    Matrix<float> x;
    std::size_t groups = 0;
};

Generated generate(const std::string& name, std::size_t n, std::uint64_t seed) {
    if (name == "clusters") return {clusters(n, seed), 24};
    if (name == "tree") return {tree(n, seed), 48};
    if (name == "band") return {band(n, seed), 20};
    hsa::fail("There is no generator '{}'.", name);
}

}  // namespace

World make_world(const std::string& name, std::size_t n, double sharpness, std::uint64_t seed) {
    Generated made = generate(name, n, seed);
    World world;
    world.grouped = kColumns;
    world.values = Matrix<float>(n, 2 * kColumns);
    const Cells cells = cells_of(made.x, made.groups, seed);
    for (std::size_t j = 0; j < n; ++j) {
        hsa::Random group{seed, 11, cells.label[j]};
        hsa::Random own{seed, 12, j};
        for (std::size_t c = 0; c < kColumns; ++c)
            world.values(j, c) = static_cast<float>(group.normal() + 0.5 * own.normal());
        for (std::size_t c = kColumns; c < 2 * kColumns; ++c)
            world.values(j, c) = static_cast<float>(own.normal());
    }
    const auto scale = static_cast<float>(std::sqrt(sharpness));
    for (std::size_t e = 0; e < made.x.size(); ++e) made.x.data()[e] *= scale;
    world.coordinates.base = std::make_shared<const Matrix<float>>(made.x);
    world.coordinates.levels = {world.coordinates.base};
    world.target = std::make_shared<const hsa::Target>(std::move(made.x), 1.0);
    return world;
}

}  // namespace hsa_bench
