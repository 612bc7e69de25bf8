#include "app/commands/compared.h"
#include "app/commands/table.h"
#include "app/setting_values.h"
#include "app/timeline.h"
#include "engine/core/error.h"
#include "engine/explain/answers.h"
#include "engine/explain/compare.h"

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include <array>
#include <filesystem>
#include <utility>

// The second side: what the attention on screen is compared with.
namespace splatscope {
namespace {

constexpr std::array<std::string_view, 6> kKinds = {"none",   "file",   "cycle",
                                                    "branch", "target", "head"};

CompareKind kind_named(const std::string& word) {
    for (std::size_t kind = 0; kind < kKinds.size(); ++kind)
        if (kKinds[kind] == word) return static_cast<CompareKind>(kind);
    hsa::fail_usage(
        "compare.set takes none, file PATH, cycle N, branch N, target or head LAYER:HEAD, not "
        "'{}'.",
        word);
}

// "LAYER:HEAD"; whether the data have it is said when they are asked.
hsa::EmbedSettings head_of(const Compare& compare) {
    const std::size_t colon = compare.argument.find(':');
    if (colon == std::string::npos)
        hsa::fail_usage("compare.set head takes LAYER:HEAD, both counted from 0, not '{}'.",
                        compare.argument);
    const std::string_view text = compare.argument;
    const std::int64_t layer = parse_integer("compare.set head", text.substr(0, colon));
    const std::int64_t head = parse_integer("compare.set head", text.substr(colon + 1));
    if (layer < 0 || head < 0)
        hsa::fail("compare.set head: layers and heads are counted from 0, not '{}'.",
                  compare.argument);
    hsa::EmbedSettings chosen;
    chosen.layer = static_cast<std::size_t>(layer);
    chosen.head = static_cast<std::size_t>(head);
    return chosen;
}

void check_cycle(std::int32_t cycle, std::int32_t last) {
    if (cycle < 0 || cycle > last)
        hsa::fail("There is no cycle {} to compare with: cycles 0 to {} are there.", cycle, last);
}

void check_branch(const Document& document, std::int32_t branch) {
    const std::size_t count = document.branches.size();
    if (branch >= 0 && static_cast<std::size_t>(branch) < count) return;
    if (count == 0)
        hsa::fail(
            "There is no branch to compare with: an edit or a step before the last cycle makes "
            "one.");
    hsa::fail("There is no branch {} to compare with: there are {}, counted from 0.", branch,
              count);
}

void set(const ChangeContext& context, const Args& args) {
    expect_count("compare.set", args, 1, 2);
    Compare compare{kind_named(args[0]), args.size() > 1 ? args[1] : ""};
    const bool takes_word =
        compare.kind == CompareKind::file || compare.kind == CompareKind::cycle ||
        compare.kind == CompareKind::branch || compare.kind == CompareKind::head;
    if (takes_word != (args.size() == 2))
        hsa::fail_usage(
            "compare.set {} takes {}.", args[0],
            takes_word ? "one more word: a path, a number or LAYER:HEAD" : "no further word");
    switch (compare.kind) {
        case CompareKind::none:
        case CompareKind::target:
        case CompareKind::file: break;
        case CompareKind::cycle:
            check_cycle(compared_number(compare), context.session.document.timeline.last);
            break;
        case CompareKind::branch:
            check_branch(context.session.document, compared_number(compare));
            break;
        case CompareKind::head: (void)head_of(compare); break;
    }
    // Asked for once more it is read or computed again.
    const Compare& before = context.session.document.compare;
    if (compare.kind != CompareKind::none && before.kind == compare.kind &&
        before.argument == compare.argument)
        compare.version = before.version + 1;
    context.session.document.compare = std::move(compare);
}

void open(const ChangeContext& context, const Args& args) {
    expect_count("compare.open", args, 1, 1);
    set(context, {"file", args[0]});
    if (context.session.document.sources.empty())
        hsa::fail("compare.open {}: open the data first that it is compared with.", args[0]);
    // What cannot be opened is refused here; compare.set, which session files use, says so later.
    (void)compared_session(context.session, context.read_sample);
}

void data(const ChangeContext& context, const Args& args) {
    expect_count("compare.data", args, 1, 1);
    context.session.document.compare.data_hash = parse_hash("compare.data", args[0]);
}

// Of the second side where it has other tokens.
void view(const ChangeContext& context, const Args& args) {
    expect_count("compare.view", args, 0, 4);
    CompareDesk& desk = context.session.desk.compare;
    desk.row_begin = desk.row_end = desk.column_begin = desk.column_end = 0.0;
    if (args.empty()) return;
    if (args.size() != 4)
        hsa::fail_usage("compare.view takes R0 R1 C0 C1, or nothing for the whole.");
    const double r0 = parse_number("compare.view", args[0]);
    const double r1 = parse_number("compare.view", args[1]);
    const double c0 = parse_number("compare.view", args[2]);
    const double c1 = parse_number("compare.view", args[3]);
    if (!(r0 < r1) || !(c0 < c1) || r0 < 0.0 || c0 < 0.0)
        hsa::fail("compare.view {} {} {} {}: each end must be above its begin.", r0, r1, c0, c1);
    desk.row_begin = r0;
    desk.row_end = r1;
    desk.column_begin = c0;
    desk.column_end = c1;
}

// The second side once it is there, or the Error that says why it is not.
const hsa::Snapshot& other_side(const QuestionContext& context) {
    const OtherState* second = context.other;
    if (second != nullptr && second->stage == OtherState::Stage::failed)
        throw hsa::Error(static_cast<hsa::ErrorKind>(second->error_code), second->error);
    if (second != nullptr && second->stage == OtherState::Stage::cancelled)
        hsa::fail("{} was cancelled: compare.open or compare.set asks for it again.", second->name);
    if (second == nullptr || !second->snapshot || !second->snapshot->factors)
        hsa::fail("The attention of the second side is not there.");
    return *second->snapshot;
}

hsa::Comparison with_target(const QuestionContext& context) {
    const hsa::Snapshot& shown = context.snapshot;
    if (!shown.target)
        hsa::fail("There is no target to compare with: set target.source scores or a path.");
    return hsa::compare(
        *shown.factors, shown.registry->hierarchy,
        [&shown](std::span<const std::uint32_t> rows, hsa::MatrixView<float> out) {
            shown.target->rows(rows, out);
        },
        context.work);
}

nlohmann::json compared(const QuestionContext& context, const Args& args) {
    expect_count("explain.compare", args, 0, 0);
    need_factors(context.snapshot);
    const Compare& compare = context.session.document.compare;
    if (compare.kind == CompareKind::none)
        hsa::fail(
            "Nothing is compared: compare.open PATH, or compare.set cycle N, branch N, target "
            "or head LAYER:HEAD, names the second side.");
    if (compare.kind == CompareKind::target)
        return hsa::answer_compare(context.snapshot, "target", with_target(context));
    const hsa::Snapshot& other = other_side(context);
    const std::string name =
        compare.kind == CompareKind::file ? compare.argument : compared_name(compare);
    const std::size_t here = context.snapshot.dataset->size();
    const std::size_t there = other.dataset->size();
    if (here != there)
        hsa::fail(
            "{} has {} tokens and {} has {}: rows of attention can only be compared where both "
            "have the same tokens.",
            name, there, context.snapshot.dataset->source, here);
    return hsa::answer_compare(
        context.snapshot, name,
        hsa::compare(*context.snapshot.factors, context.snapshot.registry->hierarchy,
                     *other.factors, other.registry->hierarchy, context.work));
}

nlohmann::json side_json(const hsa::Snapshot* snapshot) {
    if (snapshot == nullptr || !snapshot->dataset) return nullptr;
    nlohmann::json side = {{"source", snapshot->dataset->source},
                           {"tokens", snapshot->dataset->size()},
                           {"hash", fmt::format("{:016x}", snapshot->dataset->hash)},
                           {"cycle", snapshot->cycle},
                           {"splats", nullptr}};
    if (snapshot->registry) side["splats"] = snapshot->registry->size();
    return side;
}

}  // namespace

std::int32_t compared_number(const Compare& compare) {
    return static_cast<std::int32_t>(parse_integer("compare.set", compare.argument));
}

std::string compared_name(const Compare& compare) {
    switch (compare.kind) {
        case CompareKind::none: return {};
        case CompareKind::target: return "target";
        case CompareKind::file:
            return compare.argument.starts_with("sample:")
                       ? compare.argument.substr(std::string_view("sample:").size())
                       : std::filesystem::path(compare.argument).filename().string();
        case CompareKind::cycle:
        case CompareKind::branch:
        case CompareKind::head: break;
    }
    return fmt::format("{} {}", kKinds[static_cast<std::size_t>(compare.kind)], compare.argument);
}

Session compared_session(const Session& session, const hsa::SampleReader& read_sample) {
    const Compare compare = session.document.compare;
    Session other = session;
    other.document.compare = {};
    other.document.names.clear();
    other.document.selection = {};
    if (compare.kind == CompareKind::branch) {
        const std::int32_t branch = compared_number(compare);
        check_branch(session.document, branch);
        other.document.timeline = session.document.branches[static_cast<std::size_t>(branch)];
    } else if (compare.kind == CompareKind::head) {
        const hsa::EmbedSettings head = head_of(compare);
        other.document.embed.layer = head.layer;
        other.document.embed.head = head.head;
        other.document.run.clear();
        restart(other);
    } else {
        // Beside the data that are open, so that a file of splats has something to lie on.
        const hsa::Snapshot nothing;
        find_command("open").change({other, nothing, read_sample}, {compare.argument, "alone"});
        for (hsa::Source& source : other.document.sources)
            if (source.path == compare.argument) source.version = compare.version;
    }
    return other;
}

nlohmann::json compare_json(const QuestionContext& context) {
    static constexpr std::array<const char*, 5> kStages = {"none", "coming", "ready", "failed",
                                                           "cancelled"};
    const Compare& compare = context.session.document.compare;
    nlohmann::json answer = {
        {"command", "print"}, {"version", 1}, {"mark", "exact"}, {"name", "compare"}};
    answer["kind"] = kKinds[static_cast<std::size_t>(compare.kind)];
    answer["with"] = compare.kind == CompareKind::file ? compare.argument : compared_name(compare);
    const OtherState none;
    const OtherState& second = context.other != nullptr ? *context.other : none;
    answer["state"] = kStages[static_cast<std::size_t>(second.stage)];
    answer["error"] = second.error.empty() ? nlohmann::json() : nlohmann::json(second.error);
    answer["first"] = side_json(&context.snapshot);
    answer["second"] = side_json(second.snapshot.get());
    answer["same_tokens"] = nullptr;
    if (compare.kind == CompareKind::target) answer["same_tokens"] = true;
    else if (second.snapshot && second.snapshot->dataset && context.snapshot.dataset)
        answer["same_tokens"] =
            second.snapshot->dataset->size() == context.snapshot.dataset->size();
    return answer;
}

std::vector<CommandRow> compare_commands() {
    CommandRow explain = question_row(
        "explain.compare", "[to PATH]",
        "how far the attention shown is from the second side: row-KL, JS, cosine, "
        "Spearman, agreement of the 8 largest, by level, row and distance, and where they "
        "differ most in words",
        compared);
    explain.needs_other = true;
    return {
        change_row("compare.open", "PATH",
                   "the second side is a file: a text, vectors, splats or a run", "", open),
        change_row("compare.set", "none|file|cycle|branch|target|head [ARG]",
                   "what the attention shown is compared with: another cycle, a branch that was "
                   "left, the target, a file, another head of the file (LAYER:HEAD)",
                   "", set),
        desk_row("compare.view", "[R0 R1 C0 C1]",
                 "visible rows and columns of a second side that has other tokens than the map", "",
                 view),
        change_row("compare.data", "HASH",
                   "in session files: tells the data of the second side as they were", "", data),
        std::move(explain),
    };
}

}  // namespace splatscope
