#include "app/views/splats_cube.h"

#include "app/views/splats_legend.h"
#include "app/views/splats_pick.h"
#include "app/widgets/text_lines.h"

#include <fmt/core.h>

#include <array>
#include <cmath>
#include <numbers>
#include <string>

namespace splatscope {
namespace {

constexpr float kHalf = 17.0F;    // of an edge, pixels
constexpr float kRoom = 34.0F;    // half of the place it takes
constexpr double kFacing = 0.06;  // cosine from which a face can be clicked
constexpr double kNamed = 0.25;   // ... and has room for its number
constexpr float kLeastWidth = 300.0F;
constexpr float kLeastHeight = 220.0F;

struct Face {
    std::size_t axis = 0;
    double sign = 1.0;

    [[nodiscard]] std::string name() const {
        return fmt::format("{}{}", sign < 0.0 ? "\u2212" : "", axis + 1);
    }
    // The camera's angles that look straight at it.
    [[nodiscard]] std::array<double, 2> angles() const {
        constexpr double kQuarter = 0.5 * std::numbers::pi;
        if (axis == 1) return {0.0, sign * kQuarter};
        if (axis == 0) return {sign * kQuarter, 0.0};
        return {sign > 0.0 ? 0.0 : std::numbers::pi, 0.0};
    }
};

std::string look_at(const Face& face, const ViewContext& context) {
    const SplatsDesk& desk = context.session.desk.splats;
    const auto [yaw, pitch] = face.angles();
    return fmt::format("camera.set {} {} {} {} {} {}", yaw, pitch, desk.distance, desk.pivot[0],
                       desk.pivot[1], desk.pivot[2]);
}

}  // namespace

void draw_cube(Canvas& canvas, const ViewContext& context, const OrbitCamera& camera,
               const Pointer& pointer, Drawn& drawn, std::vector<Rect>& plates) {
    const Rect bounds = canvas.bounds();
    if (context.exporting || !context.session.desk.splats.cube || bounds.width() < kLeastWidth ||
        bounds.height() < kLeastHeight)
        return;
    const Vec2 middle = {bounds.max.x - kRoom - 6.0F, bounds.min.y + kRoom + 6.0F};
    draw_plate(canvas, context.theme,
               {{middle.x - kRoom, middle.y - kRoom}, {middle.x + kRoom, middle.y + kRoom}},
               plates);
    const auto on_canvas = [&](const Vec3& corner) {
        return Vec2{middle.x + kHalf * static_cast<float>(dot(corner, camera.right())),
                    middle.y - kHalf * static_cast<float>(dot(corner, camera.up()))};
    };
    for (std::size_t axis = 0; axis < 3; ++axis)
        for (const double sign : {-1.0, 1.0}) {
            const Face face{axis, sign};
            const double facing = sign * camera.towards_eye()[axis];
            if (facing < kFacing) continue;
            std::array<Vec2, 4> corners;
            for (std::size_t c = 0; c < 4; ++c) {
                Vec3 corner{};
                corner[axis] = sign;
                corner[(axis + 1) % 3] = c == 0 || c == 3 ? -1.0 : 1.0;
                corner[(axis + 2) % 3] = c < 2 ? -1.0 : 1.0;
                corners[c] = on_canvas(corner);
            }
            const bool under = pointer.inside && inside(corners, pointer.position);
            const Colour fill = mix(context.theme.lines, context.theme.secondary,
                                    0.15F + 0.25F * static_cast<float>(facing));
            canvas.polygon(corners, under ? context.theme.accent : fill);
            canvas.polyline(corners, context.theme.panel, 1.0F, true);
            Vec3 normal{};
            normal[axis] = sign;
            const Vec2 at = on_canvas(normal);
            if (facing > kNamed) {
                TextStyle style;
                style.colour = readable_on(under ? context.theme.accent : fill);
                style.size = 12.0F;
                style.font = Font::bold;
                style.horizontal = style.vertical = Align::centre;
                (void)canvas.label(at, face.name(), style);
            }
            const std::string command = look_at(face, context);
            drawn.hits.push_back({"cube " + face.name(),
                                  {{at.x - 3.0F, at.y - 3.0F}, {at.x + 3.0F, at.y + 3.0F}},
                                  command});
            if (!under) continue;
            drawn.tooltip = fmt::format("click to look along axis {}{}", axis + 1,
                                        sign < 0.0 ? " from behind" : "");
            if (pointer.clicked) drawn.commands.push_back(command);
        }
}

}  // namespace splatscope
