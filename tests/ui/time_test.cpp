#include "tests/catch.h"
#include "tests/ui/ui_case.h"

#include <fmt/core.h>
#include <imgui.h>

// Moving through the cycles by key, button and click; what is undone and done again.

namespace splatscope::tests {
namespace {

const Timeline& timeline(const User& user) { return user.session().document.timeline; }

// The cycle is shown in the Session, by the engine, and in the views that tell it.
std::function<void(User&)> shows_cycle(std::int32_t cycle) {
    return [cycle](User& user) {
        User::expect(timeline(user).cursor == cycle,
                     fmt::format("the cursor is at {} and not {}", timeline(user).cursor, cycle));
        User::expect(user.snapshot().cycle == cycle, "the engine shows another cycle");
        for (const char* view : {"tree", "splats", "map", "timeline", "inspector", "text"})
            User::expect(!user.drawn(view).texts.empty(), std::string(view) + " is empty");
        std::size_t nodes = 0;
        for (const Hit& hit : user.drawn("tree").hits)
            nodes += hit.id.starts_with("splat ") ? 1 : 0;
        User::expect(nodes == user.snapshot().registry->size(),
                     "the hierarchy shows another registry");
    };
}

std::function<void(User&)> pressing(int chord) {
    return [chord](User& user) { user.press(chord); };
}

std::function<void(User&)> clicking(const std::string& button) {
    return [button](User& user) { user.click_item("//##MainMenuBar/##MenuBar/" + button); };
}

}  // namespace

TEST_CASE("keys and buttons move through the cycles", "[ui][sanitize]") {
    TestedWindow window;
    window.carry_out("open sample:adapted");
    const auto at = [](std::int32_t cycle) {
        return std::vector<std::string>{fmt::format("adapt.goto {}", cycle)};
    };
    const auto history = window.runner().snapshot().history;
    const auto event_cycle = [&](std::int32_t from, std::int32_t step) {
        for (std::int32_t cycle = from + step; cycle >= 0; cycle += step)
            for (const hsa::Event& event :
                 history->cycles.at(static_cast<std::size_t>(cycle))->events)
                if (event.accepted && event.kind != hsa::EventKind::adjust) return cycle;
        return -1;
    };
    const std::int32_t last = window.runner().session().document.timeline.last;
    REQUIRE(last == 40);

    SECTION("keys") {
        check_case(window,
                   {"one on", "adapt.step", at(8), pressing(ImGuiKey_Period), shows_cycle(9)});
        check_case(window,
                   {"one back", "adapt.back", at(8), pressing(ImGuiKey_Comma), shows_cycle(7)});
        check_case(window,
                   {"the first", "adapt.first", at(8), pressing(ImGuiKey_Home), shows_cycle(0)});
        check_case(window,
                   {"the last", "adapt.last", at(8), pressing(ImGuiKey_End), shows_cycle(last)});
        check_case(window,
                   {"the next event", "adapt.next_event", at(8),
                    pressing(ImGuiMod_Shift | ImGuiKey_Period), shows_cycle(event_cycle(8, 1))});
        check_case(window,
                   {"the event before", "adapt.previous_event", at(8),
                    pressing(ImGuiMod_Shift | ImGuiKey_Comma), shows_cycle(event_cycle(8, -1))});
        check_case(window, {"undo",
                            "undo",
                            {"adapt.goto 8", "select.none", "select.splats 0"},
                            pressing(ImGuiMod_Ctrl | ImGuiKey_Z),
                            [](User& user) {
                                User::expect(user.session().document.selection.empty(),
                                             "the selection is still there");
                            }});
        check_case(window, {"redo",
                            "redo",
                            {"select.none", "select.splats 0", "undo"},
                            pressing(ImGuiMod_Ctrl | ImGuiMod_Shift | ImGuiKey_Z),
                            [](User& user) {
                                User::expect(user.session().document.selection.splats.size() == 1,
                                             "the selection has not come back");
                            }});
    }

    SECTION("buttons") {
        check_case(window, {"one on", "adapt.step", at(8), clicking(" > "), shows_cycle(9)});
        check_case(window, {"one back", "adapt.back", at(8), clicking(" < "), shows_cycle(7)});
        check_case(window, {"the first", "adapt.first", at(8), clicking("|<"), shows_cycle(0)});
        check_case(window, {"the last", "adapt.last", at(8), clicking(">|"), shows_cycle(last)});
    }

    SECTION("a click on the timeline and on a curve") {
        const auto on_lane = [](User& user) {
            // Between the lanes nothing stands but time.
            const Rect place = user.place_of("timeline");
            user.click({place.centre().x, place.max.y - 6.0F});
        };
        check_case(window,
                   {"a place of the timeline", "adapt.goto", at(0), on_lane, [](User& user) {
                        const std::int32_t cursor = timeline(user).cursor;
                        User::expect(cursor > 8 && cursor < 32,
                                     fmt::format("the cursor is at {}", cursor));
                        shows_cycle(cursor)(user);
                    }});
        check_case(window, {"a place of a curve", "adapt.goto", at(0),
                            [](User& user) {
                                user.bring_to_front("measures");
                                const Rect place = user.place_of("measures");
                                user.click({place.min.x + 0.2F * place.width(), place.centre().y});
                            },
                            [](User& user) {
                                User::expect(timeline(user).cursor > 0, "the cursor did not move");
                                User::expect(user.snapshot().cycle == timeline(user).cursor,
                                             "the engine shows another cycle");
                            }});
    }

    SECTION("Space plays the past") {
        check_case(window, {"to its end", "adapt.play", at(last - 2),
                            [](User& user) {
                                user.press(ImGuiKey_Space);
                                user.draw_frames(90);  // at 4 cycles a second
                            },
                            shows_cycle(last)});
        check_case(window, {"and stops", "adapt.play", at(0),
                            [](User& user) {
                                user.strike(ImGuiKey_Space);  // what plays does not settle
                                user.draw_frames(40);
                                user.strike(ImGuiKey_Space);
                                user.settle();
                                const std::int32_t stopped = timeline(user).cursor;
                                user.draw_frames(60);
                                User::expect(timeline(user).cursor == stopped, "it goes on");
                            },
                            [last](User& user) {
                                const std::int32_t cursor = timeline(user).cursor;
                                User::expect(cursor > 0 && cursor < last,
                                             fmt::format("the cursor is at {}", cursor));
                                shows_cycle(cursor)(user);
                            }});
    }
}

TEST_CASE("Space at the last cycle runs, and again pauses", "[ui]") {
    TestedWindow window;
    window.carry_out("open sample:creatures");
    check_case(window, {"a run",
                        "adapt.run",
                        {},
                        [](User& user) {
                            user.strike(ImGuiKey_Space);
                            const auto cycles = [&] {
                                const auto& history = user.snapshot().history;
                                return history ? history->last() : 0;
                            };
                            for (int frame = 0; frame < 600 && cycles() < 2; ++frame)
                                user.draw_frames(1);
                            user.strike(ImGuiKey_Space);
                        },
                        [](User& user) {
                            const std::int32_t last = timeline(user).last;
                            User::expect(last >= 2, fmt::format("there are {} cycles", last));
                            User::expect(last < 200 && !timeline(user).until_quiet,
                                         "the run was not paused");
                            shows_cycle(last)(user);
                        }});
    // A step beyond the last cycle computes one.
    const std::int32_t before = window.runner().session().document.timeline.last;
    check_case(window, {"a new cycle",
                        "adapt.step",
                        {fmt::format("adapt.goto {}", before)},
                        pressing(ImGuiKey_Period),
                        [before](User& user) {
                            User::expect(timeline(user).last == before + 1, "no cycle was added");
                            shows_cycle(before + 1)(user);
                        }});
}

}  // namespace splatscope::tests
