#include "app/views/splats_marks.h"

#include "app/views/view_names.h"
#include "app/widgets/sign.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <optional>
#include <set>
#include <string>
#include <utility>

namespace splatscope {
namespace {

constexpr std::size_t kOutlinePoints = 72;
constexpr std::size_t kMostNames = 9;
constexpr std::size_t kMostLitNames = 12;
constexpr float kRoomOfName = 35000.0F;     // square pixels of the picture a name ...
constexpr float kRoomOfLitName = 14000.0F;  // ... and a name of what is lit
constexpr Vec2 kNamesApart = {8.0F, 6.0F};  // pixels between two names
constexpr float kWidestName = 190.0F;
constexpr float kDotRadius = 4.0F;   // of a centre
constexpr float kLeastMark = 0.4F;   // opacity of the ring or centre of a splat without any
constexpr float kSignSize = 6.0F;    // of a level, on a body
constexpr float kUnlitSign = 0.35F;  // its opacity on a body that steps back behind lit ones
constexpr float kFarAlpha = 0.55F;   // share of its opacity that the farthest mark keeps

std::optional<Vec2> on_canvas(const Canvas& canvas, const Projector& project, const Vec3& point) {
    const auto projected = project(point);
    if (!projected) return std::nullopt;
    return Vec2{canvas.bounds().min.x + projected->position.x,
                canvas.bounds().min.y + projected->position.y};
}

std::vector<Vec2> outline_on_canvas(const Canvas& canvas, const OrbitCamera& camera,
                                    const Ellipsoid& shape) {
    std::vector<Vec2> line;
    const Projector project(camera);
    for (const Vec3& point : outline(shape, camera, kOutlinePoints)) {
        const auto place = on_canvas(canvas, project, point);
        if (!place) return {};
        line.push_back(*place);
    }
    return line;
}

// Bodies from the farthest to the nearest.
std::vector<std::size_t> far_first(const SplatsScene& scene, const OrbitCamera& camera) {
    std::vector<std::size_t> order(scene.bodies.size());
    std::iota(order.begin(), order.end(), 0U);
    const Vec3 nearer = camera.towards_eye();
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
        return dot(scene.bodies[a].drawn.shape.centre, nearer) <
               dot(scene.bodies[b].drawn.shape.centre, nearer);
    });
    return order;
}

// Without them bodies would tell their level by colour alone. Adds where they stand.
void draw_levels(Canvas& canvas, const ViewContext& context, const SplatsScene& scene,
                 const OrbitCamera& camera, std::vector<Rect>& signs) {
    constexpr float kSignsApart = 14.0F;
    const bool any_lit = std::any_of(scene.bodies.begin(), scene.bodies.end(),
                                     [](const SplatsScene::Body& body) { return body.lit; });
    std::vector<std::size_t> order = far_first(scene, camera);
    std::reverse(order.begin(), order.end());
    std::stable_partition(order.begin(), order.end(),
                          [&](std::size_t b) { return scene.bodies[b].lit; });
    const Projector project(camera);
    std::set<std::pair<int, int>> taken;  // cells of the picture
    for (const std::size_t b : order) {
        const SplatsScene::Body& body = scene.bodies[b];
        const auto place = on_canvas(canvas, project, body.drawn.shape.centre);
        if (!place || !canvas.bounds().contains(*place)) continue;
        const std::pair cell(static_cast<int>(place->x / kSignsApart),
                             static_cast<int>(place->y / kSignsApart));
        bool free = true;
        for (int dx = -1; dx <= 1; ++dx)
            for (int dy = -1; dy <= 1; ++dy)
                free = free && taken.count({cell.first + dx, cell.second + dy}) == 0;
        if (!free) continue;
        taken.insert(cell);
        const float alpha = any_lit && !body.lit ? kUnlitSign : 1.0F;
        draw_edged_sign(canvas, *place,
                        {body.drawn.colour.with_alpha(alpha), level_shape(body.level)}, kSignSize,
                        context.theme.panel.with_alpha(alpha));
        constexpr float kHalf = 0.5F * kSignSize + 1.0F;
        signs.push_back(
            {{place->x - kHalf, place->y - kHalf}, {place->x + kHalf, place->y + kHalf}});
    }
}

}  // namespace

std::vector<Rect> draw_outlines(Canvas& canvas, const ViewContext& context,
                                const SplatsScene& scene, const OrbitCamera& camera) {
    std::vector<Rect> signs;
    const SplatStyle style = context.session.desk.splats.style;
    const Projector project(camera);
    const auto ring = [&](const SplatsScene::Body& body, Colour colour, float width) {
        const std::vector<Vec2> line = outline_on_canvas(canvas, camera, body.drawn.shape);
        if (!line.empty()) canvas.polyline(line, colour, width, true);
    };
    for (const std::size_t b : far_first(scene, camera)) {
        const SplatsScene::Body& body = scene.bodies[b];
        const double height =
            dot(body.drawn.shape.centre - scene.frame.middle, camera.towards_eye());
        const double nearness = std::clamp(0.5 + 0.5 * height / scene.frame.radius, 0.0, 1.0);
        const float alpha =
            std::clamp(kLeastMark + (1.0F - kLeastMark) * body.drawn.alpha, 0.0F, 1.0F) *
            (kFarAlpha + (1.0F - kFarAlpha) * static_cast<float>(nearness));
        if (style == SplatStyle::rings) ring(body, body.drawn.colour.with_alpha(alpha), 1.5F);
        if (style != SplatStyle::centres) continue;
        const auto place = on_canvas(canvas, project, body.drawn.shape.centre);
        if (!place) continue;
        const Sign sign(body.drawn.colour.with_alpha(alpha), level_shape(body.level));
        draw_edged_sign(canvas, *place, sign, 2.0F * kDotRadius, context.theme.panel);
        if (body.lit) canvas.circle_outline(*place, 7.0F, context.theme.accent, 2.0F);
    }
    if (style == SplatStyle::centres) return signs;
    draw_levels(canvas, context, scene, camera, signs);
    for (const SplatsScene::Body& body : scene.bodies) {
        if (!body.lit) continue;
        ring(body, context.theme.panel.with_alpha(0.7F), 4.5F);
        ring(body, context.theme.accent, 2.5F);
    }
    return signs;
}

void draw_asked(Canvas& canvas, const ViewContext& context, const OrbitCamera& camera) {
    constexpr std::size_t kMostAsked = 200;
    const hsa::LookResult& look = context.look;
    if (!look.asked || !look.of || look.of->layout != context.snapshot.layout) return;
    const hsa::Matrix<float>& points = *context.snapshot.layout->points[points_level(context)];
    const Projector project(camera);
    const auto place_of = [&](std::size_t token) -> std::optional<Vec2> {
        if (token >= points.rows()) return std::nullopt;
        return on_canvas(
            canvas, project,
            {static_cast<double>(points(token, 0)), static_cast<double>(points(token, 1)),
             static_cast<double>(points(token, 2))});
    };
    for (const std::uint32_t token : hsa::answering_tokens(*look.asked))
        if (const auto at = place_of(token)) {
            canvas.circle_outline(*at, 4.5F, context.theme.panel, 3.5F);
            canvas.circle_outline(*at, 4.5F, context.theme.accent, 1.5F);
        }
    if (hsa::total_size(look.asked->tokens) > kMostAsked) return;
    for (const hsa::Range& range : look.asked->tokens)
        for (std::size_t token = range.begin; token < range.end; ++token)
            if (const auto at = place_of(token)) {
                canvas.circle(*at, 5.5F, context.theme.panel);
                canvas.circle(*at, 4.0F, context.theme.accent);
            }
}

void draw_names(Canvas& canvas, const ViewContext& context, const SplatsScene& scene,
                const OrbitCamera& camera, std::span<const Rect> plates,
                std::span<const Rect> signs, Drawn& drawn) {
    std::vector<std::size_t> order(scene.bodies.size());
    std::iota(order.begin(), order.end(), 0U);
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
        const SplatsScene::Body& x = scene.bodies[a];
        const SplatsScene::Body& y = scene.bodies[b];
        if (x.lit != y.lit) return x.lit;
        if (x.level != y.level) return x.level > y.level;
        return x.usage > y.usage;
    });
    const Projector project(camera);
    const bool any_lit = !order.empty() && scene.bodies[order.front()].lit;
    // Fewer in a small picture: names that stand close are read as one.
    const float area = canvas.bounds().width() * canvas.bounds().height();
    const auto most =
        std::min(any_lit ? kMostLitNames : kMostNames,
                 static_cast<std::size_t>(1.0F + area / (any_lit ? kRoomOfLitName : kRoomOfName)));
    std::vector<Rect> written;
    std::set<std::string> said;
    for (const std::size_t b : order) {
        const SplatsScene::Body& body = scene.bodies[b];
        const auto centre = on_canvas(canvas, project, body.drawn.shape.centre);
        if (!centre || !canvas.bounds().contains(*centre)) continue;
        drawn.hits.push_back(
            {fmt::format("splat {}", body.id),
             {{centre->x - 4.0F, centre->y - 4.0F}, {centre->x + 4.0F, centre->y + 4.0F}},
             fmt::format("select.splats {}", body.id)});
        if (!context.session.desk.splats.labels || written.size() >= most || (any_lit && !body.lit))
            continue;
        const TextStyle style{
            body.lit ? context.theme.text : mix(context.theme.text, context.theme.secondary, 0.25F),
            body.lit ? Font::bold : Font::text,
            kSmallTextSize,
            Align::centre,
            Align::end,
            context.theme.panel.with_alpha(0.55F)};
        const std::string name =
            canvas.fit(splat_name(context.snapshot, body.id), style, kWidestName);
        // A splat and its parent are often about the same words.
        if (!body.lit && said.count(name) > 0) continue;
        // Above what is drawn of the splat where there is room, else in its middle, or below.
        float top = centre->y - kDotRadius;
        float bottom = centre->y + kDotRadius;
        if (context.session.desk.splats.style != SplatStyle::centres)
            for (const Vec2& point : outline_on_canvas(canvas, camera, body.drawn.shape)) {
                top = std::min(top, point.y);
                bottom = std::max(bottom, point.y);
            }
        const Vec2 size = canvas.text_size(name, style);
        const auto write = [&](float foot, bool over_signs) {
            const Rect place = {{centre->x - 0.5F * size.x, foot - size.y},
                                {centre->x + 0.5F * size.x, foot}};
            const Rect airy = {{place.min.x - kNamesApart.x, place.min.y - kNamesApart.y},
                               {place.max.x + kNamesApart.x, place.max.y + kNamesApart.y}};
            const auto covers = [&](const Rect& each) { return each.overlaps(place); };
            const auto crowds = [&](const Rect& each) { return each.overlaps(airy); };
            if (std::any_of(plates.begin(), plates.end(), covers) ||
                (!over_signs && std::any_of(signs.begin(), signs.end(), covers)) ||
                std::any_of(written.begin(), written.end(), crowds) ||
                !canvas.label({centre->x, foot}, name, style))
                return false;
            written.push_back(place);
            said.insert(name);
            return true;
        };
        // In the middle its own sign stays free.
        const float middle =
            signs.empty() ? centre->y + 0.5F * kSmallTextSize : centre->y - 0.5F * kSignSize - 2.0F;
        const auto find_room = [&](bool over_signs) {
            return write(top - 3.0F, over_signs) || write(middle, over_signs) ||
                   (body.lit && write(bottom + 3.0F + size.y, over_signs));
        };
        // What is lit is rather named over the sign of another than not at all.
        if (!find_room(false) && body.lit) (void)find_room(true);
    }
}

}  // namespace splatscope
