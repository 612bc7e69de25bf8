#include "engine/explain/layout.h"
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

TEST_CASE("while a handle is dragged the other views follow it", "[ui][surgery]") {
    TestedWindow window;
    window.carry_out("open sample:creatures");
    window.carry_out("set view.splats.points false");
    window.carry_out(fmt::format("select.splats {}", kSplat));
    window.use([&](User& user) {
        user.settle();
        Runner& runner = window.runner();
        const Document document = runner.session().document;
        const hsa::LookResult before = runner.look();
        const double usage = before.splat->usage;
        const auto hold = [&] {
            const Vec2 from = grip(user, "handle amplitude");
            user.hold(from, {from.x, from.y - 24.0F});
            for (int frame = 0; frame < 600; ++frame) {
                const hsa::Snapshot* shown = runner.preview();
                if (shown != nullptr && shown->preview == hsa::PreviewKind::exact) return;
                user.draw_frames(1);
            }
            throw Failed("nothing follows the hand");
        };
        hold();
        User::expect(runner.session().document == document, "something is done already");
        User::expect(user.drawn("splats").preview.starts_with("splats.amplitude"),
                     "the 3-D view says nothing of its gesture");
        const double during = runner.look().splat->usage;
        User::expect(during > 1.2 * usage,
                     fmt::format("usage goes from {} to {} only", usage, during));
        User::expect(!(runner.look().pictures[0]->mean == before.pictures[0]->mean),
                     "the map does not follow");
        const auto says_preview = [&](const std::string& view) {
            for (const PlacedText& text : window.shell().panel(view).header)
                if (text.text.find("preview") != std::string::npos) return true;
            return false;
        };
        user.draw_frames(2);
        for (const char* view : {"map", "inspector"})
            User::expect(says_preview(view), fmt::format("{} does not say so", view));
        User::expect(!says_preview("splats"), "3-D draws itself");
        // Esc, with the button still down.
        user.strike(ImGuiKey_Escape);
        user.draw_frames(3);
        User::expect(runner.preview() == nullptr, "Esc does not put it back");
        user.release();
        User::expect(runner.session().document == document, "Esc did something");
        User::expect(runner.look().splat->usage == usage &&
                         runner.look().pictures[0]->mean == before.pictures[0]->mean,
                     "it is not as it was");
        // Let go, it is one command.
        const std::size_t steps = runner.undo_history().past_names().size();
        hold();
        const double shown = runner.look().splat->usage;
        user.release();
        User::expect(runner.undo_history().past_names().size() == steps + 1, "not one step");
        User::expect(runner.preview() == nullptr && runner.look().of == runner.snapshot_pointer(),
                     "the preview outlives the gesture");
        User::expect(runner.look().splat->usage == shown,
                     "what is there now is not what was shown");
    });
}

TEST_CASE("a splat whose kind allows it is stretched by handles in 3-D", "[ui][surgery]") {
    TestedWindow window;
    window.carry_out("set splats.kernel full");
    window.carry_out("open sample:creatures");
    window.carry_out("set view.splats.points false");
    window.carry_out(fmt::format("select.splats {}", kSplat));
    const std::shared_ptr<const hsa::SplatRegistry> before = window.runner().snapshot().registry;
    const std::shared_ptr<const hsa::Layout> layout = window.runner().snapshot().layout;
    check_case(
        window,
        {"stretching along an axis",
         "splats.stretch",
         {},
         [](User& user) {
             user.drag(grip(user, "handle stretch 1"), beyond(user, "handle stretch 1", 0.5F));
         },
         [&](User& user) {
             const std::size_t row = before->row(kSplat);
             const hsa::Snapshot& now = user.snapshot();
             const auto& entries = user.session().document.timeline.entries;
             User::expect(!entries.empty(), "nothing was done");
             const double factor = entries.back().edit->values.at(0);
             User::expect(factor > 1.3 && factor < 1.7, fmt::format("stretched {} times", factor));
             // In the picture of before: variance along axis 1 by the square, no other
             // variance.
             const auto is = hsa::projected_covariance(
                 now.registry->gaussians.covariance(now.registry->row(kSplat)), *layout);
             const auto was = layout->covariances.row(row);
             User::expect(std::abs(is[0] / was[0] - factor * factor) < 1e-3 * factor,
                          "the variance along the axis does not fit");
             User::expect(std::abs(is[3] - was[3]) < 1e-4F * was[3] &&
                              std::abs(is[5] - was[5]) < 1e-4F * was[5],
                          "other axes change");
             user.press(ImGuiMod_Ctrl | ImGuiKey_Z);
             User::expect(hsa::same_bits(*user.snapshot().registry, *before),
                          "undo does not bring the splat back");
         }});
}

}  // namespace splatscope::tests
