#include "tests/catch.h"
#include "tests/ui/linked_selection.h"
#include "tests/ui/own_folder.h"
#include "tests/ui/ui_case.h"

#include <fmt/core.h>
#include <imgui.h>

#include <cmath>
#include <filesystem>
#include <fstream>

// The window itself: panels, sheets, menus, sizes, files and pictures.

namespace splatscope::tests {
namespace {

std::function<void(User&)> pressing(int chord) {
    return [chord](User& user) { user.press(chord); };
}

std::function<void(User&)> shows(const std::string& title) {
    return [title](User& user) {
        User::expect(user.shows_window(title), "the window " + title + " is not there");
    };
}

std::vector<float> pixels(const hsa::Picture& picture) {
    std::vector<float> values;
    for (std::size_t row = 0; row < picture.mean.rows(); ++row)
        for (std::size_t column = 0; column < picture.mean.cols(); ++column)
            values.push_back(picture.mean(row, column));
    return values;
}

// How far two texts cover each other, in pixels of the smaller side; neighbours on a line may share
// a part of one by rounding.
float covered(const Rect& a, const Rect& b) {
    return std::min(std::min(a.max.x, b.max.x) - std::max(a.min.x, b.min.x),
                    std::min(a.max.y, b.max.y) - std::max(a.min.y, b.min.y));
}

// Every view has room, and none of its words covers another.
void expect_usable(User& user, const std::string& view) {
    const Rect& place = user.place_of(view);
    User::expect(place.width() >= 150.0F && place.height() >= 80.0F,
                 fmt::format("{} has {} x {} pixels", view, place.width(), place.height()));
    const WindowSize window = user.tested().window().size();
    User::expect(place.max.x <= static_cast<float>(window.width) &&
                     place.max.y <= static_cast<float>(window.height),
                 view + " does not lie in the window");
    const std::vector<PlacedText>& texts = user.drawn(view).texts;
    User::expect(!texts.empty(), view + " is empty");
    for (std::size_t a = 0; a < texts.size(); ++a)
        for (std::size_t b = a + 1; b < texts.size(); ++b)
            User::expect(covered(texts[a].place, texts[b].place) < 1.0F,
                         fmt::format("{}: '{}' covers '{}'", view, texts[b].text, texts[a].text));
}

}  // namespace

TEST_CASE("sheets, palette and menus open and send", "[ui]") {
    TestedWindow window;
    window.carry_out("open sample:creatures");
    check_case(window,
               {"the sheet of keys", "window.keys", {}, pressing(ImGuiKey_F1), shows("Keys")});
    window.use([](User& user) {
        user.press(ImGuiKey_Escape);
        User::expect(!user.shows_window("Keys"), "Esc does not close the sheet");
    });
    window.use([](User& user) {
        // The settings of the view that has the keys, though the mouse is over another.
        user.bring_to_front("text");
        user.click_hit("text", "token 3");
        user.point_at(user.place_of("map").centre());
        user.press(ImGuiKey_F4);
        const Rect popup = user.popup_place();
        const Rect view = user.place_of("text");
        User::expect(popup.width() > 0.0F, "F4 opens no settings");
        const Rect around = {{view.min.x - 4.0F, view.min.y - 40.0F},
                             {view.max.x + 4.0F, view.max.y + 40.0F}};
        User::expect(
            around.overlaps(popup) &&
                (around.contains(popup.min) || around.contains({popup.max.x, popup.min.y})),
            fmt::format("the settings of the text are at {}, {}", popup.min.x, popup.min.y));
        user.press(ImGuiKey_Escape);
    });
    check_case(window, {"a command of the palette",
                        "select.all",
                        {"select.none"},
                        [](User& user) {
                            user.press(ImGuiMod_Ctrl | ImGuiKey_P);
                            User::expect(user.shows_window("Commands##palette"), "no palette");
                            user.type("select.all");
                            user.press(ImGuiKey_Enter);
                        },
                        [](User& user) {
                            User::expect(!user.session().document.selection.empty(),
                                         "nothing is selected");
                            User::expect(!user.shows_window("Commands##palette"),
                                         "the palette is still there");
                        }});
    window.use([](User& user) {
        user.press(ImGuiMod_Ctrl | ImGuiKey_P);
        user.type("select.where");
        user.click_item("//Commands##palette/**/select.where");
        User::expect(user.shows_window("Commands##palette"),
                     "a command ran without the argument that it needs");
        user.press(ImGuiKey_Escape);
    });
    check_case(window, {"a menu item that selects",
                        "select.invert",
                        {"select.tokens 0:10"},
                        choosing("Edit/Invert selection"),
                        [](User& user) {
                            User::expect(
                                hsa::total_size(user.session().document.selection.tokens) + 10 ==
                                    user.snapshot().dataset->size(),
                                "the selection is not inverted");
                        }});
    check_case(window, {"a menu item that looks",
                        "set",
                        {"set theme dark"},
                        choosing("View/Theme/light"),
                        [](User& user) {
                            User::expect(user.session().desk.theme == ThemeName::light,
                                         "the theme is the same");
                        }});
    check_case(window,
               {"a menu item that steps",
                "adapt.step",
                {"adapt.goto 0"},
                choosing("Adapt/Step"),
                [](User& user) { User::expect(user.snapshot().cycle == 1, "no step was made"); }});
}

TEST_CASE("panels close, come back, hide and find their places again", "[ui]") {
    TestedWindow window;
    window.carry_out("open sample:creatures");
    float before = 0.0F;
    window.use([&](User& user) {
        user.settle();
        before = user.place_of("map").width();
    });
    check_case(
        window,
        {"closing", "view.close", {"view.open tree"}, choosing("View/Hierarchy"), [](User& user) {
             User::expect(user.drawn("tree").texts.empty(), "it is still drawn");
             User::expect(user.session().desk.closed_views.count("tree") == 1,
                          "the Session does not know");
         }});
    check_case(
        window,
        {"opening", "view.open", {"view.close tree"}, choosing("View/Hierarchy"), [](User& user) {
             expect_usable(user, "tree");
             // Beside the inspector, where it was.
             User::expect(
                 std::abs(user.place_of("tree").min.y - user.place_of("inspector").min.y) < 1.0F,
                 "it came back at another place");
         }});
    check_case(window, {"hiding all", "window.panels", {}, pressing(ImGuiKey_F10), [](User& user) {
                            User::expect(user.drawn("map").texts.empty(), "the map is drawn");
                        }});
    check_case(window, {"showing all", "window.panels", {}, pressing(ImGuiKey_F10), [](User& user) {
                            expect_usable(user, "map");
                        }});
    check_case(window, {"a border that is dragged, and the default layout",
                        "view.reset",
                        {},
                        [&](User& user) {
                            const Rect text = user.place_of("text"), map = user.place_of("map");
                            const float border = 0.5F * (text.max.x + map.min.x);
                            user.drag({border, text.centre().y}, {border + 120, text.centre().y});
                            User::expect(user.place_of("map").width() < before - 60.0F,
                                         "the border does not move");
                            user.choose("View/Default layout");
                        },
                        [&](User& user) {
                            User::expect(std::abs(user.place_of("map").width() - before) < 2.0F,
                                         "the layout is not the default one");
                        }});
}

TEST_CASE("a level is muted and the map is another", "[ui][sanitize]") {
    TestedWindow window;
    window.carry_out("open sample:creatures");
    window.carry_out("set attention.level.Document.mute false");
    std::shared_ptr<const hsa::Factors> before;
    std::shared_ptr<const hsa::Picture> picture;
    check_case(window,
               {"muting",
                "toggle",
                {"set attention.level.Document.mute false"},
                [&](User& user) {
                    before = user.snapshot().factors;
                    picture = user.look().pictures.at(0);
                    user.click_hit("tree", "level Document mute");
                },
                [&](User& user) {
                    User::expect(
                        user.session().document.mask.muted == std::vector<std::string>{"Document"},
                        "the level is not muted");
                    User::expect(user.snapshot().factors != before, "P is the same");
                    const auto& now = user.look().pictures.at(0);
                    User::expect(now->request == picture->request, "the map shows another part");
                    User::expect(pixels(*now) != pixels(*picture),
                                 "the pixels of the map are the same");
                }});
    check_case(window,
               {"more for a level",
                "set",
                {},
                [](User& user) {
                    const Vec2 from = user.hit("tree", "level Document weight").place.centre();
                    user.drag(from, {from.x + 14.0F, from.y});
                },
                [](User& user) {
                    const auto& entries = user.session().document.timeline.entries;
                    User::expect(!entries.empty() && entries.back().edit &&
                                     entries.back().edit->kind == hsa::Edit::Kind::level_weight,
                                 "no level has another weight");
                    const hsa::SplatRegistry& registry = *user.snapshot().registry;
                    const std::size_t level = *registry.hierarchy.index_of("Document");
                    const double share = registry.hierarchy.share(level);
                    User::expect(share > 0.15, fmt::format("its share is {}", share));
                    User::expect(
                        std::abs(user.snapshot().measures->levels[level].usage - share) < 0.02,
                        "attention does not follow its weight");
                    user.press(ImGuiMod_Ctrl | ImGuiKey_Z);
                    User::expect(user.session().document.timeline.entries.empty(),
                                 "undo leaves the weight");
                }});
    check_case(window, {"one level alone in the map",
                        "set",
                        {"set map.level \"\""},
                        [&](User& user) { user.click_hit("map", "map level Phrase"); },
                        [](User& user) {
                            User::expect(user.session().desk.map.level == "Phrase",
                                         "the map shows all levels");
                            User::expect(user.look().pictures.at(0)->request.part.level == 1,
                                         "the picture is not of the level");
                        }});
    check_case(
        window,
        {"the map's wheel zooms in",
         "map.view",
         {"map.view"},
         [](User& user) { user.turn_wheel(user.hit("map", "map cell").place.centre(), 4.0F); },
         [](User& user) {
             const MapDesk& map = user.session().desk.map;
             const auto tokens = static_cast<double>(user.snapshot().dataset->size());
             User::expect(map.row_end > map.row_begin && map.row_end - map.row_begin < 0.6 * tokens,
                          "the map is as it was");
             User::expect(user.drawn("map").axes.at(0).begin == map.row_begin,
                          "the view shows other rows");
         }});
    check_case(window, {"a drag orbits",
                        "camera.set",
                        {"camera.reset"},
                        [](User& user) {
                            const Vec2 middle = user.place_of("splats").centre();
                            user.drag(middle, {middle.x + 80, middle.y + 30});
                        },
                        [](User& user) {
                            const SplatsDesk fresh;
                            User::expect(user.session().desk.splats.yaw != fresh.yaw,
                                         "the camera stands still");
                        }});
}

TEST_CASE("at 1280 x 720 every view can be used", "[ui]") {
    const auto expect_all_usable = [](User& user) {
        user.settle();
        User::expect(user.tested().window().size().width == 1280, "the window has another size");
        for (const char* view : {"text", "map", "splats", "tree", "inspector", "timeline"})
            expect_usable(user, view);
        for (const char* view : {"distributions", "measures"}) {
            user.bring_to_front(view);
            expect_usable(user, view);
        }
        user.bring_to_front("timeline");
    };
    // Open from the start at this size, and made so later.
    for (const WindowSize first : {WindowSize{1280, 720}, WindowSize{1600, 1000}}) {
        TestedWindow window(first);
        window.carry_out("open sample:voyage");
        window.carry_out("adapt.step 2");
        window.use([&](User& user) {
            user.resize({1280, 720});
            expect_all_usable(user);
        });
        check_case(window, {"a block of the small map",
                            "select.block",
                            {"select.none"},
                            [](User& user) { user.click_hit("map", "map cell"); },
                            [](User& user) {
                                User::expect(user.session().document.selection.block.has_value(),
                                             "no block is selected");
                                expect_selection_everywhere(user);
                            }});
        window.use(expect_all_usable);
    }
}

TEST_CASE("files are opened and pictures saved from the window", "[ui]") {
    const OwnFolder folder;
    std::ofstream("words.txt") << "The ship sailed at dawn. The crew sang of the sea.\n";
    TestedWindow window;
    check_case(window, {"a path that is typed",
                        "open",
                        {},
                        [](User& user) {
                            user.press(ImGuiMod_Ctrl | ImGuiKey_O);
                            user.click_item("//Open a file/##path");
                            user.press(ImGuiMod_Ctrl | ImGuiKey_A);
                            user.type("words.txt");
                            user.press(ImGuiKey_Enter);
                        },
                        [](User& user) {
                            User::expect(user.snapshot().dataset != nullptr &&
                                             user.snapshot().dataset->size() == 13,
                                         "the text is not there");
                            (void)user.hit("text", "token 0");
                        }});
    check_case(window, {"F12", "window.picture", {}, pressing(ImGuiKey_F12), [](User& user) {
                            const std::string notice = user.last_message();
                            const std::string told = "Picture saved: ";
                            User::expect(notice.starts_with(told) &&
                                             std::filesystem::equivalent(notice.substr(told.size()),
                                                                         "splatscope-1.png"),
                                         "the notice says: " + notice);
                            User::expect(std::filesystem::file_size("splatscope-1.png") > 20000,
                                         "the picture is empty");
                        }});
    check_case(window, {"and again, which keeps the first",
                        "window.picture",
                        {},
                        pressing(ImGuiKey_F12),
                        [](User&) {
                            User::expect(std::filesystem::exists("splatscope-2.png"),
                                         "there is no second picture");
                        }});
}

}  // namespace splatscope::tests
