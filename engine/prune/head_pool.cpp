#include "engine/prune/head_pool.h"

#include "engine/adapt/rows.h"
#include "engine/attention/row_kl.h"
#include "engine/core/parallel.h"
#include "engine/fit/drawn_rows.h"

#include <algorithm>
#include <utility>

namespace hsa {
namespace {

constexpr std::size_t kPoolCells = std::size_t{1} << 23U;
constexpr std::size_t kFewestRows = 32;
constexpr std::size_t kMostRows = 2048;

// What a row's near set takes from every splat: [rows, k] sums of K over it.
Matrix<float> near_part(const DrawnRows& drawn, std::size_t rows, std::size_t splats) {
    Matrix<float> part(rows, splats);
    if (drawn.far_scale.empty()) return part;
    const Matrix<float>& keys = std::as_const(drawn.factors.k).values();
    parallel_for(rows, [&](std::size_t i) {
        for (const std::uint32_t j : drawn.set.row(i))
            for (std::size_t s = 0; s < splats; ++s) part(i, s) += keys(j, s);
    });
    return part;
}

}  // namespace

ExactRows draw_head_pool(const HeadContext& context) {
    // Whole rows of T and A are held: fewer of them where they are long.
    const std::size_t n = std::max<std::size_t>(context.head.tokens(), 1);
    const std::size_t rows = std::clamp(kPoolCells / n, kFewestRows, kMostRows);
    return exact_rows(context.head, stratified(context.rows.free, rows, context.seed, context.cycle,
                                               Purpose::pool, 0));
}

HeadPool measure_head(const HeadContext& context, ExactRows exact, const SplatRegistry& registry) {
    HeadPool pool;
    pool.exact = std::move(exact);
    const DrawnRows drawn =
        drawn_rows(context.backend, registry, context.head, pool.exact, false, context.work);
    const std::size_t rows = pool.exact.rows.size();
    const std::size_t k = registry.size();
    LevelPool& level = pool.level;
    level.splats = level_splats(registry, 0);
    const Matrix<float>& keys = drawn.factors.k.values();
    level.keys.k = Matrix<float>(keys.rows(), k);
    for (std::size_t j = 0; j < keys.rows(); ++j)
        std::copy_n(keys.row(j).begin(), k, level.keys.k.row(j).begin());
    level.keys.log_mass.assign(drawn.factors.log_mass.begin(),
                               drawn.factors.log_mass.begin() + static_cast<std::ptrdiff_t>(k));
    const Matrix<float>& p = drawn.factors.p.values();
    const Matrix<float> near = near_part(drawn, rows, k);
    level.queries.p = Matrix<float>(rows, k);
    level.usage.assign(k, 0.0);
    double all = 0.0;
    for (std::size_t i = 0; i < rows; ++i) {
        const double scale = drawn.far_scale.empty() ? 1.0 : drawn.far_scale[i];
        for (std::size_t s = 0; s < k; ++s) {
            const double share = scale * static_cast<double>(p(i, s)) *
                                 std::max(0.0, 1.0 - static_cast<double>(near(i, s)));
            level.queries.p(i, s) = static_cast<float>(share);
            level.usage[s] += share;
            all += share;
        }
    }
    for (double& usage : level.usage) usage = all > 0.0 ? usage / all : 0.0;
    for (std::size_t i = 0; i < rows; ++i)
        level.row_kl.push_back(row_kl(pool.exact.target.row(i), drawn.a.row(i)));
    return pool;
}

}  // namespace hsa
