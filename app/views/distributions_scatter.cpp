#include "app/views/distributions_scatter.h"

#include "app/views/view_names.h"
#include "app/widgets/colour_bar.h"
#include "app/widgets/numbers.h"
#include "app/widgets/sign.h"
#include "engine/core/hash.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <span>
#include <string>
#include <utility>

namespace splatscope {
namespace {

constexpr std::size_t kMostDots = 2000;  // tokens beyond are counted in cells
constexpr float kCell = 3.0F;            // pixels
constexpr float kSign = 8.0F;            // of a splat
constexpr float kDot = 2.0F;             // radius of a token
constexpr float kReach = 10.0F;          // pixels from the pointer to what it means
constexpr std::size_t kMostNames = 8;

// With air at both ends, so that nothing lies on the frame.
Axis axis_of(double low, double high, bool logarithmic) {
    if (!(high > low)) {
        const double half = 0.5 * std::max(std::abs(low), 1e-3);
        low = logarithmic ? low / 2.0 : low - half;
        high = logarithmic ? high * 2.0 : high + half;
    }
    if (logarithmic) {
        const double air = std::pow(high / low, 0.04);
        return {low / air, high * air, AxisScale::logarithmic};
    }
    const double air = 0.04 * (high - low);
    return {low - air, high + air, AxisScale::linear};
}

std::string title_of(const hsa::Property& property) {
    return property.name + (property.unit.empty() ? "" : ", " + property.unit);
}

}  // namespace

void Scatter::place(const Of& of, const Rect& plot) {
    if (version_ == of.version && across_values_ == of.across.values.data() &&
        upward_values_ == of.upward.values.data() && logarithmic_ == of.logarithmic &&
        plot_.min == plot.min && plot_.max == plot.max)
        return;
    version_ = of.version;
    across_values_ = of.across.values.data();
    upward_values_ = of.upward.values.data();
    logarithmic_ = of.logarithmic;
    plot_ = plot;
    placed_.clear();
    constexpr double kInfinity = std::numeric_limits<double>::infinity();
    double low[2] = {kInfinity, kInfinity}, high[2] = {-kInfinity, -kInfinity};
    const std::size_t count = std::min(of.across.values.size(), of.upward.values.size());
    const auto known = [&](double value) {
        return std::isfinite(value) && (!of.logarithmic || value > 0.0);
    };
    for (std::size_t t = 0; t < count; ++t) {
        const double values[2] = {static_cast<double>(of.across.values[t]),
                                  static_cast<double>(of.upward.values[t])};
        if (!known(values[0]) || !known(values[1])) continue;
        placed_.push_back({t, {}});
        for (std::size_t a = 0; a < 2; ++a) {
            low[a] = std::min(low[a], values[a]);
            high[a] = std::max(high[a], values[a]);
        }
    }
    without_ = count - placed_.size();
    if (placed_.empty()) return;
    across_ = axis_of(low[0], high[0], of.logarithmic);
    upward_ = axis_of(low[1], high[1], of.logarithmic);
    for (Placed& each : placed_) {
        const double x = across_.place(static_cast<double>(of.across.values[each.thing]));
        const double y = upward_.place(static_cast<double>(of.upward.values[each.thing]));
        each.at = {plot.min.x + plot.width() * static_cast<float>(x),
                   plot.max.y - plot.height() * static_cast<float>(y)};
    }
}

void Scatter::draw_cells(Canvas& canvas, const Theme& theme,
                         const std::vector<std::uint8_t>& lit) const {
    const auto columns = static_cast<std::size_t>(std::ceil(plot_.width() / kCell));
    const auto rows = static_cast<std::size_t>(std::ceil(plot_.height() / kCell));
    std::vector<std::uint32_t> counts(columns * rows, 0);
    std::vector<std::uint8_t> shines(columns * rows, 0);
    std::uint32_t most = 1;
    for (const Placed& each : placed_) {
        const auto i = static_cast<std::size_t>(std::max(0.0F, (each.at.x - plot_.min.x) / kCell));
        const auto j = static_cast<std::size_t>(std::max(0.0F, (each.at.y - plot_.min.y) / kCell));
        const std::size_t cell = std::min(j, rows - 1) * columns + std::min(i, columns - 1);
        most = std::max(most, ++counts[cell]);
        shines[cell] = shines[cell] | lit[each.thing];
    }
    std::vector<std::uint32_t> pixels(counts.size(), 0);
    for (std::size_t c = 0; c < counts.size(); ++c) {
        if (counts[c] == 0) continue;
        const float share = std::log1p(static_cast<float>(counts[c] - 1)) /
                            std::max(std::log1p(static_cast<float>(most - 1)), 1e-3F);
        const Colour plain = mix(theme.panel, theme.text, 0.3F + 0.6F * share);
        pixels[c] = pixel_of(shines[c] != 0 ? theme.accent : plain);
    }
    Image image;
    image.key = hsa::hash_values(std::span<const std::uint32_t>(pixels));
    image.width = columns;
    image.height = rows;
    image.pixels = std::make_shared<const std::vector<std::uint32_t>>(std::move(pixels));
    canvas.image(image, {plot_.min,
                         {plot_.min.x + kCell * static_cast<float>(columns),
                          plot_.min.y + kCell * static_cast<float>(rows)}});
    (void)canvas.label({plot_.max.x - 4.0F, plot_.min.y + 4.0F},
                       fmt::format("the {} the more tokens: 1 to {} a cell",
                                   theme.is_dark ? "brighter" : "darker", count_text(most)),
                       {theme.secondary, Font::text, kSmallTextSize, Align::end, Align::start,
                        theme.panel.with_alpha(0.8F)});
}

void Scatter::draw_things(Canvas& canvas, const ViewContext& context, const Of& of,
                          const std::vector<std::uint8_t>& lit, Drawn& drawn) const {
    const Theme& theme = context.theme;
    const bool any_lit = std::any_of(lit.begin(), lit.end(), [](std::uint8_t l) { return l != 0; });
    std::vector<std::size_t> named;
    for (const bool shining : {false, true})  // what is lit lies on the others
        for (const Placed& each : placed_) {
            if ((lit[each.thing] != 0) != shining) continue;
            if (of.counted == Counted::tokens) {
                canvas.circle(each.at, shining ? kDot + 2.0F : kDot,
                              shining ? theme.panel : theme.secondary.with_alpha(0.75F));
                if (shining) canvas.circle(each.at, kDot + 1.0F, theme.accent);
                continue;
            }
            const hsa::SplatRegistry& registry = *context.snapshot.registry;
            const std::uint16_t level = registry.level[each.thing];
            const float alpha = any_lit && !shining ? 0.45F : 1.0F;
            draw_edged_sign(canvas, each.at,
                            {level_colour(level).with_alpha(alpha), level_shape(level)}, kSign,
                            theme.panel.with_alpha(alpha));
            if (shining) canvas.circle_outline(each.at, 0.5F * kSign + 4.0F, theme.accent, 2.0F);
            const hsa::SplatId id = registry.id[each.thing];
            drawn.hits.push_back(
                {fmt::format("splat {}", id),
                 {{each.at.x - 4.0F, each.at.y - 4.0F}, {each.at.x + 4.0F, each.at.y + 4.0F}},
                 fmt::format("select.splats {}", id)});
            if (shining) named.push_back(drawn.hits.size() - 1);
        }
    if (named.size() > kMostNames) return;
    for (const std::size_t h : named) {
        const Hit& hit = drawn.hits[h];
        const auto id = static_cast<hsa::SplatId>(std::stoul(hit.id.substr(6)));
        (void)canvas.label({hit.place.max.x + 8.0F, hit.place.centre().y},
                           splat_name(context.snapshot, id),
                           {theme.text, Font::text, kSmallTextSize, Align::start, Align::centre,
                            theme.panel.with_alpha(0.8F)});
    }
}

void Scatter::react(Canvas& canvas, const ViewContext& context, const Pointer& pointer,
                    const Of& of, Drawn& drawn) {
    const std::string how = pointer.shift ? "add " : pointer.ctrl ? "remove " : "";
    if (pointer.pressed[0] && plot_.contains(pointer.position)) dragging_ = true;
    const bool unseen = !pointer.down[0] && !pointer.released[0];  // let go while this was hidden
    if (dragging_ && (pointer.escape || unseen)) {
        dragging_ = false;
        if (pointer.escape) return;
    }
    if (dragging_) {
        const Vec2 a = pointer.press_position, b = pointer.position;
        const Rect box{{std::min(a.x, b.x), std::min(a.y, b.y)},
                       {std::max(a.x, b.x), std::max(a.y, b.y)}};
        drawn.holding = pointer.down[0];
        if (pointer.down[0]) {
            canvas.rect(box, context.theme.accent.with_alpha(0.15F));
            canvas.rect_outline(box, context.theme.accent);
            drawn.animating = true;
            return;
        }
        dragging_ = false;
        std::vector<std::size_t> inside;
        for (const Placed& each : placed_)
            if (box.contains(each.at)) inside.push_back(each.thing);
        if (!pointer.clicked) {
            if (!inside.empty())
                drawn.commands.push_back(
                    selecting_line(context, of.counted, how, std::move(inside)));
            return;
        }
    }
    if (!pointer.inside || !plot_.contains(pointer.position)) return;
    const Placed* nearest = nullptr;
    float least = kReach * kReach;
    for (const Placed& each : placed_) {
        const float dx = each.at.x - pointer.position.x, dy = each.at.y - pointer.position.y;
        if (dx * dx + dy * dy >= least) continue;
        least = dx * dx + dy * dy;
        nearest = &each;
    }
    if (nearest == nullptr) return;
    const std::size_t thing = nearest->thing;
    const auto told = [&](const hsa::Property& property) {
        return fmt::format("\n{} {}{}{}", property.name,
                           number_text(static_cast<double>(property.values[thing]), 4),
                           property.unit.empty() ? "" : " ", property.unit);
    };
    drawn.tooltip = (of.counted == Counted::splats
                         ? splat_name(context.snapshot, context.snapshot.registry->id[thing])
                         : "\u201c" + context.snapshot.dataset->token_text(thing) + "\u201d") +
                    told(of.across) + told(of.upward);
    if (pointer.clicked)
        drawn.commands.push_back(selecting_line(context, of.counted, how, {thing}));
}

void Scatter::draw(Canvas& canvas, const ViewContext& context, const Pointer& pointer, const Of& of,
                   const Rect& plot, Drawn& drawn) {
    place(of, plot);
    if (placed_.empty()) {
        drop();
        canvas.text(plot.centre(), "nothing has both values",
                    {context.theme.secondary, Font::text, kTextSize, Align::centre, Align::centre});
        return;
    }
    draw_axis_left(canvas, context.theme, plot, upward_, true, title_of(of.upward));
    draw_axis_below(canvas, context.theme, plot, across_, true, title_of(of.across));
    const std::vector<std::uint8_t> lit = lit_things(context, of.counted, of.across.values.size());
    if (of.counted == Counted::tokens && placed_.size() > kMostDots)
        draw_cells(canvas, context.theme, lit);
    else draw_things(canvas, context, of, lit, drawn);
    if (without_ > 0)
        (void)canvas.label({plot.max.x - 4.0F, plot.max.y - 4.0F},
                           fmt::format("{} without a value", count_text(without_)),
                           {context.theme.secondary, Font::text, kSmallTextSize, Align::end,
                            Align::end, context.theme.panel.with_alpha(0.8F)});
    react(canvas, context, pointer, of, drawn);
    drawn.axes.push_back({"x", across_.low, across_.high});
    drawn.axes.push_back({"y", upward_.low, upward_.high});
}

}  // namespace splatscope
