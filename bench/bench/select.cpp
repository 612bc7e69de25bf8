// The best splats of every token, through cells against scoring all.
#include "bench/bench/cases.h"
#include "bench/bench/table.h"
#include "bench/bench/timing.h"
#include "bench/bench/workload.h"
#include "engine/attention/outputs.h"
#include "engine/attention/selected_splats.h"
#include "engine/attention/sparse_factors.h"
#include "engine/compute/backend.h"
#include "engine/compute/level_kernels.h"

#include <fmt/core.h>

#include <algorithm>
#include <functional>
#include <numeric>
#include <string>
#include <vector>

namespace hsa_bench {
namespace {

using hsa::Matrix;

constexpr std::size_t kBest = 16;

// ln w_s + c_s, c_s from the first rows: what P is made of, up to a constant.
std::vector<double> shift_of(hsa::Backend& backend, const hsa::SplatRegistry& registry,
                             const Matrix<float>& rows) {
    std::vector<double> shift = registry.log_weights();
    const hsa::LevelKernel level = hsa::bind_level(backend, registry, 0, 1.0);
    const std::vector<double> mass = backend.log_mass(
        *level.bound, rows.view().block(0, std::min<std::size_t>(rows.rows(), 65536)), {}, {});
    for (std::size_t s = 0; s < shift.size(); ++s) shift[s] += mass[s];
    return shift;
}

void choice_table(hsa::Backend& backend) {
    Table table({"n", "splats", "scored", "ms", "us a token", "of scoring all", "recall"});
    for (const std::size_t bits : {16U, 20U})
        for (const hsa::CovarianceKind kind :
             {hsa::CovarianceKind::spherical, hsa::CovarianceKind::diagonal}) {
            const std::size_t n = std::size_t{1} << bits;
            const Workload data = make_workload(n, kind);
            const std::vector<double> shift =
                shift_of(backend, data.registry, *data.coordinates.base);
            hsa::SelectedSplats selected;
            const auto run = [&](bool spatial, std::size_t scored) {
                selected = select_splats(backend, data.registry, data.coordinates, hsa::Side::key,
                                         shift, {kBest, spatial, scored, 1.0, false}, {});
            };
            const std::vector<std::size_t> counts = {24, 26, 32, 48};
            std::vector<double> recalls(counts.size());
            std::vector<std::function<void()>> works = {[&] { run(false, 0); }};
            for (std::size_t c = 0; c < counts.size(); ++c)
                works.emplace_back([&, c] {
                    run(true, counts[c]);
                    recalls[c] = selected.recall;
                });
            const std::vector<double> times = medians(bits < 18 ? 9 : 5, works);
            const auto line = [&](std::size_t at, const std::string& scored, double recall) {
                table.row({fmt::format("2^{}", bits), hsa::name_of(kind), scored,
                           fmt::format("{:.0f}", 1e3 * times[at]),
                           fmt::format("{:.3f}", 1e6 * times[at] / static_cast<double>(n)),
                           fmt::format("{:.3f}", times[at] / times[0]),
                           fmt::format("{:.3f}", recall)});
            };
            line(0, fmt::format("all {}", kSplats), 1.0);
            for (std::size_t c = 0; c < counts.size(); ++c)
                line(c + 1, fmt::format("{}", counts[c]), recalls[c]);
        }
    table.print();
    fmt::print(
        "The {} best of {} splats, d = {}, one side. To reach at 2^20: recall of the mass of the "
        "4\nbest 0.95 at 0.25 of the time of scoring all.\n\n",
        kBest, kSplats, kDimension);
}

double mean_of(const std::vector<float>& values) {
    return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

void factors_table(hsa::Backend& backend) {
    Table table({"n", "temperature", "splats", "P and K, ms", "outputs, ms", "MB", "of dense",
                 "mass kept", "bound"});
    for (const std::size_t bits : {16U, 20U}) {
        const std::size_t n = std::size_t{1} << bits;
        const Workload data = make_workload(n, hsa::CovarianceKind::spherical);
        const double dense =
            2.0 * sizeof(float) * static_cast<double>(n) * static_cast<double>(kSplats + 1);
        for (const double temperature : {1.0, 0.1}) {
            const std::vector<double> all =
                medians(1, {[&] {
                            (void)compute_outputs(backend, data.registry, data.coordinates,
                                                  data.values.view(), {temperature, {}}, {});
                        }});
            table.row({fmt::format("2^{}", bits), fmt::format("{}", temperature), "all, no factors",
                       "", fmt::format("{:.0f}", 1e3 * all[0]), fmt::format("{:.0f}", 1e-6 * dense),
                       "1.000", "1.000", "0"});
            for (const bool spatial : {false, true}) {
                hsa::SparseOptions options;
                options.splats = kBest;
                options.spatial = spatial;
                options.temperature = temperature;
                hsa::SparseFactors factors;
                const std::vector<double> times =
                    medians(1, {[&] {
                                    factors = compute_sparse_factors(backend, data.registry,
                                                                     data.coordinates, options, {});
                                },
                                [&] { (void)attend(factors, data.values.view()); }});
                table.row({fmt::format("2^{}", bits), fmt::format("{}", temperature),
                           fmt::format("{}, {}", kBest, spatial ? "cells" : "exact"),
                           fmt::format("{:.0f}", 1e3 * times[0]),
                           fmt::format("{:.0f}", 1e3 * times[1]),
                           fmt::format("{:.0f}", 1e-6 * static_cast<double>(factors.bytes())),
                           fmt::format("{:.3f}", static_cast<double>(factors.bytes()) / dense),
                           fmt::format("{:.3f}", mean_of(factors.kept)),
                           fmt::format("{:.2f}", mean_of(factors.bound))});
            }
        }
    }
    table.print();
    fmt::print(
        "Mass kept and bound of the L1 error: means over rows. The splats of this workload "
        "overlap: at\ntemperature 1 a row uses hundreds of them.\n\n");
}

}  // namespace

void select_case() {
    std::vector<std::string> notes;
    const auto backend = hsa::make_backend("auto", notes);
    choice_table(*backend);
    factors_table(*backend);
}

}  // namespace hsa_bench
