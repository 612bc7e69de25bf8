#include "app/views/view.h"
#include "app/views/view_names.h"
#include "app/views/view_waiting.h"
#include "app/widgets/axis.h"
#include "app/widgets/numbers.h"
#include "app/widgets/sign.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <optional>

namespace splatscope {
namespace {

constexpr float kLeastWidth = 180.0F;  // of a plot with what stands around it
constexpr float kLeastHeight = 130.0F;
constexpr float kSign = 8.0F;

// One curve over cycles.
struct Curve {
    std::string name;
    Colour colour;
    std::vector<double> values;                  // [cycles], NaN where not measured
    std::optional<Marker> shape = std::nullopt;  // on the curve and before its name
};

// One small plot.
struct Plot {
    std::string title;  // with its unit
    std::vector<Curve> curves;
    bool from_zero = false;  // a difference is read as a share of the whole
};

// " from 256 rows"; nothing where none were measured.
std::string from_rows(const hsa::Measures& measures) {
    return measures.report_rows > 0 ? " from " + counted(measures.report_rows, "row") : "";
}

// The values with some air; never below zero when none is.
Axis value_axis(const Plot& plot, double low, double high) {
    if (plot.from_zero) low = std::min(low, 0.0);
    // Values that differ by rounding alone would have marks of a dozen digits.
    const double largest = std::max(std::abs(low), std::abs(high));
    const double air = high - low > 1e-3 * largest ? 0.06 * (high - low)
                       : largest > 0.0             ? 0.25 * largest
                                                   : 0.5;
    const double below = plot.from_zero && low == 0.0 ? 0.0 : low - air;
    return {low >= 0.0 ? std::max(0.0, below) : below, high + air, AxisScale::linear};
}

std::vector<double> over_cycles(const hsa::History& history,
                                const std::function<double(const hsa::CycleMeasures&)>& value) {
    std::vector<double> values;
    for (const auto& cycle : history.cycles) values.push_back(value(cycle->measures));
    return values;
}

std::vector<Plot> plots_of(const ViewContext& context) {
    const hsa::Snapshot& snapshot = context.snapshot;
    const hsa::History& history = *snapshot.history;
    const std::vector<HistoryLevel> levels = levels_over_time(snapshot);
    constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
    const auto by_level =
        [&](const std::function<double(const hsa::CycleMeasures&, std::size_t)>& value) {
            std::vector<Curve> curves;
            curves.reserve(levels.size());
            for (const HistoryLevel& level : levels)
                curves.push_back(
                    {level.name, level.colour(context.theme),
                     over_cycles(history,
                                 [&](const hsa::CycleMeasures& m) {
                                     const auto l = m.level_of(level.name);
                                     return l ? value(m, *l) : kNone;
                                 }),
                     level.index ? std::optional(level_shape(*level.index)) : std::nullopt});
            return curves;
        };
    std::vector<Plot> plots(4);
    plots[0].title = "row-KL" + from_rows(*snapshot.measures) + ", nats";
    plots[0].curves = by_level([&](const hsa::CycleMeasures& m, std::size_t l) {
        return l < m.level_row_kl.size() ? m.level_row_kl[l] : kNone;
    });
    plots[0].curves.push_back(
        {"all", context.theme.text,
         over_cycles(history, [](const hsa::CycleMeasures& m) { return m.row_kl; })});
    plots[1].title = "entropy and information, nats";
    plots[1].curves = {
        {"entropy of P", context.theme.warning,
         over_cycles(history, [](const hsa::CycleMeasures& m) { return m.entropy; }),
         Marker::diamond},
        {"information", context.theme.accent,
         over_cycles(history, [](const hsa::CycleMeasures& m) { return m.information; }),
         Marker::ring}};
    plots[2].title = "splats";
    plots[2].from_zero = true;
    plots[2].curves = by_level([&](const hsa::CycleMeasures& m, std::size_t l) {
        return l < m.splats.size() ? static_cast<double>(m.splats[l]) : kNone;
    });
    plots[3].title = "usage, share";
    plots[3].from_zero = true;
    plots[3].curves = by_level([&](const hsa::CycleMeasures& m, std::size_t l) {
        return l < m.usage.size() ? m.usage[l] : kNone;
    });
    return plots;
}

class MeasuresView : public View {
  public:
    [[nodiscard]] std::string id() const override { return "measures"; }
    [[nodiscard]] std::string title() const override { return "Measures"; }
    [[nodiscard]] std::string help() const override {
        return "Numbers of every cycle: row-KL of attention against the target on rows that no "
               "decision sees (of each level alone, and of all "
               "together), entropy of P and information I(token; splat), all in nats; splats a "
               "level; share of attention a level.\nClick goes to a "
               "cycle.";
    }
    [[nodiscard]] Place place() const override { return Place::bottom; }
    [[nodiscard]] std::string subtitle(const ViewContext& context) const override {
        const hsa::Snapshot& snapshot = context.snapshot;
        if (!snapshot.measures) return "";
        const hsa::Measures& m = *snapshot.measures;
        std::string text = fmt::format("cycle {} \u00b7 ", snapshot.cycle);
        if (m.row_kl)
            text += fmt::format("row-KL {} nats{} \u00b7 ", number_text(*m.row_kl), from_rows(m));
        text += fmt::format("entropy {} \u00b7 information {} nats", number_text(m.entropy_mean),
                            number_text(m.information_total));
        if (m.measured_on_fit_rows) text += " \u00b7 measured on the rows used for fitting";
        return text;
    }

    [[nodiscard]] Drawn draw(Canvas& canvas, const ViewContext& context,
                             const Pointer& pointer) override {
        Drawn drawn;
        const hsa::Snapshot& snapshot = context.snapshot;
        if (!snapshot.history || snapshot.history->cycles.empty() || !snapshot.registry ||
            !snapshot.measures) {
            draw_nothing(canvas, context, drawn);
            return drawn;
        }
        const std::vector<Plot> plots = plots_of(context);
        const Rect bounds = canvas.bounds();
        // As many as have room, the first ones; one always.
        const bool one_row =
            bounds.width() > 2.6F * bounds.height() || bounds.height() < 2.0F * kLeastHeight;
        const auto across = static_cast<std::size_t>(std::max(1.0F, bounds.width() / kLeastWidth));
        const std::size_t columns = std::min(one_row ? plots.size() : std::size_t{2}, across);
        const std::size_t rows =
            one_row
                ? 1
                : std::min<std::size_t>((plots.size() + columns - 1) / columns,
                                        static_cast<std::size_t>(bounds.height() / kLeastHeight));
        const float width = bounds.width() / static_cast<float>(columns);
        const float height = bounds.height() / static_cast<float>(rows);
        for (std::size_t p = 0; p < std::min(plots.size(), rows * columns); ++p) {
            const std::size_t row = p / columns;
            const Vec2 corner = {bounds.min.x + width * static_cast<float>(p - row * columns),
                                 bounds.min.y + height * static_cast<float>(row)};
            draw_plot(canvas, context, pointer, plots[p],
                      {{corner.x + 52.0F, corner.y + 40.0F},
                       {corner.x + width - 16.0F, corner.y + height - 30.0F}},
                      drawn);
        }
        drawn.axes.push_back({"cycle", 0.0, static_cast<double>(snapshot.history->last())});
        drawn.mark = mark_of_attention(snapshot);
        return drawn;
    }

  private:
    // Curves that run together take turns with their signs, along the second half.
    static Vec2 sign_place(const std::vector<Vec2>& line, std::size_t turn, std::size_t curves) {
        const float back = static_cast<float>(turn) / static_cast<float>(2 * curves);
        const float at = (1.0F - back) * static_cast<float>(line.size() - 1);
        const auto before = static_cast<std::size_t>(at);
        const std::size_t after = std::min(before + 1, line.size() - 1);
        const float share = at - static_cast<float>(before);
        return {line[before].x + share * (line[after].x - line[before].x),
                line[before].y + share * (line[after].y - line[before].y)};
    }

    static void draw_plot(Canvas& canvas, const ViewContext& context, const Pointer& pointer,
                          const Plot& plot, const Rect& place, Drawn& drawn) {
        if (place.width() < 60.0F || place.height() < 30.0F) return;
        const double last = std::max(1.0, static_cast<double>(context.snapshot.history->last()));
        const Axis across{0.0, last, AxisScale::integer};
        double low = std::numeric_limits<double>::infinity();
        double high = -low;
        for (const Curve& curve : plot.curves)
            for (const double value : curve.values)
                if (std::isfinite(value)) {
                    low = std::min(low, value);
                    high = std::max(high, value);
                }
        canvas.text({place.min.x - 44.0F, place.min.y - 36.0F}, plot.title,
                    {context.theme.text, Font::text, kSmallTextSize, Align::start, Align::start});
        if (!(high >= low)) {
            canvas.text(place.centre(), "no target",
                        {context.theme.secondary, Font::text, kSmallTextSize, Align::centre,
                         Align::centre});
            return;
        }
        const Axis upward = value_axis(plot, low, high);
        draw_axis_left(canvas, context.theme, place, upward, true);
        draw_axis_below(canvas, context.theme, place, across, false);
        (void)canvas.label({place.min.x - 8.0F, place.max.y + 10.0F}, "cycle",
                           {context.theme.secondary, Font::text, kSmallTextSize, Align::end});
        const auto x_of = [&](double cycle) {
            return place.min.x + place.width() * static_cast<float>(across.place(cycle));
        };
        const auto y_of = [&](double value) {
            return place.max.y - place.height() * static_cast<float>(upward.place(value));
        };
        const float now = x_of(context.snapshot.cycle);
        canvas.line({now, place.min.y}, {now, place.max.y}, context.theme.accent.with_alpha(0.7F),
                    1.0F);
        float legend = place.min.x - 44.0F;
        for (std::size_t turn = 0; turn < plot.curves.size(); ++turn) {
            const Curve& curve = plot.curves[turn];
            std::vector<Vec2> line;
            for (std::size_t c = 0; c < curve.values.size(); ++c)
                if (std::isfinite(curve.values[c]))
                    line.push_back({x_of(static_cast<double>(c)), y_of(curve.values[c])});
            if (line.size() > 1) canvas.polyline(line, curve.colour, 1.6F, false);
            else if (line.size() == 1 && !curve.shape)
                canvas.circle(line.front(), 3.0F, curve.colour);
            if (curve.shape && !line.empty())
                draw_edged_sign(canvas, sign_place(line, turn, plot.curves.size()),
                                {curve.colour, *curve.shape}, kSign, context.theme.panel);
            const TextStyle style{text_colour(context.theme, curve.colour), Font::text, 12.0F,
                                  Align::start, Align::start};
            const float sign = curve.shape ? kSign + 4.0F : 0.0F;
            const float end = legend + sign + canvas.text_size(curve.name, style).x;
            if (!canvas.shows(Part::legend) || end > place.max.x + 12.0F ||
                !canvas.label({legend + sign, place.min.y - 19.0F}, curve.name, style))
                continue;
            if (curve.shape)
                draw_sign(canvas, {legend + 0.5F * kSign, place.min.y - 12.0F},
                          {curve.colour, *curve.shape}, kSign);
            legend = end + 12.0F;
        }
        if (!pointer.inside || !place.contains(pointer.position)) return;
        const double at = std::clamp(std::round(across.value(static_cast<double>(
                                         (pointer.position.x - place.min.x) / place.width()))),
                                     0.0, static_cast<double>(context.snapshot.history->last()));
        const auto cycle = static_cast<std::size_t>(at);
        drawn.tooltip = fmt::format("cycle {}", cycle);
        for (const Curve& curve : plot.curves)
            if (std::isfinite(curve.values[cycle]))
                drawn.tooltip +=
                    fmt::format("\n{}  {}", curve.name, number_text(curve.values[cycle], 4));
        if (pointer.clicked) drawn.commands.push_back(fmt::format("adapt.goto {}", cycle));
    }
};

}  // namespace

std::unique_ptr<View> make_measures_view() { return std::make_unique<MeasuresView>(); }

}  // namespace splatscope
