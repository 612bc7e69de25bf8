#include "engine/attention/cells.h"
#include "tests/catch.h"
#include "tests/ui/linked_selection.h"
#include "tests/ui/ui_case.h"

#include <fmt/core.h>
#include <imgui.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <string>
#include <vector>

// What is done in one view and seen in others, where no other file has it: axes and cube of the 3-D
// view, parts and zoom of the map, forms of the tree, stretches of the timeline, what is asked of
// the words, named selections, themes and sizes.

namespace splatscope::tests {
namespace {

std::function<void(User&)> pressing_hit(const std::string& view, const std::string& id) {
    return [view, id](User& user) { user.click_hit(view, id); };
}

bool is_written(const User& user, const std::string& view, const std::string& words) {
    const std::vector<PlacedText>& texts = user.drawn(view).texts;
    return std::any_of(texts.begin(), texts.end(), [&](const PlacedText& text) {
        return text.text.find(words) != std::string::npos;
    });
}

// A place inside a view, away from all that can be pressed there.
Vec2 free_place(const User& user, const std::string& view) {
    constexpr float kAway = 10.0F;
    const Rect& place = user.place_of(view);
    const std::vector<Hit>& hits = user.drawn(view).hits;
    for (int y = 14; y > 5; --y)
        for (int x = 18; x < 33; ++x) {
            const Vec2 at{place.min.x + 0.02F * static_cast<float>(x) * place.width(),
                          place.min.y + 0.05F * static_cast<float>(y) * place.height()};
            const Rect around{{at.x - kAway, at.y - kAway}, {at.x + kAway, at.y + kAway}};
            if (std::none_of(hits.begin(), hits.end(),
                             [&](const Hit& hit) { return hit.place.overlaps(around); }))
                return at;
        }
    throw Failed("there is no free place in " + view);
}

TEST_CASE("the 3-D view: other axes from the menu, the cube", "[ui]") {
    TestedWindow window;
    window.carry_out("open sample:creatures");
    check_case(window,
               {"axes that part the selection",
                "axes.separate",
                {"axes.splats", "select.none", "select.tokens 0:40"},
                choosing("View/Axes of the 3-D view/Separate the selection"),
                [](User& user) {
                    User::expect(user.session().document.axes.kind == hsa::AxesKind::separate,
                                 "the axes are others");
                    User::expect(user.snapshot().layout != nullptr && user.snapshot().complete,
                                 "there is no layout for them");
                }});
    check_case(window, {"a face of the cube",
                        "camera.set",
                        {"camera.reset"},
                        pressing_hit("splats", "cube 2"),
                        [](User& user) {
                            User::expect(std::abs(user.session().desk.splats.pitch - 1.5708) < 0.01,
                                         "the camera does not look along the second axis");
                        }});
}

TEST_CASE("the map: a level, levels as colours, a second side", "[ui]") {
    TestedWindow window;
    window.carry_out("open sample:adapted");
    check_case(window, {"levels as red, green and blue",
                        "map.mix",
                        {"reset map.channels"},
                        pressing_hit("map", "map mix"),
                        [](User& user) {
                            User::expect(!user.session().desk.map.channels.empty(),
                                         "no level is a colour");
                            User::expect(is_written(user, "map", "Token"), "which is not said");
                        }});
    check_case(window, {"the scale of the colours",
                        "toggle",
                        {"reset map.channels", "reset map.scale"},
                        pressing_hit("map", "map scale"),
                        [](User& user) {
                            User::expect(user.session().desk.map.scale != MapScale::fixed,
                                         "the scale is as it was");
                        }});
    check_case(window, {"beside an earlier cycle",
                        "compare.set",
                        {"compare.set none"},
                        choosing("File/Compare with/The first cycle"),
                        [](User& user) {
                            User::expect(user.session().document.compare.kind == CompareKind::cycle,
                                         "nothing is compared");
                        }});
    check_case(window, {"the map before the comparison",
                        "set",
                        {"reset map.compare"},
                        saying("set map.compare split"),
                        [](User& user) {
                            User::expect(user.session().desk.map.compare == MapCompare::split,
                                         "the map is not split");
                            User::expect(!user.drawn("map").hits.empty(),
                                         "the map lies behind the comparison");
                        }});
    check_case(window, {"both sides by the map's chip",
                        "toggle",
                        {"reset map.compare"},
                        [](User& user) {
                            user.bring_to_front("map");  // behind the second side
                            user.click_hit("map", "map compare");
                        },
                        [](User& user) {
                            User::expect(user.session().desk.map.compare != MapCompare::off,
                                         "the map shows one side alone");
                            User::expect(user.session().document.compare.kind == CompareKind::cycle,
                                         "nothing is compared");
                        }});
    check_case(window, {"both in one map",
                        "set",
                        {"reset map.compare"},
                        saying("set map.compare split"),
                        [](User& user) {
                            User::expect(user.session().desk.map.compare == MapCompare::split,
                                         "the map is not split");
                        }});
}

TEST_CASE("the hierarchy: searched, as a lineage, and back", "[ui]") {
    TestedWindow window;
    window.carry_out("open sample:adapted");
    check_case(window, {"names that are looked for",
                        "set",
                        {"reset tree.find"},
                        saying("set tree.find gull"),
                        [](User& user) {
                            User::expect(user.session().desk.tree.find == "gull",
                                         "nothing is looked for");
                        }});
    check_case(window, {"a lineage",
                        "set",
                        {"reset tree.form", "reset tree.find", "select.none"},
                        saying("set tree.form lineage"),
                        [](User& user) {
                            const auto& hits = user.drawn("tree").hits;
                            User::expect(std::any_of(hits.begin(), hits.end(),
                                                     [](const Hit& hit) {
                                                         return hit.id.starts_with("event ");
                                                     }),
                                         "the lineage shows no events");
                        }});
    std::string event;
    check_case(window, {"an event of the lineage",
                        "select.event",
                        {"set tree.form lineage", "select.none"},
                        [&](User& user) {
                            for (const Hit& hit : user.drawn("tree").hits)
                                if (hit.id.starts_with("event ")) event = hit.id;
                            user.click_hit("tree", event);
                        },
                        [](User& user) {
                            User::expect(user.session().document.selection.event.has_value(),
                                         "no event is selected");
                        }});
}

TEST_CASE("the timeline: on to an event of a kind, a stretch that is counted", "[ui]") {
    TestedWindow window;
    window.carry_out("open sample:adapted");
    check_case(window,
               {"the next birth",
                "adapt.next_event",
                {"adapt.first", "select.none"},
                pressing_hit("timeline", "next birth"),
                [](User& user) {
                    const std::int32_t cycle = user.session().document.timeline.cursor;
                    User::expect(cycle > 0, "it is not gone to");
                    const auto& events =
                        user.snapshot().history->cycles[static_cast<std::size_t>(cycle)]->events;
                    User::expect(std::any_of(events.begin(), events.end(),
                                             [](const hsa::Event& event) {
                                                 return event.kind == hsa::EventKind::birth;
                                             }),
                                 "no splat is born there");
                }});
    check_case(window, {"a stretch drawn with Shift",
                        "timeline.range",
                        {"adapt.last", "timeline.range none"},
                        [](User& user) {
                            const Rect& place = user.place_of("timeline");
                            const float y = place.centre().y;
                            user.drag({place.min.x + 0.4F * place.width(), y},
                                      {place.min.x + 0.7F * place.width(), y}, ImGuiMod_Shift);
                        },
                        [](User& user) {
                            const TimelineDesk& desk = user.session().desk.timeline;
                            User::expect(desk.range_end > desk.range_begin + 1,
                                         "no cycles are selected");
                            (void)user.hit("timeline", "range close");
                        }});
}

TEST_CASE("the timeline: a note is written at a cycle, gone to and taken away", "[ui]") {
    TestedWindow window;
    window.carry_out("open sample:adapted");
    std::int32_t cycle = -1;
    check_case(window, {"a double click and words",
                        "timeline.mark",
                        {"adapt.last", "timeline.unmark all"},
                        [](User& user) {
                            user.double_click(free_place(user, "timeline"));
                            user.type("\"a turn\"");
                            user.press(ImGuiKey_Enter);
                        },
                        [&](User& user) {
                            const auto& marks = user.session().document.timeline.marks;
                            User::expect(marks.size() == 1 && marks.begin()->second == "a turn",
                                         "there is no note");
                            cycle = marks.begin()->first;
                            User::expect(cycle > 0 && cycle < 40, "it is at another cycle");
                            (void)user.hit("timeline", fmt::format("mark {}", cycle));
                            User::expect(is_written(user, "timeline", "a turn"),
                                         "the words are not to be read");
                        },
                        true});
    check_case(window,
               {"a click on its flag",
                "adapt.goto",
                {"adapt.goto 3"},
                [&](User& user) { user.click_hit("timeline", fmt::format("mark {}", cycle)); },
                [&](User& user) {
                    User::expect(user.session().document.timeline.cursor == cycle &&
                                     user.snapshot().cycle == cycle,
                                 "another cycle is shown");
                }});
    check_case(window, {"taken away",
                        "timeline.unmark",
                        {},
                        saying(fmt::format("timeline.unmark {}", cycle)),
                        [&](User& user) {
                            User::expect(user.session().document.timeline.marks.empty(),
                                         "the note is still there");
                            for (const Hit& hit : user.drawn("timeline").hits)
                                User::expect(!hit.id.starts_with("mark "), "a flag is drawn");
                        }});
}

TEST_CASE("words: arcs are the strongest links of the page", "[ui]") {
    TestedWindow window;
    window.carry_out("open sample:voyage");
    check_case(
        window,
        {"five of them", "set", {"set text.arcs 0"}, saying("set text.arcs 5"), [](User& user) {
             User::expect(user.session().desk.text.arcs == 5, "none are wanted");
             const auto& text = user.look().text;
             User::expect(text && text->links && text->links->pairs.size() == 5,
                          "there are no links");
             double weakest = 1.0;
             for (const hsa::Pair& link : text->links->pairs) {
                 (void)user.hit("text", fmt::format("token {}", link.i));
                 (void)user.hit("text", fmt::format("token {}", link.j));
                 const double cell =
                     hsa::cell_parts(*user.snapshot().factors, link.i, link.j).value;
                 User::expect(std::abs(link.value - cell) <= 1e-6 * cell,
                              "a link is none of the attention");
                 weakest = std::min(weakest, link.value);
             }
             // No pair of the page that is as far apart is stronger.
             std::vector<std::uint32_t> page;
             for (const Hit& hit : user.drawn("text").hits)
                 if (hit.id.starts_with("token "))
                     page.push_back(static_cast<std::uint32_t>(std::atoi(hit.id.c_str() + 6)));
             std::size_t stronger = 0;
             for (std::size_t a = 0; a < page.size(); a += 7)
                 for (std::size_t b = 0; b < page.size(); b += 5) {
                     const auto far =
                         static_cast<std::int64_t>(page[a]) - static_cast<std::int64_t>(page[b]);
                     if (std::abs(far) <= 3) continue;
                     stronger += hsa::cell_parts(*user.snapshot().factors, page[a], page[b]).value >
                                 weakest * (1.0 + 1e-6);
                 }
             User::expect(stronger <= 5, fmt::format("{} are stronger", stronger));
         }});
}

TEST_CASE("words: another tint, what a phrase is asked, what is kept and used again", "[ui]") {
    TestedWindow window;
    window.carry_out("open sample:voyage");
    check_case(window, {"the tint of levels",
                        "set",
                        {"reset text.tint"},
                        pressing_hit("text", "text tint level"),
                        [](User& user) {
                            User::expect(user.session().desk.text.tint == TextTint::level,
                                         "the tint is another");
                        }});
    check_case(window, {"a phrase is asked",
                        "select.text",
                        {"reset text.tint", "select.none"},
                        saying("select.text \"storm petrels\""),
                        [](User& user) {
                            User::expect(!user.session().document.selection.tokens.empty(),
                                         "the words are not found");
                            User::expect(user.look().asked != nullptr, "nothing answers");
                            User::expect(
                                !user.look().asked->to.empty() && !user.look().asked->from.empty(),
                                "no word attends to it or from it");
                            expect_selection_everywhere(user);
                        }});
    check_case(window, {"a selection is kept",
                        "select.keep",
                        {"select.none", "select.tokens 10:20"},
                        saying("select.keep start"),
                        [](User& user) {
                            User::expect(user.session().document.kept.count("start") == 1,
                                         "it is not kept");
                        }});
    check_case(window, {"and used",
                        "select.use",
                        {"select.none"},
                        choosing("Edit/Kept selections/start##kept"),
                        [](User& user) {
                            User::expect(user.session().document.selection.tokens ==
                                             std::vector<hsa::Range>{{10, 20}},
                                         "other words are selected");
                            expect_selection_everywhere(user);
                        }});
    check_case(window, {"grown to its neighbours",
                        "select.grow",
                        {"select.none", "select.tokens 10:20"},
                        choosing("Edit/Grow selection"),
                        [](User& user) {
                            User::expect(
                                hsa::total_size(user.session().document.selection.tokens) > 10,
                                "it is as large as before");
                        }});
    check_case(
        window,
        {"by what is so of them",
         "select.where",
         {"select.none"},
         saying("select.where \"level == \\\"Section\\\" && usage > 1/k\""),
         [](User& user) {
             const auto& splats = user.session().document.selection.splats;
             User::expect(!splats.empty(), "no splat is selected");
             const hsa::SplatRegistry& registry = *user.snapshot().registry;
             for (const hsa::SplatId id : splats)
                 User::expect(
                     registry.hierarchy.levels[registry.level[registry.row(id)]].name == "Section",
                     "one is of another level");
             expect_selection_everywhere(user);
         }});
}

TEST_CASE("the window: themes and sizes by menu and key, jobs, log and history of steps", "[ui]") {
    TestedWindow window;
    window.carry_out("open sample:creatures");
    check_case(window, {"a theme of high contrast",
                        "set",
                        {"reset theme"},
                        choosing("View/Theme/contrast"),
                        [](User& user) {
                            User::expect(user.session().desk.theme == ThemeName::contrast,
                                         "the theme is another");
                        }});
    check_case(window, {"larger by key",
                        "view.larger",
                        {"view.normal_size"},
                        [](User& user) { user.press(ImGuiMod_Ctrl | ImGuiKey_Equal); },
                        [](User& user) {
                            User::expect(user.session().desk.scale > 1.05,
                                         "everything is as large as before");
                        }});
    for (const auto& [command, menu, title] : std::vector<std::array<std::string, 3>>{
             {"window.jobs", "Explain/Jobs", "Jobs"},
             {"window.log", "Explain/Log", "Log"},
             {"window.history", "Edit/History of steps", "History of steps"}})
        check_case(
            window,
            {menu, command, {"view.normal_size"}, choosing(menu), [name = title](User& user) {
                 User::expect(user.shows_window(name), "the window " + name + " is not there");
                 user.press(ImGuiKey_Escape);
             }});
}

TEST_CASE("resized, minimised and back: all is where it was", "[ui]") {
    TestedWindow window;
    window.carry_out("open sample:creatures");
    window.carry_out("select.tokens 10:20");
    const auto rectangles = [&](User& user) {
        std::vector<Rect> places;
        for (const char* view : {"text", "map", "splats", "tree", "inspector", "timeline"})
            places.push_back(user.place_of(view));
        return places;
    };
    window.use([&](User& user) {
        user.settle();
        const std::vector<Rect> before = rectangles(user);
        for (const WindowSize size : {WindowSize{1280, 720}, WindowSize{1920, 1080}}) {
            user.resize(size);
            const std::vector<Rect> after = rectangles(user);
            for (const Rect& place : after)
                User::expect(place.width() > 40.0F && place.height() > 40.0F &&
                                 place.max.x <= static_cast<float>(size.width) + 1.0F &&
                                 place.max.y <= static_cast<float>(size.height) + 1.0F,
                             "a view is cut or empty");
            expect_selection_everywhere(user);
        }
        user.resize({1600, 1000});
        const std::vector<Rect> after = rectangles(user);
        for (std::size_t v = 0; v < before.size(); ++v)
            User::expect(std::abs(after[v].min.x - before[v].min.x) <= 2.0F &&
                             std::abs(after[v].max.y - before[v].max.y) <= 2.0F,
                         "a view has another place");
        expect_selection_everywhere(user);
    });
}

}  // namespace
}  // namespace splatscope::tests
