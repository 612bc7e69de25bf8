#include "app/key_pointer.h"

#include <imgui.h>

#include <algorithm>
#include <cmath>

namespace splatscope {
namespace {

constexpr float kStep = 12.0F;    // pixels, where nothing is to be met
constexpr float kLarge = 120.0F;  // a thing larger than this is crossed by steps
constexpr float kFar = 1e6F;      // where the next thing is worth any way
constexpr float kInset = 6.0F;    // from the edge of a large thing

bool is_nothing(Vec2 v) { return v.x == 0.0F && v.y == 0.0F; }

Vec2 clamped(Vec2 place, const Rect& bounds) {
    return {std::clamp(place.x, bounds.min.x + 1.0F,
                       std::max(bounds.max.x - 2.0F, bounds.min.x + 1.0F)),
            std::clamp(place.y, bounds.min.y + 1.0F,
                       std::max(bounds.max.y - 2.0F, bounds.min.y + 1.0F))};
}

Rect common(const Rect& a, const Rect& b) {
    return {{std::max(a.min.x, b.min.x), std::max(a.min.y, b.min.y)},
            {std::min(a.max.x, b.max.x), std::min(a.max.y, b.max.y)}};
}

// The smallest thing at a place; null where there is none.
const Hit* hit_at(Vec2 place, const std::vector<Hit>& hits) {
    const Hit* smallest = nullptr;
    const auto area = [](const Hit& hit) { return hit.place.width() * hit.place.height(); };
    for (const Hit& hit : hits)
        if (hit.place.contains(place) && (smallest == nullptr || area(hit) < area(*smallest)))
            smallest = &hit;
    return smallest;
}

// Where a thing is entered along an axis: its middle, or of a large one what is nearest.
float entered(float from, float low, float high) {
    if (high - low <= kLarge) return 0.5F * (low + high);
    return std::clamp(from, low + kInset, high - kInset);
}

}  // namespace

PointerKeys PointerKeys::pressed() {
    PointerKeys keys;
    const auto is = [](ImGuiKey key) { return ImGui::IsKeyPressed(key, true) ? 1.0F : 0.0F; };
    keys.arrow = {is(ImGuiKey_RightArrow) - is(ImGuiKey_LeftArrow),
                  is(ImGuiKey_DownArrow) - is(ImGuiKey_UpArrow)};
    keys.wheel = is(ImGuiKey_PageUp) - is(ImGuiKey_PageDown);
    keys.enter = ImGui::IsKeyPressed(ImGuiKey_Enter, false) ||
                 ImGui::IsKeyPressed(ImGuiKey_KeypadEnter, false);
    const ImGuiIO& io = ImGui::GetIO();
    keys.shift = io.KeyShift;
    keys.ctrl = io.KeyCtrl;
    keys.alt = io.KeyAlt;
    return keys;
}

std::optional<Vec2> next_place(Vec2 from, Vec2 arrow, const Rect& bounds,
                               const std::vector<Hit>& hits, float reach) {
    const bool level = arrow.x != 0.0F;
    const auto along = [&](Vec2 v) { return level ? arrow.x * v.x : arrow.y * v.y; };
    const auto across = [&](Vec2 v) { return level ? v.y : v.x; };
    if (const Hit* under = hit_at(from, hits)) {
        const float length = level ? under->place.width() : under->place.height();
        const Vec2 step = {from.x + kStep * arrow.x, from.y + kStep * arrow.y};
        if (length > kLarge && under->place.contains(step) && bounds.contains(step)) return step;
    }
    std::optional<Vec2> best;
    float best_way = 0.0F;
    for (const Hit& hit : hits) {
        const Rect seen = common(hit.place, bounds);
        if (seen.width() <= 0.0F || seen.height() <= 0.0F || seen.contains(from)) continue;
        const Vec2 place = {entered(from.x, seen.min.x, seen.max.x),
                            entered(from.y, seen.min.y, seen.max.y)};
        const float forward = along(place) - along(from);
        if (forward <= 0.5F || forward > reach) continue;
        const float low = across(seen.min);
        const float high = across(seen.max);
        const float aside = std::max({0.0F, low - across(from), across(from) - high}) +
                            0.05F * std::abs(across(place) - across(from));
        // What lies more beside than before is another row's.
        if (aside > 2.0F * forward + kStep) continue;
        const float way = forward + 3.0F * aside;
        if (!best || way < best_way) {
            best = place;
            best_way = way;
        }
    }
    return best;
}

void KeyPointer::leave() { shown_ = dragging_ = clicking_ = false; }

void KeyPointer::move(const PointerKeys& keys, const Rect& bounds, const std::vector<Hit>& hits,
                      bool scrolls, Pointer& pointer) {
    if (is_nothing(keys.arrow)) return;
    const Vec2 step = {position_.x + kStep * keys.arrow.x, position_.y + kStep * keys.arrow.y};
    // A drag without Ctrl still goes from word to word; a plain one turns and pans.
    std::optional<Vec2> next;
    if (!keys.ctrl && !keys.alt) {
        next = next_place(position_, keys.arrow, bounds, hits, scrolls ? kFar : kReach);
        if (!next && scrolls && keys.arrow.y != 0.0F) {
            pointer.wheel = -keys.arrow.y;
            return;
        }
    }
    position_ = clamped(next.value_or(step), bounds);
}

// Goes on while its key is held.
void KeyPointer::drag(const PointerKeys& keys, Pointer& pointer) {
    pointer.shift = dragging_shift_;
    pointer.ctrl = dragging_ctrl_;
    pointer.press_position = press_;
    if (dragging_shift_ ? keys.shift : keys.alt) {
        pointer.down[0] = true;
        return;
    }
    pointer.released[0] = true;
    dragging_ = false;
}

void KeyPointer::take(const PointerKeys& keys, const std::string& view, const Rect& bounds,
                      const std::vector<Hit>& hits, bool scrolls, Pointer& pointer) {
    if (view != view_) {
        leave();
        view_ = view;
        position_ = bounds.centre();
    }
    const bool used = !is_nothing(keys.arrow) || keys.enter || keys.wheel != 0.0F;
    if (!shown_ && !used) return;
    const Vec2 before = position_;
    const bool first = !shown_;
    shown_ = true;
    position_ = clamped(position_, bounds);
    pointer = {};
    pointer.inside = true;
    pointer.wheel = keys.wheel;
    pointer.shift = keys.shift;
    pointer.ctrl = keys.ctrl;
    if (clicking_) {
        clicking_ = false;
        pointer.position = pointer.press_position = position_;
        pointer.released[0] = pointer.clicked = true;
        pointer.shift = click_shift_;
        pointer.ctrl = click_ctrl_;
        return;
    }
    const bool starts_drag =
        !dragging_ && !first && !is_nothing(keys.arrow) && (keys.shift || keys.alt);
    if (starts_drag) {
        dragging_ = true;
        dragging_shift_ = keys.shift;
        dragging_ctrl_ = keys.shift && keys.ctrl;
        press_ = position_;
        pointer.pressed[0] = pointer.down[0] = true;
    }
    // The first arrow only shows where the pointer is; that which starts a drag presses there.
    if (!first && !starts_drag) move(keys, bounds, hits, scrolls, pointer);
    pointer.position = position_;
    pointer.press_position = dragging_ ? press_ : position_;
    pointer.moved = {position_.x - before.x, position_.y - before.y};
    if (dragging_) {
        drag(keys, pointer);
    } else if (keys.enter) {
        pointer.pressed[0] = pointer.down[0] = true;
        pointer.double_clicked = keys.alt;
        clicking_ = true;
        click_shift_ = keys.shift;
        click_ctrl_ = keys.ctrl;
    }
}

void KeyPointer::draw(Canvas& canvas, const Theme& theme, const std::vector<Hit>& hits) const {
    const Hit* under = hit_at(position_, hits);
    Rect ring = {{position_.x - 6.0F, position_.y - 6.0F},
                 {position_.x + 6.0F, position_.y + 6.0F}};
    if (under != nullptr && under->place.width() < kLarge && under->place.height() < kLarge)
        ring = {{under->place.min.x - 2.0F, under->place.min.y - 2.0F},
                {under->place.max.x + 2.0F, under->place.max.y + 2.0F}};
    canvas.rect_outline(ring, theme.background, 4.0F, 3.0F);
    canvas.rect_outline(ring, theme.text, 2.0F, 3.0F);
    // A cross in the middle of what has no edge near it.
    if (under == nullptr || ring.width() <= 12.0F) {
        canvas.line({position_.x - 10.0F, position_.y}, {position_.x + 10.0F, position_.y},
                    theme.text, 1.0F);
        canvas.line({position_.x, position_.y - 10.0F}, {position_.x, position_.y + 10.0F},
                    theme.text, 1.0F);
    }
}

}  // namespace splatscope
