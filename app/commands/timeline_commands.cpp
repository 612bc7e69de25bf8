#include "app/commands/table.h"
#include "app/setting_values.h"
#include "app/timeline.h"
#include "engine/core/error.h"
#include "engine/explain/cycle_range.h"
#include "engine/explain/lineage.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <limits>

// Notes at cycles, stretches of cycles, and where splats came from.
namespace splatscope {
namespace {

using nlohmann::json;

std::int32_t parse_cycle(std::string_view command, std::string_view text) {
    const std::int64_t value = parse_integer(command, text);
    if (value < 0 || value > std::numeric_limits<std::int32_t>::max())
        hsa::fail("{}: there is no cycle {}.", command, value);
    return static_cast<std::int32_t>(value);
}

// Cycles A:B of those that were asked for, 0 to the last.
hsa::Range parse_cycles(const Session& session, std::string_view text) {
    return parse_range(text, static_cast<std::size_t>(session.document.timeline.last) + 1);
}

void set_mark(const ChangeContext& context, const Args& args) {
    expect_count("timeline.mark", args, 2, 2);
    mark(context.session, parse_cycle("timeline.mark", args[0]),
         checked_name("timeline.mark", args[1]));
}

void unmark(const ChangeContext& context, const Args& args) {
    expect_count("timeline.unmark", args, 1, 1);
    auto& marks = context.session.document.timeline.marks;
    if (args[0] == "all") {
        marks.clear();
        return;
    }
    const std::int32_t cycle = parse_cycle("timeline.unmark", args[0]);
    if (marks.erase(cycle) == 0) hsa::fail("timeline.unmark: cycle {} has no mark.", cycle);
}

void select_range(const ChangeContext& context, const Args& args) {
    expect_count("timeline.range", args, 1, 1);
    TimelineDesk& desk = context.session.desk.timeline;
    const hsa::Range range =
        args[0] == "none" ? hsa::Range{} : parse_cycles(context.session, args[0]);
    desk.range_begin = range.begin;
    desk.range_end = range.end;
}

void zoom(const ChangeContext& context, const Args& args) {
    expect_count("timeline.zoom", args, 1, 1);
    TimelineDesk& desk = context.session.desk.timeline;
    hsa::Range range;
    if (args[0] == "range") {
        range = {desk.range_begin, desk.range_end};
        if (range.empty())
            hsa::fail(
                "timeline.zoom range: no cycles are selected; timeline.range A:B selects some.");
    } else if (args[0] != "all") {
        range = parse_cycles(context.session, args[0]);
    }
    // A cycle has half a step on either side of it.
    desk.begin = range.empty() ? 0.0 : static_cast<double>(range.begin) - 0.5;
    desk.end = range.empty() ? 0.0 : static_cast<double>(range.end) - 0.5;
}

json lineage(const QuestionContext& context, const Args& args) {
    expect_count("explain.lineage", args, 1, 1);
    (void)need_dataset(context.snapshot);
    return hsa::answer_lineage(context.snapshot, parse_splat(args[0]));
}

json cycles(const QuestionContext& context, const Args& args) {
    expect_count("explain.cycles", args, 1, 1);
    (void)need_dataset(context.snapshot);
    json answer = hsa::answer_cycles(context.snapshot, parse_cycles(context.session, args[0]));
    const auto begin = answer["cycles"][0].get<std::int32_t>();
    const auto end = answer["cycles"][1].get<std::int32_t>();
    answer["marks"] = json::array();
    for (const auto& [cycle, text] : context.session.document.timeline.marks)
        if (cycle >= begin && cycle < end)
            answer["marks"].push_back({{"cycle", cycle}, {"text", text}});
    return answer;
}

}  // namespace

std::vector<CommandRow> timeline_commands() {
    return {
        change_row("timeline.mark", "CYCLE \"TEXT\"",
                   "puts a flag with a note at a cycle; an empty text takes it away", "", set_mark),
        change_row("timeline.unmark", "CYCLE|all", "takes the flag of a cycle away, or every one",
                   "", unmark),
        desk_row("timeline.range", "A:B|none",
                 "selects cycles A to B - 1 of the timeline, which then counts what happened in "
                 "them",
                 "", select_range),
        desk_row("timeline.zoom", "A:B|range|all",
                 "shows these cycles alone, those of timeline.range, or all", "", zoom),
        question_row("explain.lineage", "ID [to PATH]",
                     "where a splat came from and what came of it, one that is gone too: "
                     "ancestors and descendants with cycles and events",
                     lineage),
        question_row("explain.cycles", "A:B [to PATH]",
                     "what happened in cycles A to B - 1: events tried and accepted by kind and "
                     "level, the change of objective, row-KL and splats",
                     cycles),
    };
}

}  // namespace splatscope
