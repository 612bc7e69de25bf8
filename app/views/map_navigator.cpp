#include "app/views/map_navigator.h"

#include "app/widgets/numbers.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>

namespace splatscope {
namespace {

constexpr int kQuietFrames = 12;   // without a wheel step, after which a zoom is over
constexpr int kAnswerFrames = 20;  // a sent viewport is shown until the session follows
constexpr double kEase = 0.38;     // of the way a zoom goes each frame

}  // namespace

hsa::Range visible_range(const VisibleTokens& range, std::size_t tokens) {
    const auto begin = static_cast<std::size_t>(std::max(0.0, std::floor(range.begin + 1e-6)));
    const auto end = static_cast<std::size_t>(std::max(0.0, std::ceil(range.end - 1e-6)));
    return {std::min(begin, tokens - 1), std::clamp<std::size_t>(end, 1, tokens)};
}

std::string block_command(const hsa::Block& block, std::string_view how) {
    return fmt::format("select.block {}{} {}", how, range_argument(block.rows),
                       range_argument(block.columns));
}

hsa::Block drawn_block(const Pointer& pointer, const MapFrame& frame, std::size_t tokens) {
    const auto range = [tokens](double a, double b) {
        const double low = std::clamp(std::min(a, b), 0.0, static_cast<double>(tokens - 1));
        const double high = std::clamp(std::max(a, b), low, static_cast<double>(tokens));
        const auto begin = static_cast<std::size_t>(low);
        return hsa::Range{begin, std::max(begin + 1, static_cast<std::size_t>(std::ceil(high)))};
    };
    const Vec2 from = pointer.press_position, to = pointer.position;
    return {range(frame.row_at(from.y), frame.row_at(to.y)),
            range(frame.column_at(from.x), frame.column_at(to.x))};
}

MapViewport MapNavigator::viewport(const MapDesk& desk, std::size_t tokens) const {
    return moving_ ? *moving_ : MapViewport::of(desk, tokens);
}

void MapNavigator::forget() {
    moving_.reset();
    gesture_ = Gesture::none;
}

void MapNavigator::follow(const MapDesk& desk) {
    if (!sent_) return;
    if (desk == *sent_ && ++sent_frames_ <= kAnswerFrames) return;
    sent_.reset();
    if (gesture_ == Gesture::none && quiet_frames_ == 0) moving_.reset();
}

void MapNavigator::finish(const MapDesk& desk, std::size_t tokens, Drawn& drawn) {
    easing_ = false;
    quiet_frames_ = 0;
    if (!moving_) return;
    if (moving_->near(MapViewport::of(desk, tokens), 1e-6)) {
        moving_.reset();
        return;
    }
    drawn.commands.push_back(moving_->command(tokens));
    sent_ = desk;
    sent_frames_ = 0;
}

void MapNavigator::show(const MapViewport& viewport, const MapDesk& desk, std::size_t tokens,
                        Drawn& drawn) {
    moving_ = viewport;
    finish(desk, tokens, drawn);
}

void MapNavigator::zoom(const Pointer& pointer, const MapFrame& frame, std::size_t tokens) {
    const double a_step = pointer.ctrl ? 1.05 : pointer.shift ? 1.8 : 1.25;
    const auto x =
        static_cast<double>((pointer.position.x - frame.place.min.x) / frame.place.width());
    const auto y =
        static_cast<double>((pointer.position.y - frame.place.min.y) / frame.place.height());
    if (!easing_) target_ = frame.viewport;
    target_ = target_.zoomed(std::pow(a_step, static_cast<double>(pointer.wheel)),
                             std::clamp(x, 0.0, 1.0), std::clamp(y, 0.0, 1.0), tokens);
    if (!moving_) moving_ = frame.viewport;
    easing_ = true;
    quiet_frames_ = 1;
}

void MapNavigator::move(const Pointer& pointer, const MapFrame& frame, const MapDesk& desk,
                        std::size_t tokens, Drawn& drawn) {
    const bool pressed_here = frame.place.contains(pointer.press_position);
    const bool any_pressed = pointer.pressed[0] || pointer.pressed[1] || pointer.pressed[2];
    if (any_pressed && pressed_here && gesture_ == Gesture::none) {
        if (quiet_frames_ > 0) finish(desk, tokens, drawn);
        gesture_ = pointer.pressed[0] && pointer.shift ? Gesture::select : Gesture::pan;
        start_ = frame.viewport;
    }
    if (gesture_ == Gesture::pan) {
        const double cell = frame.token_pixels();
        const auto dx = static_cast<double>(pointer.position.x - pointer.press_position.x);
        const auto dy = static_cast<double>(pointer.position.y - pointer.press_position.y);
        const MapViewport panned = start_.panned(-dx / cell, -dy / cell, tokens);
        if (!(panned == frame.viewport)) moving_ = panned;
    }
    const bool over = pointer.released[0] || pointer.released[1] || pointer.released[2];
    const bool held = pointer.down[0] || pointer.down[1] || pointer.down[2];
    if (gesture_ != Gesture::none && (over || !held)) {
        const Gesture ended = gesture_;
        gesture_ = Gesture::none;
        if (ended == Gesture::pan && pointer.clicked) moving_.reset();  // it hardly moved
        else if (ended == Gesture::pan) finish(desk, tokens, drawn);
        if (ended == Gesture::select && !pointer.clicked && over)
            drawn.commands.push_back(
                block_command(drawn_block(pointer, frame, tokens), pointer.ctrl ? "remove " : ""));
    }
    if (pointer.double_clicked && frame.place.contains(pointer.position)) {
        moving_.reset();
        easing_ = false;
        quiet_frames_ = 0;
        drawn.commands.emplace_back("map.view");
    }
    if (pointer.inside && pointer.wheel != 0.0F && gesture_ == Gesture::none)
        zoom(pointer, frame, tokens);
    else if (quiet_frames_ > 0 && gesture_ == Gesture::none) ++quiet_frames_;
    if (easing_ && moving_) {
        *moving_ = moving_->towards(target_, kEase);
        if (moving_->near(target_, 1e-3)) {
            moving_ = target_;
            easing_ = false;
        }
    }
    if (quiet_frames_ > kQuietFrames) {
        moving_ = target_;
        finish(desk, tokens, drawn);
    }
    drawn.animating = gesture_ != Gesture::none || quiet_frames_ > 0 || sent_.has_value();
}

}  // namespace splatscope
