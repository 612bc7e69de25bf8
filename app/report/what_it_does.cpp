#include "app/report/blocks.h"
#include "app/widgets/numbers.h"
#include "engine/explain/answer_parts.h"
#include "engine/explain/answers.h"
#include "engine/explain/cards.h"
#include "engine/model/routine.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <numeric>

namespace splatscope {
namespace {

constexpr std::size_t kMostSplats = 200;
constexpr std::size_t kPairs = 20;
constexpr std::size_t kMostEvents = 60;

std::string mark_of(const hsa::Snapshot& snapshot) {
    return hsa::name_of(hsa::factor_mark(snapshot));
}

// "topic: The reef (46 %, ×5.8); numbers (...)": the first three.
std::string does_words(const hsa::SplatSpecialisation& splat) {
    constexpr std::size_t kWords = 3;
    std::string words;
    for (std::size_t f = 0; f < std::min(splat.found.size(), kWords); ++f) {
        const hsa::Specialisation& one = splat.found[f];
        words += fmt::format("{}{} ({}, \u00d7{})", words.empty() ? "" : "; ", one.name,
                             percent_text(one.share), number_text(one.lift, 2));
    }
    return words;
}

std::string bin_words(const hsa::DistanceBin& bin) {
    if (bin.first == bin.last) return count_text(bin.first);
    return fmt::format("{} to {}", count_text(bin.first), count_text(bin.last));
}

void add_distances(const hsa::Flow& flow, Report& report) {
    if (flow.bins.empty()) return;
    ReportTable table;
    table.head = {"tokens apart", "attention", "\u00d7 uniform"};
    if (flow.target) {
        table.head.emplace_back("standard attention");
        table.head.emplace_back("\u00d7 uniform");
    }
    table.numbers.assign(table.head.size(), true);
    for (std::size_t b = 0; b < flow.bins.size(); ++b) {
        table.rows.push_back({bin_words(flow.bins[b]), percent_text(flow.all.share[b]),
                              number_text(flow.all.ratio[b])});
        if (!flow.target) continue;
        table.rows.back().push_back(percent_text(flow.target->share[b]));
        table.rows.back().push_back(number_text(flow.target->ratio[b]));
    }
    add_table(report, std::move(table),
              "Share of attention by distance, and mean attention of a pair over what uniform "
              "attention gives.");
}

}  // namespace

void add_splats(const ReportFacts& facts, Report& report) {
    const hsa::Snapshot& snapshot = facts.snapshot;
    const hsa::SplatRegistry& registry = *snapshot.registry;
    add_heading(report, "Splats", mark_of(snapshot));
    add_picture(report, "tree",
                "The splats by level, coarsest above; width is usage, below a name stands what "
                "the splat does.");
    add_picture(report, "splats",
                "The splats and the tokens in the plane that tells the splats apart best.");
    // Coarsest level first, then by usage.
    std::vector<std::size_t> order(registry.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    const std::vector<double>& usage = snapshot.measures->usage;
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
        if (registry.level[a] != registry.level[b]) return registry.level[a] > registry.level[b];
        return usage[a] > usage[b];
    });
    ReportTable table;
    table.head = {"level", "splat", "name", "usage", "information", "what it does"};
    table.numbers = {false, true, false, true, true, false};
    for (std::size_t s = 0; s < std::min(order.size(), kMostSplats); ++s) {
        const std::size_t row = order[s];
        table.rows.push_back({facts.level(registry.level[row]), std::to_string(registry.id[row]),
                              facts.name(registry.id[row]), percent_text(usage[row]),
                              number_text(snapshot.measures->information[row]),
                              does_words(facts.does.splats[row])});
    }
    add_table(report, std::move(table),
              fmt::format("What a splat does: what it has more of than the text, as its share and "
                          "how many times the text's; each splat was held against {} traits "
                          "and relations and {} words.{}",
                          count_text(facts.does.tried), count_text(facts.does.words),
                          order.size() > kMostSplats
                              ? fmt::format(" The first {} of {}.", kMostSplats, order.size())
                              : ""));
}

void add_pairs(const ReportFacts& facts, Report& report) {
    const hsa::Snapshot& snapshot = facts.snapshot;
    const auto n = static_cast<double>(snapshot.dataset->size());
    add_heading(report, "Strongest pairs", mark_of(snapshot));
    ReportTable table;
    table.head = {"from", "to", "attention", "\u00d7 uniform", "through"};
    table.numbers = {false, false, true, true, false};
    for (const hsa::Pair& pair : hsa::strongest_pairs(*snapshot.factors, kPairs, {}).pairs) {
        std::string through;
        for (const hsa::SplatId splat : pair.splats)
            through += (through.empty() ? "" : "; ") + facts.name(splat);
        table.rows.push_back({facts.token(pair.i), facts.token(pair.j), number_text(pair.value),
                              number_text(pair.value * n), through});
    }
    add_table(report, std::move(table),
              "Of the whole matrix; through: the splats that make four fifths of it.");
}

void add_flow(const ReportFacts& facts, Report& report) {
    const hsa::Flow& flow = facts.flow;
    add_heading(report, "Flow",
                flow.rows_exact ? mark_of(facts.snapshot)
                                : fmt::format("sections {}, distances approximate: {} rows",
                                              mark_of(facts.snapshot), count_text(flow.rows)));
    add_picture(report, "flow",
                "Which share of each section's attention goes to each section, and how far "
                "attention goes.");
    ReportTable table;
    table.head = {"level", "usage"};
    for (const std::string& level : flow.levels) table.head.push_back("to " + level);
    table.numbers.assign(table.head.size(), true);
    table.numbers[0] = false;
    for (std::size_t l = 0; l < flow.levels.size(); ++l) {
        double usage = 0.0;
        for (std::size_t m = 0; m < flow.levels.size(); ++m) usage += flow.levels_between(l, m);
        table.rows.push_back({flow.levels[l], percent_text(usage)});
        for (std::size_t m = 0; m < flow.levels.size(); ++m)
            table.rows.back().push_back(
                percent_text(usage > 0.0 ? flow.levels_between(l, m) / usage : 0.0));
    }
    add_table(report, std::move(table),
              fmt::format("From level to level ({}): what leaves through splats of one level "
                          "arrives at tokens that speak through others.",
                          hsa::name_of(flow.levels_mark)));
    add_distances(flow, report);
}

void add_comparison(const ReportFacts& facts, Report& report) {
    const hsa::Snapshot& snapshot = facts.snapshot;
    add_heading(report, "Beside standard attention");
    if (!snapshot.target) {
        add_text(report, "There is no target to compare with (target.source none).");
        return;
    }
    const hsa::Comparison comparison = hsa::compare(
        *snapshot.factors, snapshot.registry->hierarchy,
        [&](std::span<const std::uint32_t> rows, hsa::MatrixView<float> out) {
            snapshot.target->rows(rows, out);
        },
        facts.work);
    report.blocks.back().mark =
        comparison.exact ? "exact" : fmt::format("approximate: {} rows", comparison.rows);
    ReportTable table;
    table.head = {"attention", "row-KL, nats", "JS, nats", "cosine", "Spearman", "top 8 in common"};
    table.numbers = {false, true, true, true, true, true};
    const auto add = [&](const std::string& name, const hsa::RowAgreement& agreement) {
        table.rows.push_back({name, number_text(agreement.row_kl), number_text(agreement.js),
                              number_text(agreement.cosine), number_text(agreement.spearman),
                              percent_text(agreement.top8)});
    };
    add("all levels", comparison.whole);
    for (const hsa::LevelAgreement& level : comparison.by_level)
        add(level.name + " alone", level.agreement);
    add_table(report, std::move(table));
    add_text(report, "Where they differ most:");
    add_list(report, hsa::comparison_words(snapshot, comparison));
}

void add_events(const ReportFacts& facts, Report& report) {
    const hsa::Snapshot& snapshot = facts.snapshot;
    const hsa::History& history = *snapshot.history;
    add_heading(report, "Events");
    std::size_t refused = 0;
    std::vector<const hsa::Event*> events;
    for (const auto& cycle : history.cycles)
        for (const hsa::Event& event : cycle->events) {
            if (!event.accepted) ++refused;
            else if (event.kind == hsa::EventKind::initialise || !hsa::is_routine(event))
                events.push_back(&event);
        }
    add_text(report, fmt::format("{} cycles; {} accepted structural events and edits, {} refused "
                                 "trials. The cycle shown is {}.",
                                 history.last(), events.size(), refused, snapshot.cycle));
    if (history.last() > 0)
        add_picture(report, "timeline",
                    "Events over the cycles: births +, deaths \u00d7, splits and merges.");
    ReportTable table;
    table.head = {"cycle", "level", "kind", "why"};
    table.numbers = {true, false, false, false};
    const std::size_t first = events.size() > kMostEvents ? events.size() - kMostEvents : 0;
    for (std::size_t e = first; e < events.size(); ++e)
        table.rows.push_back({std::to_string(events[e]->cycle), facts.level(events[e]->level),
                              hsa::name_of(events[e]->kind), events[e]->text});
    if (!table.rows.empty())
        add_table(report, std::move(table),
                  first > 0 ? fmt::format("The last {} of {}.", kMostEvents, events.size())
                            : std::string());
}

void add_exactness(const ReportFacts& facts, Report& report) {
    const hsa::Snapshot& snapshot = facts.snapshot;
    const std::string factors = mark_of(snapshot);
    add_heading(report, "What is exact and what is not");
    ReportTable table;
    table.head = {"what", "mark", "because"};
    table.rows = {
        {"map, strongest pairs, flow between sections", factors,
         factors == "exact" ? "sums of P and K over whole blocks, in float64"
                            : "P and K are kept in few bits or estimated"},
        {"flow between levels", hsa::name_of(facts.flow.levels_mark),
         facts.flow.levels_mark == hsa::Mark::exact
             ? "a sum over all tokens"
             : "of P and K of all tokens: causal rows and exact pairs are left out"},
        {"distances, effective context", facts.flow.rows_exact ? factors : "approximate",
         facts.flow.rows_exact
             ? "of all rows"
             : fmt::format("of {} rows in equal distances", count_text(facts.flow.rows))},
        {"what splats do", "shares " + factors + ", confidence a bound",
         "chance is bounded by Chernoff's inequality for as many equal weights as the splat has "
         "effective tokens, times all that was tried"},
        {"row-KL", "approximate",
         snapshot.measures->measured_on_fit_rows
             ? "of all rows, which were used for fitting, too"
             : fmt::format("of {} that no decision sees",
                           counted(snapshot.measures->report_rows, "row"))},
        {"3-D picture", "exact of the splats",
         "a linear map of a Gaussian is a Gaussian; what "
         "three axes do not show is hidden"}};
    add_table(report, std::move(table));
}

}  // namespace splatscope
