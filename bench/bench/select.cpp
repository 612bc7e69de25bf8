// The best splats of every token, through cells against scoring all.
#include "bench/bench/cases.h"
#include "bench/bench/table.h"
#include "bench/bench/timing.h"
#include "bench/bench/workload.h"
#include "engine/attention/selected_splats.h"
#include "engine/compute/backend.h"
#include "engine/compute/level_kernels.h"

#include <fmt/core.h>

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

}  // namespace

void select_case() {
    std::vector<std::string> notes;
    const auto backend = hsa::make_backend("auto", notes);
    Table table({"n", "splats", "scored", "ms", "us a token", "of scoring all", "recall"});
    for (const std::size_t bits : {16U, 20U})
        for (const hsa::CovarianceKind kind :
             {hsa::CovarianceKind::spherical, hsa::CovarianceKind::diagonal}) {
            const std::size_t n = std::size_t{1} << bits;
            const Workload data = make_workload(n, kind);
            const std::vector<double> shift =
                shift_of(*backend, data.registry, *data.coordinates.base);
            hsa::SelectedSplats selected;
            const auto run = [&](bool spatial, std::size_t scored) {
                selected = select_splats(*backend, data.registry, data.coordinates, hsa::Side::key,
                                         shift, {kBest, spatial, scored, 1.0, false}, {});
            };
            const std::vector<std::size_t> counts = {24, 32, 48, 64};
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

}  // namespace hsa_bench
