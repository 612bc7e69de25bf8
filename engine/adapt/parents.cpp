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
                 Matrix<double>& overlap) {
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
    for (std::size_t e = 0; e < sums.size(); ++e) overlap.data()[e] += sums[e];
}

}  // namespace

std::vector<LevelOverlap> level_overlaps(Backend& backend, const Coordinates& coordinates,
                                         const SplatRegistry& registry, const Work& work) {
    const Coordinates visible = visible_coordinates(coordinates);
    std::vector<BothSides> sides = sides_of(backend, visible, registry, work);
    const std::size_t links = sides.empty() ? 0 : sides.size() - 1;
    std::vector<LevelOverlap> found(links);
    for (std::size_t l = 0; l < links; ++l) {
        found[l].children = sides[l].kernel.rows;
        found[l].parents = sides[l + 1].kernel.rows;
        found[l].share = Matrix<double>(found[l].children.size(), found[l].parents.size());
    }
    const std::size_t n = visible.size();
    for (std::size_t begin = 0; begin < n; begin += kBlockRows) {
        work.check();
        work.report("finding parents", static_cast<double>(begin) / static_cast<double>(n));
        const std::size_t end = std::min(n, begin + kBlockRows);
        for (BothSides& side : sides)
            backend.log_kernel(
                *side.kernel.bound,
                visible.levels[static_cast<std::size_t>(&side - sides.data())]->view().block(begin,
                                                                                             end),
                side.ell.view().block(0, end - begin));
        for (std::size_t l = 0; l < links; ++l)
            add_overlap(sides[l], sides[l + 1], end - begin, found[l].share);
    }
    return found;
}

ParentOverlap parent_overlap(Backend& backend, const Coordinates& coordinates,
                             const SplatRegistry& registry, const Work& work) {
    constexpr float kNone = std::numeric_limits<float>::quiet_NaN();
    ParentOverlap found;
    found.own.assign(registry.size(), kNone);
    found.best = found.own;
    found.parent.assign(registry.size(), kNoSplat);
    for (const LevelOverlap& level : level_overlaps(backend, coordinates, registry, work))
        for (std::size_t s = 0; s < level.children.size(); ++s) {
            const std::span<const double> shares = level.share.row(s);
            const auto best = std::max_element(shares.begin(), shares.end());
            const std::size_t row = level.children[s];
            const auto place = static_cast<std::size_t>(best - shares.begin());
            found.parent[row] = registry.id[level.parents[place]];
            found.best[row] = static_cast<float>(*best);
            for (std::size_t t = 0; t < shares.size(); ++t)
                if (registry.id[level.parents[t]] == registry.parent[row])
                    found.own[row] = static_cast<float>(shares[t]);
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
