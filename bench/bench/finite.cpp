// A million random cases: whatever the data, attention is made of numbers and rows sum to 1.
#include "bench/bench/cases.h"
#include "bench/bench/table.h"
#include "engine/attention/factors.h"
#include "engine/compute/backend.h"
#include "engine/core/parallel.h"
#include "engine/core/random.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <memory>
#include <string>
#include <vector>

namespace hsa_bench {
namespace {

using hsa::Matrix;
using hsa::Random;

constexpr std::size_t kCases = 1000000;
constexpr std::size_t kAtOnce = 1000;
constexpr std::size_t kMostAxes = 1024;
constexpr double kDecades = 20.0;  // of the scale, up and down

struct Drawn {
    hsa::SplatRegistry registry;
    hsa::Coordinates coordinates;
};

// Mostly few axes, up to 1,024; one to twelve tokens, some far away, some the same; one to four
// splats with widths of their own anywhere on the scale.
Drawn drawn_case(std::uint64_t seed) {
    Random random{0xf1, seed};
    const auto axes = static_cast<std::size_t>(
        std::exp(random.uniform() * random.uniform() * std::log(kMostAxes + 0.99)));
    const std::size_t n = 1 + random.below(12);
    const double scale = std::pow(10.0, kDecades * (2.0 * random.uniform() - 1.0));
    const auto value = [&](double times) {
        return static_cast<float>(std::clamp(times * scale * random.normal(), -3e37, 3e37));
    };
    Matrix<float> rows(n, axes);
    for (std::size_t i = 0; i < n; ++i) {
        const std::size_t kind = random.below(8);
        const double times = kind == 0 ? 1e6 : kind == 1 ? 0.0 : 1.0;
        for (std::size_t a = 0; a < axes; ++a)
            rows(i, a) = kind == 2 && i > 0 ? rows(i - 1, a) : value(times);
    }
    Drawn made;
    made.registry.hierarchy.levels = {{"all", 1.0}};
    made.registry.dimension = axes;
    const std::size_t splats = 1 + random.below(4);
    for (std::size_t s = 0; s < splats; ++s) {
        hsa::Splat splat;
        splat.kind =
            random.below(2) == 0 ? hsa::CovarianceKind::spherical : hsa::CovarianceKind::diagonal;
        const double width = scale * std::pow(10.0, 4.0 * random.normal());
        for (std::size_t a = 0; a < axes; ++a) {
            splat.centre.push_back(random.below(2) == 0 ? rows(random.below(n), a) : value(1.0));
            const double variance =
                width * width *
                (splat.kind == hsa::CovarianceKind::diagonal ? 0.1 + random.uniform() : 1.0);
            splat.variance.push_back(static_cast<float>(std::clamp(variance, 1e-36, 1e36)));
        }
        if (splat.kind == hsa::CovarianceKind::spherical)
            splat.variance.assign(axes, splat.variance.front());
        splat.log_amplitude = static_cast<float>(10.0 * random.normal());
        splat.beta = static_cast<float>(std::exp(3.0 * random.normal()));
        made.registry.add(splat);
    }
    if (random.below(2) == 0) made.registry.background_log_weight = 5.0 * random.normal();
    made.coordinates.base = std::make_shared<const Matrix<float>>(std::move(rows));
    made.coordinates.levels = {made.coordinates.base};
    return made;
}

// What is wrong with the factors: numbers that are none, and the largest |sum - 1| of a row of P or
// a column of K.
struct Fault {
    bool strange = false;
    double off = 0.0;
};
Fault fault_of(const hsa::Factors& factors) {
    Fault fault;
    std::vector<double> columns(factors.columns(), 0.0);
    for (std::size_t i = 0; i < factors.tokens(); ++i) {
        double row = 0.0;
        for (std::size_t s = 0; s < factors.columns(); ++s) {
            const auto p = static_cast<double>(factors.p(i, s));
            const auto k = static_cast<double>(factors.k(i, s));
            fault.strange =
                fault.strange || !std::isfinite(p) || !std::isfinite(k) || p < 0.0 || k < 0.0;
            row += p;
            columns[s] += k;
        }
        fault.off = std::max(fault.off, std::abs(row - 1.0));
    }
    for (const double column : columns) fault.off = std::max(fault.off, std::abs(column - 1.0));
    return fault;
}

}  // namespace

void finite_case() {
    struct Sum {
        std::size_t strange = 0;
        double off = 0.0;
        std::uint64_t first = 0;
    };
    std::vector<Sum> sums(kCases / kAtOnce);
    hsa::parallel_for(sums.size(), [&](std::size_t block) {
        std::vector<std::string> notes;
        const std::unique_ptr<hsa::Backend> backend = hsa::make_backend("cpu", notes);
        for (std::size_t c = 0; c < kAtOnce; ++c) {
            const std::uint64_t seed = block * kAtOnce + c;
            const Drawn data = drawn_case(seed);
            const Fault fault =
                fault_of(hsa::compute_factors(*backend, data.registry, data.coordinates, {}, {}));
            if (fault.strange && sums[block].strange++ == 0) sums[block].first = seed;
            sums[block].off = std::max(sums[block].off, fault.off);
        }
    });
    Sum all;
    for (const Sum& sum : sums) {
        if (sum.strange > 0 && all.strange == 0) all.first = sum.first;
        all.strange += sum.strange;
        all.off = std::max(all.off, sum.off);
    }
    Table table({"cases", "with a number that is none", "largest |sum - 1|"});
    table.row({fmt::format("{}", kCases), fmt::format("{}", all.strange),
               fmt::format("{:.1e}", all.off)});
    table.print();
    if (all.strange > 0) fmt::print("\nThe first of them has the seed {}.\n", all.first);
}

}  // namespace hsa_bench
