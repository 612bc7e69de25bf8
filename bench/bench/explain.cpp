// What an explanation costs, in seconds and over one forward pass of the same splats.
#include "bench/bench/cases.h"
#include "bench/bench/table.h"
#include "bench/bench/timing.h"
#include "bench/bench/workload.h"
#include "engine/attention/factors.h"
#include "engine/attention/target.h"
#include "engine/compute/backend.h"
#include "engine/explain/cards.h"
#include "engine/explain/level_effect.h"
#include "engine/explain/level_flow.h"

#include <fmt/core.h>

#include <functional>
#include <string>
#include <vector>

namespace hsa_bench {

void explain_case() {
    constexpr std::size_t kTextSplats = 175;
    constexpr std::size_t kPairs = 1000;
    std::vector<std::string> notes;
    const auto backend = hsa::make_backend("auto", notes);
    Table table({"n", "k", "forward, ms", "token, ms", "1,000 pairs, ms", "over forward",
                 "between levels, ms", "without levels, ms"});
    for (const std::size_t n : {std::size_t{12000}, std::size_t{65536}}) {
        const Workload data = make_workload(n, hsa::CovarianceKind::spherical, kTextSplats);
        const hsa::Target target(*data.coordinates.base, 0.125);
        hsa::Factors factors;
        const std::vector<std::function<void()>> works = {
            [&] { factors = compute_factors(*backend, data.registry, data.coordinates, {}, {}); },
            [&] { (void)hsa::token_card(factors, n / 3); },
            [&] { (void)hsa::strongest_pairs(factors, kPairs, {}); },
            [&] { (void)hsa::level_flow(factors, data.registry, {}); },
            [&] { (void)hsa::level_effects(factors, target, data.registry.hierarchy.size(), {}); }};
        const std::vector<double> times = medians(3, works);
        const auto ms = [&](std::size_t at) { return fmt::format("{:.1f}", 1e3 * times[at]); };
        table.row({fmt::format("{}", n), fmt::format("{}", kTextSplats), ms(0), ms(1), ms(2),
                   fmt::format("{:.1f}", times[2] / times[0]), ms(3), ms(4)});
    }
    table.print();
    fmt::print(
        "d = {}; pairs are the strongest of the whole matrix, exact. To reach: a click 50 ms, the "
        "pairs of\n65,536 tokens 5 s on two cores.\n\n",
        kDimension);
}

}  // namespace hsa_bench
