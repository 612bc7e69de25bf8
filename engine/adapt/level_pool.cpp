#include "engine/adapt/level_pool.h"

#include "engine/adapt/compared_rows.h"
#include "engine/attention/divergence.h"
#include "engine/core/parallel.h"
#include "engine/core/products.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace hsa {
namespace {

constexpr std::size_t kRowTile = 256;

std::vector<double> column_means(const Matrix<float>& p) {
    std::vector<double> usage = parallel_sum(
        p.rows(), p.cols(), [&](std::size_t begin, std::size_t end, std::span<double> out) {
            for (std::size_t i = begin; i < end; ++i)
                for (std::size_t s = 0; s < out.size(); ++s) out[s] += static_cast<double>(p(i, s));
        });
    for (double& u : usage) u /= static_cast<double>(std::max<std::size_t>(p.rows(), 1));
    return usage;
}

LevelQueries pool_queries(const CycleContext& context, const Pool& pool, const LevelPool& level) {
    const auto bound = bind(context.backend, level.splats, context.input.temperature);
    const Matrix<float> x = context.coordinates(level.splats.level, pool.rows);
    return level_queries(context.backend, *bound, level.splats.log_weight, level.keys,
                         context.background, x.view(), context.seen(pool.rows));
}

// measure_level() by a card.
bool measure_on_card(const CycleContext& context, const Pool& pool, LevelPool& measured) {
    const LevelRows rows = measured.queries.rows();
    const std::size_t count = rows.weight.rows;
    const std::size_t k = rows.weight.cols;
    std::vector<double> kl(count);
    Matrix<double> product(count, k);
    RowComparison out;
    out.divergence = kl;
    out.form = RatioForm::times_log;
    out.product = product.view();
    if (!compare_on_card(context.backend, measured.keys, rows, pool.target.view(), out))
        return false;
    measured.row_kl = std::move(kl);
    measured.error_share.assign(k, 0.0);
    for (std::size_t i = 0; i < count; ++i)
        for (std::size_t s = 0; s < k; ++s)
            measured.error_share[s] +=
                static_cast<double>(rows.weight(i, s)) * product(i, s) / static_cast<double>(count);
    return true;
}

}  // namespace

Pool draw_pool(const CycleContext& context) {
    Pool pool;
    pool.rows = pool_rows(context.rows, context.columns.tokens, context.seed, context.cycle);
    pool.target = context.target(pool.rows);
    return pool;
}

std::size_t place_of(const LevelPool& level, SplatId splat) {
    const std::vector<SplatId>& ids = level.splats.id;
    return static_cast<std::size_t>(std::find(ids.begin(), ids.end(), splat) - ids.begin());
}

LevelPool measure_level(const CycleContext& context, const Pool& pool,
                        const SplatRegistry& registry, std::size_t level) {
    LevelPool measured;
    measured.splats = level_splats(registry, level);
    const auto bound = bind(context.backend, measured.splats, context.input.temperature);
    measured.keys =
        level_keys(context.backend, *bound, context.columns.x[level], context.columns.log_weight);
    measured.queries = pool_queries(context, pool, measured);
    measured.usage = column_means(measured.queries.p);
    const std::size_t rows = pool.rows.size();
    const std::size_t k = measured.splats.size();
    if (measure_on_card(context, pool, measured)) return measured;
    // One pass over the columns: KL of each row, then P o ((R ln R) K^T) summed over the rows.
    const std::vector<double> total = parallel_sum(
        context.columns.size(), rows + k,
        [&](std::size_t begin, std::size_t end, std::span<double> out) {
            const std::size_t width = end - begin;
            for (std::size_t first = 0; first < rows; first += kRowTile) {
                const std::size_t count = std::min(kRowTile, rows - first);
                const LevelRows some = measured.queries.rows(first, first + count);
                const MatrixView<const float>& p = some.weight;
                auto a = Matrix<float>::unwritten(count, width);
                level_block(measured.keys, some, begin, a.view());
                for (std::size_t i = 0; i < count; ++i)
                    out[first + i] += divergence_to_ratio_log(
                        pool.target.row(first + i).subspan(begin, width), a.row(i));
                auto product = Matrix<float>::unwritten(count, k);
                multiply(a.view(), measured.keys.k.view().block(begin, end), product.view());
                for (std::size_t i = 0; i < count; ++i)
                    for (std::size_t s = 0; s < k; ++s)
                        out[rows + s] += static_cast<double>(p(i, s) * product(i, s));
            }
        });
    measured.row_kl.assign(total.begin(), total.begin() + static_cast<std::ptrdiff_t>(rows));
    measured.error_share.assign(total.begin() + static_cast<std::ptrdiff_t>(rows), total.end());
    for (double& e : measured.error_share) e /= static_cast<double>(std::max<std::size_t>(rows, 1));
    return measured;
}

void follow_registry(const CycleContext& context, const Pool& pool, const SplatRegistry& registry,
                     LevelPool& level) {
    const LevelPool old = std::move(level);
    level = LevelPool{};
    level.splats = level_splats(registry, old.splats.level);
    level.row_kl = old.row_kl;
    const std::size_t k = level.splats.size();
    const std::size_t columns = old.keys.k.rows();
    std::vector<std::size_t> from(k, old.splats.size());  // the old column of each splat
    std::vector<Splat> fresh;
    for (std::size_t s = 0; s < k; ++s) {
        const auto found =
            std::find(old.splats.id.begin(), old.splats.id.end(), level.splats.id[s]);
        from[s] = static_cast<std::size_t>(found - old.splats.id.begin());
        if (from[s] == old.splats.size())
            fresh.push_back(registry.splat(registry.row(level.splats.id[s])));
    }
    LevelKeys made;
    if (!fresh.empty()) {
        const LevelSplats some = level_splats(fresh);
        const auto bound = bind(context.backend, some, context.input.temperature);
        made = level_keys(context.backend, *bound, context.columns.x[some.level],
                          context.columns.log_weight);
    }
    level.keys.k = Matrix<float>(columns, k);
    level.keys.log_mass.resize(k);
    level.error_share.assign(k, 0.0);
    parallel_blocks(columns, kChunkRows, [&](std::size_t begin, std::size_t end) {
        for (std::size_t j = begin; j < end; ++j) {
            std::size_t next = 0;
            for (std::size_t s = 0; s < k; ++s)
                level.keys.k(j, s) =
                    from[s] < old.splats.size() ? old.keys.k(j, from[s]) : made.k(j, next++);
        }
    });
    std::size_t next = 0;
    for (std::size_t s = 0; s < k; ++s) {
        const bool kept = from[s] < old.splats.size();
        level.keys.log_mass[s] = kept ? old.keys.log_mass[from[s]] : made.log_mass[next++];
        if (kept) level.error_share[s] = old.error_share[from[s]];
    }
    level.queries = pool_queries(context, pool, level);
    level.usage = column_means(level.queries.p);
}

Matrix<float> pool_attention(const LevelPool& level, std::span<const std::size_t> places) {
    const std::size_t k = level.splats.size();
    const LevelRows all = level.queries.rows();
    Matrix<float> weight(places.size(), k);
    std::vector<float> background(places.size());
    std::vector<std::size_t> seen;
    for (std::size_t r = 0; r < places.size(); ++r) {
        std::copy_n(all.weight.row(places[r]).begin(), k, weight.row(r).begin());
        background[r] = all.background[places[r]];
        if (!all.seen.empty()) seen.push_back(all.seen[places[r]]);
    }
    Matrix<float> a(places.size(), level.keys.k.rows());
    parallel_blocks(a.cols(), kChunkRows, [&](std::size_t begin, std::size_t end) {
        level_block(level.keys, {weight.view(), background, seen}, begin,
                    {a.data() + begin, a.rows(), end - begin, a.cols()});
    });
    return a;
}

}  // namespace hsa
