#include "app/report/blocks.h"

#include "app/session_file.h"
#include "engine/check.h"
#include "engine/explain/answer_parts.h"

#include <fmt/core.h>

#include <filesystem>

namespace splatscope {

std::string ReportFacts::name(hsa::SplatId splat) const {
    if (splat == hsa::kNoSplat) return "background";
    if (splat == hsa::kExactPairs) return "exact pairs";
    const auto row = snapshot.registry->find(splat);
    if (row && snapshot.names && *row < snapshot.names->size()) return (*snapshot.names)[*row];
    return fmt::format("splat {}", splat);
}

std::string ReportFacts::level(std::uint16_t level) const {
    if (level == hsa::kExactLevel) return "exact";
    const auto& levels = snapshot.registry->hierarchy.levels;
    return level < levels.size() ? levels[level].name : "background";
}

std::string ReportFacts::token(std::size_t token) const {
    return fmt::format("{} ({})", snapshot.dataset->token_text(token), token);
}

void add_heading(Report& report, std::string text, std::string mark) {
    ReportBlock block;
    block.kind = ReportBlock::Kind::heading;
    block.text = std::move(text);
    block.mark = std::move(mark);
    report.blocks.push_back(std::move(block));
}

void add_text(Report& report, std::string text) {
    ReportBlock block;
    block.text = std::move(text);
    report.blocks.push_back(std::move(block));
}

void add_list(Report& report, std::vector<std::string> items) {
    if (items.empty()) return;
    ReportBlock block;
    block.kind = ReportBlock::Kind::list;
    block.items = std::move(items);
    report.blocks.push_back(std::move(block));
}

void add_table(Report& report, ReportTable table, std::string caption) {
    ReportBlock block;
    block.kind = ReportBlock::Kind::table;
    block.table = std::move(table);
    block.text = std::move(caption);
    report.blocks.push_back(std::move(block));
}

void add_picture(Report& report, std::string view, std::string caption) {
    ReportBlock block;
    block.kind = ReportBlock::Kind::picture;
    block.view = std::move(view);
    block.text = std::move(caption);
    report.blocks.push_back(std::move(block));
}

Report make_report(const Session& session, const hsa::Snapshot& snapshot, hsa::Backend& backend,
                   const hsa::Work& work) {
    const hsa::Dataset& dataset = *snapshot.dataset;
    const hsa::Traits traits = hsa::token_traits(dataset);
    const ReportFacts facts{
        session,
        snapshot,
        work,
        hsa::specialisations(dataset, traits, *snapshot.factors, work),
        hsa::attention_flow(dataset, *snapshot.factors, *snapshot.sums,
                            snapshot.registry->hierarchy, snapshot.target.get(), work),
        hsa::check_health(snapshot, request_of(session), backend, work)};
    Report report;
    report.title =
        "What attends to what in " + std::filesystem::path(dataset.source).filename().string();
    report.subtitle =
        fmt::format("{} \u00b7 {} splats in {} levels \u00b7 cycle {}", dataset.understood,
                    snapshot.registry->size(), snapshot.registry->hierarchy.size(), snapshot.cycle);
    add_summary(facts, report);
    add_data(facts, report);
    add_settings(facts, report);
    add_health(facts, report);
    add_levels(facts, report);
    add_splats(facts, report);
    add_pairs(facts, report);
    add_flow(facts, report);
    add_comparison(facts, report);
    add_events(facts, report);
    add_exactness(facts, report);
    add_heading(report, "The commands that made it");
    add_text(report,
             "A session file: saved beside the data and opened, it shows what this report tells.");
    ReportBlock code;
    code.kind = ReportBlock::Kind::code;
    code.text = told_session(session);
    report.blocks.push_back(std::move(code));
    return report;
}

}  // namespace splatscope
