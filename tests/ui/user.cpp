#include "tests/ui/user.h"

#include <fmt/core.h>
#include <imgui.h>
#include <imgui_internal.h>
#include <imgui_te_context.h>

#include <algorithm>
#include <chrono>

namespace splatscope::tests {
namespace {

constexpr std::chrono::seconds kPatience{30};
constexpr int kQuietFrames = 3;  // in a row, until the window counts as at rest

ImVec2 vec(Vec2 v) { return {v.x, v.y}; }

}  // namespace

void User::check_pressed(const std::string& what) const {
    if (context_.IsError()) throw Failed("cannot " + what);
}

void User::point_at(Vec2 place) {
    context_.MouseMoveToPos(vec(place));
    context_.Yield();
}

void User::click(Vec2 place, int held) {
    if (held != 0) context_.KeyDown(held);
    context_.MouseMoveToPos(vec(place));
    context_.MouseClick();
    if (held != 0) context_.KeyUp(held);
    check_pressed(fmt::format("click at {}, {}", place.x, place.y));
    settle();
}

void User::double_click(Vec2 place) {
    context_.MouseMoveToPos(vec(place));
    context_.MouseDoubleClick();
    check_pressed(fmt::format("double-click at {}, {}", place.x, place.y));
    settle();
}

void User::drag(Vec2 from, Vec2 to, int held) {
    if (held != 0) context_.KeyDown(held);
    context_.MouseMoveToPos(vec(from));
    context_.MouseDown();
    context_.MouseMoveToPos({0.5F * (from.x + to.x), 0.5F * (from.y + to.y)});
    context_.MouseMoveToPos(vec(to));
    context_.MouseUp();
    if (held != 0) context_.KeyUp(held);
    check_pressed(fmt::format("drag from {}, {} to {}, {}", from.x, from.y, to.x, to.y));
    settle();
}

void User::drag_along(std::span<const Vec2> line, int held) {
    if (held != 0) context_.KeyDown(held);
    context_.MouseMoveToPos(vec(line.front()));
    context_.MouseDown();
    for (const Vec2 place : line.subspan(1)) context_.MouseMoveToPos(vec(place));
    context_.MouseUp();
    if (held != 0) context_.KeyUp(held);
    check_pressed(fmt::format("drag along {} places", line.size()));
    settle();
}

void User::drag_and_press(Vec2 from, Vec2 to, int chord) {
    context_.MouseMoveToPos(vec(from));
    context_.MouseDown();
    context_.MouseMoveToPos(vec(to));
    context_.KeyPress(chord);
    context_.MouseUp();
    check_pressed(fmt::format("drag from {}, {} and press {}", from.x, from.y,
                              ImGui::GetKeyChordName(chord)));
    settle();
}

void User::hold(Vec2 from, Vec2 to) {
    context_.MouseMoveToPos(vec(from));
    context_.MouseDown();
    context_.MouseMoveToPos(vec(to));
    draw_frames(2);
}

void User::release() {
    context_.MouseUp();
    settle();
}

void User::turn_wheel(Vec2 place, float steps) {
    context_.MouseMoveToPos(vec(place));
    context_.MouseWheelY(steps);
    check_pressed("turn the wheel");
    settle();
}

void User::strike(int chord) {
    context_.KeyPress(chord);
    check_pressed(fmt::format("press {}", ImGui::GetKeyChordName(chord)));
}

void User::press(int chord) {
    strike(chord);
    settle();
}

void User::type(const std::string& text) {
    context_.KeyChars(text.c_str());
    check_pressed("type " + text);
    draw_frames(2);
}

void User::choose(const std::string& menu) {
    context_.SetRef("##MainMenuBar");
    context_.MenuClick(menu.c_str());
    check_pressed("choose " + menu);
    settle();
}

void User::click_item(const std::string& reference) {
    context_.ItemClick(reference.c_str());
    check_pressed("click " + reference);
    settle();
}

Rect User::item_place(const std::string& reference) const {
    const ImGuiTestItemInfo item = context_.ItemInfo(reference.c_str(), ImGuiTestOpFlags_NoError);
    if (item.ID == 0) return {};
    return {{item.RectFull.Min.x, item.RectFull.Min.y}, {item.RectFull.Max.x, item.RectFull.Max.y}};
}

void User::click_hit(const std::string& view, const std::string& id, int held) {
    click(hit(view, id).place.centre(), held);
}

void User::bring_to_front(const std::string& view) {
    context_.WindowFocus(("//###" + view).c_str());
    check_pressed("bring to front " + view);
    settle();
}

void User::resize(WindowSize size) {
    tested_.window().set_size(size);
    draw_frames(5);
    settle();
}

void User::draw_frames(int count) { context_.Yield(count); }

void User::settle() {
    const auto end = std::chrono::steady_clock::now() + kPatience;
    for (int quiet = 0; quiet < kQuietFrames;) {
        context_.Yield();
        quiet = tested_.what_moves().empty() ? quiet + 1 : 0;
        if (std::chrono::steady_clock::now() > end)
            throw Failed("the window does not come to rest: " + tested_.what_moves());
    }
}

const Drawn& User::drawn(const std::string& view) const {
    return tested_.shell().panel(view).drawn;
}

const Rect& User::place_of(const std::string& view) const {
    return tested_.shell().panel(view).canvas;
}

Hit User::hit(const std::string& view, const std::string& id) const {
    const std::vector<Hit>& hits = drawn(view).hits;
    const auto found =
        std::find_if(hits.begin(), hits.end(), [&](const Hit& each) { return each.id == id; });
    if (found == hits.end()) throw Failed(fmt::format("{} draws no '{}'", view, id));
    return *found;
}

Rect User::popup_place() const {
    const ImVector<ImGuiPopupData>& popups = ImGui::GetCurrentContext()->OpenPopupStack;
    if (popups.empty() || popups.back().Window == nullptr) return {};
    const ImRect place = popups.back().Window->Rect();
    return {{place.Min.x, place.Min.y}, {place.Max.x, place.Max.y}};
}

bool User::shows_window(const std::string& title) const {
    const ImGuiWindow* window = ImGui::FindWindowByName(title.c_str());
    return window != nullptr && window->WasActive;
}

std::string User::last_message() const {
    const std::vector<Message>& messages = tested_.shell().messages();
    return messages.empty() ? "" : messages.back().text;
}

}  // namespace splatscope::tests
