#include "app/views/flow_profile.h"

#include "app/views/view_waiting.h"
#include "app/widgets/axis.h"
#include "app/widgets/numbers.h"

#include <fmt/core.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <functional>
#include <limits>

namespace splatscope {
namespace {

constexpr float kLeft = 62.0F;    // labels of the upright axis
constexpr float kBelow = 26.0F;   // labels of the other
constexpr float kTitles = 40.0F;  // title and names of the curves
constexpr double kSelf = 0.5;     // where distance 0 stands
constexpr double kFloor = 1e-3;   // of attention over uniform attention
constexpr float kTwoPlots = 250.0F;
constexpr float kNameLine = 16.0F;   // of the names of curves, ...
constexpr float kLeastPlot = 40.0F;  // ... which leave the plot so much
constexpr float kCurveSign = 7.0F;
constexpr std::size_t kSignOfBins = 3;  // bins from a curve's sign to its next

double middle_of(const hsa::DistanceBin& bin) {
    if (bin.first == 0) return kSelf;
    return std::sqrt(static_cast<double>(bin.first) * static_cast<double>(bin.last));
}

std::string bin_text(const hsa::DistanceBin& bin) {
    if (bin.first == 0) return "the token itself";
    if (bin.first == bin.last) return counted(bin.first, "token") + " apart";
    return fmt::format("{} to {} tokens apart", count_text(bin.first), count_text(bin.last));
}

// From attention over uniform attention to each token (the look lane's tint of the selection).
DistanceCurve curve_of_token(const hsa::Flow& flow, const std::vector<float>& over_uniform,
                             std::size_t token) {
    DistanceCurve curve;
    std::vector<double> pairs(flow.bins.size(), 0.0);
    curve.share.assign(flow.bins.size(), 0.0);
    const auto n = static_cast<double>(over_uniform.size());
    for (std::size_t j = 0; j < over_uniform.size(); ++j) {
        const std::size_t apart = j < token ? token - j : j - token;
        const auto bin = static_cast<std::size_t>(std::bit_width(apart));
        if (bin >= pairs.size()) continue;
        curve.share[bin] += static_cast<double>(over_uniform[j]) / n;
        pairs[bin] += 1.0;
    }
    for (std::size_t b = 0; b < pairs.size(); ++b)
        curve.ratio.push_back(pairs[b] > 0.0 ? curve.share[b] * n / pairs[b]
                                             : std::numeric_limits<double>::quiet_NaN());
    return curve;
}

// One of the two plots.
struct Plot {
    Rect place;
    Axis across, upward;

    [[nodiscard]] Vec2 at(double distance, double value) const {
        return {place.min.x + place.width() * static_cast<float>(across.place(distance)),
                place.max.y - place.height() * static_cast<float>(upward.place(value))};
    }
};

// `turn`: which of the curves this is; those that run together take turns with their signs.
void draw_curve(Canvas& canvas, const Theme& theme, const Plot& plot, const hsa::Flow& flow,
                const DistanceCurve& curve, const std::vector<double>& values, std::size_t turn) {
    const Colour colour = curve.sign.colour;
    std::vector<Vec2> line;
    for (std::size_t b = 0; b < values.size(); ++b)
        if (std::isfinite(values[b]))
            line.push_back(plot.at(middle_of(flow.bins[b]),
                                   std::clamp(values[b], plot.upward.low, plot.upward.high)));
    canvas.push_clip({{plot.place.min.x - 4.0F, plot.place.min.y - 4.0F},
                      {plot.place.max.x + 4.0F, plot.place.max.y + 4.0F}});
    // The token itself is no distance on the way to 1: a point by itself.
    if (line.size() > 2) canvas.polyline(std::span(line).subspan(1), colour, curve.width);
    if (!curve.sign.shape && !line.empty()) canvas.circle(line.front(), 1.0F + curve.width, colour);
    if (curve.sign.shape)
        for (std::size_t p = 0; p < line.size(); ++p)
            if (p == 0 || p % kSignOfBins == turn % kSignOfBins)
                draw_edged_sign(canvas, line[p], curve.sign, kCurveSign, theme.panel);
    canvas.pop_clip();
}

std::vector<double> up_to(const std::vector<double>& share) {
    std::vector<double> sums;
    sums.reserve(share.size());
    double sum = 0.0;
    for (const double s : share) sums.push_back(sum += s);
    return sums;
}

// The names of the curves in their colours behind their signs, in lines as long as the plot, at
// most `most`: the rest has no room. Returns how many lines there are. Null: only counts them.
std::size_t draw_names(Canvas& canvas, const Theme* theme, const std::vector<DistanceCurve>& curves,
                       Vec2 top_left, float right, std::size_t most) {
    Vec2 at = top_left;
    std::size_t lines = 1;
    for (std::size_t c = curves.size(); c-- > 0;) {
        const DistanceCurve& curve = curves[c];
        const TextStyle style{
            theme != nullptr ? text_colour(*theme, curve.sign.colour) : curve.sign.colour,
            Font::text, 12.0F, Align::start, Align::start};
        const float sign = curve.sign.shape ? kCurveSign + 4.0F : 0.0F;
        const float width = sign + canvas.text_size(curve.name, style).x;
        if (at.x > top_left.x && at.x + width > right) {
            if (lines == most) break;
            at = {top_left.x, at.y + kNameLine};
            ++lines;
        }
        if (theme != nullptr) {
            (void)canvas.label({at.x + sign, at.y},
                               canvas.fit(curve.name, style, right - at.x - sign), style);
            if (curve.sign.shape)
                draw_sign(canvas, {at.x + 0.5F * kCurveSign, at.y + 7.0F}, curve.sign, kCurveSign);
        }
        at.x += width + 12.0F;
    }
    return lines;
}

void draw_frame(Canvas& canvas, const Theme& theme, const Plot& plot) {
    draw_axis_left(canvas, theme, plot.place, plot.upward, true);
    const TextStyle quiet{theme.secondary, Font::text, kSmallTextSize, Align::centre, Align::start};
    const float self = plot.at(kSelf, plot.upward.low).x;
    (void)canvas.label({self, plot.place.max.y + 8.0F}, "self", quiet);
    draw_axis_below(canvas, theme, plot.place, plot.across, false);
}

Axis ratio_axis(const std::vector<DistanceCurve>& curves) {
    double low = 1.0, high = 1.0;
    for (const DistanceCurve& curve : curves)
        for (const double ratio : curve.ratio) {
            if (!std::isfinite(ratio)) continue;
            low = std::min(low, ratio);
            high = std::max(high, ratio);
        }
    low = std::max(low, kFloor);
    return {0.8 * std::min(low, 0.5), 1.25 * std::max(high, 2.0), AxisScale::ratio};
}

void draw_uniform(Canvas& canvas, const Theme& theme, const Plot& plot) {
    const float y = plot.at(1.0, 1.0).y;
    canvas.line({plot.place.min.x, y}, {plot.place.max.x, y}, theme.secondary, 1.0F);
}

// What uniform attention has up to each distance: pairs counted.
std::vector<double> uniform_share(const hsa::Flow& flow) {
    std::vector<double> share;
    for (std::size_t b = 0; b < flow.bins.size(); ++b)
        share.push_back(flow.all.ratio[b] > 0.0 ? flow.all.share[b] / flow.all.ratio[b] : 0.0);
    return share;
}

void tell(const ViewContext& context, const hsa::Flow& flow,
          const std::vector<DistanceCurve>& curves, const Plot& plot, const Pointer& pointer,
          bool shares, Drawn& drawn) {
    if (!pointer.inside || context.exporting || !plot.place.contains(pointer.position)) return;
    const double at = plot.across.value(
        static_cast<double>((pointer.position.x - plot.place.min.x) / plot.place.width()));
    std::size_t bin = 0;
    for (std::size_t b = 1; b < flow.bins.size(); ++b)
        if (at >= std::sqrt(middle_of(flow.bins[b - 1]) * middle_of(flow.bins[b]))) bin = b;
    drawn.tooltip = bin_text(flow.bins[bin]);
    for (std::size_t c = curves.size(); c-- > 0;) {
        const DistanceCurve& curve = curves[c];
        if (bin >= curve.ratio.size() || !std::isfinite(curve.ratio[bin])) continue;
        drawn.tooltip +=
            shares ? fmt::format("\n{}  {} up to here", curve.name,
                                 percent_text(up_to(curve.share)[bin]))
                   : fmt::format("\n{}  {}, {} of attention", curve.name,
                                 uniform_text(curve.ratio[bin]), percent_text(curve.share[bin]));
    }
}

}  // namespace

std::vector<DistanceCurve> distance_curves(const ViewContext& context, const hsa::Flow& flow) {
    std::vector<DistanceCurve> curves;
    for (std::size_t l = 0; l < flow.by_level.size(); ++l)
        curves.push_back(
            {flow.levels[l], 1.3F, flow.by_level[l].ratio, flow.by_level[l].share, level_sign(l)});
    if (flow.target)
        curves.push_back({"target",
                          1.6F,
                          flow.target->ratio,
                          flow.target->share,
                          {context.theme.secondary, Marker::ring}});
    curves.push_back({"splats", 2.4F, flow.all.ratio, flow.all.share, Sign(context.theme.text)});
    const hsa::Selection& selection = context.session.document.selection;
    const bool one = selection.tokens.size() == 1 && selection.tokens.front().size() == 1 &&
                     context.look.selection == selection && !selection.block;
    if (!one || !context.look.linked || !is_current(context)) return curves;
    const std::size_t token = selection.tokens.front().begin;
    const std::vector<float>& tint = context.look.linked->tint_from;
    if (tint.size() != context.snapshot.dataset->size() || token >= tint.size()) return curves;
    DistanceCurve own = curve_of_token(flow, tint, token);
    own.name = "from \u201c" + context.snapshot.dataset->token_text(token) + "\u201d";
    own.sign = {context.theme.accent, Marker::plus};
    own.width = 2.0F;
    curves.push_back(std::move(own));
    return curves;
}

void draw_distance_profile(Canvas& canvas, const ViewContext& context, const hsa::Flow& flow,
                           const std::vector<DistanceCurve>& curves, const Rect& bounds,
                           const Pointer& pointer, Drawn& drawn) {
    const Theme& theme = context.theme;
    if (flow.bins.size() < 3 || bounds.width() < 140.0F || bounds.height() < 110.0F) return;
    const bool two = bounds.height() >= kTwoPlots;
    const auto last = static_cast<double>(flow.bins.back().last);
    const float middle = two ? bounds.min.y + 0.6F * bounds.height() : bounds.max.y;
    Plot plot;
    plot.across = {kSelf, std::max(last, 2.0), AxisScale::logarithmic};
    plot.upward = ratio_axis(curves);
    const Vec2 named = {bounds.min.x, bounds.min.y + 19.0F};
    const float foot = middle - kBelow - (two ? 4.0F : 0.0F);
    const float spare = foot - (bounds.min.y + kTitles) - kLeastPlot;
    const std::size_t most = 1 + static_cast<std::size_t>(std::max(0.0F, spare) / kNameLine);
    const std::size_t lines = draw_names(canvas, nullptr, curves, named, bounds.max.x, most);
    plot.place = {
        {bounds.min.x + kLeft, bounds.min.y + kTitles + kNameLine * static_cast<float>(lines - 1)},
        {bounds.max.x - 8.0F, foot}};
    const TextStyle title{theme.text, Font::text, kSmallTextSize, Align::start, Align::start};
    (void)canvas.label(bounds.min,
                       canvas.fit("attention by distance, against uniform", title, bounds.width()),
                       title);
    (void)draw_names(canvas, &theme, curves, named, bounds.max.x, most);
    draw_frame(canvas, theme, plot);
    draw_uniform(canvas, theme, plot);
    for (std::size_t c = 0; c < curves.size(); ++c)
        draw_curve(canvas, theme, plot, flow, curves[c], curves[c].ratio, c);
    tell(context, flow, curves, plot, pointer, false, drawn);
    drawn.axes.push_back({"distance", 0.0, last});
    if (!two) {
        (void)canvas.label({plot.place.min.x - 8.0F, plot.place.max.y + 8.0F}, "tokens apart",
                           {theme.secondary, Font::text, kSmallTextSize, Align::end});
        return;
    }
    Plot sums = plot;
    sums.upward = {0.0, 1.0, AxisScale::linear};
    sums.place.min.y = middle + 30.0F;
    sums.place.max.y = bounds.max.y - kBelow - 14.0F;
    (void)canvas.label({bounds.min.x, middle + 2.0F},
                       canvas.fit("share of attention up to a distance (hairline: uniform)", title,
                                  bounds.width()),
                       title);
    draw_frame(canvas, theme, sums);
    DistanceCurve even;
    even.sign = Sign(theme.secondary.with_alpha(0.6F));
    even.width = 1.0F;
    draw_curve(canvas, theme, sums, flow, even, up_to(uniform_share(flow)), 0);
    for (std::size_t c = 0; c < curves.size(); ++c)
        draw_curve(canvas, theme, sums, flow, curves[c], up_to(curves[c].share), c);
    (void)canvas.label({sums.place.max.x, bounds.max.y - 14.0F}, "tokens apart (log)",
                       {theme.secondary, Font::text, kSmallTextSize, Align::end});
    tell(context, flow, curves, sums, pointer, true, drawn);
}

}  // namespace splatscope
