#include "app/views/levels_layout.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace splatscope {
namespace {

constexpr float kGap = 1.0F;        // between bars
constexpr float kMostGaps = 0.25F;  // of a column's height
constexpr std::size_t kSteps = 24;  // of a band's line

double chance(const hsa::FlowLevel& finer, const hsa::FlowLink& link, std::size_t c,
              std::size_t t) {
    return finer.usage[c] * link.into[t];
}

// The order of a level's splats from the top, given where those of the next coarser stand.
std::vector<std::size_t> order_of(const hsa::FlowLevel& level, const hsa::FlowLevel* coarser,
                                  const hsa::FlowLink* link,
                                  const std::vector<std::size_t>& order_above) {
    std::vector<std::size_t> order(level.splats.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    if (coarser == nullptr || link == nullptr) {
        std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
            return level.usage[a] > level.usage[b];
        });
        return order;
    }
    std::vector<double> place_above(coarser->splats.size(), 0.0);
    double begin = 0.0;
    for (const std::size_t t : order_above) {
        place_above[t] = begin + 0.5 * coarser->usage[t];
        begin += coarser->usage[t];
    }
    std::vector<double> place(level.splats.size(), 0.5);
    for (std::size_t c = 0; c < level.splats.size(); ++c) {
        double sum = 0.0;
        double weight = 0.0;
        for (std::size_t t = 0; t < coarser->splats.size(); ++t) {
            const double beyond = std::max(0.0, link->mass(c, t) - chance(level, *link, c, t));
            sum += beyond * place_above[t];
            weight += beyond;
        }
        if (weight > 0.0) place[c] = sum / weight;
    }
    // What goes to the same place but for rounding stands by falling usage.
    const auto rank = [&](std::size_t c) { return std::llround(1e9 * place[c]); };
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
        return rank(a) != rank(b) ? rank(a) < rank(b) : level.usage[a] > level.usage[b];
    });
    return order;
}

// The bars of a level, one below the other.
void add_bars(const hsa::FlowLevel& level, std::size_t index, const std::vector<std::size_t>& order,
              const Rect& column, LevelsLayout& layout) {
    const auto gaps = static_cast<float>(order.empty() ? 0 : order.size() - 1);
    const float gap = gaps > 0.0F ? std::min(kGap, kMostGaps * column.height() / gaps) : 0.0F;
    const float height = column.height() - gap * gaps;
    float y = column.min.y;
    for (const std::size_t s : order) {
        const float own = height * static_cast<float>(level.usage[s]);
        layout.bars.push_back(
            {level.splats[s], index, level.usage[s], {{column.min.x, y}, {column.max.x, y + own}}});
        y += own + gap;
    }
}

// The bands between two columns whose bars stand; ends are stacked in the order of the other side.
void add_bands(const hsa::LevelFlow& flow, const hsa::FlowLink& link,
               const std::vector<std::size_t>& finer_order,
               const std::vector<std::size_t>& coarser_order, LevelsLayout& layout) {
    const hsa::FlowLevel& finer = flow.levels[link.finer];
    const std::size_t children = layout.first[link.finer];
    const std::size_t parents = layout.first[link.coarser];
    std::vector<float> used(coarser_order.size(), 0.0F);
    for (std::size_t a = 0; a < finer_order.size(); ++a) {
        const LevelBar& child = layout.bars[children + a];
        const std::size_t c = finer_order[a];
        const double out = finer.usage[c];
        float y = child.place.min.y;
        for (std::size_t b = 0; b < coarser_order.size(); ++b) {
            const std::size_t t = coarser_order[b];
            const double mass = link.mass(c, t);
            const LevelBar& parent = layout.bars[parents + b];
            const float width =
                out > 0.0 ? child.place.height() * static_cast<float>(mass / out) : 0.0F;
            const float at_parent =
                link.into[t] > 0.0 ? parent.place.height() * static_cast<float>(mass / link.into[t])
                                   : 0.0F;
            const double by_chance = chance(finer, link, c, t);
            layout.bands.push_back(
                {children + a,
                 parents + b,
                 mass,
                 by_chance > 0.0 ? mass / by_chance : 0.0,
                 width,
                 {child.place.max.x, y + 0.5F * width},
                 {parent.place.min.x, parent.place.min.y + used[b] + 0.5F * at_parent}});
            y += width;
            used[b] += at_parent;
        }
    }
}

}  // namespace

LevelsLayout levels_layout(const hsa::LevelFlow& flow, const Rect& plot, float bar_width) {
    LevelsLayout layout;
    const std::size_t levels = flow.levels.size();
    if (levels == 0) return layout;
    std::vector<std::vector<std::size_t>> order(levels);
    for (std::size_t l = levels; l-- > 0;) {
        const bool coarsest = l + 1 == levels;
        order[l] = order_of(flow.levels[l], coarsest ? nullptr : &flow.levels[l + 1],
                            coarsest ? nullptr : flow.link(l, l + 1),
                            coarsest ? std::vector<std::size_t>() : order[l + 1]);
    }
    const float apart =
        levels > 1 ? (plot.width() - bar_width) / static_cast<float>(levels - 1) : 0.0F;
    for (std::size_t l = 0; l < levels; ++l) {
        layout.first.push_back(layout.bars.size());
        const float x = plot.min.x + apart * static_cast<float>(l);
        add_bars(flow.levels[l], l, order[l], {{x, plot.min.y}, {x + bar_width, plot.max.y}},
                 layout);
    }
    layout.first.push_back(layout.bars.size());
    for (std::size_t l = 0; l + 1 < levels; ++l)
        if (const hsa::FlowLink* const link = flow.link(l, l + 1))
            add_bands(flow, *link, order[l], order[l + 1], layout);
    std::stable_sort(layout.bands.begin(), layout.bands.end(),
                     [](const LevelBand& a, const LevelBand& b) {
                         return a.mass * (1.0 - 1.0 / std::max(a.over_chance, 1.0)) <
                                b.mass * (1.0 - 1.0 / std::max(b.over_chance, 1.0));
                     });
    return layout;
}

std::vector<Vec2> band_line(const LevelBand& band) {
    std::vector<Vec2> points;
    points.reserve(kSteps + 1);
    for (std::size_t p = 0; p <= kSteps; ++p) {
        const float t = static_cast<float>(p) / static_cast<float>(kSteps);
        const float ease = t * t * (3.0F - 2.0F * t);
        points.push_back({band.from.x + t * (band.to.x - band.from.x),
                          band.from.y + ease * (band.to.y - band.from.y)});
    }
    return points;
}

}  // namespace splatscope
