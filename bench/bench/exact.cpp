// Outputs through splats against exact softmax attention at a million tokens.
#include "bench/bench/cases.h"
#include "bench/bench/exact_attention.h"
#include "bench/bench/outside.h"
#include "bench/bench/table.h"
#include "bench/bench/timing.h"
#include "bench/bench/workload.h"
#include "engine/attention/outputs.h"
#include "engine/compute/backend.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

namespace hsa_bench {
namespace {

using hsa::Matrix;

constexpr std::size_t kTokens = std::size_t{1} << 20U;
constexpr std::size_t kRows = 2048;

// The largest difference from a plain double sum, beside the largest output.
double error_of_exact(const Workload& data) {
    const Matrix<float>& x = *data.coordinates.base;
    const std::size_t n = 1000;
    const auto keys = x.view().block(0, n);
    const auto values = data.values.view().block(0, n);
    const Matrix<float> out = exact_attention(keys.block(0, 200), keys, values);
    double worst = 0.0;
    double most = 0.0;
    for (std::size_t i = 0; i < out.rows(); ++i) {
        std::vector<double> score(n);
        double largest = -std::numeric_limits<double>::infinity();
        for (std::size_t j = 0; j < n; ++j) {
            for (std::size_t a = 0; a < x.cols(); ++a)
                score[j] += static_cast<double>(x(i, a)) * static_cast<double>(x(j, a));
            largest = std::max(largest, score[j]);
        }
        double total = 0.0;
        std::vector<double> sum(kValues);
        for (std::size_t j = 0; j < n; ++j) {
            const double e = std::exp(score[j] - largest);
            total += e;
            for (std::size_t c = 0; c < kValues; ++c)
                sum[c] += e * static_cast<double>(values(j, c));
        }
        for (std::size_t c = 0; c < kValues; ++c) {
            worst = std::max(worst, std::abs(sum[c] / total - static_cast<double>(out(i, c))));
            most = std::max(most, std::abs(sum[c] / total));
        }
    }
    return worst / most;
}

}  // namespace

void exact_case() {
    std::vector<std::string> notes;
    const auto backend = hsa::make_backend("auto", notes);
    const Workload data = make_workload(kTokens, hsa::CovarianceKind::spherical);
    const hsa::SplatRegistry diagonal = workload_splats(hsa::CovarianceKind::diagonal);
    const Matrix<float>& x = *data.coordinates.base;
    Matrix<float> queries(kRows, kDimension);  // scaled, as softmax attention does
    for (std::size_t r = 0; r < kRows; ++r)
        for (std::size_t a = 0; a < kDimension; ++a)
            queries(r, a) = x(r * (kTokens / kRows), a) / std::sqrt(static_cast<float>(kDimension));
    fmt::print("own exact attention against a plain double sum: {:.1e}\n", error_of_exact(data));

    const auto outputs = [&](const hsa::SplatRegistry& registry) {
        (void)compute_outputs(*backend, registry, data.coordinates, data.values.view(), {}, {});
    };
    const std::vector<double> times =
        medians(3,
                {[&] { (void)exact_attention(queries.view(), x.view(), data.values.view()); },
                 [&] { outputs(data.registry); }, [&] { outputs(diagonal); }},
                true);
    constexpr double kTimesRows = static_cast<double>(kTokens) / static_cast<double>(kRows);
    const double own = times[0] * kTimesRows;
    double fastest = own;
    Table table({"n = 2^20, d = v = 64", "seconds", "of rows", "spherical is faster",
                 "diagonal is faster"});
    const auto line = [&](const std::string& what, double measured, std::size_t rows) {
        const double all = measured * static_cast<double>(kTokens) / static_cast<double>(rows);
        table.row({what, fmt::format("{:.0f}", all), fmt::format("{}", rows),
                   fmt::format("{:.0f} x", all / times[1]),
                   fmt::format("{:.0f} x", all / times[2])});
        fastest = std::min(fastest, all);
    };
    line("exact, own", times[0], kRows);
    for (const OutsidePeer& peer : outside_peers(kTokens, kDimension))
        line("exact, " + peer.name, peer.seconds, peer.rows);
    const auto splats = [&](const char* what, double seconds) {
        table.row({what, fmt::format("{:.2f}", seconds), fmt::format("{}", kTokens)});
    };
    splats("k = 1,024 spherical splats", times[1]);
    splats("k = 1,024 diagonal splats", times[2]);
    table.print();
    fmt::print(
        "Exact times are of sampled rows against all keys, scaled up to all rows. Against the\n"
        "fastest exact one: spherical {:.0f} x (to reach: 500), diagonal {:.0f} x (350).\n\n",
        fastest / times[1], fastest / times[2]);
}

}  // namespace hsa_bench
