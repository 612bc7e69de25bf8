#include "app/views/tree_faders.h"

#include "app/setting_values.h"
#include "app/widgets/numbers.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>

namespace splatscope {
namespace {

constexpr float kKnob = 4.0F;         // radius
constexpr float kMove = 2.0F;         // pixels from which a press is a drag
constexpr double kMostShare = 0.98;   // a level with all would leave the others none
constexpr double kLeastShare = 0.01;  // nearer to nothing is nothing: not heard

}  // namespace

std::optional<std::string> weighing_line(const hsa::Hierarchy& hierarchy, std::size_t level,
                                         double share) {
    double others = 0.0;
    for (std::size_t l = 0; l < hierarchy.size(); ++l)
        if (l != level) others += std::max(0.0, hierarchy.levels[l].weight);
    if (!(others > 0.0)) return std::nullopt;
    if (share < kLeastShare) share = 0.0;
    const double weight = others * share / (1.0 - std::min(share, kMostShare));
    return fmt::format("set {} {:.4g}",
                       quote_word("attention.level." + hierarchy.levels[level].name + ".weight"),
                       weight);
}

void TreeFaders::move(const ViewContext& context, const Pointer& pointer, std::size_t level,
                      const Rect& track, Drawn& drawn) {
    const hsa::Hierarchy& hierarchy = context.snapshot.registry->hierarchy;
    const Rect reach{{track.min.x - kKnob, track.min.y - kKnob},
                     {track.max.x + kKnob, track.max.y + kKnob}};
    if (pointer.pressed[0] && reach.contains(pointer.position)) {
        held_ = level;
        share_ = hierarchy.share(level);
        left_of_.reset();
    }
    if (held_ == level) {
        if (pointer.escape) {
            held_.reset();
            return;
        }
        const bool moved = std::abs(pointer.position.x - pointer.press_position.x) >= kMove;
        if (moved)
            share_ =
                std::clamp(static_cast<double>((pointer.position.x - track.min.x) / track.width()),
                           0.0, kMostShare);
        const auto line = weighing_line(hierarchy, level, share_);
        if (pointer.down[0]) {
            drawn.holding = drawn.animating = true;
            if (moved && line) drawn.preview = *line;
        } else {
            held_.reset();
            if (moved && line) {
                drawn.commands.push_back(*line);
                left_of_ = context.snapshot.registry;
                left_level_ = level;
            }
        }
    }
    if (pointer.inside && (held_ == level || (!held_ && reach.contains(pointer.position))))
        drawn.tooltip = fmt::format(
            "{}: {} of attention is meant to go through it\ndrag: more or less, the "
            "other levels keep their proportions",
            hierarchy.levels[level].name,
            percent_text(held_ == level ? share_ : hierarchy.share(level), 0));
}

void TreeFaders::draw(Canvas& canvas, const ViewContext& context, const Pointer& pointer,
                      std::size_t level, const Rect& track, Drawn& drawn) {
    const hsa::Hierarchy& hierarchy = context.snapshot.registry->hierarchy;
    move(context, pointer, level, track, drawn);
    if (left_of_ != context.snapshot.registry) left_of_.reset();
    const bool by_hand = held_ == level || (left_of_ && left_level_ == level);
    const auto share = static_cast<float>(by_hand ? share_ : hierarchy.share(level));
    const float y = track.centre().y;
    const Vec2 knob = {track.min.x + track.width() * std::clamp(share, 0.0F, 1.0F), y};
    const Colour colour = level_colour(level);
    canvas.line({track.min.x, y}, {track.max.x, y}, context.theme.lines, 2.0F);
    canvas.line({track.min.x, y}, knob, mix(colour, context.theme.panel, 0.15F), 2.0F);
    canvas.circle(knob, kKnob, held_ == level ? context.theme.accent : colour);
    drawn.hits.push_back(
        {"level " + hierarchy.levels[level].name + " weight",
         {{knob.x - kKnob - 1.0F, y - kKnob - 1.0F}, {knob.x + kKnob + 1.0F, y + kKnob + 1.0F}},
         ""});
}

}  // namespace splatscope
