#include "app/views/map_profiles.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <utility>
#include <vector>

namespace splatscope {
namespace {

constexpr double kLeastDecades = 1.0;

// Where a strip stands and which way its values rise.
struct Strip {
    Rect place;
    bool rows = false;  // at the right: values rise to the right; else upwards
};

// The pixel edges of one axis in the frame, and a value a pixel.
void draw_curve(Canvas& canvas, const MapFrame& frame, const Strip& strip,
                const std::vector<std::size_t>& edges, double step, double tokens, const Axis& axis,
                const std::function<double(std::size_t)>& value, Colour colour, float width,
                bool filled) {
    const Rect& place = strip.place;
    const float length = strip.rows ? place.width() : place.height();
    const auto at = [&](double v) {
        const double ratio = v * tokens;
        double t = axis.place(ratio);
        if (!std::isfinite(t)) t = 0.0;  // zero has no logarithm: it lies on the ground
        const auto along = static_cast<float>(std::clamp(t, 0.0, 1.0)) * length;
        return strip.rows ? place.min.x + along : place.max.y - along;
    };
    const float low = strip.rows ? place.min.y : place.min.x;
    const float high = strip.rows ? place.max.y : place.max.x;
    std::vector<Vec2> line;
    const auto flush = [&] {
        if (line.size() > 1) canvas.polyline(line, colour, width);
        line.clear();
    };
    // Of pixels that share a pixel of the screen the largest is drawn.
    for (std::size_t p = 0; p + 1 < edges.size();) {
        const auto where = [&](std::size_t edge) {
            const double token = static_cast<double>(edges[edge]) * step;
            return strip.rows ? frame.y(token) : frame.x(token);
        };
        const float begin = where(p);
        double largest = -1.0;
        std::size_t q = p;
        do {
            const double v = value(q);
            if (!std::isnan(v)) largest = std::max(largest, v);
            ++q;
        } while (q + 1 < edges.size() && where(q + 1) - begin < 1.0F);
        const float from = std::max(begin, low), to = std::min(where(q), high);
        p = q;
        if (to <= from) continue;
        if (largest < 0.0) {
            flush();
            continue;
        }
        const float v = at(largest);
        if (filled) {
            const Rect bar = strip.rows ? Rect{{place.min.x, from}, {v, to}}
                                        : Rect{{from, v}, {to, place.max.y}};
            canvas.rect(bar, colour.with_alpha(0.25F));
        }
        line.push_back(strip.rows ? Vec2{v, from} : Vec2{from, v});
        line.push_back(strip.rows ? Vec2{v, to} : Vec2{to, v});
    }
    flush();
}

void draw_axis(Canvas& canvas, const Theme& theme, const Strip& strip, const Axis& axis) {
    const Rect& place = strip.place;
    TextStyle style{theme.secondary, Font::text, kSmallTextSize};
    const float length = strip.rows ? place.width() : place.height();
    const auto most =
        static_cast<std::size_t>(std::max(2.0F, length / (strip.rows ? 30.0F : 18.0F)));
    style.horizontal = strip.rows ? Align::centre : Align::end;
    style.vertical = strip.rows ? Align::start : Align::centre;
    for (const Tick& tick : ticks(axis, most)) {
        const auto t = static_cast<float>(axis.place(tick.value));
        const bool uniform = std::fabs(tick.value - 1.0) < 1e-9;
        const Colour faint = uniform ? theme.secondary.with_alpha(0.6F) : theme.lines;
        if (strip.rows) {
            const float x = place.min.x + t * length;
            if (!tick.label.empty()) canvas.line({x, place.min.y}, {x, place.max.y}, faint);
            canvas.line({x, place.max.y}, {x, place.max.y + 3.0F}, theme.secondary);
            if (!tick.label.empty())
                (void)canvas.label({x, place.max.y + 5.0F}, uniform ? "1" : tick.label, style);
        } else {
            const float y = place.max.y - t * length;
            if (!tick.label.empty()) canvas.line({place.min.x, y}, {place.max.x, y}, faint);
            canvas.line({place.min.x - 3.0F, y}, {place.min.x, y}, theme.secondary);
            if (!tick.label.empty())
                (void)canvas.label({place.min.x - 6.0F, y}, uniform ? "1" : tick.label, style);
        }
    }
}

// What the strips show, in the corner between them.
void draw_corner(Canvas& canvas, const Theme& theme, const ProfileStrips& strips,
                 std::span<const MapCurve> curves) {
    const float x = strips.right.min.x;
    const float room = canvas.bounds().max.x - x - 2.0F;
    TextStyle style{theme.secondary, Font::text, kSmallTextSize, Align::start, Align::end};
    const bool most = curves.front().picture->request.statistic == hsa::Statistic::most;
    const char* const first = most ? "largest /" : "mean /";
    const char* const second = "uniform";
    if (canvas.text_size(second, style).x > room) return;
    const float bottom = strips.above.max.y;
    (void)canvas.label({x, bottom - kSmallTextSize - 3.0F}, first, style);
    (void)canvas.label({x, bottom}, second, style);
    if (curves.size() == 1) return;
    float at = x;
    for (const MapCurve& curve : curves) {
        style.colour = curve.colour;
        style.font = Font::bold;
        const float width = canvas.text_size(curve.name, style).x;
        if (at + width > x + room) break;
        (void)canvas.label({at, bottom - 2.0F * (kSmallTextSize + 3.0F)}, curve.name, style);
        at += width + 8.0F;
    }
}

}  // namespace

Axis profile_axis(std::span<const MapCurve> curves, double tokens, const AttentionColours& colours,
                  bool hovered) {
    double least = std::numeric_limits<double>::infinity(), largest = 0.0;
    for (const MapCurve& curve : curves)
        for (const auto* profile : {&curve.picture->row_profile, &curve.picture->column_profile})
            for (const double value : *profile) {
                if (!(value > 0.0)) continue;
                least = std::min(least, value * tokens);
                largest = std::max(largest, value * tokens);
            }
    if (!(largest > 0.0)) least = largest = 1.0;
    if (colours.linear) {
        const double high = hovered ? std::max(largest, colours.high_ratio()) : largest;
        return {0.0, 1.1 * high, AxisScale::linear};
    }
    double low = std::log10(least), high = std::log10(largest);
    if (hovered) {
        low = std::min(low, colours.low);
        high = std::max(high, colours.high);
    }
    const double missing = kLeastDecades - (high - low);
    if (missing > 0.0) {
        low -= 0.5 * missing;
        high += 0.5 * missing;
    }
    return {std::pow(10.0, low - 0.04), std::pow(10.0, high + 0.04), AxisScale::ratio};
}

void draw_map_profiles(Canvas& canvas, const Theme& theme, const MapFrame& frame,
                       const ProfileStrips& strips, std::span<const MapCurve> curves, double step,
                       double tokens, const AttentionColours& colours,
                       const std::optional<HoveredPixel>& hovered) {
    if (curves.empty()) return;
    const Axis axis = profile_axis(curves, tokens, colours, hovered.has_value());
    const bool one = curves.size() == 1;
    for (const Strip& strip : {Strip{strips.above, false}, Strip{strips.right, true}}) {
        canvas.rect(strip.place, theme.background);
        draw_axis(canvas, theme, strip, axis);
        canvas.push_clip(strip.place);
        for (const MapCurve& curve : curves) {
            const hsa::Picture& picture = *curve.picture;
            const std::vector<double>& profile =
                strip.rows ? picture.row_profile : picture.column_profile;
            const std::vector<std::size_t>& edges =
                strip.rows ? picture.row_edges : picture.column_edges;
            draw_curve(
                canvas, frame, strip, edges, step, tokens, axis,
                [&](std::size_t p) { return profile[p]; },
                hovered && one ? theme.secondary : curve.colour, 1.2F, one);
            if (!hovered) continue;
            // The hovered column stands beside the rows, the hovered row above the columns.
            draw_curve(
                canvas, frame, strip, edges, step, tokens, axis,
                [&](std::size_t p) {
                    return static_cast<double>(strip.rows ? picture.mean(p, hovered->column)
                                                          : picture.mean(hovered->row, p));
                },
                curve.colour, 1.4F, false);
        }
        canvas.pop_clip();
        canvas.rect_outline(strip.place, theme.lines);
    }
    draw_corner(canvas, theme, strips, curves);
}

}  // namespace splatscope
