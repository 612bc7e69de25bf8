#include "app/views/splats_axes.h"

#include "app/views/splats_legend.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <string>

namespace splatscope {
namespace {

constexpr float kWidestMark = 200.0F;
constexpr float kDot = 4.0F;
constexpr float kTip = 9.0F;  // pixels of the arrow's head
constexpr std::size_t kMostLines = 3;
constexpr float kLeastNote = 240.0F;  // pixels

std::optional<Vec2> on_canvas(const Canvas& canvas, const Projector& project,
                              const std::array<float, 3>& at) {
    const auto projected = project(
        {static_cast<double>(at[0]), static_cast<double>(at[1]), static_cast<double>(at[2])});
    if (!projected) return std::nullopt;
    return Vec2{canvas.bounds().min.x + projected->position.x,
                canvas.bounds().min.y + projected->position.y};
}

std::vector<std::optional<Vec2>> places_of(const Canvas& canvas, const hsa::AxesFacts& facts,
                                           const OrbitCamera& camera) {
    const Projector project(camera);
    std::vector<std::optional<Vec2>> places;
    for (const hsa::AxisMark& mark : facts.marks)
        places.push_back(on_canvas(canvas, project, mark.at));
    return places;
}

void draw_arrow(Canvas& canvas, const Theme& theme, Vec2 from, Vec2 to) {
    const Vec2 way = {to.x - from.x, to.y - from.y};
    const float length = std::hypot(way.x, way.y);
    if (length < 2.0F) return;
    const Vec2 unit = {way.x / length, way.y / length};
    const float tip = std::min(kTip, 0.5F * length);
    const Vec2 neck = {to.x - tip * unit.x, to.y - tip * unit.y};
    const Vec2 left = {neck.x - 0.45F * tip * unit.y, neck.y + 0.45F * tip * unit.x};
    const Vec2 right = {neck.x + 0.45F * tip * unit.y, neck.y - 0.45F * tip * unit.x};
    for (const bool below : {true, false}) {
        const Colour colour = below ? theme.panel.with_alpha(0.8F) : theme.text;
        const float width = below ? 5.0F : 2.0F;
        canvas.line(from, to, colour, width);
        canvas.line(left, to, colour, width);
        canvas.line(right, to, colour, width);
    }
}

// Words at the side of a place that lies away from another; nothing where they would cover others.
void write_mark(Canvas& canvas, const ViewContext& context, Vec2 at, Vec2 away,
                const std::string& words, std::vector<Rect>& plates) {
    TextStyle style{context.theme.text, Font::bold,    kSmallTextSize,
                    Align::centre,      Align::centre, {0, 0, 0, 0}};
    const std::string name = canvas.fit(words, style, kWidestMark);
    const Vec2 size = canvas.text_size(name, style);
    const Vec2 half = {0.5F * size.x + 6.0F, 0.5F * size.y + 3.0F};
    const Rect bounds = canvas.bounds();
    if (bounds.width() < 2.0F * half.x || bounds.height() < 2.0F * half.y) return;
    const std::array<Vec2, 4> ways = {away, Vec2{0.0F, -1.0F}, Vec2{0.0F, 1.0F},
                                      Vec2{-away.x, -away.y}};
    for (const float distance : {8.0F, 30.0F, 52.0F})
        for (const Vec2 way : ways) {
            Vec2 middle = {at.x + way.x * (half.x + distance), at.y + way.y * (half.y + distance)};
            middle.x = std::clamp(middle.x, bounds.min.x + half.x, bounds.max.x - half.x);
            middle.y = std::clamp(middle.y, bounds.min.y + half.y, bounds.max.y - half.y);
            const Rect place = {{middle.x - half.x, middle.y - half.y},
                                {middle.x + half.x, middle.y + half.y}};
            const bool taken = std::any_of(plates.begin(), plates.end(), [&](const Rect& plate) {
                return plate.overlaps(place);
            });
            if (taken || place.contains(at) || !canvas.has_room(middle, name, style)) continue;
            if (distance > 8.0F) canvas.line(at, middle, context.theme.secondary, 1.0F);
            draw_plate(canvas, context.theme, place, plates);
            (void)canvas.text(middle, name, style);
            return;
        }
}

// Words in lines no wider than `width`.
std::vector<std::string> in_lines(const Canvas& canvas, const std::string& words,
                                  const TextStyle& style, float width) {
    std::vector<std::string> lines = {""};
    std::size_t begin = 0;
    while (begin < words.size()) {
        const std::size_t blank = std::min(words.find(' ', begin), words.size());
        const std::string word = words.substr(begin, blank - begin);
        begin = blank + 1;
        std::string& line = lines.back();
        const std::string longer = line.empty() ? word : fmt::format("{} {}", line, word);
        if (line.empty() || canvas.text_size(longer, style).x <= width) line = longer;
        else lines.push_back(word);
    }
    return lines;
}

}  // namespace

void draw_axis_lines(Canvas& canvas, const ViewContext& context, const OrbitCamera& camera) {
    const hsa::AxesFacts& facts = context.snapshot.layout->facts;
    const std::vector<std::optional<Vec2>> places = places_of(canvas, facts, camera);
    if (facts.joined && places.size() == 2 && places[0] && places[1])
        draw_arrow(canvas, context.theme, *places[0], *places[1]);
    for (std::size_t m = 0; m < places.size(); ++m) {
        if (!places[m] || (facts.joined && m > 0)) continue;
        canvas.circle(*places[m], kDot + 1.5F, context.theme.panel);
        canvas.circle(*places[m], kDot, context.theme.text);
    }
}

void draw_axis_names(Canvas& canvas, const ViewContext& context, const OrbitCamera& camera,
                     std::vector<Rect>& plates) {
    const hsa::AxesFacts& facts = context.snapshot.layout->facts;
    const std::vector<std::optional<Vec2>> places = places_of(canvas, facts, camera);
    Vec2 middle{};
    float count = 0.0F;
    for (const std::optional<Vec2>& place : places) {
        if (!place) continue;
        middle = {middle.x + place->x, middle.y + place->y};
        count += 1.0F;
    }
    for (std::size_t m = 0; m < places.size(); ++m) {
        if (!places[m] || !canvas.bounds().contains(*places[m])) continue;
        const Vec2 way = {places[m]->x - middle.x / count, places[m]->y - middle.y / count};
        const float length = std::hypot(way.x, way.y);
        const Vec2 away = length > 1.0F ? Vec2{way.x / length, way.y / length} : Vec2{0.0F, -1.0F};
        write_mark(canvas, context, *places[m], away, facts.marks[m].name, plates);
    }
}

void draw_axes_note(Canvas& canvas, const ViewContext& context, std::vector<Rect>& plates) {
    const hsa::AxesFacts& facts = context.snapshot.layout->facts;
    if (facts.choice.kind == hsa::AxesKind::splats) return;
    const TextStyle style{context.theme.secondary, Font::text,    kSmallTextSize,
                          Align::centre,           Align::centre, {0, 0, 0, 0}};
    const Rect bounds = canvas.bounds();
    const float width = bounds.width() - 32.0F;
    if (width < kLeastNote) return;
    std::vector<std::string> lines;
    for (const std::string& words : {facts.hides, facts.note}) {
        std::vector<std::string> more = in_lines(canvas, words, style, width);
        if (words.empty() || lines.size() + more.size() > kMostLines) continue;
        lines.insert(lines.end(), more.begin(), more.end());
    }
    if (lines.empty()) return;
    float widest = 0.0F;
    float line_height = 0.0F;
    for (const std::string& line : lines) {
        const Vec2 size = canvas.text_size(line, style);
        widest = std::max(widest, size.x);
        line_height = std::max(line_height, size.y + 2.0F);
    }
    const float height = line_height * static_cast<float>(lines.size()) + 6.0F;
    const float middle = 0.5F * (bounds.min.x + bounds.max.x);
    for (const float top : {4.0F, 30.0F, 56.0F}) {
        const Rect place = {{middle - 0.5F * widest - 8.0F, bounds.min.y + top},
                            {middle + 0.5F * widest + 8.0F, bounds.min.y + top + height}};
        if (place.max.y > bounds.max.y ||
            std::any_of(plates.begin(), plates.end(),
                        [&](const Rect& plate) { return plate.overlaps(place); }))
            continue;
        draw_plate(canvas, context.theme, place, plates);
        float y = place.min.y + 3.0F + 0.5F * line_height;
        for (const std::string& line : lines) {
            (void)canvas.text({middle, y}, line, style);
            y += line_height;
        }
        return;
    }
}

std::string axes_tooltip(const ViewContext& context) {
    const hsa::Layout& layout = *context.snapshot.layout;
    std::string words = layout.axes_name + "\nshares are of " + layout.facts.explained_of;
    if (!layout.facts.hides.empty()) words += "\n" + layout.facts.hides;
    if (!layout.facts.note.empty()) words += "\n" + layout.facts.note;
    return words + "\na distance here is never longer than it is in all dimensions";
}

}  // namespace splatscope
