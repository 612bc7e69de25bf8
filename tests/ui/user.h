#pragma once

#include "app/views/view.h"
#include "tests/ui/tested_window.h"

#include <span>
#include <stdexcept>
#include <string>

namespace splatscope::tests {

// What a test expected and did not find, or could not press.
struct Failed : std::runtime_error {
    using std::runtime_error::runtime_error;
};

// Hands on the pointer and the keys, eyes on the Session and on what the views drew. Lives while
// TestedWindow::use() runs; every act ends with the window at rest (settle()).
class User {
  public:
    User(ImGuiTestContext& context, TestedWindow& tested) : context_(context), tested_(tested) {}

    // Keys held during an act are chords of ImGuiMod_...; places are in pixels of the window.
    void click(Vec2 place, int held = 0);
    void double_click(Vec2 place);
    void drag(Vec2 from, Vec2 to, int held = 0);
    void drag_along(std::span<const Vec2> line, int held = 0);  // from its first place to its last
    void drag_and_press(Vec2 from, Vec2 to, int chord);         // the button comes up after the key
    // The button stays down until release(): the window is not at rest between.
    void hold(Vec2 from, Vec2 to);
    void release();
    void turn_wheel(Vec2 place, float steps);
    void point_at(Vec2 place);
    void press(int chord);
    void strike(int chord);  // without waiting for what it starts
    void type(const std::string& text);
    // A path in the menu bar, "File/Samples/voyage", or an item of a window, "//##welcome/voyage".
    void choose(const std::string& menu);
    void click_item(const std::string& reference);
    void click_hit(const std::string& view, const std::string& id, int held = 0);
    // Puts a view in front of the others of its place.
    void bring_to_front(const std::string& view);
    void resize(WindowSize size);
    // Draws frames until nothing is computed, awaited or moving. Throws Failed after 30 s.
    void settle();
    void draw_frames(int count);

    [[nodiscard]] const Session& session() const { return tested_.runner().session(); }
    [[nodiscard]] const hsa::Snapshot& snapshot() const { return tested_.runner().snapshot(); }
    [[nodiscard]] const hsa::LookResult& look() const { return tested_.runner().look(); }
    [[nodiscard]] const Drawn& drawn(const std::string& view) const;
    [[nodiscard]] const Rect& place_of(const std::string& view) const;
    // The place that a view says does something; throws Failed where there is none of that id.
    [[nodiscard]] Hit hit(const std::string& view, const std::string& id) const;
    // Of the popup in front; empty where there is none.
    [[nodiscard]] Rect popup_place() const;
    [[nodiscard]] bool shows_window(const std::string& title) const;
    // Of an item, by its reference; empty where there is none.
    [[nodiscard]] Rect item_place(const std::string& reference) const;
    [[nodiscard]] std::string last_message() const;
    [[nodiscard]] TestedWindow& tested() { return tested_; }

    static void expect(bool holds, const std::string& what) {
        if (!holds) throw Failed(what);
    }

  private:
    void check_pressed(const std::string& what) const;

    ImGuiTestContext& context_;
    TestedWindow& tested_;
};

}  // namespace splatscope::tests
