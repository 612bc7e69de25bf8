// Speed of the numeric parts as ratios inside one run, so that they mean the same on any machine:
// P and K against an Eigen product of the same size, one picture of the map, one thread against
// all.
#include "bench/guarded.h"
#include "engine/attention/cells.h"
#include "engine/attention/factors.h"
#include "engine/attention/picture.h"
#include "engine/compute/backend.h"
#include "engine/core/parallel.h"
#include "engine/core/random.h"

#include <Eigen/Core>
#include <fmt/core.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <functional>
#include <string>
#include <thread>
#include <vector>

namespace {

using hsa::Matrix;

constexpr std::size_t kTokens = 65536;
constexpr std::size_t kDimension = 64;
constexpr std::size_t kPixels = 1024;
constexpr std::size_t kRepeats = 9;
constexpr std::size_t kCounts[] = {100, 50, 20, 5};

// The median of several runs, in seconds; the first run warms up and is not counted.
double seconds(const std::function<void()>& work) {
    work();
    std::vector<double> times;
    for (std::size_t r = 0; r < kRepeats; ++r) {
        const auto start = std::chrono::steady_clock::now();
        work();
        times.push_back(
            std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
    }
    std::nth_element(times.begin(), times.begin() + kRepeats / 2, times.end());
    return times[kRepeats / 2];
}

struct Case {
    hsa::SplatRegistry registry;
    hsa::Coordinates coordinates;
};

// Tokens of mean square 1 an axis around as many centres as there are splats; beta as the recipe
// fits it.
Case make_case(std::size_t n, hsa::CovarianceKind kind) {
    Case made;
    made.registry.hierarchy = hsa::default_hierarchy(n);
    made.registry.dimension = kDimension;
    made.registry.background_log_weight = -7.0;
    for (std::size_t level = 0; level < std::size(kCounts); ++level) {
        for (std::size_t s = 0; s < kCounts[level]; ++s) {
            hsa::Random random({1, level, s});
            hsa::Splat splat;
            splat.level = static_cast<std::uint16_t>(level);
            splat.kind = kind;
            for (std::size_t a = 0; a < kDimension; ++a) {
                splat.centre.push_back(static_cast<float>(0.7 * random.normal()));
                splat.variance.push_back(kind == hsa::CovarianceKind::spherical
                                             ? 0.5F
                                             : 0.4F + 0.2F * static_cast<float>(random.uniform()));
            }
            splat.shape = hsa::from_variances(splat.variance, kind).shape;
            for (float& v : splat.shape) v = 0.02F * static_cast<float>(random.normal());
            splat.beta = 4.0F / static_cast<float>(kDimension);
            made.registry.add(splat);
        }
    }
    auto rows = std::make_shared<Matrix<float>>(n, kDimension);
    for (std::size_t i = 0; i < n; ++i) {
        hsa::Random random({2, i});
        const auto centre = made.registry.gaussians.centre.row(random.below(made.registry.size()));
        for (std::size_t a = 0; a < kDimension; ++a)
            (*rows)(i, a) = centre[a] + static_cast<float>(0.7 * random.normal());
    }
    made.coordinates.base = rows;
    for (std::size_t level = 0; level < std::size(kCounts); ++level) {
        // Every level has its own block of memory, as smoothed coordinates do.
        made.coordinates.levels.push_back(std::make_shared<Matrix<float>>(*rows));
    }
    return made;
}

using RowMajor = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

// One Eigen product [n, d] x [d, k] into memory that is there already, on one thread as Eigen runs
// it, or its blocks of rows on all threads.
double product_seconds(std::size_t n, std::size_t k, bool all_threads) {
    const RowMajor x = RowMajor::Random(static_cast<Eigen::Index>(n), kDimension);
    const RowMajor weights = RowMajor::Random(kDimension, static_cast<Eigen::Index>(k));
    RowMajor out(x.rows(), weights.cols());
    return seconds([&] {
        if (!all_threads) {
            out.noalias() = x * weights;
        } else {
            hsa::parallel_blocks(n, 4096, [&](std::size_t begin, std::size_t end) {
                const auto first = static_cast<Eigen::Index>(begin);
                const auto count = static_cast<Eigen::Index>(end - begin);
                out.middleRows(first, count).noalias() = x.middleRows(first, count) * weights;
            });
        }
        volatile float used = out(0, 0);
        (void)used;
    });
}

void line(const std::string& what, double value, const char* unit, const std::string& note) {
    fmt::print("{:<44} {:>9.3f} {:<10} {}\n", what, value, unit, note);
}

void bench_factors(hsa::Backend& backend, const Case& data, const std::string& kind) {
    const std::size_t n = data.coordinates.size();
    const std::size_t k = data.registry.size();
    const double work = 2.0 * static_cast<double>(n * kDimension * k) * 1e-9;
    const auto run = [&] {
        (void)compute_factors(backend, data.registry, data.coordinates, {}, {});
    };
    const double all = seconds(run);
    const double product = product_seconds(n, k, false);
    const double product_all = product_seconds(n, k, true);
    double one = 0.0;
    {
        const hsa::ThreadLimit limit(1);
        one = seconds(run);
    }
    line("factors, " + kind + ", all threads", 1e3 * all, "ms", "");
    line("factors, " + kind + ", one thread", 1e3 * one, "ms", "");
    line("Eigen product of the same size, one thread", 1e3 * product, "ms",
         fmt::format("{:.1f} GFLOP/s", work / product));
    line("Eigen product, rows on all threads", 1e3 * product_all, "ms",
         fmt::format("{:.1f} GFLOP/s", work / product_all));
    line("speed of factors / Eigen product", product / all, "ratio",
         "target 0.5; both as they come");
    line("the same, one thread each", product / one, "ratio", "");
    line("the same, all threads each", product_all / all, "ratio", "");
    line("all threads / one thread", one / all, "ratio",
         fmt::format("{} threads", std::thread::hardware_concurrency()));
}

}  // namespace

int main(int argc, char** argv) {
    return guarded("compute", [&] {
        const std::size_t n = argc > 1 ? static_cast<std::size_t>(std::atoll(argv[1])) : kTokens;
        std::vector<std::string> notes;
        const auto backend = hsa::make_backend("auto", notes);
        fmt::print("{} tokens x {}, backend {} ({})\n", n, kDimension, backend->info().name,
                   backend->info().device);
        const Case spherical = make_case(n, hsa::CovarianceKind::spherical);
        bench_factors(*backend, spherical, "spherical");
        for (const hsa::CovarianceKind kind :
             {hsa::CovarianceKind::diagonal, hsa::CovarianceKind::lowrank,
              hsa::CovarianceKind::full})
            bench_factors(*backend, make_case(n, kind), hsa::name_of(kind));

        const hsa::Factors factors =
            compute_factors(*backend, spherical.registry, spherical.coordinates, {}, {});
        hsa::TileSums sums;
        line("tile sums", 1e3 * seconds([&] { sums = tile_sums(factors); }), "ms", "");
        const auto picture = [&](hsa::Range tokens) {
            hsa::PictureRequest request{tokens, tokens, kPixels, kPixels};
            return 1e3 * seconds([&] { (void)attention_picture(factors, sums, request, {}, {}); });
        };
        line("picture 1024 x 1024 of everything", picture({0, n}), "ms", "target < 50");
        line("picture of a part, edges inside tiles", picture({n / 7, n - n / 9}), "ms",
             "target < 50");
        line("bytes a token",
             8.0 * static_cast<double>(factors.columns()) + 4.0 +
                 16.0 * static_cast<double>(factors.columns()) / hsa::kTileTokens,
             "bytes", "P, K, ln Z and tile sums");
    });
}
