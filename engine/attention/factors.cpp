#include "engine/attention/factors.h"

#include "engine/attention/best_splats.h"
#include "engine/attention/causal_factors.h"
#include "engine/attention/columns.h"
#include "engine/attention/far_rows.h"
#include "engine/attention/packed_factors.h"
#include "engine/attention/row_lanes.h"
#include "engine/compute/formulas.h"
#include "engine/compute/level_kernels.h"
#include "engine/compute/log_sums.h"
#include "engine/compute/twofold.h"
#include "engine/core/error.h"
#include "engine/core/exponential.h"
#include "engine/core/parallel.h"
#include "engine/core/parts_done.h"
#include "engine/core/work_part.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>

namespace hsa {
namespace {

constexpr double kNothing = -std::numeric_limits<double>::infinity();
constexpr std::size_t kRowsAtOnce = 16 * kChunkRows;  // between two looks at the stop token
// A row whose largest weighed exponential is below this has lost digits to underflow: terms that
// vanished are below 1e-38, so at this size they are below 1e-18 of the row.
constexpr float kLeastWeighed = 1e-20F;

// For P of `rows` queries and K of all keys.
Factors empty_factors(const SplatRegistry& registry, std::size_t rows,
                      const Coordinates& coordinates, const FactorOptions& options) {
    const std::size_t n = coordinates.size();
    Factors factors;
    factors.masked = coordinates.masked;
    factors.ids = registry.id;
    factors.level = registry.level;
    factors.log_weight = column_log_weights(registry, options.mask);
    if (registry.background_log_weight) {
        factors.ids.push_back(kNoSplat);
        factors.level.push_back(kBackgroundLevel);
    }
    factors.p = Matrix<float>::unwritten(rows, factors.ids.size());
    factors.k = Matrix<float>::unwritten(n, factors.ids.size());
    factors.log_normaliser.assign(rows, 0.0F);
    return factors;
}

// Columns [first, first + width) of rows [begin, end).
template <class T>
MatrixView<T> part_of(Matrix<T>& m, std::size_t begin, std::size_t end, std::size_t first,
                      std::size_t width) {
    return {m.data() + begin * m.cols() + first, end - begin, width, m.cols()};
}

template <class T>
void scatter(const Matrix<T>& from, const std::vector<std::size_t>& columns, std::size_t begin,
             Matrix<T>& to) {
    parallel_blocks(from.rows(), kChunkRows, [&](std::size_t first, std::size_t last) {
        for (std::size_t i = first; i < last; ++i)
            for (std::size_t s = 0; s < columns.size(); ++s) to(begin + i, columns[s]) = from(i, s);
    });
}

// The exponentials of all tokens, relative to the largest of their tile: factors.k holds them.
struct TileLogs {
    Matrix<float> most;   // [tiles, c]
    Matrix<double> sums;  // [tiles, c]
};

// ell of the background, by tiles: the factors of the keys alone.
void write_background(std::span<const float> key_factors, Factors& factors, TileLogs& logs) {
    const std::size_t last = factors.columns() - 1;
    for (std::size_t t = 0; t < logs.most.rows(); ++t) {
        const std::size_t begin = t * kKernelTile;
        const std::size_t end = std::min(factors.k.rows(), begin + kKernelTile);
        if (key_factors.empty()) {
            for (std::size_t i = begin; i < end; ++i) factors.k(i, last) = 1.0F;
            logs.sums(t, last) = static_cast<double>(end - begin);
            continue;
        }
        std::vector<float> ell(key_factors.begin() + static_cast<std::ptrdiff_t>(begin),
                               key_factors.begin() + static_cast<std::ptrdiff_t>(end));
        logs.most(t, last) = *std::max_element(ell.begin(), ell.end());
        logs.sums(t, last) = exp_shifted(ell, logs.most(t, last));
        for (std::size_t i = begin; i < end; ++i) factors.k(i, last) = ell[i - begin];
    }
}

TileLogs write_exponentials(Backend& backend, const std::vector<LevelKernel>& levels,
                            const Coordinates& coordinates, std::span<const float> key_factors,
                            Factors& factors, const Work& work) {
    const std::size_t n = factors.k.rows();
    const std::size_t tiles = (n + kKernelTile - 1) / kKernelTile;
    TileLogs logs{Matrix<float>(tiles, factors.columns()),
                  Matrix<double>(tiles, factors.columns())};
    for (std::size_t begin = 0; begin < n; begin += kRowsAtOnce) {
        work.check();
        const std::size_t end = std::min(n, begin + kRowsAtOnce);
        const std::size_t first_tile = begin / kKernelTile;
        const std::size_t last_tile = (end + kKernelTile - 1) / kKernelTile;
        const auto weight =
            key_factors.empty() ? key_factors : key_factors.subspan(begin, end - begin);
        for (const LevelKernel& level : levels) {
            const auto x = coordinates.levels[level.level]->view().block(begin, end);
            const std::size_t width = level.rows.size();
            if (width == 0) continue;
            const std::size_t first = level.rows.front();
            if (level.rows.back() - first + 1 == width) {  // side by side: written in place
                backend.tile_exponentials(*level.bound, x, weight,
                                          part_of(factors.k.values(), begin, end, first, width),
                                          part_of(logs.most, first_tile, last_tile, first, width),
                                          part_of(logs.sums, first_tile, last_tile, first, width));
                continue;
            }
            Matrix<float> out(end - begin, width);
            Matrix<float> most(last_tile - first_tile, width);
            Matrix<double> sums(last_tile - first_tile, width);
            backend.tile_exponentials(*level.bound, x, weight, out.view(), most.view(),
                                      sums.view());
            scatter(out, level.rows, begin, factors.k.values());
            scatter(most, level.rows, first_tile, logs.most);
            scatter(sums, level.rows, first_tile, logs.sums);
        }
        work.report("factors", 0.5 * static_cast<double>(end) / static_cast<double>(n));
    }
    if (factors.has_background()) write_background(key_factors, factors, logs);
    return logs;
}

// What turns the exponentials of a tile into K: [c].
void key_factors_of_tile(std::span<const float> tile_most, const LogSums& mass,
                         std::span<float> factor) {
    for (std::size_t s = 0; s < factor.size(); ++s)
        factor[s] = static_cast<float>(
            std::exp(static_cast<double>(tile_most[s]) - static_cast<double>(mass.most[s])) /
            mass.sum[s]);
}

// The masses of all splats, with what the exponentials in factors.k are relative to.
struct KeyMasses {
    Matrix<float> tile_most;  // [tiles, c]
    LogSums mass;
};

// `known`: the masses over more tokens than these; null: these are all.
KeyMasses write_masses(Backend& backend, const SplatRegistry& registry,
                       const std::vector<LevelKernel>& levels, const Coordinates& coordinates,
                       const LogSums* known, Factors& factors, const Work& work) {
    TileLogs logs = write_exponentials(backend, levels, coordinates,
                                       log_key_factors(registry, coordinates), factors, work);
    Matrix<float> joined = logs.most;
    KeyMasses keys{std::move(logs.most), known != nullptr ? *known : join_tiles(joined, logs.sums)};
    factors.log_mass = keys.mass.logs();
    return keys;
}

// Writes K alone.
void write_keys(const KeyMasses& keys, Factors& factors) {
    parallel_blocks(factors.k.rows(), kKernelTile, [&](std::size_t begin, std::size_t end) {
        std::vector<float> factor(factors.columns());
        key_factors_of_tile(keys.tile_most.row(begin / kKernelTile), keys.mass, factor);
        for (std::size_t i = begin; i < end; ++i) {
            float* row = factors.k.row(i).data();
            for (std::size_t s = 0; s < factor.size(); ++s) row[s] *= factor[s];
        }
    });
}

// Writes P and K from the exponentials; returns the tokens that are too far from every splat for
// that.
std::vector<std::uint32_t> write_rows(const Matrix<float>& tile_most, const LogSums& mass,
                                      Factors& factors, const Work& work) {
    const std::size_t n = factors.tokens();
    const std::size_t columns = factors.columns();
    std::vector<double> shift(columns);
    double greatest = kNothing;
    bool clamped = true;  // no token is near enough to any splat for its ell to tell
    for (std::size_t s = 0; s < columns; ++s) {
        shift[s] = factors.log_weight[s] + factors.log_mass[s];
        greatest = std::max(greatest, shift[s] + static_cast<double>(mass.most[s]));
        if (shift[s] > kNothing && mass.most[s] > kLeastLogKernel) clamped = false;
    }
    std::vector<std::vector<std::uint32_t>> far((n + kChunkRows - 1) / kChunkRows);
    const Work rest = part_of(work, "factors", 0.5, 1.0);
    PartsDone done(rest, "factors", far.size());
    parallel_blocks(n, kChunkRows, [&](std::size_t begin, std::size_t end) {
        std::vector<float> row_factor(columns);
        std::vector<float> key_factor(columns);
        for (std::size_t first = begin; first < end; first += kKernelTile) {
            const float* most = tile_most.row(first / kKernelTile).data();
            for (std::size_t s = 0; s < columns; ++s) {
                const auto tile = static_cast<double>(most[s]);
                row_factor[s] = static_cast<float>(std::exp(tile + shift[s] - greatest));
            }
            key_factors_of_tile(tile_most.row(first / kKernelTile), mass, key_factor);
            for (std::size_t i = first; i < std::min(end, first + kKernelTile); ++i) {
                const double sum = weigh_row(factors.k.row(i), row_factor, key_factor,
                                             kLeastWeighed, factors.p.row(i));
                if (sum > 0.0 && !clamped)
                    factors.log_normaliser[i] = static_cast<float>(greatest + std::log(sum));
                else far[begin / kChunkRows].push_back(static_cast<std::uint32_t>(i));
            }
        }
        done.add();
    });
    std::vector<std::uint32_t> tokens;
    for (const auto& some : far) tokens.insert(tokens.end(), some.begin(), some.end());
    return tokens;
}

// In the form token the rows that are asked ask.
Coordinates asking_of(const SplatRegistry& registry, Coordinates coordinates) {
    if (!has_two_sides(registry)) coordinates.queries = nullptr;
    return coordinates;
}

// Where all keys are masked nothing is attended to.
void clear_without_keys(Factors& factors) {
    if (factors.masked.size() < factors.k.rows() || factors.masked.empty()) return;
    std::fill_n(factors.p.data(), factors.p.size(), 0.0F);
    std::fill_n(factors.k.data(), factors.k.size(), 0.0F);
}

// `mass`: null where the tokens are all.
Factors plain_factors(Backend& backend, const SplatRegistry& registry,
                      const Coordinates& coordinates, const FactorOptions& options,
                      const LogSums* mass, const Work& work) {
    check_shapes(registry, coordinates);
    const std::size_t n = coordinates.size();
    Factors factors = empty_factors(registry, n, coordinates, options);
    const std::vector<LevelKernel> levels = bind_levels(backend, registry, options.temperature);
    const KeyMasses keys =
        write_masses(backend, registry, levels, coordinates, mass, factors, work);
    // A masked token's exponentials are those of no key: its row has to be formed apart. So has
    // every row of which no digit may be lost.
    if (has_two_sides(registry) || !coordinates.masked.empty() || twofold_of(backend)) {
        write_keys(keys, factors);
        write_query_rows(backend, registry,
                         bind_levels(backend, registry, options.temperature, Side::query),
                         asking_of(registry, coordinates), options.temperature, factors, work);
    } else {
        const std::vector<std::uint32_t> far = write_rows(keys.tile_most, keys.mass, factors, work);
        write_far_rows(backend, registry, levels, coordinates, options.temperature, far, factors,
                       work);
    }
    if (mass == nullptr) clear_without_keys(factors);
    if (!options.causal) keep_best_splats(registry, options.splats_per_token, factors);
    return factors;
}

}  // namespace

Factors compute_factors(Backend& backend, const SplatRegistry& registry,
                        const Coordinates& coordinates, const FactorOptions& options,
                        const Work& work) {
    if (options.storage != Storage::float32)
        return compute_packed_factors(backend, registry, coordinates, options, work);
    work.report("factors", 0.0);
    Factors factors = plain_factors(backend, registry, coordinates, options, nullptr, work);
    if (options.causal) make_causal(backend, registry, coordinates, options, factors, work);
    work.report("factors", 1.0);
    return factors;
}

Factors compute_factors_within(Backend& backend, const SplatRegistry& registry,
                               const Coordinates& part, const LogSums& mass,
                               const FactorOptions& options, const Work& work) {
    if (options.causal) fault("causal factors of some tokens: they need the sums of those before");
    return plain_factors(backend, registry, part, options, &mass, {work.stop, {}});
}

LogSums key_masses(Backend& backend, const SplatRegistry& registry, const Coordinates& coordinates,
                   const FactorOptions& options, const Work& work) {
    check_shapes(registry, coordinates);
    const std::size_t n = coordinates.size();
    const std::vector<LevelKernel> levels = bind_levels(backend, registry, options.temperature);
    const std::size_t tiles = (n + kKernelTile - 1) / kKernelTile;
    const std::size_t columns = registry.size() + (registry.background_log_weight ? 1 : 0);
    Matrix<float> most(tiles, columns);
    Matrix<double> sums(tiles, columns);
    for_token_blocks(n, options, [&](std::size_t begin, std::size_t end) {
        const Coordinates part = coordinates_of(coordinates, begin, end);
        Factors block = empty_factors(registry, 0, part, options);
        const TileLogs own = write_exponentials(
            backend, levels, part, log_key_factors(registry, part), block, {work.stop, {}});
        const std::size_t first = begin / kKernelTile;
        for (std::size_t t = 0; t < own.most.rows(); ++t) {
            std::copy_n(own.most.row(t).begin(), columns, most.row(first + t).begin());
            std::copy_n(own.sums.row(t).begin(), columns, sums.row(first + t).begin());
        }
        work.report("masses", static_cast<double>(end) / static_cast<double>(n));
    });
    return join_tiles(most, sums);
}

void for_token_blocks(std::size_t n, const FactorOptions& options,
                      const std::function<void(std::size_t begin, std::size_t end)>& block) {
    const std::size_t at_once = options.tokens_at_once == 0 ? kRowsAtOnce : options.tokens_at_once;
    if (at_once % kChunkRows != 0)
        fault("{} tokens at once: no multiple of {}", at_once, kChunkRows);
    for (std::size_t begin = 0; begin < n; begin += at_once)
        block(begin, std::min(n, begin + at_once));
}

Factors compute_factors_of_queries(Backend& backend, const SplatRegistry& registry,
                                   const Coordinates& coordinates,
                                   std::span<const std::uint32_t> rows,
                                   const FactorOptions& options, const Work& work) {
    check_shapes(registry, coordinates);
    Factors factors = empty_factors(registry, rows.size(), coordinates, options);
    write_keys(write_masses(backend, registry, bind_levels(backend, registry, options.temperature),
                            coordinates, nullptr, factors, work),
               factors);
    // The rows stand in for all queries, level by level where each has coordinates of its own.
    write_query_rows(
        backend, registry, bind_levels(backend, registry, options.temperature, Side::query),
        asking_of(registry, coordinates_of(coordinates, rows)), options.temperature, factors, work);
    clear_without_keys(factors);
    keep_best_splats(registry, options.splats_per_token, factors);
    return factors;
}

Factors compute_factors_of_rows(Backend& backend, const SplatRegistry& registry,
                                const Coordinates& coordinates, std::span<const std::uint32_t> rows,
                                const FactorOptions& options, const Work& work) {
    return compute_factors(backend, registry, coordinates_of(coordinates, rows), options, work);
}

}  // namespace hsa
