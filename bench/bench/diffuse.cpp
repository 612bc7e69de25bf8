// Heads whose rows are nearly flat: splats, a signed core between their factors, and Nystrom.
#include "bench/bench/cases.h"
#include "bench/bench/peers/measure.h"
#include "bench/bench/peers/worlds.h"
#include "bench/bench/table.h"
#include "engine/core/parallel.h"
#include "engine/fit/row_entropy.h"

#include <fmt/core.h>

#include <array>
#include <string>
#include <utility>
#include <vector>

namespace hsa_bench {
namespace {

constexpr std::size_t kTokens = 1024;
constexpr std::array<double, 3> kSharpness = {0.1, 0.25, 0.5};
constexpr std::array<std::size_t, 3> kColumns = {16, 64, 256};
constexpr std::array<std::uint64_t, 3> kSeeds = {1, 2, 3};
constexpr std::array<Method, 5> kShown = {Method::nystrom, Method::closed, Method::unseen,
                                          Method::fitted, Method::core};

struct Cell {
    PeerProblem problem;
    std::array<Measured, kSeeds.size()> seeds;

    template <class Number>
    [[nodiscard]] double middle(Number&& number) const {
        std::vector<double> values;
        for (const Measured& one : seeds) values.push_back(number(one));
        return median(values);
    }
    [[nodiscard]] double share() const {
        return middle([](const Measured& one) { return hsa::entropy_share(one.entropy, kTokens); });
    }
    [[nodiscard]] double output(Method method) const {
        return middle([&](const Measured& one) { return one.of(method).output; });
    }
};

// In how many cells, of the diffuse ones or of the others, the core has the smaller output error.
std::string wins(const std::vector<Cell>& cells, Method against, bool diffuse) {
    std::size_t won = 0;
    std::vector<double> ratios;
    for (const Cell& cell : cells) {
        if (hsa::is_diffuse(cell.middle([](const Measured& one) { return one.entropy; }),
                            kTokens) != diffuse)
            continue;
        ratios.push_back(cell.output(Method::core) / cell.output(against));
        won += ratios.back() < 1.0 ? 1 : 0;
    }
    if (ratios.empty()) return "";
    const std::size_t count = ratios.size();
    return fmt::format("{} of {}, median {:.2f}", won, count, median(std::move(ratios)));
}

}  // namespace

void diffuse_case() {
    std::vector<Cell> cells;
    for (const char* world : kWorlds)
        for (const double sharpness : kSharpness)
            for (const std::size_t k : kColumns)
                cells.push_back({{world, kTokens, k, sharpness}, {}});
    hsa::parallel_for(cells.size() * kSeeds.size(), [&](std::size_t at) {
        Cell& cell = cells[at / kSeeds.size()];
        PeerProblem problem = cell.problem;
        problem.seed = kSeeds[at % kSeeds.size()];
        cell.seeds[at % kSeeds.size()] = measure_diffuse(problem);
    });
    std::vector<std::string> header = {"world", "logits x", "H / ln n", "k"};
    for (const Method method : kShown) header.emplace_back(name_of(method));
    Table table(std::move(header));
    for (const Cell& cell : cells) {
        std::vector<std::string> row = {
            cell.problem.world, fmt::format("{:.2f}", cell.problem.sharpness),
            fmt::format("{:.3f}", cell.share()), fmt::format("{}", cell.problem.columns)};
        for (const Method method : kShown) row.push_back(shown(cell.output(method)));
        table.row(std::move(row));
    }
    table.print();
    Table ratios({"output error, the core is smaller", "H > .95 ln n", "others"});
    for (const Method against : {Method::unseen, Method::fitted, Method::nystrom})
        ratios.row({fmt::format("than {}", name_of(against)), wins(cells, against, true),
                    wins(cells, against, false)});
    ratios.print();
    fmt::print(
        "|TV - AV| / |TV| on 256 rows, n = {}, medians of {} seeds. The core and \"fit, rows "
        "unseen\",\nbetween whose factors it stands, were not fitted to these rows; whether the "
        "core is "
        "used was\ndecided by them too. Of Nystrom the best form, ridge and clipping by these very "
        "rows.\n\n",
        kTokens, kSeeds.size());
}

}  // namespace hsa_bench
