#include "app/views/timeline_curves.h"

#include "app/widgets/numbers.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <numeric>

namespace splatscope {
namespace {

void draw_curve(Canvas& canvas, const ViewContext& context, const Rect& plot, bool two_lines,
                const Axis& cycles, const TimelineMeasure& measure) {
    const auto& all = context.snapshot.history->cycles;
    std::vector<std::pair<std::int32_t, double>> known;
    for (const auto& cycle : all)
        if (const double value = measure.value(cycle->measures); std::isfinite(value))
            known.emplace_back(cycle->number, value);
    const float first = two_lines ? plot.min.y : plot.centre().y - 7.0F;
    const bool measured = !known.empty();
    canvas.label({plot.min.x - 8.0F, first}, measured ? measure.name : "no " + measure.name,
                 {measured ? measure.colour : context.theme.secondary, Font::text, kSmallTextSize,
                  Align::end, Align::start});
    if (!measured) return;
    const std::string values = known.size() > 1
                                   ? fmt::format("{} \u2192 {}", number_text(known.front().second),
                                                 number_text(known.back().second))
                                   : number_text(known.front().second);
    if (two_lines)
        canvas.label({plot.min.x - 8.0F, first + 17.0F}, values,
                     {context.theme.secondary, Font::mono, 12.0F, Align::end, Align::start});
    const auto [least, most] =
        std::minmax_element(known.begin(), known.end(),
                            [](const auto& a, const auto& b) { return a.second < b.second; });
    const double low = least->second;
    const double span = most->second > low ? most->second - low : 1.0;
    std::vector<Vec2> line;
    line.reserve(known.size());
    for (const auto& [cycle, value] : known)
        line.push_back({plot.min.x + plot.width() * static_cast<float>(cycles.place(cycle)),
                        plot.max.y - 4.0F -
                            (plot.height() - 10.0F) * static_cast<float>((value - low) / span)});
    canvas.push_clip(plot);
    if (line.size() > 1) canvas.polyline(line, measure.colour, 1.5F, false);
    if (line.size() == 1) canvas.circle(line.front(), 2.5F, measure.colour);
    canvas.pop_clip();
}

}  // namespace

std::vector<TimelineMeasure> timeline_measures(const ViewContext& context) {
    const Theme& theme = context.theme;
    std::vector<TimelineMeasure> all = {
        {"row-KL", theme.warning, [](const hsa::CycleMeasures& m) { return m.row_kl; }},
        {"objective", theme.text, [](const hsa::CycleMeasures& m) { return m.objective; }},
        {"entropy", theme.secondary, [](const hsa::CycleMeasures& m) { return m.entropy; }},
        {"information", theme.good, [](const hsa::CycleMeasures& m) { return m.information; }},
        {"splats", theme.error, [](const hsa::CycleMeasures& m) {
             return static_cast<double>(
                 std::accumulate(m.splats.begin(), m.splats.end(), std::size_t{0}));
         }}};
    const TimelineCurve wanted = context.session.desk.timeline.curve;
    if (wanted == TimelineCurve::all) return all;
    return {all.at(static_cast<std::size_t>(wanted))};
}

void draw_curves(Canvas& canvas, const ViewContext& context, const TimelineLayout& layout,
                 const Axis& cycles, const std::vector<TimelineMeasure>& measures) {
    for (std::size_t i = 0; i < std::min(layout.curves, measures.size()); ++i) {
        const Rect plot = layout.curve(i);
        if (i > 0)
            canvas.line({plot.min.x, plot.min.y - 2.0F}, {plot.max.x, plot.min.y - 2.0F},
                        context.theme.lines.with_alpha(0.6F), 1.0F);
        draw_curve(canvas, context, plot, layout.curve_values, cycles, measures[i]);
    }
}

}  // namespace splatscope
