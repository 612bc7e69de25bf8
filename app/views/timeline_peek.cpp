#include "app/views/timeline_peek.h"

#include <algorithm>

namespace splatscope {
namespace {

constexpr std::size_t kPixels = 112;
constexpr std::chrono::milliseconds kRest{150};

}  // namespace

void TimelinePeek::hover(const ViewContext& context, std::size_t event, Drawn& drawn) {
    const hsa::Snapshot& snapshot = context.snapshot;
    const hsa::Event& its = snapshot.history->event(event);
    const bool changed = its.accepted && !its.delta.empty() && its.cycle > 0;
    if (!changed || !snapshot.factors || !snapshot.factors_exact) {
        event_.reset();
        return;
    }
    if (event_ != event) {
        event_ = event;
        since_ = Clock::now();
    }
    if (Clock::now() - since_ < kRest) {
        drawn.animating = true;
        return;
    }
    const std::size_t n = snapshot.factors->tokens();
    hsa::PeekWanted wanted;
    wanted.event = event;
    wanted.picture.rows = wanted.picture.columns = {0, n};
    wanted.picture.height = wanted.picture.width = std::min(kPixels, n);
    drawn.peek = wanted;
    const auto& peek = context.look.peek;
    const bool there = peek && peek->wanted == wanted && context.look.of &&
                       context.look.of->history == snapshot.history;
    if (!there || !peek->before || !peek->after) {
        if (!there) drawn.tooltip += "\nattention before and after it is being computed \u2026";
        return;
    }
    // Both with the colours of the first, so that they can be compared.
    const AttentionColours colours = pixels_.colours(context.session.desk.map, context.theme,
                                                     peek->before, static_cast<double>(n));
    constexpr auto kSide = static_cast<float>(kPixels);
    drawn.tooltip_pictures.push_back(
        {"before", pixels_.get(peek->before, colours).image, {kSide, kSide}});
    drawn.tooltip_pictures.push_back(
        {"after", pixels_.get(peek->after, colours).image, {kSide, kSide}});
}

}  // namespace splatscope
