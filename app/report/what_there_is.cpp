#include "app/commands/grammar.h"
#include "app/report/blocks.h"
#include "app/settings.h"
#include "app/widgets/numbers.h"
#include "engine/explain/answers.h"
#include "engine/explain/cards.h"
#include "engine/explain/health.h"
#include "engine/explain/structure_agreement.h"
#include "engine/io/conllu.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>

namespace splatscope {
namespace {

std::string maybe_number(const std::optional<double>& number) {
    return number ? number_text(*number) : "";
}

// From one part of the text to another, the flow that is most above what uniform attention gives.
std::string strongest_flow(const ReportFacts& facts) {
    const hsa::Flow& flow = facts.flow;
    if (!flow.by_sections) return {};
    const auto n = static_cast<double>(facts.snapshot.dataset->size());
    double most = 0.0;
    std::size_t from = 0, to = 0;
    for (std::size_t r = 0; r < flow.parts.size(); ++r)
        for (std::size_t c = 0; c < flow.parts.size(); ++c) {
            const double ratio =
                flow.between(r, c) * n / static_cast<double>(flow.parts[c].tokens.size());
            if (r == c || ratio <= most) continue;
            most = ratio;
            from = r;
            to = c;
        }
    return fmt::format(
        "Between different sections, most flows from \u201c{}\u201d to \u201c{}\u201d: {} of the "
        "former's attention, {}.",
        flow.parts[from].title, flow.parts[to].title, percent_text(flow.between(from, to)),
        uniform_text(most));
}

}  // namespace

void add_summary(const ReportFacts& facts, Report& report) {
    const hsa::Snapshot& snapshot = facts.snapshot;
    const hsa::Measures& measures = *snapshot.measures;
    add_heading(report, "In short");
    std::vector<std::string> items;
    if (measures.row_kl) {
        std::string told = fmt::format("The splats give standard attention to {} nats of row-KL",
                                       number_text(*measures.row_kl));
        if (measures.reference_kl && *measures.reference_kl > 0.0)
            told += fmt::format(", where uniform attention is {} nats away: {} of the way",
                                number_text(*measures.reference_kl),
                                percent_text(1.0 - *measures.row_kl / *measures.reference_kl));
        items.push_back(told + ".");
    }
    const hsa::Flow& flow = facts.flow;
    items.push_back(fmt::format(
        "A token's attention spreads over {} of {} tokens (median; {} to {} for nine in ten).",
        number_text(flow.effective.median), count_text(snapshot.dataset->size()),
        number_text(flow.effective.low), number_text(flow.effective.high)));
    if (!flow.bins.empty())
        items.push_back(
            fmt::format("{} of it goes at least {} tokens far, where uniform attention has {}.",
                        percent_text(flow.all.far), flow.far_from, percent_text(flow.far_uniform)));
    if (const std::string words = strongest_flow(facts); !words.empty()) items.push_back(words);
    std::size_t special = 0;
    for (const hsa::SplatSpecialisation& splat : facts.does.splats)
        if (splat.splat != hsa::kNoSplat && !splat.found.empty()) ++special;
    items.push_back(fmt::format(
        "{} of {} splats do something that the text as a whole does not (confidence of .95 and "
        "more).",
        special, snapshot.registry->size()));
    add_list(report, std::move(items));
    add_picture(report, "map",
                "The attention map: rows attend to columns, colour is mean attention of a pixel's "
                "cells over uniform attention.");
}

void add_data(const ReportFacts& facts, Report& report) {
    const hsa::Dataset& dataset = *facts.snapshot.dataset;
    add_heading(report, "Data");
    ReportTable table;
    table.head = {"what", "value"};
    table.rows = {{"source", report.title.substr(report.title.rfind(' ') + 1)},
                  {"understood as", dataset.understood},
                  {"tokens", count_text(dataset.size())},
                  {"vectors", fmt::format("{} dimensions, {}", dataset.embeddings.rows.cols,
                                          dataset.dtype.empty() ? "float32" : dataset.dtype)},
                  {"hash of the content", fmt::format("{:016x}", dataset.hash)}};
    if (!dataset.structure.sections.empty())
        table.rows.push_back({"sections", count_text(dataset.structure.sections.size())});
    for (const hsa::MetadataColumn& column : dataset.properties)
        table.rows.push_back({"column", column.name});
    add_table(report, std::move(table));
}

void add_settings(const ReportFacts& facts, Report& report) {
    add_heading(report, "Settings that differ from their defaults");
    const Session defaults;
    ReportTable table;
    table.head = {"setting", "value", "default"};
    for (const SettingRow& row : setting_rows()) {
        if (row.name.find('<') != std::string::npos) continue;
        const std::string value = get_setting(facts.session, row.name);
        if (value != row.default_value) table.rows.push_back({row.name, value, row.default_value});
    }
    const hsa::LevelMask& mask = facts.session.document.mask;
    for (const std::string& level : mask.muted)
        table.rows.push_back({"attention.level." + level + ".mute", "true", "false"});
    for (const std::string& level : mask.solo)
        table.rows.push_back({"attention.level." + level + ".solo", "true", "false"});
    for (const std::string& own : level_cycle_settings(facts.session.document.adapt)) {
        const std::vector<std::string> words = split_words(own);
        table.rows.push_back({words.at(0), words.at(1), "auto"});
    }
    if (table.rows.empty()) add_text(report, "None.");
    else add_table(report, std::move(table));
}

namespace {

std::string place_words(const hsa::FindingPlace& place) {
    constexpr std::size_t kNamed = 8;
    std::string words = place.level.empty() ? place.stage : place.level;
    for (std::size_t s = 0; s < std::min(place.splats.size(), kNamed); ++s)
        words += fmt::format("{}{}",
                             s > 0           ? ", "
                             : words.empty() ? "splat "
                                             : ", splat ",
                             place.splats[s]);
    if (place.splats.size() > kNamed)
        words += fmt::format(" and {} more", place.splats.size() - kNamed);
    return words;
}

}  // namespace

void add_health(const ReportFacts& facts, Report& report) {
    const hsa::Snapshot& snapshot = facts.snapshot;
    const hsa::FactorHealth health = hsa::factor_health(*snapshot.factors);
    add_heading(report, "Health");
    std::size_t sound = 0;
    for (const hsa::Check& check : facts.health.checks)
        if (check.at_least ? check.value >= check.limit : check.value <= check.limit) ++sound;
    add_text(report,
             fmt::format("{} of {} numbers that were looked at are within their limits.{}",
                         count_text(sound), count_text(facts.health.checks.size()),
                         facts.health.findings.empty() ? " Nothing was found to be wrong." : ""));
    if (!facts.health.findings.empty()) {
        ReportTable table;
        table.head = {"what", "how grave", "where", "found", "what helps"};
        for (const hsa::Finding& finding : facts.health.findings)
            table.rows.push_back({hsa::title_of(finding.kind), hsa::name_of(finding.severity),
                                  place_words(finding.place), finding.text, finding.command});
        add_table(report, std::move(table));
    }
    std::vector<std::string> items;
    items.push_back(fmt::format("Rows of P sum to 1 within {}, keys of each splat within {}.",
                                number_text(health.row_sum_error, 2),
                                number_text(health.key_sum_error, 2)));
    items.push_back(health.not_finite == 0
                        ? "All numbers are finite."
                        : fmt::format("{} numbers are not finite.", count_text(health.not_finite)));
    if (health.empty_rows > 0)
        items.push_back(fmt::format("{} rows see no token: every key is masked.",
                                    count_text(health.empty_rows)));
    if (snapshot.calibration)
        items.push_back(
            fmt::format("The first splats' usage was calibrated to within {} of what was wanted.",
                        percent_text(snapshot.calibration->largest_deviation)));
    if (snapshot.measures->measured_on_fit_rows)
        items.emplace_back(
            "Row-KL is measured on the rows used for fitting: there are few tokens.");
    for (const std::string& note : snapshot.notes) items.push_back(note);
    add_list(report, std::move(items));
}

void add_levels(const ReportFacts& facts, Report& report) {
    const hsa::Snapshot& snapshot = facts.snapshot;
    add_heading(report, "Levels");
    const bool parsed = hsa::has_parse(*snapshot.dataset);
    ReportTable table;
    table.head = {"level", "splats", "weight", "usage", "information, nats", "row-KL", "agreement"};
    for (const hsa::NamedAgreement& part : hsa::parts_of_a_text())
        if (part.name != "phrases" || parsed) table.head.push_back(part.name);
    if (parsed) table.head.emplace_back("heads of words");
    table.numbers.assign(table.head.size(), true);
    table.numbers[0] = false;
    for (std::size_t l = 0; l < snapshot.registry->hierarchy.size(); ++l) {
        const hsa::LevelCard card =
            hsa::level_card(*snapshot.factors, *snapshot.registry, *snapshot.measures, l);
        const hsa::StructureAgreement structure =
            hsa::structure_agreement(*snapshot.dataset, *snapshot.factors, l);
        const hsa::LevelMeasures& level = snapshot.measures->levels[l];
        std::vector<std::string> row = {card.name,
                                        count_text(card.splats),
                                        number_text(card.weight),
                                        percent_text(card.usage),
                                        number_text(level.information),
                                        maybe_number(level.row_kl),
                                        percent_text(card.agreement)};
        for (const hsa::NamedAgreement& part : hsa::parts_of_a_text()) {
            if (part.name == "phrases" && !parsed) continue;
            const std::optional<hsa::PartAgreement>& with = structure.*part.of;
            row.push_back(with ? percent_text(with->information) : "");
        }
        if (parsed)
            row.push_back(structure.dependencies
                              ? fmt::format("\u00d7{}", number_text(structure.dependencies->lift()))
                              : "");
        table.rows.push_back(std::move(row));
    }
    add_table(
        report, std::move(table),
        "Agreement: what a level's own attention has in common with that of all levels. "
        "Sentences, paragraphs, sections: how far the level's splats part the text as these "
        "do (adjusted mutual information). Phrases and heads of words come from the parse; the "
        "latter against pairs of words that stand as far apart.");
}

}  // namespace splatscope
