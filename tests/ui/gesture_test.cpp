#include "tests/catch.h"
#include "tests/ui/linked_selection.h"
#include "tests/ui/ui_case.h"

#include <fmt/core.h>
#include <imgui.h>

#include <cstdlib>

// What else the pointer does inside a view: drawing around splats, folding, hiding, tinting, going
// back to the whole.

namespace splatscope::tests {

TEST_CASE("gestures inside the views do what their help says", "[ui]") {
    TestedWindow window;
    window.carry_out("open sample:adapted");
    window.carry_out("adapt.last");
    const auto around_the_middle = [](User& user, int held) {
        const Vec2 middle = user.place_of("splats").centre();
        user.drag({middle.x - 60, middle.y - 60}, {middle.x + 60, middle.y + 60}, held);
    };
    const auto splats_are_selected = [](User& user) {
        const std::size_t picked = user.session().document.selection.splats.size();
        User::expect(picked > 0 && picked < user.snapshot().registry->size(),
                     fmt::format("{} splats are selected", picked));
        expect_selection_everywhere(user);
    };
    check_case(window, {"a rectangle in 3-D",
                        "select.splats",
                        {"select.none"},
                        [&](User& user) { around_the_middle(user, ImGuiMod_Shift); },
                        splats_are_selected});
    check_case(window, {"the same with the tool in hand",
                        "tool.rectangle",
                        {"select.none", "tool.move"},
                        [&](User& user) {
                            user.press(ImGuiKey_R);
                            around_the_middle(user, 0);
                        },
                        splats_are_selected});
    window.carry_out("tool.move");
    check_case(window, {"hiding what is selected",
                        "splats.hide",
                        {"splats.show", "select.splats 84"},
                        [](User& user) { user.press(ImGuiKey_H); },
                        [](User& user) {
                            for (const Hit& hit : user.drawn("splats").hits)
                                User::expect(hit.id != "splat 84", "the splat is still drawn");
                        }});
    window.carry_out("splats.show");
    check_case(window, {"a level of the 3-D view",
                        "set",
                        {"set view.splats.hidden \"\""},
                        [](User& user) { user.click_hit("splats", "level Document"); },
                        [](User& user) {
                            const auto& registry = *user.snapshot().registry;
                            for (const Hit& hit : user.drawn("splats").hits) {
                                if (!hit.id.starts_with("splat ")) continue;
                                const auto id =
                                    static_cast<hsa::SplatId>(std::atoi(hit.id.c_str() + 6));
                                User::expect(registry.level[registry.row(id)] != 3,
                                             hit.id + " of the level is still drawn");
                            }
                        }});
    window.carry_out("set view.splats.hidden \"\"");
    check_case(window, {"coming near to a splat",
                        "camera.set",
                        {"camera.reset", "set view.splats.points false"},
                        [](User& user) {
                            for (const Hit& hit : user.drawn("splats").hits) {
                                if (!hit.id.starts_with("splat ")) continue;
                                return user.double_click(hit.place.centre());
                            }
                            throw Failed("no splat is drawn");
                        },
                        [](User& user) {
                            User::expect(user.session().desk.splats.distance > 0.0,
                                         "the camera stayed where it was");
                        },
                        true});
    window.carry_out("set view.splats.points true");
    window.carry_out("camera.reset");
    window.carry_out("select.none");
    hsa::SplatId folded = 0;
    check_case(window, {"folding a node",
                        "set",
                        {"set tree.collapsed \"\""},
                        [&](User& user) {
                            const auto& registry = *user.snapshot().registry;
                            for (const Hit& hit : user.drawn("tree").hits) {
                                if (!hit.id.starts_with("splat ")) continue;
                                folded = static_cast<hsa::SplatId>(std::atoi(hit.id.c_str() + 6));
                                if (!registry.children(folded).empty() && hit.place.width() > 6.0F)
                                    return user.double_click(hit.place.centre());
                            }
                            throw Failed("no node has children");
                        },
                        [&](User& user) {
                            const hsa::SplatId child =
                                user.snapshot().registry->children(folded).front();
                            for (const Hit& hit : user.drawn("tree").hits)
                                User::expect(hit.id != fmt::format("splat {}", child),
                                             "a child is still drawn");
                        },
                        true});
    window.carry_out("set tree.collapsed \"\"");
    check_case(window, {"the words' tint",
                        "set",
                        {"set text.tint from"},
                        [](User& user) { user.click_hit("text", "text tint level"); },
                        [](User& user) {
                            User::expect(user.session().desk.text.tint == TextTint::level,
                                         "the tint is the same");
                        }});
    check_case(window,
               {"back to the whole map",
                "map.view",
                {"map.view 10 60 10 60"},
                [](User& user) { user.double_click(user.hit("map", "map cell").place.centre()); },
                [](User& user) {
                    const AxisRange& rows = user.drawn("map").axes.at(0);
                    const auto tokens = static_cast<double>(user.snapshot().dataset->size());
                    User::expect(rows.begin == 0.0 && rows.end == tokens,
                                 fmt::format("rows {} to {}", rows.begin, rows.end));
                },
                true});
    check_case(window, {"panning the map",
                        "map.view",
                        {"map.view 100 200 100 200"},
                        [](User& user) {
                            const Vec2 middle = user.hit("map", "map cell").place.centre();
                            user.drag(middle, {middle.x + 50, middle.y + 50});
                        },
                        [](User& user) {
                            const MapDesk& map = user.session().desk.map;
                            User::expect(map.row_begin < 95.0 && map.column_begin < 95.0,
                                         fmt::format("rows from {}", map.row_begin));
                            User::expect(user.drawn("map").axes.at(0).begin == map.row_begin,
                                         "the view shows other rows");
                        }});
}

}  // namespace splatscope::tests
