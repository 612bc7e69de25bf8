#include "app/views/splats_marks.h"

#include "app/views/splats_colours.h"
#include "app/views/view_names.h"
#include "app/widgets/numbers.h"
#include "app/widgets/text_lines.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <optional>

namespace splatscope {
namespace {

constexpr std::size_t kOutlinePoints = 72;
constexpr std::size_t kMostNames = 9;
constexpr std::size_t kMostLitNames = 12;
constexpr float kWidestName = 190.0F;
constexpr float kLine = 18.0F;  // from one entry of a legend to the next
constexpr float kMargin = 12.0F;
constexpr float kBelowLegend = 90.0F;   // height that the picture keeps for itself
constexpr float kBar = 130.0F;          // width of a scale of numbers
constexpr float kLeastLegend = 240.0F;  // width of the view with a legend

std::optional<Vec2> on_canvas(const Canvas& canvas, const OrbitCamera& camera, const Vec3& point) {
    const auto projected = camera.project(point);
    if (!projected) return std::nullopt;
    return Vec2{canvas.bounds().min.x + projected->position.x,
                canvas.bounds().min.y + projected->position.y};
}

std::vector<Vec2> outline_on_canvas(const Canvas& canvas, const OrbitCamera& camera,
                                    const Ellipsoid& shape) {
    std::vector<Vec2> line;
    for (const Vec3& point : outline(shape, camera, kOutlinePoints)) {
        const auto place = on_canvas(canvas, camera, point);
        if (!place) return {};
        line.push_back(*place);
    }
    return line;
}

// Bodies from the farthest to the nearest.
std::vector<std::size_t> far_first(const SplatsScene& scene, const OrbitCamera& camera) {
    std::vector<std::size_t> order(scene.bodies.size());
    std::iota(order.begin(), order.end(), 0U);
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
        return dot(scene.bodies[a].drawn.shape.centre, camera.towards_eye()) <
               dot(scene.bodies[b].drawn.shape.centre, camera.towards_eye());
    });
    return order;
}

// The session's hidden levels with one of them turned over, as the setting takes them.
std::string toggled(const std::set<std::string>& hidden, const std::string& level) {
    std::set<std::string> changed = hidden;
    if (changed.erase(level) == 0) changed.insert(level);
    std::string list;
    for (const std::string& name : changed) list += (list.empty() ? "" : ",") + name;
    return fmt::format("set view.splats.hidden \"{}\"", list);
}

// A line of the legend; what can be clicked has an id.
struct LegendEntry {
    std::string text;
    TextStyle style;
    Colour dot = {0, 0, 0, 0};
    bool full = true;         // the dot
    std::vector<Colour> bar;  // a scale in place of the text, its ends below it
    std::string least, most;
    float space_above = 0.0F;
    std::string id, command;
};

// Years and other small whole numbers as they are.
std::string end_text(double value) {
    const bool plain = value == std::round(value) && std::abs(value) < 10000.0;
    return plain ? fmt::format("{:.0f}", value) : number_text(value);
}

// A scale of numbers: the bar, its ends in the line below, and what has no number.
void add_scale(const PointBar& bar, const TextStyle& quiet, const Theme& theme,
               std::vector<LegendEntry>& entries) {
    LegendEntry scale;
    scale.style = quiet;
    scale.bar = bar.colours;
    scale.least = end_text(bar.least);
    scale.most = end_text(bar.most);
    entries.push_back(scale);
    entries.emplace_back().style = quiet;
    if (!bar.missing) return;
    LegendEntry missing;
    missing.text = "none";
    missing.style = quiet;
    missing.dot = missing_colour(theme);
    entries.push_back(missing);
}

// The classes of the points where there is room, then the levels.
std::vector<LegendEntry> legend_entries(const Canvas& canvas, const ViewContext& context,
                                        const SplatsScene& scene) {
    const Rect bounds = canvas.bounds();
    const hsa::SplatRegistry& registry = *context.snapshot.registry;
    const std::set<std::string>& hidden = context.session.desk.splats.hidden_levels;
    const auto levels = static_cast<float>(registry.hierarchy.size());
    std::vector<LegendEntry> entries;
    if (bounds.width() < kLeastLegend || bounds.height() < (levels + 2.0F) * kLine) return entries;
    const TextStyle quiet{context.theme.secondary, Font::text,  kSmallTextSize, Align::end,
                          Align::centre,           {0, 0, 0, 0}};
    const auto lines = static_cast<float>(scene.bar ? 4 : scene.classes.size() + 1);
    if ((scene.bar || !scene.classes.empty()) && bounds.width() >= 360.0F &&
        (lines + levels) * kLine + kBelowLegend <= bounds.height()) {
        std::vector<std::string> names;
        for (const PointClass& kind : scene.classes) names.push_back(kind.name);
        names = fit_apart(canvas, names, quiet, std::min(200.0F, 0.3F * bounds.width()));
        TextStyle title = quiet;
        title.font = Font::bold;
        title.size = 12.0F;
        LegendEntry head;
        head.text = "points: " + scene.classes_title;
        head.style = title;
        entries.push_back(head);
        for (std::size_t c = 0; c < names.size(); ++c) {
            LegendEntry entry;
            entry.text = names[c];
            entry.style = quiet;
            entry.dot = scene.classes[c].colour;
            entries.push_back(entry);
        }
        if (scene.bar) add_scale(*scene.bar, quiet, context.theme, entries);
    }
    for (std::size_t l = 0; l < registry.hierarchy.size(); ++l) {
        const std::string& name = registry.hierarchy.levels[l].name;
        LegendEntry entry;
        entry.full = hidden.count(name) == 0;
        entry.text = fmt::format("{}  {}", name, count_text(registry.count(l)));
        entry.style = quiet;
        entry.dot = entry.full ? level_colour(l) : context.theme.secondary;
        if (entry.full) entry.style.colour = text_colour(context.theme, level_colour(l));
        if (l == 0 && !entries.empty()) entry.space_above = 8.0F;
        entry.id = "level " + name;
        entry.command = toggled(hidden, name);
        entries.push_back(entry);
    }
    return entries;
}

}  // namespace

void draw_outlines(Canvas& canvas, const ViewContext& context, const SplatsScene& scene,
                   const OrbitCamera& camera) {
    const SplatStyle style = context.session.desk.splats.style;
    const auto ring = [&](const SplatsScene::Body& body, Colour colour, float width) {
        const std::vector<Vec2> line = outline_on_canvas(canvas, camera, body.drawn.shape);
        if (!line.empty()) canvas.polyline(line, colour, width, true);
    };
    for (const std::size_t b : far_first(scene, camera)) {
        const SplatsScene::Body& body = scene.bodies[b];
        const float alpha = std::clamp(0.25F + 0.75F * body.drawn.alpha, 0.0F, 1.0F);
        if (style == SplatStyle::rings) ring(body, body.drawn.colour.with_alpha(alpha), 1.5F);
        if (style != SplatStyle::centres) continue;
        const auto place = on_canvas(canvas, camera, body.drawn.shape.centre);
        if (!place) continue;
        canvas.circle(*place, 5.0F, context.theme.panel);
        canvas.circle(*place, 4.0F, body.drawn.colour.with_alpha(alpha));
        if (body.lit) canvas.circle_outline(*place, 7.0F, context.theme.accent, 2.0F);
    }
    if (style == SplatStyle::centres) return;
    for (const SplatsScene::Body& body : scene.bodies) {
        if (!body.lit) continue;
        ring(body, context.theme.panel.with_alpha(0.7F), 4.5F);
        ring(body, context.theme.accent, 2.5F);
    }
}

void draw_asked(Canvas& canvas, const ViewContext& context, const OrbitCamera& camera) {
    constexpr std::size_t kMostAsked = 200;
    const hsa::LookResult& look = context.look;
    if (!look.asked || !look.of || look.of->layout != context.snapshot.layout ||
        hsa::total_size(look.asked->tokens) > kMostAsked)
        return;
    const hsa::Matrix<float>& points = *context.snapshot.layout->points[points_level(context)];
    const auto place_of = [&](std::size_t token) -> std::optional<Vec2> {
        if (token >= points.rows()) return std::nullopt;
        return on_canvas(
            canvas, camera,
            {static_cast<double>(points(token, 0)), static_cast<double>(points(token, 1)),
             static_cast<double>(points(token, 2))});
    };
    for (const std::uint32_t token : hsa::answering_tokens(*look.asked))
        if (const auto at = place_of(token)) {
            canvas.circle_outline(*at, 4.5F, context.theme.panel, 3.5F);
            canvas.circle_outline(*at, 4.5F, context.theme.accent, 1.5F);
        }
    for (const hsa::Range& range : look.asked->tokens)
        for (std::size_t token = range.begin; token < range.end; ++token)
            if (const auto at = place_of(token)) {
                canvas.circle(*at, 5.5F, context.theme.panel);
                canvas.circle(*at, 4.0F, context.theme.accent);
            }
}

void draw_names(Canvas& canvas, const ViewContext& context, const SplatsScene& scene,
                const OrbitCamera& camera, Drawn& drawn) {
    std::vector<std::size_t> order(scene.bodies.size());
    std::iota(order.begin(), order.end(), 0U);
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
        const SplatsScene::Body& x = scene.bodies[a];
        const SplatsScene::Body& y = scene.bodies[b];
        if (x.lit != y.lit) return x.lit;
        if (x.level != y.level) return x.level > y.level;
        return x.usage > y.usage;
    });
    const bool any_lit = !order.empty() && scene.bodies[order.front()].lit;
    const std::size_t most = any_lit ? kMostLitNames : kMostNames;
    std::size_t written = 0;
    for (const std::size_t b : order) {
        const SplatsScene::Body& body = scene.bodies[b];
        const auto centre = on_canvas(canvas, camera, body.drawn.shape.centre);
        if (!centre || !canvas.bounds().contains(*centre)) continue;
        drawn.hits.push_back(
            {fmt::format("splat {}", body.id),
             {{centre->x - 4.0F, centre->y - 4.0F}, {centre->x + 4.0F, centre->y + 4.0F}},
             fmt::format("select.splats {}", body.id)});
        if (!context.session.desk.splats.labels || written >= most || (any_lit && !body.lit))
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
        // Above the body where there is room, else in its middle.
        float top = centre->y;
        for (const Vec2& point : outline_on_canvas(canvas, camera, body.drawn.shape))
            top = std::min(top, point.y);
        if (canvas.label({centre->x, top - 3.0F}, name, style) ||
            canvas.label({centre->x, centre->y + 0.5F * kSmallTextSize}, name, style))
            ++written;
    }
}

float legend_margin(const Canvas& canvas, const ViewContext& context, const SplatsScene& scene) {
    float width = 0.0F;
    for (const LegendEntry& entry : legend_entries(canvas, context, scene))
        width = std::max({width, canvas.text_size(entry.text, entry.style).x + 2.0F * kMargin,
                          entry.bar.empty() ? 0.0F : kBar + 2.0F * kMargin});
    // The ball that is framed fills the height: only what the legend would cover of it counts.
    const Rect bounds = canvas.bounds();
    const float spare = std::max(bounds.width() - bounds.height(), 0.0F);
    return width <= 0.4F * bounds.width() ? std::clamp(2.0F * width - spare, 0.0F, width) : 0.0F;
}

namespace {

// The bar ends at `right`; its numbers stand in the line below.
void draw_scale(Canvas& canvas, const LegendEntry& entry, Vec2 right) {
    constexpr float kHeight = 10.0F;
    const auto steps = static_cast<float>(entry.bar.size());
    const float left = right.x - kBar;
    for (std::size_t c = 0; c < entry.bar.size(); ++c) {
        const auto step = static_cast<float>(c);
        canvas.rect({{left + kBar * step / steps, right.y - 0.5F * kHeight},
                     {left + kBar * (step + 1.0F) / steps, right.y + 0.5F * kHeight}},
                    entry.bar[c]);
    }
    TextStyle number = entry.style;
    (void)canvas.text({right.x, right.y + 0.9F * kLine}, entry.most, number);
    number.horizontal = Align::start;
    (void)canvas.text({left, right.y + 0.9F * kLine}, entry.least, number);
}

}  // namespace

void draw_legend(Canvas& canvas, const ViewContext& context, const SplatsScene& scene,
                 const Pointer& pointer, Drawn& drawn) {
    const std::vector<LegendEntry> entries = legend_entries(canvas, context, scene);
    const float right = canvas.bounds().max.x - kMargin;
    float y = canvas.bounds().max.y - kMargin + 0.5F * kLine;
    for (const LegendEntry& entry : entries) y -= kLine + entry.space_above;
    for (const LegendEntry& entry : entries) {
        y += entry.space_above;
        if (!entry.bar.empty()) draw_scale(canvas, entry, {right, y});
        if (entry.text.empty()) {
            y += kLine;
            continue;
        }
        const bool with_dot = entry.dot.a > 0;
        const Rect words =
            canvas.text({with_dot ? right - 14.0F : right, y}, entry.text, entry.style);
        if (with_dot && entry.full) canvas.circle({right - 4.0F, y}, 4.0F, entry.dot);
        else if (with_dot) canvas.circle_outline({right - 4.0F, y}, 3.5F, entry.dot, 1.0F);
        const Rect place{{words.min.x - 4.0F, y - 0.5F * kLine}, {right + 4.0F, y + 0.5F * kLine}};
        y += kLine;
        if (entry.id.empty()) continue;
        if (pointer.clicked && place.contains(pointer.position))
            drawn.commands.push_back(entry.command);
        if (pointer.inside && place.contains(pointer.position))
            drawn.tooltip = entry.full ? "click to hide the splats of this level"
                                       : "click to show the splats of this level";
        drawn.hits.push_back({entry.id, place, entry.command});
    }
}

void draw_axes(Canvas& canvas, const ViewContext& context, const OrbitCamera& camera) {
    constexpr float kLength = 26.0F;
    constexpr float kWithShares = 320.0F;
    if (canvas.bounds().width() < kLeastLegend || canvas.bounds().height() < 140.0F) return;
    const Vec2 corner = {canvas.bounds().min.x + kMargin + kLength,
                         canvas.bounds().max.y - kMargin - kLength};
    const TextStyle number{
        context.theme.secondary, Font::text,    12.0F,
        Align::centre,           Align::centre, context.theme.panel.with_alpha(0.55F)};
    TextStyle share = number;
    share.horizontal = Align::start;
    // The axis that points away from the eye first.
    std::array<std::size_t, 3> order = {0, 1, 2};
    std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
        return camera.towards_eye()[a] < camera.towards_eye()[b];
    });
    for (const std::size_t a : order) {
        const Vec2 way = {static_cast<float>(camera.right()[a]),
                          -static_cast<float>(camera.up()[a])};
        const Vec2 tip = {corner.x + kLength * way.x, corner.y + kLength * way.y};
        const bool faces = camera.towards_eye()[a] >= 0.0;
        canvas.line(corner, tip,
                    faces ? context.theme.secondary
                          : mix(context.theme.secondary, context.theme.panel, 0.4F),
                    1.5F);
        (void)canvas.label({tip.x + 8.0F * way.x, tip.y + 8.0F * way.y}, fmt::format("{}", a + 1),
                           number);
    }
    if (canvas.bounds().width() < kWithShares) return;
    float y = corner.y - kLine;
    (void)canvas.label({corner.x + kLength + 20.0F, y - kLine}, "variance", share);
    for (std::size_t a = 0; a < 3; ++a, y += kLine)
        (void)canvas.label(
            {corner.x + kLength + 20.0F, y},
            fmt::format("{}  {}", a + 1, percent_text(context.snapshot.layout->explained[a], 0)),
            share);
}

}  // namespace splatscope
