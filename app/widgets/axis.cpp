#include "app/widgets/axis.h"

#include "app/widgets/numbers.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>

namespace splatscope {
namespace {

bool by_logarithm(AxisScale scale) {
    return scale == AxisScale::logarithmic || scale == AxisScale::ratio;
}

// The smallest of 1, 2, 5 x 10^k that is at least `wanted`.
double nice_step(double wanted) {
    const double power = std::pow(10.0, std::floor(std::log10(wanted)));
    for (const double multiple : {1.0, 2.0, 5.0})
        if (multiple * power >= wanted * (1.0 - 1e-9)) return multiple * power;
    return 10.0 * power;
}

std::string linear_label(double value, double step, double largest) {
    if (value == 0.0) return "0";
    const int exponent = static_cast<int>(std::floor(std::log10(step) + 1e-9));
    if (exponent < -5 || largest >= 1e9) {
        const int digits = std::max(
            0, static_cast<int>(std::floor(std::log10(std::fabs(value)) + 1e-9)) - exponent);
        return number_text(value, digits + 1);
    }
    const int decimals = std::max(0, -exponent);
    if (decimals == 0 && std::fabs(value) >= 1000.0) {
        const std::string digits =
            count_text(static_cast<std::size_t>(std::llround(std::fabs(value))));
        return (value < 0 ? "-" : "") + digits;
    }
    return fmt::format("{:.{}f}", value, decimals);
}

std::vector<Tick> linear_ticks(const Axis& axis, std::size_t most, bool whole) {
    std::vector<Tick> marks;
    const double span = axis.high - axis.low;
    double step = nice_step(span / static_cast<double>(most));
    if (whole) step = std::max(1.0, std::round(step));
    const double largest = std::max(std::fabs(axis.low), std::fabs(axis.high));
    if (step <= largest * 1e-14) return marks;  // finer than the numbers themselves
    const double slack = 1e-9 * std::min(step, span);
    const auto count_from = [&](double s) {
        return std::floor((axis.high + slack) / s) - std::ceil((axis.low - slack) / s) + 1.0;
    };
    while (count_from(step) > static_cast<double>(most)) step = nice_step(step * 1.5);
    for (double k = std::ceil((axis.low - slack) / step); k * step <= axis.high + slack; k += 1.0) {
        const double value = k == 0.0 ? 0.0 : k * step;
        marks.push_back({value, linear_label(value, step, largest)});
    }
    return marks;
}

std::string ratio_label(double value) {
    if (value > 0.99 && value < 1.01) return "uniform";
    if (value < 1.0) return "1/" + number_text(1.0 / value, 2);
    return "×" + number_text(value, 2);
}

// Marks at `multiples` of every power of ten, every stride-th power labelled.
std::vector<Tick> logarithmic_ticks(const Axis& axis, std::size_t most) {
    const bool ratio = axis.scale == AxisScale::ratio;
    const int first = static_cast<int>(std::floor(std::log10(axis.low) - 1e-9));
    const int last = static_cast<int>(std::ceil(std::log10(axis.high) + 1e-9));
    const auto inside = [&](double value) {
        return value >= axis.low * (1.0 - 1e-9) && value <= axis.high * (1.0 + 1e-9);
    };
    // From dense to sparse: 1 2 5 (1 3 for ratios), then every 1, 2, 3, 6, ... powers.
    std::vector<Tick> marks;
    for (int attempt = 0; attempt < 40; ++attempt) {
        const int stride = std::max(1, attempt);
        marks.clear();
        for (int power = first; power <= last; ++power) {
            const double decade = std::pow(10.0, power);
            const auto add = [&](double value, bool labelled) {
                if (!inside(value)) return;
                marks.push_back({value, !labelled ? ""
                                        : ratio   ? ratio_label(value)
                                                  : number_text(value, 1)});
            };
            add(decade, power % stride == 0);
            if (stride > 1) continue;
            if (ratio) {
                add((power < 0 ? 10.0 / 3.0 : 3.0) * decade, attempt == 0);
            } else {
                add(2.0 * decade, attempt == 0);
                add(5.0 * decade, attempt == 0);
            }
        }
        const auto labelled = std::count_if(marks.begin(), marks.end(),
                                            [](const Tick& mark) { return !mark.label.empty(); });
        if (static_cast<std::size_t>(labelled) <= most) {
            // A range within one decade holds no power of ten: spread it evenly.
            if (labelled < 2 && !ratio) return linear_ticks(axis, most, false);
            break;
        }
    }
    return marks;
}

constexpr float kMark = 4.0F;   // length of a mark, logical pixels
constexpr float kSpace = 4.0F;  // between mark and label

}  // namespace

double Axis::place(double value) const {
    if (by_logarithm(scale)) {
        if (!(value > 0.0)) return std::nan("");
        return std::log(value / low) / std::log(high / low);
    }
    return (value - low) / (high - low);
}

double Axis::value(double at) const {
    if (by_logarithm(scale)) return low * std::pow(high / low, at);
    return low + at * (high - low);
}

std::vector<Tick> ticks(const Axis& axis, std::size_t most) {
    if (!std::isfinite(axis.low) || !std::isfinite(axis.high) || !(axis.high > axis.low)) return {};
    most = std::max<std::size_t>(most, 2);
    if (by_logarithm(axis.scale))
        return axis.low > 0.0 ? logarithmic_ticks(axis, most) : std::vector<Tick>{};
    return linear_ticks(axis, most, axis.scale == AxisScale::integer);
}

void draw_axis_below(Canvas& canvas, const Theme& theme, const Rect& plot, const Axis& axis,
                     bool grid, std::string_view title) {
    if (!canvas.shows(Part::axes)) return;
    const TextStyle style{theme.secondary, Font::text, kSmallTextSize, Align::centre, Align::start};
    canvas.line({plot.min.x, plot.max.y}, plot.max, theme.lines);
    if (!title.empty()) {
        TextStyle at_end = style;
        at_end.horizontal = Align::end;
        (void)canvas.label({plot.max.x, plot.max.y + kMark + kSpace + kSmallTextSize + 2.0F}, title,
                           at_end);
    }
    const auto most = static_cast<std::size_t>(std::max(2.0F, plot.width() / 64.0F));
    for (const Tick& tick : ticks(axis, most)) {
        const float x = plot.min.x + plot.width() * static_cast<float>(axis.place(tick.value));
        if (grid) canvas.line({x, plot.min.y}, {x, plot.max.y}, theme.lines.with_alpha(0.5F));
        canvas.line({x, plot.max.y}, {x, plot.max.y + (tick.label.empty() ? 2.0F : kMark)},
                    theme.lines);
        if (!tick.label.empty())
            (void)canvas.label({x, plot.max.y + kMark + kSpace}, tick.label, style);
    }
}

void draw_axis_left(Canvas& canvas, const Theme& theme, const Rect& plot, const Axis& axis,
                    bool grid, std::string_view title) {
    if (!canvas.shows(Part::axes)) return;
    const TextStyle style{theme.secondary, Font::text, kSmallTextSize, Align::end, Align::centre};
    canvas.line(plot.min, {plot.min.x, plot.max.y}, theme.lines);
    if (!title.empty()) {
        TextStyle above = style;
        above.horizontal = Align::start;
        above.vertical = Align::end;
        (void)canvas.label({plot.min.x, plot.min.y - kSpace}, title, above);
    }
    const auto most = static_cast<std::size_t>(std::clamp(plot.height() / 26.0F, 2.0F, 10.0F));
    for (const Tick& tick : ticks(axis, most)) {
        const float y = plot.max.y - plot.height() * static_cast<float>(axis.place(tick.value));
        if (grid) canvas.line({plot.min.x, y}, {plot.max.x, y}, theme.lines.with_alpha(0.5F));
        canvas.line({plot.min.x - (tick.label.empty() ? 2.0F : kMark), y}, {plot.min.x, y},
                    theme.lines);
        if (!tick.label.empty())
            (void)canvas.label({plot.min.x - kMark - kSpace, y}, tick.label, style);
    }
}

}  // namespace splatscope
