#include "engine/adapt/members.h"

#include "engine/adapt/level_attention.h"
#include "engine/adapt/rows.h"
#include "engine/attention/kmeans.h"
#include "engine/model/key_mask.h"

#include <algorithm>
#include <limits>

namespace hsa {
namespace {

// Of each row of x the nearest of the splats: [rows].
std::vector<std::uint32_t> nearest_splats(Backend& backend, const LevelSplats& splats,
                                          MatrixView<const float> x, double temperature,
                                          const Work& work) {
    const auto bound = bind(backend, splats, temperature);
    std::vector<std::uint32_t> nearest(x.rows);
    for (std::size_t begin = 0; begin < x.rows; begin += kColumnLimit) {
        work.check();
        const std::size_t end = std::min(x.rows, begin + kColumnLimit);
        Matrix<float> ell(end - begin, splats.size());
        backend.log_kernel(*bound, x.block(begin, end), ell.view());
        for (std::size_t i = 0; i < ell.rows(); ++i) {
            const std::span<const float> row = ell.row(i);
            nearest[begin + i] =
                static_cast<std::uint32_t>(std::max_element(row.begin(), row.end()) - row.begin());
        }
    }
    return nearest;
}

}  // namespace

std::vector<double> members_of(Backend& backend, const Coordinates& coordinates,
                               const SplatRegistry& registry, double temperature,
                               const Work& work) {
    std::vector<double> members(registry.size(), 0.0);
    const Coordinates visible = visible_coordinates(coordinates);
    for (std::size_t l = 0; l < registry.hierarchy.size(); ++l) {
        const LevelSplats splats = level_splats(registry, l);
        for (const std::uint32_t s :
             nearest_splats(backend, splats, visible.levels[l]->view(), temperature, work))
            members[registry.row(splats.id[s])] += 1.0;
    }
    return members;
}

Places cells_of_level(Backend& backend, const Coordinates& coordinates,
                      const SplatRegistry& registry, std::size_t level, double temperature,
                      const Work& work) {
    const Coordinates visible = visible_coordinates(coordinates);
    const LevelSplats splats = level_splats(registry, level);
    Places places;
    places.label =
        nearest_splats(backend, splats, visible.levels[level]->view(), temperature, work);
    constexpr std::uint32_t kNone = std::numeric_limits<std::uint32_t>::max();
    std::vector<std::uint32_t> cell(splats.size(), kNone);
    for (std::uint32_t& label : places.label) {
        if (cell[label] == kNone) cell[label] = static_cast<std::uint32_t>(places.count++);
        label = cell[label];
    }
    return places;
}

}  // namespace hsa
