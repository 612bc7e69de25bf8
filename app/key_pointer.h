#pragma once

#include "app/views/view.h"

#include <optional>
#include <string>
#include <vector>

namespace splatscope {

// What the keys of one frame mean to the pointer in a view.
struct PointerKeys {
    Vec2 arrow;          // steps to the right and down: -1, 0 or 1
    float wheel = 0.0F;  // up is positive
    bool enter = false;
    bool shift = false, ctrl = false, alt = false;  // held

    // Of Dear ImGui's current frame.
    [[nodiscard]] static PointerKeys pressed();
};

// The pointer of somebody who has no mouse. Arrows go from one place that does something to the
// next, with Ctrl by a small step anywhere; with Shift they drag as Shift+drag does, with Alt as a
// plain drag; Enter clicks, Alt+Enter twice; Page Up and Page Down turn the wheel. A view sees no
// difference to a mouse.
class KeyPointer {
  public:
    // Where the keys go: `view` is the one with the focus. Counts in pixels of scale 1, as `hits`
    // of the last frame must.
    void take(const PointerKeys& keys, const std::string& view, const Rect& bounds,
              const std::vector<Hit>& hits, bool scrolls, Pointer& pointer);
    // The mouse is used again, or the view is left.
    void leave();

    [[nodiscard]] bool shown_in(const std::string& view) const { return shown_ && view == view_; }
    [[nodiscard]] Vec2 position() const { return position_; }
    // Around the thing under the pointer, or the point itself.
    void draw(Canvas& canvas, const Theme& theme, const std::vector<Hit>& hits) const;

  private:
    void move(const PointerKeys& keys, const Rect& bounds, const std::vector<Hit>& hits,
              bool scrolls, Pointer& pointer);
    void drag(const PointerKeys& keys, Pointer& pointer);

    std::string view_;
    bool shown_ = false;
    Vec2 position_;
    Vec2 press_;
    bool dragging_ = false, dragging_shift_ = false, dragging_ctrl_ = false;
    bool clicking_ = false;  // pressed in the frame before
    bool click_shift_ = false, click_ctrl_ = false;
};

// The place next to `from` in the direction of `arrow`; nothing when there is none within `reach`.
// For tests.
inline constexpr float kReach = 80.0F;
[[nodiscard]] std::optional<Vec2> next_place(Vec2 from, Vec2 arrow, const Rect& bounds,
                                             const std::vector<Hit>& hits, float reach = kReach);

}  // namespace splatscope
