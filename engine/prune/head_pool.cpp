#include "engine/prune/head_pool.h"

#include "engine/adapt/past.h"
#include "engine/adapt/rows.h"
#include "engine/attention/row_kl.h"
#include "engine/core/parallel.h"
#include "engine/core/products.h"
#include "engine/fit/drawn_rows.h"

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

namespace hsa {
namespace {

constexpr std::size_t kPoolCells = std::size_t{1} << 23U;
constexpr std::size_t kFewestRows = 32;
constexpr std::size_t kMostRows = 2048;
constexpr std::size_t kRowsAtOnce = 64;
constexpr float kLeast = 1e-30F;  // of a cell that something is divided by

// What the splats' keys hold of what is not theirs to give: [rows, k] sums of K over near keys and,
// causal, over later ones.
Matrix<float> taken_part(const HeadContext& context, const ExactRows& exact, const DrawnRows& drawn,
                         std::size_t splats) {
    const std::size_t rows = exact.rows.size();
    Matrix<float> part(rows, splats);
    if (drawn.far_scale.empty()) return part;
    const Matrix<float>& keys = std::as_const(drawn.factors.k).values();
    if (context.head.near.causal) {
        std::vector<std::size_t> seen;
        for (const std::uint32_t row : exact.rows) seen.push_back(row + std::size_t{1});
        const Matrix<double> reached = reached_keys(keys.view(), seen);
        for (std::size_t i = 0; i < rows; ++i)
            for (std::size_t s = 0; s < splats; ++s)
                part(i, s) = static_cast<float>(1.0 - reached(i, s));
    }
    parallel_for(rows, [&](std::size_t i) {
        for (const std::uint32_t j : drawn.set.row(i))
            for (std::size_t s = 0; s < splats; ++s) part(i, s) += keys(j, s);
    });
    return part;
}

float ratio_of(float t, float a) { return t / std::max(a, kLeast); }

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
    DrawnRows drawn =
        drawn_rows(context.backend, registry, context.head, pool.exact, false, context.work);
    const std::size_t rows = pool.exact.rows.size();
    const std::size_t k = registry.size();
    LevelPool& level = pool.level;
    level.splats = level_splats(registry, 0);
    const Matrix<float>& keys = std::as_const(drawn.factors.k).values();
    level.keys.k = Matrix<float>(keys.rows(), k);
    for (std::size_t j = 0; j < keys.rows(); ++j)
        std::copy_n(keys.row(j).begin(), k, level.keys.k.row(j).begin());
    level.keys.log_mass.assign(drawn.factors.log_mass.begin(),
                               drawn.factors.log_mass.begin() + static_cast<std::ptrdiff_t>(k));
    const Matrix<float>& p = std::as_const(drawn.factors.p).values();
    const Matrix<float> taken = taken_part(context, pool.exact, drawn, k);
    level.queries.p = Matrix<float>(rows, k);
    level.queries.weight = Matrix<float>(rows, k);
    level.queries.log_normaliser.assign(drawn.factors.log_normaliser.begin(),
                                        drawn.factors.log_normaliser.end());
    level.usage.assign(k, 0.0);
    double all = 0.0;
    for (std::size_t i = 0; i < rows; ++i) {
        const double scale = drawn.far_scale.empty() ? 1.0 : drawn.far_scale[i];
        for (std::size_t s = 0; s < k; ++s) {
            const double given = scale * static_cast<double>(p(i, s));
            const double share = given * std::max(0.0, 1.0 - static_cast<double>(taken(i, s)));
            level.queries.weight(i, s) = static_cast<float>(given);
            level.queries.p(i, s) = static_cast<float>(share);
            level.usage[s] += share;
            all += share;
        }
    }
    for (double& usage : level.usage) usage = all > 0.0 ? usage / all : 0.0;
    for (std::size_t i = 0; i < rows; ++i)
        level.row_kl.push_back(row_kl(pool.exact.target.row(i), drawn.a.row(i)));
    pool.attention = std::move(drawn.a);
    pool.near = std::move(drawn.set);
    return pool;
}

void HeadPool::clear_exact(const HeadContext& context, std::size_t place, std::size_t begin,
                           std::span<float> columns) const {
    if (context.head.near.any())
        clear_near(context.head, near, exact.rows[place], place, begin, columns);
}

Matrix<float> HeadPool::missing_ratio(const HeadContext& context,
                                      std::span<const std::size_t> places, std::size_t begin,
                                      std::size_t end) const {
    Matrix<float> ratio(places.size(), end - begin);
    for (std::size_t r = 0; r < places.size(); ++r) {
        const std::span<const float> t = exact.target.row(places[r]);
        const std::span<const float> a = attention.row(places[r]);
        for (std::size_t j = begin; j < end; ++j) ratio(r, j - begin) = ratio_of(t[j], a[j]) - 1.0F;
        clear_exact(context, places[r], begin, ratio.row(r));
    }
    return ratio;
}

void measure_errors(const HeadContext& context, HeadPool& pool) {
    LevelPool& level = pool.level;
    const std::size_t rows = pool.exact.rows.size();
    const std::size_t n = context.head.tokens();
    const std::size_t k = level.splats.size();
    Matrix<float> of_row(rows, k);
    parallel_blocks(rows, kRowsAtOnce, [&](std::size_t begin, std::size_t end) {
        context.work.check();
        Matrix<float> term(end - begin, n);
        for (std::size_t i = begin; i < end; ++i) {
            const std::span<const float> t = pool.exact.target.row(i);
            const std::span<const float> a = pool.attention.row(i);
            const std::span<float> out = term.row(i - begin);
            for (std::size_t j = 0; j < n; ++j) {
                const float ratio = ratio_of(t[j], a[j]);
                out[j] = ratio > 0.0F ? ratio * std::log(ratio) : 0.0F;
            }
            pool.clear_exact(context, i, 0, out);
        }
        multiply(std::as_const(term).view(), std::as_const(level.keys.k).view(),
                 {of_row.row(begin).data(), end - begin, k, k});
    });
    level.error_share.assign(k, 0.0);
    for (std::size_t i = 0; i < rows; ++i)
        for (std::size_t s = 0; s < k; ++s)
            level.error_share[s] += static_cast<double>(level.queries.weight(i, s)) *
                                    static_cast<double>(of_row(i, s)) / static_cast<double>(rows);
}

}  // namespace hsa
