#include "app/commands/table.h"
#include "app/timeline.h"
#include "engine/core/error.h"
#include "engine/explore.h"
#include "engine/model/history.h"
#include "engine/stages.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <string>
#include <vector>

namespace splatscope {
namespace {

constexpr std::int32_t kMostCycles = 100000;

std::int32_t parse_cycles(std::string_view command, std::string_view text, std::int32_t least = 0,
                          std::int32_t most = kMostCycles) {
    std::int32_t value = 0;
    const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (fault != std::errc() || end != text.data() + text.size())
        hsa::fail_usage("{} takes a whole number of cycles, not '{}'.", command, text);
    if (value < least || value > most)
        hsa::fail("{} {}: the number must be {} to {}.", command, value, least, most);
    return value;
}

void need_splats(const ChangeContext& context) {
    if (context.session.document.sources.empty())
        hsa::fail("There is nothing to adapt: open a text or an embedding file first.");
}

constexpr std::array kStructural = {hsa::EventKind::mitosis, hsa::EventKind::birth,
                                    hsa::EventKind::death, hsa::EventKind::merge};

// The events that are looked for: of one kind, or of those that change structure.
std::vector<hsa::EventKind> wanted_kinds(std::string_view command, const Args& args) {
    expect_count(command, args, 0, 1);
    if (args.empty()) return {kStructural.begin(), kStructural.end()};
    return {hsa::event_kind(args[0])};
}

// The cycle of the next or previous accepted event of these kinds, seen from the cursor.
std::optional<std::int32_t> event_cycle(const ChangeContext& context, bool forward,
                                        const std::vector<hsa::EventKind>& kinds) {
    const std::int32_t cursor = context.session.document.timeline.cursor;
    if (!context.snapshot.history) return std::nullopt;
    const auto& cycles = context.snapshot.history->cycles;
    const auto has_event = [&](std::int32_t cycle) {
        const auto& events = cycles[static_cast<std::size_t>(cycle)]->events;
        return std::any_of(events.begin(), events.end(), [&](const hsa::Event& event) {
            return event.accepted &&
                   std::find(kinds.begin(), kinds.end(), event.kind) != kinds.end();
        });
    };
    const auto last = static_cast<std::int32_t>(cycles.size()) - 1;
    if (forward) {
        for (std::int32_t c = cursor + 1; c <= last; ++c)
            if (has_event(c)) return c;
    } else {
        for (std::int32_t c = std::min(cursor - 1, last); c >= 0; --c)
            if (has_event(c)) return c;
    }
    return std::nullopt;
}

std::string event_words(const Args& args) { return args.empty() ? "event" : args[0] + " event"; }

// Beyond the last cycle what cycles bring about by themselves is waited for.
void next_event(const ChangeContext& context, const Args& args) {
    const std::vector<hsa::EventKind> kinds = wanted_kinds("adapt.next_event", args);
    need_splats(context);
    if (const auto cycle = event_cycle(context, true, kinds)) {
        go_to(context.session, *cycle);
        return;
    }
    const bool comes_by_itself = std::any_of(kinds.begin(), kinds.end(), [](hsa::EventKind kind) {
        return hsa::is_structural(kind) || kind == hsa::EventKind::repair;
    });
    if (!comes_by_itself)
        hsa::fail("There is no later {} from cycle {}, and cycles do not bring it about.",
                  event_words(args), context.session.document.timeline.cursor);
    run_to(context.session, kinds);
}

void previous_event(const ChangeContext& context, const Args& args) {
    const auto cycle = event_cycle(context, false, wanted_kinds("adapt.previous_event", args));
    if (!cycle)
        hsa::fail("There is no earlier {} from cycle {}.", event_words(args),
                  context.session.document.timeline.cursor);
    go_to(context.session, *cycle);
}

// Parameter sets from the splats that are shown; the session stays as it is.
nlohmann::json explore_sets(const QuestionContext& context, const Args& args) {
    expect_count("adapt.explore", args, 0, 1);
    need_factors(context.snapshot);
    constexpr std::int32_t kCycles = 10;
    constexpr std::int32_t kMost = 1000;
    const std::int32_t cycles =
        args.empty() ? kCycles : parse_cycles("adapt.explore", args[0], 1, kMost);
    const hsa::Snapshot& snapshot = context.snapshot;
    const hsa::CycleSettings now = hsa::settings_at(request_of(context.session), snapshot.cycle);
    const hsa::AdaptInput input{*snapshot.dataset,
                                *snapshot.coordinates,
                                snapshot.target,
                                now.adapt,
                                now.adapt.seed.value_or(context.session.document.splats.seed),
                                now.temperature,
                                now.causal};
    return hsa::answer_exploration(hsa::explore(context.backend, input, snapshot.registry,
                                                static_cast<std::size_t>(cycles), context.work));
}

}  // namespace

std::vector<CommandRow> adapt_commands() {
    std::vector<CommandRow> rows;
    rows.push_back(change_row(
        "adapt.step", "[N]", "goes N cycles on (1), computing those that are not there yet", ".",
        [](const ChangeContext& context, const Args& args) {
            expect_count("adapt.step", args, 0, 1);
            need_splats(context);
            step(context.session, args.empty() ? 1 : parse_cycles("adapt.step", args[0]));
        }));
    rows.push_back(change_row("adapt.run", "[N]",
                              "runs N cycles, or until 10 cycles that tried structure pass without "
                              "a structural event (at "
                              "most 1,000)",
                              "", [](const ChangeContext& context, const Args& args) {
                                  expect_count("adapt.run", args, 0, 1);
                                  need_splats(context);
                                  run(context.session,
                                      args.empty() ? 0 : parse_cycles("adapt.run", args[0]));
                              }));
    rows.push_back(change_row("adapt.goto", "CYCLE",
                              "shows the registry after that cycle; discards nothing", "",
                              [](const ChangeContext& context, const Args& args) {
                                  expect_count("adapt.goto", args, 1, 1);
                                  go_to(context.session, parse_cycles("adapt.goto", args[0]));
                              }));
    rows.push_back(change_row(
        "adapt.back", "[N]", "goes N cycles back (1); discards nothing", ",",
        [](const ChangeContext& context, const Args& args) {
            expect_count("adapt.back", args, 0, 1);
            const std::int32_t count = args.empty() ? 1 : parse_cycles("adapt.back", args[0]);
            go_to(context.session, std::max(0, context.session.document.timeline.cursor - count));
        }));
    rows.push_back(change_row("adapt.first", "", "shows cycle 0", "Home",
                              [](const ChangeContext& context, const Args& args) {
                                  expect_count("adapt.first", args, 0, 0);
                                  go_to(context.session, 0);
                              }));
    rows.push_back(change_row("adapt.last", "", "shows the last cycle", "End",
                              [](const ChangeContext& context, const Args& args) {
                                  expect_count("adapt.last", args, 0, 0);
                                  go_to(context.session, context.session.document.timeline.last);
                              }));
    rows.push_back(change_row("adapt.next_event", "[KIND]",
                              "goes to the next cycle with a structural event, or one of KIND "
                              "(mitosis, birth, death, merge, ...); beyond the last cycle runs "
                              "until there is one, or it is quiet",
                              ">", next_event));
    rows.push_back(change_row("adapt.previous_event", "[KIND]",
                              "goes to the cycle of the previous structural event, or one of KIND",
                              "<", previous_event));
    rows.at(rows.size() - 1).needs_data = rows.at(rows.size() - 2).needs_data = true;
    rows.push_back(control_row("adapt.pause", "", "stops a run; finished cycles stay", "",
                               [](const ProgramControl& program, const Session&, const Args& args) {
                                   expect_count("adapt.pause", args, 0, 0);
                                   program.pause();
                               }));
    rows.push_back(question_row(
        "adapt.explore", "[N] [to PATH]",
        "runs N cycles (10) of eight sets of parameters from the splats shown, two seeds each, and "
        "says whether one is better than the present one, with the commands that set it; changes "
        "nothing",
        explore_sets));
    rows.back().apart = true;
    return rows;
}

}  // namespace splatscope
