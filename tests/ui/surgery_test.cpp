#include "tests/catch.h"
#include "tests/ui/ui_case.h"

#include <fmt/core.h>
#include <imgui.h>

#include <cmath>
#include <memory>
#include <string>

// Handles on the selected splat in 3-D: dragged, put back by Esc, undone.

namespace splatscope::tests {
namespace {

constexpr hsa::SplatId kSplat = 4;

Vec2 beyond(User& user, const std::string& handle, float share) {
    const Vec2 middle = user.hit("splats", "handle plane").place.centre();
    const Vec2 grip = user.hit("splats", handle).place.centre();
    return {grip.x + share * (grip.x - middle.x), grip.y + share * (grip.y - middle.y)};
}

Vec2 grip(User& user, const std::string& handle) {
    return user.hit("splats", handle).place.centre();
}

}  // namespace

TEST_CASE("a splat is moved, widened and weighed by its handles in 3-D", "[ui][surgery]") {
    TestedWindow window;
    window.carry_out("open sample:creatures");
    window.carry_out("set view.splats.points false");
    window.carry_out(fmt::format("select.splats {}", kSplat));
    const std::shared_ptr<const hsa::SplatRegistry> before = window.runner().snapshot().registry;
    const std::shared_ptr<const hsa::Layout> layout = window.runner().snapshot().layout;
    const std::size_t row = before->row(kSplat);
    const auto last_edit = [](User& user) {
        const auto& entries = user.session().document.timeline.entries;
        User::expect(!entries.empty() && entries.back().edit.has_value(), "there is no edit");
        return *entries.back().edit;
    };
    // One undo brings the splats back bit for bit.
    const auto undo = [&](User& user) {
        user.press(ImGuiMod_Ctrl | ImGuiKey_Z);
        User::expect(hsa::same_bits(*user.snapshot().registry, *before),
                     "undo does not bring the splats back");
    };
    check_case(window,
               {"moving along an axis",
                "splats.move",
                {},
                [](User& user) {
                    user.drag(grip(user, "handle axis 1"), beyond(user, "handle axis 1", 0.7F));
                },
                [&](User& user) {
                    const hsa::Edit edit = last_edit(user);
                    User::expect(edit.kind == hsa::Edit::Kind::move, "it is no move");
                    User::expect(edit.splats == std::vector<hsa::SplatId>{kSplat},
                                 "another splat is moved");
                    const hsa::SplatRegistry& now = *user.snapshot().registry;
                    double along = 0.0;
                    double whole = 0.0;
                    for (std::size_t a = 0; a < edit.values.size(); ++a) {
                        along += edit.values[a] * static_cast<double>(layout->axes(0, a));
                        whole += edit.values[a] * edit.values[a];
                        const auto wanted = static_cast<float>(
                            static_cast<double>(before->gaussians.centre(row, a)) + edit.values[a]);
                        User::expect(now.gaussians.centre(now.row(kSplat), a) == wanted,
                                     fmt::format("coordinate {} of the centre is {}, not {}", a,
                                                 now.gaussians.centre(now.row(kSplat), a), wanted));
                    }
                    User::expect(
                        along > 0.01 && std::abs(along - std::sqrt(whole)) < 1e-4 * along,
                        fmt::format("{} along axis 1 of a move of {}", along, std::sqrt(whole)));
                    undo(user);
                }});
    check_case(window, {"widening",
                        "splats.widen",
                        {},
                        [](User& user) {
                            user.drag(grip(user, "handle width"),
                                      beyond(user, "handle width", 0.5F));
                        },
                        [&](User& user) {
                            const hsa::Edit edit = last_edit(user);
                            User::expect(edit.kind == hsa::Edit::Kind::widen &&
                                             std::abs(edit.values.at(0) - 1.5) < 0.05,
                                         "it is not half as wide again");
                            undo(user);
                        }});
    check_case(window, {"the amplitude",
                        "splats.amplitude",
                        {},
                        [](User& user) {
                            const Vec2 from = grip(user, "handle amplitude");
                            user.drag(from, {from.x, from.y - 16.0F});
                        },
                        [&](User& user) {
                            const double was =
                                std::exp(static_cast<double>(before->log_amplitude[row]));
                            const double is = last_edit(user).values.at(0);
                            User::expect(is > 2.0 * was && is < 8.0 * was,
                                         fmt::format("{} is not four times {}", is, was));
                            undo(user);
                        }});
    check_case(window, {"a button beside the handles",
                        "splats.split",
                        {},
                        [](User& user) { user.click_hit("splats", "surgery split"); },
                        [&](User& user) {
                            User::expect(last_edit(user).kind == hsa::Edit::Kind::split,
                                         "nothing is split");
                            undo(user);
                        }});
    const Document whole = window.runner().session().document;
    window.use([&](User& user) {
        const Vec2 from = grip(user, "handle axis 1");
        user.drag_and_press(from, beyond(user, "handle axis 1", 0.7F), ImGuiKey_Escape);
    });
    CHECK(window.runner().session().document == whole);
    CHECK(hsa::same_bits(*window.runner().snapshot().registry, *before));
}

}  // namespace splatscope::tests
