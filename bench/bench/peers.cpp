// Splats against other approximations of the same attention at equal k.
#include "bench/bench/cases.h"
#include "bench/bench/peers/measure.h"
#include "bench/bench/peers/worlds.h"
#include "bench/bench/table.h"
#include "engine/core/parallel.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <string>
#include <utility>
#include <vector>

namespace hsa_bench {
namespace {

constexpr std::size_t kTokens = 1024;
constexpr std::array<double, 3> kSharpness = {1.0, 2.0, 4.0};
constexpr std::array<std::size_t, 5> kColumns = {16, 32, 64, 128, 256};
constexpr std::array<std::uint64_t, 3> kSeeds = {1, 2, 3};
constexpr std::size_t kLeastAt = 64;

// A cell of the tables: one world, sharpness and k, medians over the seeds.
struct Cell {
    PeerProblem problem;
    Measured measured;

    [[nodiscard]] bool peaked() const {
        return measured.entropy < 0.5 * std::log(static_cast<double>(kTokens));
    }
    [[nodiscard]] bool has_least() const { return problem.columns == kLeastAt; }
};

std::vector<Cell> measured_cells() {
    std::vector<Cell> cells;
    for (const char* world : kWorlds)
        for (const double sharpness : kSharpness)
            for (const std::size_t k : kColumns)
                cells.push_back({{world, kTokens, k, sharpness}, {}});
    std::vector<std::array<Measured, kSeeds.size()>> seeds(cells.size());
    hsa::parallel_for(cells.size() * kSeeds.size(), [&](std::size_t at) {
        const Cell& cell = cells[at / kSeeds.size()];
        PeerProblem problem = cell.problem;
        problem.seed = kSeeds[at % kSeeds.size()];
        seeds[at / kSeeds.size()][at % kSeeds.size()] = measure(problem, cell.has_least());
    });
    for (std::size_t c = 0; c < cells.size(); ++c) {
        const auto middle = [&](auto&& number) {
            std::vector<double> values;
            for (const Measured& one : seeds[c]) values.push_back(number(one));
            return median(values);
        };
        Measured& to = cells[c].measured;
        to.entropy = middle([](const Measured& one) { return one.entropy; });
        for (std::size_t m = 0; m < kMethods; ++m)
            for (double Quality::*number : {&Quality::kl, &Quality::output, &Quality::noise})
                to.all[m].*number = middle([&](const Measured& one) { return one.all[m].*number; });
    }
    return cells;
}

void print_world(const std::vector<Cell>& cells, const std::string& world, const char* what,
                 double Quality::*number) {
    fmt::print("### {}, {}\n\n", world, what);
    std::vector<std::string> header = {"logits x", "tokens a row", "k"};
    for (std::size_t m = 0; m < kMethods; ++m) header.emplace_back(name_of(static_cast<Method>(m)));
    Table table(std::move(header));
    for (const Cell& cell : cells) {
        if (cell.problem.world != world) continue;
        std::vector<std::string> row = {fmt::format("{:.0f}", cell.problem.sharpness),
                                        fmt::format("{:.1f}", std::exp(cell.measured.entropy)),
                                        fmt::format("{}", cell.problem.columns)};
        for (const Quality& quality : cell.measured.all) row.push_back(shown(quality.*number));
        table.row(std::move(row));
    }
    table.print();
}

// One line of what is to be reached: how many cells do, the median and the worst.
class Ratios {
  public:
    explicit Ratios(const std::vector<Cell>& cells) : cells_(cells) {}

    template <class Wanted>
    void line(const std::string& what, Method of, Method to, double Quality::*number, double reach,
              Wanted&& wanted) {
        std::vector<double> ratios;
        const Cell* worst = nullptr;
        double most = -std::numeric_limits<double>::infinity();
        for (const Cell& cell : cells_) {
            if (!wanted(cell)) continue;
            const double ratio = cell.measured.of(of).*number / cell.measured.of(to).*number;
            ratios.push_back(ratio);
            if (ratio <= most) continue;
            most = ratio;
            worst = &cell;
        }
        if (worst == nullptr) return;
        const auto reached = std::count_if(ratios.begin(), ratios.end(),
                                           [&](double ratio) { return ratio <= reach; });
        table_.row({what, fmt::format("{:.2f}", reach),
                    fmt::format("{} of {}", reached, ratios.size()),
                    fmt::format("{:.2f}", median(ratios)),
                    fmt::format("{:.2f}, {} x {:.0f} k {}", most, worst->problem.world,
                                worst->problem.sharpness, worst->problem.columns)});
    }
    void print() const { table_.print(); }

  private:
    const std::vector<Cell>& cells_;
    Table table_{{"ratio", "to reach", "cells that do", "median", "worst"}};
};

void print_ratios(const std::vector<Cell>& cells) {
    const auto any = [](const Cell&) { return true; };
    const auto peaked = [](const Cell& cell) { return cell.peaked(); };
    const auto with_least = [](const Cell& cell) { return cell.has_least(); };
    Ratios ratios(cells);
    ratios.line("row-KL, closed form / best FAVOR+", Method::closed, Method::favor, &Quality::kl,
                0.25, any);
    ratios.line("row-KL, KL-NMF / best FAVOR+, k = 64", Method::least, Method::favor, &Quality::kl,
                0.25, with_least);
    ratios.line("row-KL, fit / best Nystrom", Method::fitted, Method::nystrom, &Quality::kl, 0.5,
                any);
    ratios.line("row-KL, KL-NMF / best Nystrom, k = 64", Method::least, Method::nystrom,
                &Quality::kl, 0.5, with_least);
    ratios.line("row-KL, fit / KL-NMF, k = 64", Method::fitted, Method::least, &Quality::kl, 1.5,
                with_least);
    ratios.line("row-KL, fit of unseen rows / KL-NMF, k = 64", Method::unseen, Method::least,
                &Quality::kl, 1.5, with_least);
    ratios.line("row-KL, fit + 32 pairs / best Nystrom", Method::near, Method::nystrom,
                &Quality::kl, 0.5, any);
    ratios.line("row-KL, fit + 32 pairs / clustered + 32 keys", Method::near, Method::improved,
                &Quality::kl, 1.0, any);
    ratios.line("output, fit / best Nystrom", Method::fitted, Method::nystrom, &Quality::output,
                0.95, any);
    ratios.line("output, fit / best Nystrom, peaked", Method::fitted, Method::nystrom,
                &Quality::output, 0.6, peaked);
    ratios.line("output, fit + 32 pairs / best Nystrom", Method::near, Method::nystrom,
                &Quality::output, 0.95, any);
    ratios.line("output, fit + 32 pairs / best Nystrom, peaked", Method::near, Method::nystrom,
                &Quality::output, 0.6, peaked);
    ratios.line("output, signed core / fit of unseen rows", Method::core, Method::unseen,
                &Quality::output, 1.0, any);
    ratios.line("output, signed core / best Nystrom", Method::core, Method::nystrom,
                &Quality::output, 1.0, any);
    ratios.print();
}

// In how many cells of each world a form of splats is behind.
void print_losses(const std::vector<Cell>& cells) {
    fmt::print(
        "Cells in which splats lose, of {} a world: fit of unseen rows / fit / fit + 32 pairs\n\n",
        kSharpness.size() * kColumns.size());
    std::vector<std::string> header = {"against"};
    for (const char* world : kWorlds)
        for (const char* what : {"row-KL", "output"})
            header.push_back(fmt::format("{}, {}", world, what));
    Table table(std::move(header));
    for (const Method peer : {Method::favor, Method::linear, Method::window, Method::clustered,
                              Method::improved, Method::nystrom}) {
        std::vector<std::string> row = {name_of(peer)};
        for (const char* world : kWorlds)
            for (double Quality::*number : {&Quality::kl, &Quality::output}) {
                const auto lost = [&](Method splats) {
                    return std::count_if(cells.begin(), cells.end(), [&](const Cell& cell) {
                        return cell.problem.world == world &&
                               cell.measured.of(splats).*number > cell.measured.of(peer).*number;
                    });
                };
                row.push_back(fmt::format("{} / {} / {}", lost(Method::unseen),
                                          lost(Method::fitted), lost(Method::near)));
            }
        table.row(std::move(row));
    }
    table.print();
}

}  // namespace

void peers_case() {
    const std::vector<Cell> cells = measured_cells();
    for (const char* world : kWorlds) {
        print_world(cells, world, "row-KL in nats", &Quality::kl);
        print_world(cells, world, "output error |TV - AV| / |TV|", &Quality::output);
    }
    print_ratios(cells);
    print_losses(cells);
    fmt::print(
        "Queries are the keys (n = {}), medians of {} seeds, 256 rows. \"fit, rows unseen\" never\n"
        "draws these rows, \"fit\" may: then each row's own token, its strongest column, has been\n"
        "seen, as landmarks, cells and KL-NMF have seen it. A linear attention has d columns, not\n"
        "k; \"clustered + 32 keys\" and \"fit + 32 pairs\" score up to 32 exact pairs a row more\n"
        "than the others. Nystrom's negative entries are clipped and a share of 1 / n is mixed in\n"
        "for the KL; its outputs are the better of clipped and not. What a peer can choose is\n"
        "chosen by the measured rows, for each number by itself. The signed core stands between P\n"
        "and K of the fit of unseen rows and has not seen them either (the program has one on\n"
        "diffuse heads alone: case diffuse). Peaked: the mean entropy of a "
        "row\n"
        "below ln(n) / 2. KL-NMF is what no nonnegative rank k is much better than. Values: a "
        "mean\n"
        "for each group of keys and noise of half its size.\n\n",
        kTokens, kSeeds.size());
}

}  // namespace hsa_bench
