#include "app/views/tree_faders.h"

#include "app/setting_values.h"
#include "app/widgets/numbers.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <utility>

namespace splatscope {
namespace {

constexpr float kKnob = 4.0F;         // radius
constexpr float kMove = 2.0F;         // pixels from which a press is a drag
constexpr double kMostShare = 0.98;   // a level with all would leave the others none
constexpr double kLeastShare = 0.01;  // nearer to nothing is nothing: not heard
constexpr int kMostFramesSent = 60;   // for a command to come back; then it failed

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

// The knob and the preview stand for what was sent until the splats are others, or until it is
// clear that nothing comes or that it was taken back.
void TreeFaders::end_what_was_sent(const ViewContext& context, std::size_t level, Drawn& drawn) {
    if (sent_ && sent_->of != context.snapshot.registry) sent_.reset();
    if (!sent_ || sent_->level != level) return;
    const bool waits = ++sent_->frames <= kMostFramesSent;
    const bool taken = !(context.session.document.timeline == sent_->timeline);
    if (!taken && (sent_->taken || !waits)) {
        sent_.reset();
        return;
    }
    sent_->taken = taken;
    drawn.preview = sent_->line;
    if (waits) drawn.animating = true;
}

void TreeFaders::move(const ViewContext& context, const Pointer& pointer, std::size_t level,
                      const Rect& track, Drawn& drawn) {
    const hsa::Hierarchy& hierarchy = context.snapshot.registry->hierarchy;
    const Rect reach{{track.min.x - kKnob, track.min.y - kKnob},
                     {track.max.x + kKnob, track.max.y + kKnob}};
    end_what_was_sent(context, level, drawn);
    // Not before what was sent is there: the weights of the others are of the splats shown.
    if (!held_ && !sent_ && pointer.pressed[0] && reach.contains(pointer.position)) {
        held_ = level;
        share_ = hierarchy.share(level);
    }
    if (held_ == level) {
        // Let go while this was hidden.
        const bool unseen = !pointer.down[0] && !pointer.released[0];
        if (pointer.escape || unseen) {
            held_.reset();
            return;
        }
        const bool moved = std::abs(pointer.position.x - pointer.press_position.x) >= kMove;
        if (moved)
            share_ =
                std::clamp(static_cast<double>((pointer.position.x - track.min.x) / track.width()),
                           0.0, kMostShare);
        auto line = weighing_line(hierarchy, level, share_);
        if (pointer.down[0]) {
            drawn.holding = drawn.animating = true;
            if (moved && line) drawn.preview = *line;
        } else {
            held_.reset();
            if (moved && line) {
                drawn.commands.push_back(*line);
                drawn.preview = *line;
                drawn.animating = true;
                sent_ = Sent{context.snapshot.registry,
                             context.session.document.timeline,
                             level,
                             std::move(*line),
                             0,
                             false};
            }
        }
    }
    if (pointer.inside && (held_ == level || (!held_ && reach.contains(pointer.position))))
        drawn.tooltip = fmt::format(
            "{}: {} of attention is meant to go through it\ndrag: more or less, the "
            "other levels keep their proportions",
            hierarchy.levels[level].name,
            percent_text(is_by_hand(level) ? share_ : hierarchy.share(level), 0));
}

void TreeFaders::draw(Canvas& canvas, const ViewContext& context, const Pointer& pointer,
                      std::size_t level, const Rect& track, Drawn& drawn) {
    const hsa::Hierarchy& hierarchy = context.snapshot.registry->hierarchy;
    move(context, pointer, level, track, drawn);
    const auto share = static_cast<float>(is_by_hand(level) ? share_ : hierarchy.share(level));
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
