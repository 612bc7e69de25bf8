#include "engine/attention/factors.h"

#include "engine/compute/level_kernels.h"
#include "engine/core/error.h"
#include "engine/core/exponential.h"
#include "engine/core/parallel.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <numeric>

namespace hsa {
namespace {

constexpr double kNothing = -std::numeric_limits<double>::infinity();
constexpr float kNothingF = -std::numeric_limits<float>::infinity();

bool heard(const LevelMask& mask, const std::string& level) {
    const auto has = [&level](const std::vector<std::string>& names) {
        return std::find(names.begin(), names.end(), level) != names.end();
    };
    return mask.solo.empty() ? !has(mask.muted) : has(mask.solo);
}

void check_shapes(const SplatRegistry& registry, const Coordinates& coordinates) {
    if (coordinates.levels.size() < registry.hierarchy.size())
        fault("{} level coordinates for {} levels", coordinates.levels.size(),
              registry.hierarchy.size());
    if (coordinates.dimension() != registry.dimension)
        fail("The splats have {} dimensions and the data {}: open splats made for these data.",
             registry.dimension, coordinates.dimension());
}

Factors empty_factors(const SplatRegistry& registry, std::size_t n, const FactorOptions& options) {
    Factors factors;
    factors.ids = registry.id;
    factors.level = registry.level;
    factors.log_weight = registry.log_weights();
    bool any = false;
    for (std::size_t s = 0; s < registry.size(); ++s) {
        if (!heard(options.mask, registry.hierarchy.levels[registry.level[s]].name))
            factors.log_weight[s] = kNothing;
        any = any || factors.log_weight[s] > kNothing;
    }
    if (!any)
        fail("No level can be heard: all are muted or have weight 0. Unmute one or give it a weight.");
    if (registry.background_log_weight) {
        factors.ids.push_back(kNoSplat);
        factors.level.push_back(kBackgroundLevel);
        factors.log_weight.push_back(*registry.background_log_weight);
    }
    factors.p = Matrix<float>(n, factors.ids.size());
    factors.k = Matrix<float>(n, factors.ids.size());
    factors.log_normaliser.assign(n, 0.0F);
    return factors;
}

// Writes ell of every splat into factors.k and returns c_s, joined over fixed chunks in a fixed tree.
std::vector<double> write_log_kernels(Backend& backend, const std::vector<LevelKernel>& levels,
                                      const Coordinates& coordinates, Factors& factors,
                                      const Work& work) {
    const std::size_t n = factors.tokens();
    const std::size_t columns = factors.columns();
    const std::size_t chunks = (n + kChunkRows - 1) / kChunkRows;
    Matrix<double> logs(chunks, columns, kNothing);
    constexpr std::size_t kChunksAtOnce = 16;
    for (std::size_t first = 0; first < chunks; first += kChunksAtOnce) {
        work.check();
        const std::size_t last = std::min(chunks, first + kChunksAtOnce);
        const std::size_t begin = first * kChunkRows;
        const std::size_t end = std::min(n, last * kChunkRows);
        for (const LevelKernel& level : levels) {
            Matrix<float> ell(end - begin, level.rows.size());
            backend.log_kernel(*level.bound, coordinates.levels[level.level]->view().block(begin, end),
                               ell.view());
            parallel_blocks(end - begin, kChunkRows, [&](std::size_t from, std::size_t to) {
                for (std::size_t i = from; i < to; ++i) {
                    float* row = factors.k.row(begin + i).data();
                    for (std::size_t s = 0; s < level.rows.size(); ++s) row[level.rows[s]] = ell(i, s);
                }
            });
        }
        parallel_for(last - first, [&](std::size_t index) {
            const std::size_t chunk = first + index;
            const std::size_t from = chunk * kChunkRows;
            const std::size_t to = std::min(n, from + kChunkRows);
            std::vector<float> most(columns, kNothingF);
            for (std::size_t i = from; i < to; ++i) {
                const float* row = factors.k.row(i).data();
                for (std::size_t s = 0; s < columns; ++s) most[s] = std::max(most[s], row[s]);
            }
            std::vector<double> sums(columns, 0.0);
            for (std::size_t i = from; i < to; ++i) add_exp_shifted(factors.k.row(i), most, sums);
            for (std::size_t s = 0; s < columns; ++s)
                logs(chunk, s) = static_cast<double>(most[s]) + std::log(sums[s]);
        });
        work.report("factors", 0.5 * static_cast<double>(end) / static_cast<double>(n));
    }
    for (std::size_t step = 1; step < chunks; step *= 2)
        for (std::size_t left = 0; left + step < chunks; left += 2 * step)
            for (std::size_t s = 0; s < columns; ++s) {
                const double a = std::max(logs(left, s), logs(left + step, s));
                const double b = std::min(logs(left, s), logs(left + step, s));
                logs(left, s) = a + std::log1p(std::exp(b - a));
            }
    return {logs.row(0).begin(), logs.row(0).end()};
}

// The row of a token that is so far from every splat that all ell were clamped: differences in double
// decide, ties are equal (rulings.md "At bind").
void far_row(const SplatRegistry& registry, const Coordinates& coordinates, std::size_t i,
             double temperature, std::span<const double> log_weight, std::span<const double> log_mass,
             std::span<float> row) {
    std::vector<double> logits(registry.size());
    double most = kNothing;
    for (std::size_t s = 0; s < registry.size(); ++s) {
        const auto x = coordinates.levels[registry.level[s]]->row(i);
        const auto centre = registry.gaussians.centre.row(s);
        const auto variance = registry.gaussians.variance.row(s);
        double m = 0.0;
        for (std::size_t a = 0; a < x.size(); ++a) {
            const double delta = static_cast<double>(x[a]) - static_cast<double>(centre[a]);
            m += delta * delta / static_cast<double>(variance[a]);
        }
        logits[s] = log_weight[s] + log_mass[s] - 0.5 * static_cast<double>(registry.beta[s]) / temperature * m;
        most = std::max(most, logits[s]);
    }
    double sum = 0.0;
    for (double& logit : logits) {
        logit = std::exp(logit - most);
        sum += logit;
    }
    for (std::size_t s = 0; s < logits.size(); ++s) row[s] = static_cast<float>(logits[s] / sum);
}

// Keeps the m largest P of a row. What is dropped goes to the nearest kept ancestor, else to the
// background, else the row is renormalised (maths.md "Settings, exactly").
void keep_best_splats(const SplatRegistry& registry, std::span<const std::size_t> parent_row,
                      std::size_t m, bool has_background, std::span<float> row) {
    const std::size_t k = registry.size();
    if (m == 0 || m >= k) return;
    std::vector<std::size_t> order(k);
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::nth_element(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(m), order.end(),
                     [&](std::size_t a, std::size_t b) { return row[a] != row[b] ? row[a] > row[b] : a < b; });
    std::vector<char> kept(k, 0);
    for (std::size_t r = 0; r < m; ++r) kept[order[r]] = 1;
    double lost = 0.0;
    for (std::size_t s = 0; s < k; ++s) {
        if (kept[s] != 0) continue;
        std::size_t up = parent_row[s];
        while (up < k && kept[up] == 0) up = parent_row[up];
        if (up < k) row[up] += row[s];
        else if (has_background) row[k] += row[s];
        else lost += static_cast<double>(row[s]);
        row[s] = 0.0F;
    }
    if (lost > 0.0)
        for (float& p : row) p = static_cast<float>(static_cast<double>(p) / (1.0 - lost));
}

}  // namespace

Factors compute_factors(Backend& backend, const SplatRegistry& registry,
                        const Coordinates& coordinates, const FactorOptions& options,
                        const Work& work) {
    check_shapes(registry, coordinates);
    const std::size_t n = coordinates.size();
    Factors factors = empty_factors(registry, n, options);
    std::vector<LevelKernel> levels;
    for (std::size_t l = 0; l < registry.hierarchy.size(); ++l)
        levels.push_back(bind_level(backend, registry, l, options.temperature));
    factors.log_mass = write_log_kernels(backend, levels, coordinates, factors, work);

    const std::size_t columns = factors.columns();
    const std::size_t k = registry.size();
    std::vector<float> log_mass(columns);
    std::vector<float> logit_shift(columns);
    for (std::size_t s = 0; s < columns; ++s) {
        log_mass[s] = static_cast<float>(factors.log_mass[s]);
        logit_shift[s] = static_cast<float>(factors.log_weight[s] + factors.log_mass[s]);
    }
    std::vector<std::size_t> parent_row(k, k);
    for (std::size_t s = 0; s < k; ++s)
        if (registry.parent[s] != kNoSplat) parent_row[s] = registry.row(registry.parent[s]);

    parallel_blocks(n, kChunkRows, [&](std::size_t begin, std::size_t end) {
        work.check();
        for (std::size_t i = begin; i < end; ++i) {
            const std::span<float> p = factors.p.row(i);
            const std::span<float> key = factors.k.row(i);
            float nearest = kNothingF;
            for (std::size_t s = 0; s < columns; ++s) {
                p[s] = key[s] + logit_shift[s];
                nearest = std::max(nearest, key[s]);
            }
            factors.log_normaliser[i] = static_cast<float>(softmax(p));
            if (nearest <= -1e30F)
                far_row(registry, coordinates, i, options.temperature, factors.log_weight,
                        factors.log_mass, p);
            keep_best_splats(registry, parent_row, options.splats_per_token, factors.has_background(), p);
            exp_shifted(key, log_mass);
        }
    });
    work.report("factors", 1.0);
    return factors;
}

Factors compute_factors_of_rows(Backend& backend, const SplatRegistry& registry,
                                const Coordinates& coordinates, std::span<const std::uint32_t> rows,
                                const FactorOptions& options, const Work& work) {
    const auto gather = [&](const Matrix<float>& from) {
        auto some = std::make_shared<Matrix<float>>(rows.size(), from.cols());
        for (std::size_t r = 0; r < rows.size(); ++r)
            std::copy_n(from.row(rows[r]).begin(), from.cols(), some->row(r).begin());
        return some;
    };
    Coordinates sampled;
    sampled.recipe = coordinates.recipe;
    sampled.base = gather(*coordinates.base);
    for (const auto& level : coordinates.levels) sampled.levels.push_back(gather(*level));
    return compute_factors(backend, registry, sampled, options, work);
}

TileSums tile_sums(const Factors& factors) {
    const std::size_t n = factors.tokens();
    const std::size_t columns = factors.columns();
    const std::size_t tiles = (n + kTileTokens - 1) / kTileTokens;
    TileSums sums{Matrix<double>(tiles + 1, columns), Matrix<double>(tiles + 1, columns)};
    parallel_for(tiles, [&](std::size_t tile) {
        const std::size_t end = std::min(n, (tile + 1) * kTileTokens);
        const auto add = [&](const Matrix<float>& from, Matrix<double>& into) {
            double* total = into.row(tile + 1).data();
            for (std::size_t i = tile * kTileTokens; i < end; ++i) {
                const float* row = from.row(i).data();
                for (std::size_t s = 0; s < columns; ++s) total[s] += static_cast<double>(row[s]);
            }
        };
        add(factors.p, sums.p);
        add(factors.k, sums.k);
    });
    for (std::size_t tile = 0; tile < tiles; ++tile)
        for (std::size_t s = 0; s < columns; ++s) {
            sums.p(tile + 1, s) += sums.p(tile, s);
            sums.k(tile + 1, s) += sums.k(tile, s);
        }
    return sums;
}

}  // namespace hsa
