#include "app/views/timeline_notes.h"

#include "app/views/view_names.h"
#include "app/widgets/numbers.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

namespace splatscope {
namespace {

constexpr float kLine = 16.0F;
constexpr float kPadding = 10.0F;
constexpr float kLeastWords = 24.0F;  // of a flag's text
constexpr std::size_t kPairs = 4;     // lines of the card below its title

float x_of(const Rect& plot, const Axis& cycles, double cycle) {
    return plot.min.x + plot.width() * static_cast<float>(cycles.place(cycle));
}

std::size_t total(const std::vector<std::size_t>& counts) {
    return std::accumulate(counts.begin(), counts.end(), std::size_t{0});
}

// "0.71 -> 0.66 (-7.3 %)".
std::string change_text(double before, double after) {
    if (!std::isfinite(before) || !std::isfinite(after)) return "not measured";
    std::string text = fmt::format("{} \u2192 {}", number_text(before), number_text(after));
    if (before != 0.0)
        text += fmt::format(" ({:+.1f} %)", 100.0 * (after - before) / std::abs(before));
    return text;
}

// Kinds in the order of a cycle, adjust behind those that change structure.
std::vector<hsa::EventKind> kinds_of(const hsa::CycleRange& range) {
    std::vector<hsa::EventKind> kinds;
    for (const hsa::EventKind kind : {hsa::EventKind::mitosis, hsa::EventKind::merge,
                                      hsa::EventKind::birth, hsa::EventKind::death})
        kinds.push_back(kind);
    for (const auto& [kind, levels] : range.counts)
        if (kind != hsa::EventKind::adjust && !hsa::is_structural(kind)) kinds.push_back(kind);
    if (range.counts.count(hsa::EventKind::adjust) > 0) kinds.push_back(hsa::EventKind::adjust);
    return kinds;
}

std::string tried_text(const hsa::Tried& tried) {
    return tried.tried == 0 ? "\u00b7" : fmt::format("{}/{}", tried.accepted, tried.tried);
}

// One line after another from above, while there is room.
class CardLines {
  public:
    CardLines(Canvas& canvas, const Theme& theme, const Rect& place)
        : canvas_(canvas), theme_(theme), place_(place), y_(place.min.y + kPadding - 2.0F) {}

    [[nodiscard]] bool room(float lines = 1.0F) const {
        return y_ + lines * kLine <= place_.max.y - 4.0F;
    }
    void pair(std::string_view name, const std::string& value) {
        if (!room()) return;
        const float left = place_.min.x + kPadding;
        const Rect named =
            canvas_.text({left, y_}, name, style(Font::text, theme_.secondary, Align::start));
        const TextStyle mono = style(Font::mono, theme_.text, Align::end);
        const float right = place_.max.x - kPadding;
        canvas_.text({right, y_}, canvas_.fit(value, mono, right - named.max.x - 8.0F), mono);
        y_ += kLine;
    }
    void title(const std::string& words, float right) {
        TextStyle bold = style(Font::bold, theme_.text, Align::start);
        const float left = place_.min.x + kPadding;
        canvas_.text({left, y_}, canvas_.fit(words, bold, right - left), bold);
        y_ += kLine + 2.0F;
    }
    // Columns of equal width behind a first one of `first` pixels.
    void row(const std::string& name, const std::vector<std::string>& cells,
             const std::vector<Colour>& colours, float first, Font font = Font::mono) {
        const float left = place_.min.x + kPadding;
        const TextStyle word = style(Font::text, theme_.secondary, Align::start);
        canvas_.text({left, y_}, canvas_.fit(name, word, first - 4.0F), word);
        const float width = (place_.width() - 2.0F * kPadding - first) /
                            static_cast<float>(std::max<std::size_t>(cells.size(), 1));
        for (std::size_t c = 0; c < cells.size(); ++c) {
            const TextStyle cell =
                style(font, colours[std::min(c, colours.size() - 1)], Align::end);
            canvas_.text({left + first + width * static_cast<float>(c + 1), y_},
                         canvas_.fit(cells[c], cell, width - 4.0F), cell);
        }
        y_ += kLine - 1.0F;
    }
    void space(float pixels) { y_ += pixels; }

  private:
    [[nodiscard]] static TextStyle style(Font font, Colour colour, Align align) {
        return {colour, font, font == Font::mono ? 12.0F : kSmallTextSize, align, Align::start};
    }

    Canvas& canvas_;
    const Theme& theme_;
    Rect place_;
    float y_;
};

void write_counts(CardLines& lines, const ViewContext& context, const hsa::CycleRange& range) {
    constexpr float kKind = 60.0F;
    constexpr std::size_t kMostLevels = 5;
    if (!lines.room(2.0F)) return;
    lines.space(3.0F);
    std::vector<std::string> heads;
    std::vector<Colour> colours;
    std::vector<std::string> levels = range.levels;
    if (levels.size() > kMostLevels) levels.resize(kMostLevels);
    for (const std::string& level : levels) {
        heads.push_back(level);
        colours.push_back(
            text_colour(context.theme, colour_of_level(context.snapshot, level, context.theme)));
    }
    lines.row("", heads, colours, kKind, Font::text);
    for (const hsa::EventKind kind : kinds_of(range)) {
        if (!lines.room()) return;
        std::vector<std::string> cells;
        const auto counts = range.counts.find(kind);
        for (const std::string& level : levels) {
            hsa::Tried tried;
            if (counts != range.counts.end())
                if (const auto found = counts->second.find(level); found != counts->second.end())
                    tried = found->second;
            cells.push_back(tried_text(tried));
        }
        lines.row(hsa::name_of(kind), cells, {context.theme.text}, kKind);
    }
}

}  // namespace

void draw_flags(Canvas& canvas, const ViewContext& context, const TimelineLayout& layout,
                const Axis& cycles, const Pointer& pointer, Drawn& drawn) {
    const Rect& plot = layout.plot;
    const auto& marks = context.session.document.timeline.marks;
    const TextStyle style{context.theme.text, Font::text, kSmallTextSize, Align::start,
                          Align::centre};
    const Colour pole = context.theme.text.with_alpha(0.55F);
    for (auto mark = marks.begin(); mark != marks.end(); ++mark) {
        const float x = x_of(plot, cycles, mark->first);
        if (x < plot.min.x - 0.5F || x > plot.max.x + 0.5F) continue;
        const float y = layout.flags_y;
        // Dashed, so that it is no grid line.
        for (float at = y + 6.0F; at < plot.max.y; at += 7.0F)
            canvas.line({x, at}, {x, std::min(at + 3.0F, plot.max.y)}, pole, 1.0F);
        canvas.line({x, y - 7.0F}, {x, y + 6.0F}, context.theme.text, 1.5F);
        canvas.polygon(
            std::array<Vec2, 3>{Vec2{x, y - 7.0F}, Vec2{x + 9.0F, y - 3.0F}, Vec2{x, y + 1.0F}},
            context.theme.text);
        const auto next = std::next(mark);
        const float end = next == marks.end() ? plot.max.x + 20.0F
                                              : std::min(x_of(plot, cycles, next->first) - 6.0F,
                                                         plot.max.x + 20.0F);
        Rect place{{x - 4.0F, y - 8.0F}, {x + 11.0F, y + 8.0F}};
        if (end - x - 13.0F >= kLeastWords) {
            const std::string words = canvas.fit(mark->second, style, end - x - 13.0F);
            place.max.x = canvas.text({x + 13.0F, y}, words, style).max.x;
        }
        const Hit hit{fmt::format("mark {}", mark->first), place,
                      fmt::format("adapt.goto {}", mark->first)};
        drawn.hits.push_back(hit);
        if (!pointer.inside || !place.contains(pointer.position)) continue;
        drawn.tooltip =
            fmt::format("cycle {}: {}\nclick goes there; timeline.unmark {} takes the flag away",
                        mark->first, mark->second, mark->first);
        if (pointer.clicked) drawn.commands.push_back(hit.command);
    }
}

void draw_range_band(Canvas& canvas, const ViewContext& context, const TimelineLayout& layout,
                     const Axis& cycles, hsa::Range range) {
    const Rect& plot = layout.plot;
    const float begin = x_of(plot, cycles, static_cast<double>(range.begin) - 0.5);
    const float end = x_of(plot, cycles, static_cast<double>(range.end) - 0.5);
    const float left = std::clamp(begin, plot.min.x, plot.max.x);
    const float right = std::clamp(end, plot.min.x, plot.max.x);
    if (right - left < 0.5F) return;
    canvas.rect({{left, plot.min.y}, {right, plot.max.y}}, context.theme.accent.with_alpha(0.1F),
                0.0F);
    for (const float x : {begin, end})
        if (x >= plot.min.x && x <= plot.max.x)
            canvas.line({x, plot.min.y}, {x, plot.max.y}, context.theme.accent.with_alpha(0.6F),
                        1.0F);
}

void draw_range_card(Canvas& canvas, const ViewContext& context, const Rect& room,
                     const hsa::CycleRange& range, const Pointer& pointer, Drawn& drawn) {
    const Theme& theme = context.theme;
    // As high as what it says.
    const auto rows = static_cast<float>(kPairs + 1 + kinds_of(range).size());
    const Rect place{
        room.min,
        {room.max.x, std::min(room.max.y, room.min.y + (rows + 1.0F) * kLine + 2.0F * kPadding)}};
    canvas.rect(place, theme.raised, 4.0F);
    canvas.rect_outline(place, theme.lines, 1.0F, 4.0F);
    CardLines lines(canvas, theme, place);
    const std::size_t last = range.cycles.end - 1;
    lines.title(range.cycles.size() == 1 ? fmt::format("cycle {}", last)
                                         : fmt::format("cycles {} to {}", range.cycles.begin, last),
                place.max.x - 26.0F);
    lines.pair("accepted of tried", fmt::format("{} of {}", range.all.accepted, range.all.tried));
    lines.pair("objective", change_text(range.before.objective, range.after.objective));
    lines.pair("row-KL", change_text(range.before.row_kl, range.after.row_kl));
    lines.pair("splats",
               fmt::format("{} \u2192 {}", total(range.before.splats), total(range.after.splats)));
    write_counts(lines, context, range);
    if (context.exporting) return;
    const Vec2 middle = {place.max.x - 14.0F, place.min.y + 14.0F};
    canvas.marker(Marker::cross, middle, 8.0F, theme.secondary, 1.5F);
    const Hit hit{"range close",
                  {{middle.x - 9.0F, middle.y - 9.0F}, {middle.x + 9.0F, middle.y + 9.0F}},
                  "timeline.range none"};
    drawn.hits.push_back(hit);
    if (!pointer.inside || !hit.place.contains(pointer.position)) return;
    drawn.tooltip = "end the selection of cycles";
    if (pointer.clicked) drawn.commands.push_back(hit.command);
}

}  // namespace splatscope
