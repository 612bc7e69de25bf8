#include "engine/adapt/members.h"

#include "engine/adapt/level_attention.h"
#include "engine/adapt/rows.h"
#include "engine/model/key_mask.h"

#include <algorithm>

namespace hsa {

std::vector<double> members_of(Backend& backend, const Coordinates& coordinates,
                               const SplatRegistry& registry, double temperature,
                               const Work& work) {
    std::vector<double> members(registry.size(), 0.0);
    const Coordinates visible = visible_coordinates(coordinates);
    for (std::size_t l = 0; l < registry.hierarchy.size(); ++l) {
        const LevelSplats splats = level_splats(registry, l);
        const auto bound = bind(backend, splats, temperature);
        const MatrixView<const float> x = visible.levels[l]->view();
        for (std::size_t begin = 0; begin < x.rows; begin += kColumnLimit) {
            work.check();
            const std::size_t end = std::min(x.rows, begin + kColumnLimit);
            Matrix<float> ell(end - begin, splats.size());
            backend.log_kernel(*bound, x.block(begin, end), ell.view());
            for (std::size_t i = 0; i < ell.rows(); ++i) {
                const std::span<const float> row = ell.row(i);
                const auto nearest = static_cast<std::size_t>(
                    std::max_element(row.begin(), row.end()) - row.begin());
                members[registry.row(splats.id[nearest])] += 1.0;
            }
        }
    }
    return members;
}

}  // namespace hsa
