#include "app/commands/compared.h"
#include "app/commands/selecting.h"
#include "app/commands/table.h"
#include "app/settings.h"
#include "app/view_state.h"
#include "engine/attention/factors.h"
#include "engine/check.h"
#include "engine/core/error.h"
#include "engine/core/time_limit.h"
#include "engine/explain/answer_levels.h"
#include "engine/explain/answers.h"
#include "engine/explain/axes_answer.h"
#include "engine/explain/specialisation/answer.h"
#include "engine/head_table.h"
#include "engine/io/events_jsonl.h"
#include "engine/io/splats_json.h"

#include <nlohmann/json.hpp>

#include <charconv>
#include <optional>

namespace splatscope {
namespace {

using nlohmann::json;

constexpr std::size_t kPairs = 20;

std::size_t parse_token(std::string_view command, std::string_view text, std::size_t size) {
    std::size_t value = 0;
    const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (fault != std::errc() || end != text.data() + text.size())
        hsa::fail_usage("{} takes the index of a token, not '{}'.", command, text);
    if (value >= size)
        hsa::fail("{}: there is no token {}: the data have {}, counted from 0.", command, value,
                  size);
    return value;
}

json cell(const QuestionContext& context, const Args& args) {
    expect_count("explain.cell", args, 2, 2);
    need_factors(context.snapshot);
    const std::size_t n = context.snapshot.dataset->size();
    return hsa::answer_cell(context.snapshot, parse_token("explain.cell", args[0], n),
                            parse_token("explain.cell", args[1], n),
                            context.session.document.attention, context.work);
}

json block(const QuestionContext& context, const Args& args) {
    expect_count("explain.block", args, 2, 2);
    need_factors(context.snapshot);
    const std::size_t n = context.snapshot.dataset->size();
    return hsa::answer_block(context.snapshot, {parse_range(args[0], n), parse_range(args[1], n)},
                             context.session.document.attention, context.work);
}

json token(const QuestionContext& context, const Args& args) {
    expect_count("explain.token", args, 1, 1);
    need_factors(context.snapshot);
    return hsa::answer_token(
        context.snapshot, parse_token("explain.token", args[0], context.snapshot.dataset->size()));
}

json output(const QuestionContext& context, const Args& args) {
    expect_count("explain.output", args, 1, 2);
    need_factors(context.snapshot);
    const std::size_t token =
        parse_token("explain.output", args[0], context.snapshot.dataset->size());
    std::optional<std::size_t> component;
    if (args.size() > 1) {
        const std::size_t width = hsa::values_of(*context.snapshot.dataset).rows.cols;
        std::size_t value = 0;
        const auto [end, fault] =
            std::from_chars(args[1].data(), args[1].data() + args[1].size(), value);
        if (fault != std::errc() || end != args[1].data() + args[1].size())
            hsa::fail_usage("explain.output takes the index of a component, not '{}'.", args[1]);
        if (value >= width)
            hsa::fail("explain.output: there is no component {}: values have {}, counted from 0.",
                      value, width);
        component = value;
    }
    return hsa::answer_output(context.snapshot, token, component);
}

json flow(const QuestionContext& context, const Args& args) {
    expect_count("explain.flow", args, 0, 0);
    need_factors(context.snapshot);
    return hsa::answer_flow(context.snapshot, context.work);
}

json splat(const QuestionContext& context, const Args& args) {
    expect_count("explain.splat", args, 1, 1);
    need_factors(context.snapshot);
    const hsa::SplatId id = parse_splat(args[0]);
    (void)context.snapshot.registry->row(id);
    return hsa::answer_splat(context.snapshot, id, context.work);
}

json specialisation(const QuestionContext& context, const Args& args) {
    expect_count("explain.specialisation", args, 0, 1);
    need_factors(context.snapshot);
    std::optional<hsa::SplatId> id;
    if (!args.empty()) id = parse_splat(args[0]);
    return hsa::answer_specialisation(context.snapshot, id, context.work);
}

json event(const QuestionContext& context, const Args& args) {
    expect_count("explain.event", args, 1, 1);
    need_factors(context.snapshot);
    const std::size_t count =
        context.snapshot.history->event_count(context.snapshot.history->last());
    std::size_t index = 0;
    const auto [end, fault] =
        std::from_chars(args[0].data(), args[0].data() + args[0].size(), index);
    if (fault != std::errc() || end != args[0].data() + args[0].size())
        hsa::fail_usage("explain.event takes the number of an event, not '{}'.", args[0]);
    if (index >= count)
        hsa::fail("explain.event: there is no event {}: there are {}, counted from 0.", index,
                  count);
    const json line = hsa::event_json(context.snapshot.history->event(index));
    return hsa::answer_event(context.snapshot, index, line, context.backend, context.work);
}

json pairs(const QuestionContext& context, const Args& args) {
    expect_count("explain.pairs", args, 0, 1);
    need_factors(context.snapshot);
    const std::size_t n = context.snapshot.dataset->size();
    std::size_t count = kPairs;
    if (!args.empty()) count = parse_token("explain.pairs", args[0], n * n + 1);
    const double seconds = context.session.document.compute.time_limit;
    return hsa::answer_pairs(context.snapshot, count, hsa::in_time(context.work, seconds));
}

json level(const QuestionContext& context, const Args& args) {
    expect_count("explain.level", args, 1, 1);
    need_factors(context.snapshot);
    const auto index = context.snapshot.registry->hierarchy.index_of(args[0]);
    if (!index) hsa::fail("explain.level: there is no level '{}'.", args[0]);
    return hsa::answer_level(context.snapshot, *index);
}

json levels(const QuestionContext& context, const Args& args) {
    expect_count("explain.levels", args, 0, 0);
    need_factors(context.snapshot);
    return hsa::answer_levels(context.snapshot, context.work);
}

json paths(const QuestionContext& context, const Args& args) {
    expect_count("explain.paths", args, 1, 1);
    need_factors(context.snapshot);
    return hsa::answer_paths(
        context.snapshot, parse_token("explain.paths", args[0], context.snapshot.dataset->size()),
        context.work);
}

// Every head that the data hold, as its exact rows are; no splats are asked.
json heads(const QuestionContext& context) {
    const hsa::Snapshot& snapshot = context.snapshot;
    hsa::HeadReading reading;
    reading.target = context.session.document.target;
    reading.causal = context.session.document.attention.causal;
    if (snapshot.coordinates) reading.masked = snapshot.coordinates->masked;
    return hsa::answer_heads(need_dataset(snapshot), reading, context.work);
}

// What recover.check found is part of it.
json health(const QuestionContext& context) {
    const hsa::HealthReport report = hsa::check_health(
        context.snapshot, request_of(context.session), context.backend, context.work);
    json answer = hsa::answer_health(context.snapshot);
    answer["findings"] = hsa::findings_json(report);
    answer["checks"] = hsa::checks_json(report);
    return answer;
}

// print NAME: a setting, or one of the results.
json print(const QuestionContext& context, const Args& args) {
    expect_count("print", args, 1, 1);
    const std::string& name = args[0];
    const hsa::Snapshot& snapshot = context.snapshot;
    if (name == "dataset") return hsa::answer_dataset(snapshot);
    if (name == "stages") return hsa::answer_stages(snapshot);
    if (name == "history") {
        json answer = hsa::answer_history(snapshot);
        answer["marks"] = json::array();
        for (const auto& [cycle, text] : context.session.document.timeline.marks)
            answer["marks"].push_back({{"cycle", cycle}, {"text", text}});
        return answer;
    }
    if (name == "health") return health(context);
    if (name == "heads") return heads(context);
    if (name == "measures" || name == "factors" || name == "splats") {
        need_factors(context.snapshot);
        if (name == "measures") return hsa::answer_measures(snapshot);
        if (name == "factors") return hsa::answer_factors(snapshot);
        return json::parse(hsa::write_splats_json(*snapshot.registry));
    }
    if (name == "view") return view_state(context.session);
    if (name == "axes") return hsa::answer_axes(context.snapshot);
    if (name == "compare") return compare_json(context);
    if (name == "selections") return selections_json(context.session.document);
    json result = {{"command", "print"}, {"version", 1}, {"mark", "exact"}, {"name", name}};
    result["value"] = get_setting(context.session, name);
    return result;
}

}  // namespace

std::vector<CommandRow> explain_commands() {
    return {
        question_row("print", "NAME",
                     "prints a setting, or a result: dataset, measures, splats, factors, stages, "
                     "history, health, heads, compare, view, selections, axes",
                     print),
        question_row("explain.cell", "I J [to PATH]",
                     "attention of token I to token J, as parts by splat that sum to it", cell),
        question_row("explain.block", "ROWS COLUMNS [to PATH]",
                     "mean attention of a block, as parts by splat that sum to it", block),
        question_row("explain.token", "I [to PATH]",
                     "a token's splats, what it attends to, what attends to it, and its output "
                     "traced to splats and tokens",
                     token),
        question_row("explain.output", "I [COMPONENT] [to PATH]",
                     "a token's output through the values as a chain: each splat's part and within "
                     "it each token's; they sum to the output's length, or to one component",
                     output),
        question_row("explain.flow", "[to PATH]",
                     "where attention goes: from section to section and level to level, how far, "
                     "over how many tokens, beside standard attention",
                     flow),
        question_row("explain.splat", "ID [to PATH]",
                     "a splat: usage, information, parent, top tokens in context, what it does, "
                     "events",
                     splat),
        question_row("explain.specialisation", "[ID] [to PATH]",
                     "what each splat does: kinds of words, places in the text, topics, single "
                     "words and neighbourhoods that it has more of than the text, with a "
                     "confidence and the tokens that show it",
                     specialisation),
        question_row("explain.event", "N [to PATH]",
                     "why an event happened, and the rows of attention it changed most", event),
        question_row("explain.pairs", "[N] [to PATH]",
                     "the N strongest pairs of tokens (20), exact", pairs),
        question_row("explain.level", "NAME [to PATH]",
                     "a level: splats, usage, weight, agreement with the whole", level),
        question_row("explain.levels", "[to PATH]",
                     "how the levels hang together: each level's share of attention, the mass and "
                     "information that pass between levels, where least does",
                     levels),
        question_row("explain.paths", "I [to PATH]",
                     "how a token hangs in the levels: the share of its attention that each takes, "
                     "its strongest ways up, and what it arrives at from every level",
                     paths),
    };
}

}  // namespace splatscope
