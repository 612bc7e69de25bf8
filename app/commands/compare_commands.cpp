#include "app/commands/table.h"
#include "app/setting_values.h"
#include "app/timeline.h"
#include "engine/attention/factors.h"
#include "engine/core/error.h"
#include "engine/explain/answers.h"
#include "engine/explain/compare.h"

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include <array>
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

std::int32_t number_of(const Compare& compare) {
    return static_cast<std::int32_t>(parse_integer("compare.set", compare.argument));
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
            check_cycle(number_of(compare), context.session.document.timeline.last);
            break;
        case CompareKind::branch: check_branch(context.session.document, number_of(compare)); break;
        case CompareKind::head: (void)head_of(compare); break;
    }
    context.session.document.compare = std::move(compare);
}

void open(const ChangeContext& context, const Args& args) {
    expect_count("compare.open", args, 1, 1);
    set(context, {"file", args[0]});
}

// The session as it would be with the other file, or on the other branch.
Session other_session(const QuestionContext& context) {
    const Compare& compare = context.session.document.compare;
    Session other = context.session;
    if (compare.kind == CompareKind::branch) {
        const std::int32_t branch = number_of(compare);
        check_branch(context.session.document, branch);
        other.document.timeline = other.document.branches[static_cast<std::size_t>(branch)];
    } else if (compare.kind == CompareKind::head) {
        const hsa::EmbedSettings head = head_of(compare);
        other.document.embed.layer = head.layer;
        other.document.embed.head = head.head;
        other.document.run.clear();
        restart(other);
    } else {
        // Beside the data that are open, so that a file of splats has something to lie on.
        const hsa::Snapshot nothing;
        find_command("open").change({other, nothing, context.read_sample},
                                    {compare.argument, "alone"});
    }
    return other;
}

// Everything of the other side, computed here: nothing of it is on screen.
std::shared_ptr<const hsa::Snapshot> evaluated(const QuestionContext& context,
                                               const Session& other) {
    hsa::StageCache cache;
    std::shared_ptr<const hsa::Snapshot> last;
    hsa::EvaluateHooks hooks;
    hooks.read_sample = context.read_sample;
    hooks.entering = [&context](hsa::Stage) { context.work.check(); };
    hooks.publish = [&last](std::shared_ptr<const hsa::Snapshot> snapshot) {
        last = std::move(snapshot);
    };
    hsa::evaluate(request_of(other), cache, context.backend, hooks, context.work);
    if (!last || !last->factors) hsa::fail("The attention of the other side is not there.");
    return last;
}

hsa::Comparison with_cycle(const QuestionContext& context, std::int32_t cycle) {
    const hsa::Snapshot& shown = context.snapshot;
    check_cycle(cycle, shown.history->last());
    const auto registry = hsa::registry_at(*shown.history, cycle);
    const hsa::Factors factors =
        hsa::compute_factors(context.backend, *registry, *shown.coordinates,
                             {shown.temperature, 0, {}, shown.causal}, context.work);
    return hsa::compare(*shown.factors, shown.registry->hierarchy, factors, registry->hierarchy,
                        context.work);
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
    switch (compare.kind) {
        case CompareKind::none:
            hsa::fail(
                "Nothing is compared: compare.open PATH, or compare.set cycle N, branch N, target "
                "or head LAYER:HEAD, names the second side.");
        case CompareKind::cycle: {
            const std::int32_t cycle = number_of(compare);
            return hsa::answer_compare(context.snapshot, fmt::format("cycle {}", cycle),
                                       with_cycle(context, cycle));
        }
        case CompareKind::target:
            return hsa::answer_compare(context.snapshot, "target", with_target(context));
        case CompareKind::branch:
        case CompareKind::head:
        case CompareKind::file: break;
    }
    const auto other = evaluated(context, other_session(context));
    const std::string name = compare.kind == CompareKind::branch ? "branch " + compare.argument
                             : compare.kind == CompareKind::head ? "head " + compare.argument
                                                                 : compare.argument;
    const std::size_t here = context.snapshot.dataset->size();
    const std::size_t there = other->dataset->size();
    if (here != there)
        hsa::fail(
            "{} has {} tokens and {} has {}: rows of attention can only be compared where both "
            "have the same tokens.",
            name, there, context.snapshot.dataset->source, here);
    return hsa::answer_compare(
        context.snapshot, name,
        hsa::compare(*context.snapshot.factors, context.snapshot.registry->hierarchy,
                     *other->factors, other->registry->hierarchy, context.work));
}

}  // namespace

std::vector<CommandRow> compare_commands() {
    return {
        change_row("compare.open", "PATH",
                   "the second side is a file: a text, vectors, splats or a run", "", open),
        change_row("compare.set", "none|file|cycle|branch|target|head [ARG]",
                   "what the attention shown is compared with: another cycle, a branch that was "
                   "left, the target, a file, another head of the file (LAYER:HEAD)",
                   "", set),
        question_row(
            "explain.compare", "[to PATH]",
            "how far the attention shown is from the second side: row-KL, JS, cosine, "
            "Spearman, agreement of the 8 largest, by level, row and distance, and where they "
            "differ most in words",
            compared),
    };
}

}  // namespace splatscope
