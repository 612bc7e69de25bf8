// Cost against the number of tokens.
#include "bench/bench/cases.h"
#include "bench/bench/exact_attention.h"
#include "bench/bench/peak_memory.h"
#include "bench/bench/table.h"
#include "bench/bench/timing.h"
#include "bench/bench/workload.h"
#include "engine/attention/outputs.h"
#include "engine/compute/backend.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <vector>

namespace hsa_bench {
namespace {

using hsa::Matrix;

constexpr std::size_t kMostRows = 256;  // of exact attention

// The slope of ln y over ln x by least squares.
double exponent(const std::vector<double>& x, const std::vector<double>& y) {
    double mean_x = 0.0;
    double mean_y = 0.0;
    const auto n = static_cast<double>(x.size());
    for (std::size_t i = 0; i < x.size(); ++i) {
        mean_x += std::log(x[i]) / n;
        mean_y += std::log(y[i]) / n;
    }
    double across = 0.0;
    double along = 0.0;
    for (std::size_t i = 0; i < x.size(); ++i) {
        across += (std::log(x[i]) - mean_x) * (std::log(y[i]) - mean_y);
        along += (std::log(x[i]) - mean_x) * (std::log(x[i]) - mean_x);
    }
    return across / along;
}

}  // namespace

void scale_case() {
    std::vector<std::string> notes;
    const auto backend = hsa::make_backend("auto", notes);
    Table table({"n", "splats, ms", "us a token", "exact, ms", "exact / splats",
                 "memory / (Q + K + V + O)"});
    std::vector<double> tokens;
    std::vector<double> splats;
    std::vector<double> exact;
    double at_16 = 0.0;
    double at_20 = 0.0;
    double memory = 0.0;
    for (std::size_t bits = 10; bits <= 20; ++bits) {
        const std::size_t n = std::size_t{1} << bits;
        const Workload data = make_workload(n, hsa::CovarianceKind::spherical);
        const Matrix<float>& x = *data.coordinates.base;
        const std::size_t rows = std::min(n, kMostRows);
        const auto outputs = [&] {
            return compute_outputs(*backend, data.registry, data.coordinates, data.values.view(),
                                   {}, {});
        };
        // As the tokens' rows are queries and keys, they count once in both.
        const auto held = static_cast<double>((x.size() + data.values.size()) * sizeof(float));
        const auto out = static_cast<double>(data.values.size() * sizeof(float));
        const PeakMemory peak;
        (void)outputs();
        memory = (held + static_cast<double>(peak.bytes())) / (held + out);
        const std::vector<double> times = medians(
            bits < 19 ? 5 : 3,
            {[&] { (void)outputs(); },
             [&] { (void)exact_attention(x.view().block(0, rows), x.view(), data.values.view()); }},
            bits >= 18);
        const double all_rows = times[1] * static_cast<double>(n) / static_cast<double>(rows);
        if (bits == 16) at_16 = times[0];
        if (bits == 20) at_20 = times[0];
        tokens.push_back(static_cast<double>(n));
        splats.push_back(times[0]);
        exact.push_back(all_rows);
        table.row({fmt::format("2^{}", bits), fmt::format("{:.1f}", 1e3 * times[0]),
                   fmt::format("{:.2f}", 1e6 * times[0] / static_cast<double>(n)),
                   fmt::format("{:.0f}", 1e3 * all_rows),
                   fmt::format("{:.1f}", all_rows / times[0]), fmt::format("{:.2f}", memory)});
    }
    table.print();
    fmt::print(
        "k = 1,024 spherical splats, d = v = 64; exact from at most {} rows, scaled up.\n"
        "Time grows as n^{:.3f} (exact n^{:.3f}); time at 2^20 / (16 x time at 2^16): {:.3f} (to\n"
        "reach: 1.05); memory at 2^20: {:.2f} x (Q + K + V + O), Q and K being the same rows and\n"
        "counted once (1.3). Small n also hold what does not grow with it: partial sums, k d + k "
        "v.\n\n",
        kMostRows, exponent(tokens, splats), exponent(tokens, exact), at_20 / (16.0 * at_16),
        memory);
}

}  // namespace hsa_bench
