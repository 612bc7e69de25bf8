#include "app/views/splats_legend.h"

#include "app/views/splats_colours.h"
#include "app/views/splats_lines.h"
#include "app/views/view_names.h"
#include "app/widgets/numbers.h"
#include "app/widgets/sign.h"
#include "app/widgets/text_lines.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

namespace splatscope {
namespace {

constexpr float kLine = 18.0F;  // from one entry of a legend to the next
constexpr float kMargin = 12.0F;
constexpr float kBelowLegend = 130.0F;   // height that the picture keeps for itself
constexpr float kBar = 130.0F;           // width of a scale of numbers
constexpr float kLeastLegend = 240.0F;   // width of the view with a legend
constexpr float kWidestMargin = 0.4F;    // share of the view's width
constexpr float kLeastAxes = 140.0F;     // height of the view with axes
constexpr float kWithShares = 520.0F;    // width of the view with shares beside the axes
constexpr float kWithScaleBar = 720.0F;  // ... and with a scale bar
// Room at the lower left: of the axes, with their shares, with the bar.
constexpr float kAxes = 80.0F, kAxesAndShares = 172.0F, kAxesAndBar = 284.0F;
constexpr float kAxesHeight = 86.0F;
constexpr float kDot = 14.0F;  // width that a dot beside the words takes
constexpr float kPlateAlpha = 0.86F;

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
    bool full = true;                            // the dot
    std::optional<Marker> shape = std::nullopt;  // of a full dot
    std::vector<Colour> bar;                     // a scale in place of the text, its ends below it
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
    missing.shape = Marker::ring;
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
            entry.shape = scene.classes[c].shape;
            entries.push_back(entry);
        }
        if (scene.bar) add_scale(*scene.bar, quiet, context.theme, entries);
    }
    // Points of one colour are tokens all the same, though it may be that of a level.
    if (!scene.bar && scene.classes.empty() && !scene.points.empty() && bounds.width() >= 360.0F &&
        (1.0F + levels) * kLine + kBelowLegend <= bounds.height()) {
        LegendEntry entry;
        entry.text = "points: tokens";
        entry.style = quiet;
        entry.dot = scene.points.front().colour;
        entries.push_back(entry);
    }
    for (std::size_t l = 0; l < registry.hierarchy.size(); ++l) {
        const std::string& name = registry.hierarchy.levels[l].name;
        LegendEntry entry;
        entry.full = hidden.count(name) == 0;
        entry.text = fmt::format("{}  {}", name, count_text(registry.count(l)));
        entry.style = quiet;
        entry.dot = entry.full ? level_colour(l) : context.theme.secondary;
        entry.shape = level_shape(l);
        if (entry.full) entry.style.colour = text_colour(context.theme, level_colour(l));
        if (l == 0 && !entries.empty()) entry.space_above = 8.0F;
        entry.id = "level " + name;
        entry.command = toggled(hidden, name);
        entries.push_back(entry);
    }
    return entries;
}

float widest_entry(const Canvas& canvas, const std::vector<LegendEntry>& entries) {
    float width = 0.0F;
    for (const LegendEntry& entry : entries) {
        const float dot = entry.dot.a > 0 ? kDot : 0.0F;
        width = std::max({width, canvas.text_size(entry.text, entry.style).x + dot,
                          entry.bar.empty() ? 0.0F : kBar});
    }
    return width;
}

std::string squares_words(const SplatsScene& scene) {
    return fmt::format("a square: {} unit{}", number_text(scene.square),
                       scene.square == 1.0 ? "" : "s");
}

Rect legend_place(const Canvas& canvas, const std::vector<LegendEntry>& entries) {
    const float right = canvas.bounds().max.x - kMargin;
    const float bottom = canvas.bounds().max.y - kMargin;
    float height = 0.0F;
    for (const LegendEntry& entry : entries) height += kLine + entry.space_above;
    return {{right - widest_entry(canvas, entries) - 8.0F, bottom - height - 4.0F},
            {right + 8.0F, bottom + 4.0F}};
}

}  // namespace

std::vector<Rect> taken_places(const Canvas& canvas, const ViewContext& context,
                               const SplatsScene& scene) {
    const Rect bounds = canvas.bounds();
    const auto from_corner = [&](const Rect& place) {
        return Rect{{place.min.x - bounds.min.x, place.min.y - bounds.min.y},
                    {place.max.x - bounds.min.x, place.max.y - bounds.min.y}};
    };
    std::vector<Rect> taken;
    const std::vector<LegendEntry> entries = legend_entries(canvas, context, scene);
    if (!entries.empty() && canvas.shows(Part::legend))
        taken.push_back(from_corner(legend_place(canvas, entries)));
    if (bounds.width() < kLeastLegend || bounds.height() < kLeastAxes || !canvas.shows(Part::axes))
        return taken;
    const bool with_bar = scene.square > 0.0 && bounds.width() >= kWithScaleBar;
    const float right = with_bar                        ? kAxesAndBar
                        : bounds.width() >= kWithShares ? kAxesAndShares
                                                        : kAxes;
    taken.push_back({{0.0F, bounds.height() - kAxesHeight}, {right, bounds.height()}});
    return taken;
}

float legend_margin(const Canvas& canvas, std::span<const Rect> taken) {
    const float across = canvas.bounds().width();
    for (const Rect& place : taken) {
        if (place.centre().x < 0.5F * across) continue;
        const float width = across - place.min.x;
        const float spare = std::max(across - canvas.bounds().height(), 0.0F);
        return width <= kWidestMargin * across ? std::clamp(2.0F * width - spare, 0.0F, width)
                                               : 0.0F;
    }
    return 0.0F;
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

void draw_plate(Canvas& canvas, const Theme& theme, const Rect& place, std::vector<Rect>& plates) {
    canvas.rect(place, theme.panel.with_alpha(kPlateAlpha), 4.0F);
    plates.push_back(place);
}

void draw_legend(Canvas& canvas, const ViewContext& context, const SplatsScene& scene,
                 const Pointer& pointer, Drawn& drawn, std::vector<Rect>& plates) {
    const std::vector<LegendEntry> entries = legend_entries(canvas, context, scene);
    if (entries.empty() || !canvas.shows(Part::legend)) return;
    const Rect plate = legend_place(canvas, entries);
    draw_plate(canvas, context.theme, plate, plates);
    const float right = canvas.bounds().max.x - kMargin;
    float y = plate.min.y + 4.0F + 0.5F * kLine;
    for (const LegendEntry& entry : entries) {
        y += entry.space_above;
        if (!entry.bar.empty()) draw_scale(canvas, entry, {right, y});
        if (entry.text.empty()) {
            y += kLine;
            continue;
        }
        const bool with_dot = entry.dot.a > 0;
        const Rect words =
            canvas.text({with_dot ? right - kDot : right, y}, entry.text, entry.style);
        if (with_dot && entry.full)
            draw_sign(canvas, {right - 4.0F, y}, {entry.dot, entry.shape.value_or(Marker::circle)},
                      entry.shape ? 9.0F : 8.0F);
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

float draw_axes(Canvas& canvas, const ViewContext& context, const SplatsScene& scene,
                const OrbitCamera& camera, std::vector<Rect>& plates) {
    constexpr float kLength = 26.0F;
    constexpr float kReach = 40.0F;  // of an axis with its number
    const Rect bounds = canvas.bounds();
    if (bounds.width() < kLeastLegend || bounds.height() < kLeastAxes || !canvas.shows(Part::axes))
        return bounds.min.x;
    const Vec2 corner = {bounds.min.x + kMargin + kLength, bounds.max.y - kMargin - kLength};
    const TextStyle number{context.theme.secondary, Font::text,    12.0F,
                           Align::centre,           Align::centre, {0, 0, 0, 0}};
    TextStyle share = number;
    share.horizontal = Align::start;
    const float shares_left = corner.x + kReach + 6.0F;
    std::vector<std::string> shares;
    if (bounds.width() >= kWithShares) {
        shares.emplace_back("variance");
        for (std::size_t a = 0; a < 3; ++a)
            shares.push_back(fmt::format("{}  {}", a + 1, percent_text(scene.explained[a], 0)));
    }
    if (!shares.empty() && scene.square > 0.0 && bounds.width() < kWithScaleBar)
        shares.push_back(squares_words(scene));
    const bool many = shares.size() > 4;
    const float step = many ? 15.0F : kLine;
    float right = corner.x + kReach;
    for (const std::string& line : shares)
        right = std::max(right, shares_left + canvas.text_size(line, share).x + 6.0F);
    draw_plate(canvas, context.theme,
               {{bounds.min.x + 2.0F, corner.y - kReach - 6.0F}, {right, bounds.max.y - 2.0F}},
               plates);
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
    float y = corner.y - (many ? 38.0F : 2.0F * kLine);
    for (const std::string& line : shares) {
        (void)canvas.label({shares_left, y}, line, share);
        y += step;
    }
    return right;
}

void draw_scale_bar(Canvas& canvas, const ViewContext& context, const SplatsScene& scene,
                    const OrbitCamera& camera, float left, std::vector<Rect>& plates) {
    constexpr double kLongest = 110.0;  // pixels
    const Rect bounds = canvas.bounds();
    if (scene.square <= 0.0 || left <= bounds.min.x || bounds.width() < kWithScaleBar) return;
    const double length = round_length(kLongest * camera.pixel_length());
    const auto pixels = static_cast<float>(length / camera.pixel_length());
    const std::string words =
        fmt::format("{} unit{}{}", number_text(length), length == 1.0 ? "" : "s",
                    camera.orthographic ? "" : " in the middle");
    const std::string squares = squares_words(scene);
    const TextStyle style{context.theme.secondary, Font::text,  12.0F, Align::start,
                          Align::centre,           {0, 0, 0, 0}};
    const Vec2 start = {left + 16.0F, bounds.max.y - kMargin - kLine - 6.0F};
    const float width =
        std::max({pixels, canvas.text_size(words, style).x, canvas.text_size(squares, style).x});
    draw_plate(
        canvas, context.theme,
        {{start.x - 8.0F, start.y - kLine - 6.0F}, {start.x + width + 8.0F, bounds.max.y - 2.0F}},
        plates);
    (void)canvas.label({start.x, start.y - 12.0F}, words, style);
    const Vec2 end = {start.x + pixels, start.y};
    canvas.line(start, end, context.theme.secondary, 1.5F);
    for (const Vec2 tick : {start, end})
        canvas.line({tick.x, tick.y - 4.0F}, {tick.x, tick.y + 4.0F}, context.theme.secondary,
                    1.5F);
    (void)canvas.label({start.x, start.y + 14.0F}, squares, style);
}

namespace {

// A line in the middle of the view on a plate of its own; nothing where it does not fit.
std::optional<Rect> draw_note(Canvas& canvas, const ViewContext& context, float top,
                              const std::string& words, std::vector<Rect>& plates) {
    const TextStyle style{context.theme.secondary, Font::text,    kSmallTextSize,
                          Align::centre,           Align::centre, {0, 0, 0, 0}};
    const Rect bounds = canvas.bounds();
    const Vec2 size = canvas.text_size(words, style);
    const Vec2 at = {0.5F * (bounds.min.x + bounds.max.x), top + 3.0F + 0.5F * size.y};
    const Rect place = {{at.x - 0.5F * size.x - 8.0F, top},
                        {at.x + 0.5F * size.x + 8.0F, top + size.y + 6.0F}};
    const bool taken = std::any_of(plates.begin(), plates.end(),
                                   [&](const Rect& plate) { return plate.overlaps(place); });
    if (taken || place.width() > bounds.width() || !canvas.has_room(at, words, style))
        return std::nullopt;
    draw_plate(canvas, context.theme, place, plates);
    (void)canvas.text(at, words, style);
    return place;
}

std::string outside_words(const ViewContext& context, const SplatsScene& scene,
                          const OrbitCamera& camera) {
    const auto outside = static_cast<std::size_t>(
        std::count_if(scene.bodies.begin(), scene.bodies.end(),
                      [&](const auto& body) { return !wholly_seen(body.drawn.shape, camera); }));
    if (outside == 0) return "";
    return counted(outside, "splat") + (outside == 1 ? " reaches" : " reach") +
           " outside the picture" + (context.exporting ? " (camera.frame all)" : "");
}

}  // namespace

void draw_notes(Canvas& canvas, const ViewContext& context, const SplatsScene& scene,
                const OrbitCamera& camera, const Pointer& pointer, Drawn& drawn,
                std::vector<Rect>& plates) {
    if (!canvas.shows(Part::notes)) return;
    float top = canvas.bounds().min.y + 4.0F;
    const bool frames = context.session.desk.splats.distance == 0.0;
    // In a picture, who placed the camera knows what it leaves out.
    if (frames || !context.exporting) {
        const std::string words = outside_words(context, scene, camera);
        const auto place =
            words.empty() ? std::nullopt : draw_note(canvas, context, top, words, plates);
        if (place) {
            const std::string command = frames ? "camera.frame all" : "camera.frame";
            top = place->max.y + 4.0F;
            drawn.hits.push_back({"outside", *place, command});
            if (pointer.inside && place->contains(pointer.position)) {
                drawn.tooltip = "click to frame " + std::string(frames ? "them too" : "everything");
                if (pointer.clicked) drawn.commands.push_back(command);
            }
        }
    }
    if (!scene.without_trails.empty())
        (void)draw_note(canvas, context, top, scene.without_trails, plates);
}

}  // namespace splatscope
