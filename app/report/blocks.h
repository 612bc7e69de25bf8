#pragma once

#include "app/report/report.h"
#include "engine/explain/flow.h"
#include "engine/explain/specialisation/specialisation.h"
#include "engine/recover/report.h"

#include <string>
#include <string_view>
#include <utility>

namespace splatscope {

// The pieces of a report, one function a section; each appends to `report`.

struct ReportFacts {
    const Session& session;
    const hsa::Snapshot& snapshot;
    const hsa::Work& work;
    hsa::Specialisations does;  // of every column of the factors
    hsa::Flow flow;
    hsa::HealthReport health;

    [[nodiscard]] std::string name(hsa::SplatId splat) const;
    [[nodiscard]] std::string level(std::uint16_t level) const;
    // A token as it stands in the text, with its number.
    [[nodiscard]] std::string token(std::size_t token) const;
};

// blocks.cpp
void add_heading(Report& report, std::string text, std::string mark = {});
void add_text(Report& report, std::string text);
void add_list(Report& report, std::vector<std::string> items);
void add_table(Report& report, ReportTable table, std::string caption = {});
void add_picture(Report& report, std::string view, std::string caption);

// what_there_is.cpp
void add_summary(const ReportFacts& facts, Report& report);
void add_data(const ReportFacts& facts, Report& report);
void add_settings(const ReportFacts& facts, Report& report);
void add_health(const ReportFacts& facts, Report& report);
void add_levels(const ReportFacts& facts, Report& report);
// what_it_does.cpp
void add_splats(const ReportFacts& facts, Report& report);
void add_pairs(const ReportFacts& facts, Report& report);
void add_flow(const ReportFacts& facts, Report& report);
void add_comparison(const ReportFacts& facts, Report& report);
void add_events(const ReportFacts& facts, Report& report);
void add_exactness(const ReportFacts& facts, Report& report);

}  // namespace splatscope
