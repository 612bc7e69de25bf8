#include "engine/adapt/faults.h"
#include "engine/adapt/initialise.h"
#include "engine/compute/level_kernels.h"
#include "engine/core/exponential.h"
#include "engine/core/parallel.h"
#include "engine/core/products.h"
#include "engine/model/key_mask.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace hsa {
namespace {

constexpr std::size_t kBlockRows = 16 * kChunkRows;

// One level seen from both sides: its splats as children, ell - c, and as parents, ell + c + ln w.
struct BothSides {
    LevelKernel kernel;
    std::vector<float> child_shift;   // c
    std::vector<float> parent_shift;  // c + ln w
    Matrix<float> ell;                // [block, splats of the level]
};

std::vector<BothSides> sides_of(Backend& backend, const Coordinates& coordinates,
                                const SplatRegistry& registry, const Work& work) {
    const std::size_t rows = std::min(coordinates.size(), kBlockRows);
    std::vector<BothSides> sides(registry.hierarchy.size());
    for (std::size_t l = 0; l < sides.size(); ++l) {
        BothSides& side = sides[l];
        side.kernel = bind_level(backend, registry, l, 1.0);
        const std::vector<double> mass =
            backend.log_mass(*side.kernel.bound, coordinates.levels[l]->view(), {}, work);
        side.child_shift.assign(mass.begin(), mass.end());
        for (std::size_t s = 0; s < mass.size(); ++s)
            side.parent_shift.push_back(static_cast<float>(
                mass[s] + static_cast<double>(registry.log_amplitude[side.kernel.rows[s]])));
        side.ell = Matrix<float>(rows, mass.size());
    }
    return sides;
}

// Adds the rows of a block to sum_j K(j|child) P(parent|j): [children x parents].
void add_overlap(const BothSides& child, const BothSides& parent, std::size_t rows,
                 std::vector<double>& overlap) {
    const std::size_t kc = child.ell.cols();
    const std::size_t kp = parent.ell.cols();
    const std::vector<double> sums =
        parallel_sum(rows, kc * kp, [&](std::size_t begin, std::size_t end, std::span<double> out) {
            Matrix<float> k(end - begin, kc);
            Matrix<float> p(end - begin, kp);
            for (std::size_t i = begin; i < end; ++i) {
                const std::span<float> k_row = k.row(i - begin);
                std::copy_n(child.ell.row(i).begin(), kc, k_row.begin());
                exp_shifted(k_row, child.child_shift);
                const std::span<float> p_row = p.row(i - begin);
                for (std::size_t t = 0; t < kp; ++t)
                    p_row[t] = parent.ell(i, t) + parent.parent_shift[t];
                (void)softmax(p_row);
            }
            Matrix<float> part(kc, kp);
            transposed_multiply(k.view(), p.view(), part.view());
            for (std::size_t e = 0; e < part.size(); ++e)
                out[e] += static_cast<double>(part.data()[e]);
        });
    for (std::size_t e = 0; e < sums.size(); ++e) overlap[e] += sums[e];
}

}  // namespace

ParentOverlap parent_overlap(Backend& backend, const Coordinates& coordinates,
                             const SplatRegistry& registry, const Work& work) {
    const Coordinates visible = visible_coordinates(coordinates);
    std::vector<BothSides> sides = sides_of(backend, visible, registry, work);
    const std::size_t levels = sides.size();
    std::vector<std::vector<double>> overlap(levels);
    for (std::size_t l = 0; l + 1 < levels; ++l)
        overlap[l].assign(sides[l].ell.cols() * sides[l + 1].ell.cols(), 0.0);
    const std::size_t n = visible.size();
    for (std::size_t begin = 0; begin < n; begin += kBlockRows) {
        work.check();
        work.report("finding parents", static_cast<double>(begin) / static_cast<double>(n));
        const std::size_t end = std::min(n, begin + kBlockRows);
        for (std::size_t l = 0; l < levels; ++l)
            backend.log_kernel(*sides[l].kernel.bound, visible.levels[l]->view().block(begin, end),
                               sides[l].ell.view().block(0, end - begin));
        for (std::size_t l = 0; l + 1 < levels; ++l)
            add_overlap(sides[l], sides[l + 1], end - begin, overlap[l]);
    }
    constexpr float kNone = std::numeric_limits<float>::quiet_NaN();
    ParentOverlap found;
    found.own.assign(registry.size(), kNone);
    found.best = found.own;
    found.parent.assign(registry.size(), kNoSplat);
    for (std::size_t l = 0; l + 1 < levels; ++l) {
        const std::vector<std::size_t>& parents = sides[l + 1].kernel.rows;
        for (std::size_t s = 0; s < sides[l].kernel.rows.size(); ++s) {
            const auto first = overlap[l].begin() + static_cast<std::ptrdiff_t>(s * parents.size());
            const auto best =
                std::max_element(first, first + static_cast<std::ptrdiff_t>(parents.size()));
            const std::size_t row = sides[l].kernel.rows[s];
            found.parent[row] = registry.id[parents[static_cast<std::size_t>(best - first)]];
            found.best[row] = static_cast<float>(*best);
            for (std::size_t t = 0; t < parents.size(); ++t)
                if (registry.id[parents[t]] == registry.parent[row])
                    found.own[row] = static_cast<float>(first[static_cast<std::ptrdiff_t>(t)]);
        }
    }
    return found;
}

std::vector<float> assign_parents(Backend& backend, const Coordinates& coordinates,
                                  SplatRegistry& registry, const Work& work) {
    ParentOverlap overlap = parent_overlap(backend, coordinates, registry, work);
    registry.parent = std::move(overlap.parent);
    return std::move(overlap.best);
}

}  // namespace hsa
