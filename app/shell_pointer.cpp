#include "app/shell.h"

#include <imgui.h>

#include <cmath>
#include <vector>

namespace splatscope {
namespace {

constexpr float kClickSlack = 4.0F;  // pixels the pointer may move in a click

}  // namespace

// The mouse, or the keys of who has the focus, as the view takes them; in pixels of scale 1.
Pointer Shell::take_pointer(Panel& panel, float scale, bool hovered) {
    const ImGuiIO& io = ImGui::GetIO();
    Pointer pointer;
    pointer.position = {io.MousePos.x / scale, io.MousePos.y / scale};
    pointer.inside = hovered;
    pointer.moved = {io.MouseDelta.x / scale, io.MouseDelta.y / scale};
    pointer.shift = io.KeyShift;
    pointer.ctrl = io.KeyCtrl;
    pointer.alt = io.KeyAlt;
    if (pointer.inside) pointer.wheel = io.MouseWheel;
    for (int button = 0; button < 3; ++button) {
        if (ImGui::IsMouseClicked(button) && pointer.inside) {
            panel.pressed_inside[button] = true;
            panel.press_position = pointer.position;
            panel.moved = false;
            pointer.pressed[button] = true;
        }
        pointer.down[button] = panel.pressed_inside[button] && ImGui::IsMouseDown(button);
        if (panel.pressed_inside[button] && ImGui::IsMouseReleased(button)) {
            pointer.released[button] = true;
            panel.pressed_inside[button] = false;
            pointer.clicked = pointer.clicked || (button == 0 && !panel.moved);
        }
    }
    const float dx = pointer.position.x - panel.press_position.x;
    const float dy = pointer.position.y - panel.press_position.y;
    if (std::hypot(dx, dy) > kClickSlack) panel.moved = true;
    pointer.double_clicked = pointer.inside && ImGui::IsMouseDoubleClicked(0);
    pointer.press_position = panel.press_position;
    const bool by_mouse = io.MouseDelta.x != 0.0F || io.MouseDelta.y != 0.0F ||
                          io.MouseWheel != 0.0F || ImGui::IsAnyMouseDown();
    if (by_mouse) {
        key_pointer_.leave();
    } else if (focused_ == panel.view->id() && !io.WantTextInput && !sheet_has_keys()) {
        const PointerKeys pressed = PointerKeys::pressed();
        const bool used = pressed.arrow.x != 0.0F || pressed.arrow.y != 0.0F || pressed.enter ||
                          pressed.wheel != 0.0F;
        std::vector<Hit> hits;  // of which only keys ask
        if (used) hits = panel.drawn.hits;
        for (Hit& hit : hits) hit.place = scaled(hit.place, 1.0F / scale);
        const Rect bounds = scaled(panel.canvas, 1.0F / scale);
        key_pointer_.take(pressed, panel.view->id(), bounds, hits, panel.view->scrolls(), pointer);
    }
    // A tool in hand stands for the keys that a drag would need; a click stays a click.
    const Tool tool = runner_.session().desk.tool;
    if (tool != Tool::move && !pointer.clicked && (pointer.pressed[0] || pointer.down[0])) {
        pointer.shift = true;
        pointer.ctrl = pointer.ctrl || tool == Tool::lasso;
    }
    return pointer;
}

}  // namespace splatscope
