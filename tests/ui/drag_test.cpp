#include "tests/catch.h"
#include "tests/ui/linked_selection.h"
#include "tests/ui/ui_case.h"

#include <fmt/core.h>
#include <imgui.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <numbers>
#include <optional>
#include <vector>

// What a drag does that changes more than where one looks from: another parent, a free line around
// splats, another range of colours, words taken away.

namespace splatscope::tests {
namespace {

const hsa::SplatRegistry& registry(const User& user) { return *user.snapshot().registry; }

// A splat that the hierarchy draws, with room to hit it.
struct DrawnSplat {
    hsa::SplatId id = 0;
    Vec2 at;
};
std::vector<DrawnSplat> drawn_splats(const User& user, const std::string& view, float least) {
    std::vector<DrawnSplat> splats;
    for (const Hit& hit : user.drawn(view).hits)
        if (hit.id.starts_with("splat ") && hit.place.width() >= least)
            splats.push_back(
                {static_cast<hsa::SplatId>(std::atoi(hit.id.c_str() + 6)), hit.place.centre()});
    return splats;
}

constexpr float kRadius = 110.0F;  // of the line around the middle of the 3-D view
constexpr std::size_t kCorners = 16;

std::vector<Vec2> around(Vec2 middle) {
    std::vector<Vec2> line;
    for (std::size_t c = 0; c <= kCorners; ++c) {
        const float turn =
            2.0F * std::numbers::pi_v<float> * static_cast<float>(c) / static_cast<float>(kCorners);
        line.push_back({middle.x + kRadius * std::cos(turn), middle.y + kRadius * std::sin(turn)});
    }
    return line;
}

}  // namespace

TEST_CASE("a node that is dropped on another gets it for its parent", "[ui][surgery]") {
    TestedWindow window;
    window.carry_out("open sample:adapted");
    window.carry_out("adapt.last");
    hsa::SplatId child = 0, parent = 0;
    const auto drop = [&](User& user) {
        const std::vector<DrawnSplat> drawn = drawn_splats(user, "tree", 6.0F);
        for (const DrawnSplat& from : drawn)
            for (const DrawnSplat& to : drawn) {
                const std::size_t row = registry(user).row(from.id);
                if (registry(user).level[registry(user).row(to.id)] !=
                        registry(user).level[row] + 1 ||
                    registry(user).parent[row] == to.id)
                    continue;
                child = from.id;
                parent = to.id;
                return user.drag(from.at, to.at);
            }
        throw Failed("no two nodes can be joined");
    };
    check_case(window, {"another parent", "splats.reparent", {}, drop, [&](User& user) {
                            const auto& entries = user.session().document.timeline.entries;
                            User::expect(!entries.empty() && entries.back().edit &&
                                             entries.back().edit->kind == hsa::Edit::Kind::reparent,
                                         "no edit is in the Session");
                            const auto& now = registry(user);
                            User::expect(now.parent[now.row(child)] == parent,
                                         fmt::format("splat {} has the parent {} and not {}", child,
                                                     now.parent[now.row(child)], parent));
                            User::expect(user.snapshot().complete, "the Snapshot is not whole");
                            (void)user.hit("tree", fmt::format("splat {}", child));
                        }});
    window.carry_out("undo");
    window.use([&](User& user) {
        user.settle();
        const auto& now = registry(user);
        User::expect(now.parent[now.row(child)] != parent, "undo did not take it back");
        // Dropped beside every node it changes nothing.
        const Document before = user.session().document;
        const Rect place = user.place_of("tree");
        user.drag(user.hit("tree", fmt::format("splat {}", child)).place.centre(),
                  {place.max.x - 3.0F, place.max.y - 3.0F});
        User::expect(user.session().document == before, "a drop on nothing changed something");
    });
}

TEST_CASE("a free line around splats selects those inside", "[ui]") {
    TestedWindow window;
    window.carry_out("open sample:adapted");
    window.carry_out("adapt.last");
    check_case(window,
               {"Shift+Ctrl and a drag in 3-D",
                "select.splats",
                {"select.none", "camera.reset"},
                [](User& user) {
                    const Vec2 middle = user.place_of("splats").centre();
                    user.drag_along(around(middle), ImGuiMod_Shift | ImGuiMod_Ctrl);
                },
                [](User& user) {
                    const auto& picked = user.session().document.selection.splats;
                    User::expect(!picked.empty() && picked.size() < registry(user).size(),
                                 fmt::format("{} splats are selected", picked.size()));
                    const Vec2 middle = user.place_of("splats").centre();
                    const float inner = kRadius * std::cos(std::numbers::pi_v<float> / kCorners);
                    std::size_t inside = 0;
                    for (const DrawnSplat& splat : drawn_splats(user, "splats", 0.0F)) {
                        const float far = std::hypot(splat.at.x - middle.x, splat.at.y - middle.y);
                        const bool is_picked =
                            std::binary_search(picked.begin(), picked.end(), splat.id);
                        inside += is_picked;
                        User::expect(far > inner - 2.0F || is_picked,
                                     fmt::format("splat {} is inside", splat.id));
                        User::expect(far < kRadius + 2.0F || !is_picked,
                                     fmt::format("splat {} is outside", splat.id));
                    }
                    User::expect(inside == picked.size(), "others are selected, too");
                    expect_selection_everywhere(user);
                }});
}

TEST_CASE("a drag on the map's bar moves an end of the colours, and they stay", "[ui]") {
    TestedWindow window;
    window.carry_out("open sample:adapted");
    // From an end of the bar towards the other: shares of its length, from below or the left.
    const auto along = [](float from, float to) {
        return [from, to](User& user) {
            const Rect bar = user.hit("map", "map scale").place;
            const bool upright = bar.height() > bar.width();
            const auto at = [&](float share) {
                return upright ? Vec2{bar.min.x + 4.0F, bar.max.y - share * bar.height()}
                               : Vec2{bar.min.x + share * bar.width(), bar.min.y + 4.0F};
            };
            user.drag(at(from), at(to));
        };
    };
    const auto factors = window.runner().snapshot().factors;
    std::optional<double> low, high;
    check_case(window, {"the high end",
                        "map.range",
                        {"map.range", "reset map.scale"},
                        along(0.95F, 0.65F),
                        [&](User& user) {
                            const MapDesk& desk = user.session().desk.map;
                            User::expect(desk.low && desk.high && *desk.low < *desk.high,
                                         "no range is kept");
                            low = desk.low;
                            high = desk.high;
                            User::expect(user.snapshot().factors == factors,
                                         "colours made the attention anew");
                        }});
    REQUIRE((low && high));
    check_case(window, {"the low end",
                        "map.range",
                        {fmt::format("map.range {} {}", *low, *high)},
                        along(0.05F, 0.3F),
                        [&](User& user) {
                            const MapDesk& desk = user.session().desk.map;
                            User::expect(desk.low && *desk.low > 1.05 * *low,
                                         fmt::format("the low end is {}", desk.low.value_or(-1.0)));
                            User::expect(desk.high && std::abs(*desk.high - *high) < 0.01 * *high,
                                         "the high end moved, too");
                        }});
    check_case(window,
               {"both, and a double click lets go",
                "map.range",
                {"reset map.scale", fmt::format("map.range {} {}", *low, *high)},
                [](User& user) { user.double_click(user.hit("map", "map scale").place.centre()); },
                [](User& user) {
                    User::expect(!user.session().desk.map.low && !user.session().desk.map.high,
                                 "the range is still kept");
                    User::expect(user.session().desk.map.scale == MapScale::fixed,
                                 "its first click left another scale");
                }});
}

TEST_CASE("Shift and Ctrl with a drag on the map take words away", "[ui]") {
    TestedWindow window;
    window.carry_out("open sample:adapted");
    check_case(window, {"a rectangle that is taken away",
                        "select.block",
                        {"map.view", "select.all"},
                        [](User& user) {
                            const Vec2 middle = user.hit("map", "map cell").place.centre();
                            user.drag({middle.x - 40.0F, middle.y - 30.0F},
                                      {middle.x + 40.0F, middle.y + 30.0F},
                                      ImGuiMod_Shift | ImGuiMod_Ctrl);
                        },
                        [](User& user) {
                            const hsa::Selection& selection = user.session().document.selection;
                            const std::size_t n = user.snapshot().dataset->size();
                            const std::size_t left = hsa::total_size(selection.tokens);
                            User::expect(left > n / 2 && left < n,
                                         fmt::format("{} of {} words are left", left, n));
                            User::expect(!selection.block, "a block was added");
                            expect_selection_everywhere(user);
                        }});
}

}  // namespace splatscope::tests
