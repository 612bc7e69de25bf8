#pragma once

#include "app/guide.h"
#include "app/key_pointer.h"
#include "app/keys.h"
#include "app/render/imgui_canvas.h"
#include "app/runner.h"
#include "app/shell_files.h"
#include "app/shell_picture.h"
#include "app/shell_sheets.h"
#include "app/views/view.h"
#include "app/window/window.h"

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

struct ImGuiContext;

namespace splatscope {

inline constexpr float kHeaderHeight = 28.0F;  // of a view's title, at scale 1

// One view in the window: the view itself and what is known of the pointer over it.
struct Panel {
    std::unique_ptr<View> view;
    Drawn drawn;                     // of the last frame
    Rect canvas;                     // where it was drawn
    std::vector<PlacedText> header;  // above it
    Vec2 press_position;
    bool pressed_inside[3] = {};
    bool moved = false;  // since the press
};

// In the palette's list and field.
struct PaletteChoice {
    int row = -1;         // chosen by the arrows
    bool to_end = false;  // of what is written in the field
};

// Something told to the user in passing, with the time it was told.
struct Message {
    std::string text;
    bool is_error = false;
    double at = 0.0;
};

// The frame: input -> commands -> snapshot -> views -> present. With or without a display; belongs
// to the thread that owns the window's context.
class Shell {
  public:
    // `desktop`: input and the user's fonts come from the window; else everything is fixed and
    // repeats. `profile`: where settings, recent files and lost sessions live; null = nowhere.
    // `role`: one that draws pictures alone takes no input and does not answer the runner's window
    // commands.
    enum class Role : std::uint8_t { window, pictures };
    Shell(Window& window, Runner& runner, bool desktop, const Profile* profile = nullptr,
          Role role = Role::window);
    ~Shell();
    Shell(const Shell&) = delete;
    Shell& operator=(const Shell&) = delete;

    // Waits for something to happen unless something moves, then draws and presents one frame; none
    // when what is on the screen is still right. False when the program should end.
    bool frame();
    // Draws a view or "window" once everything it shows is there. Throws Error.
    [[nodiscard]] hsa::PngImage pixels(const PictureAsked& asked);
    // The same as the bytes of a PNG, of an SVG or of a PDF; of the window there are PNG pictures
    // alone.
    [[nodiscard]] std::string picture(const PictureAsked& asked,
                                      PictureFormat format = PictureFormat::png);
    // The same into a file, whose name says the format.
    void export_view(const PictureAsked& asked);
    // One frame of a picture that fills `target`; between frames
    // of the window. Returns whether the picture still waits for something; `wanted` gets what it
    // wants of the look lane.
    bool draw_frame_of(const PictureAsked& asked, const RenderTarget& target, hsa::Wanted& wanted);
    void quit() { quit_ = true; }
    void say(const std::string& text, bool is_error);
    // Carries out what only a window can do.
    void act(WindowAction action);

    // For tests: what each view drew in the last frame, by id.
    [[nodiscard]] const Panel& panel(const std::string& id) const;
    // What the user was told lately, the newest last.
    [[nodiscard]] const std::vector<Message>& messages() const { return messages_; }
    [[nodiscard]] Runner& runner() { return runner_; }
    // The id of the view that the keys go to; empty when none has the focus.
    [[nodiscard]] const std::string& focused_view() const { return focused_; }
    [[nodiscard]] const PictureSheet& sheet() const { return sheet_; }
    // Takes what the runner has and builds one frame's draw data without presenting it.
    void build_frame(float seconds);

  private:
    // shell.cpp
    void take_outcomes();
    [[nodiscard]] ViewContext context(const Panel* panel = nullptr) const;
    void look_for_views();
    [[nodiscard]] double seconds_to_wait() const;
    [[nodiscard]] bool stands_still() const;
    // shell_panels.cpp
    void draw_dock_space();
    void take_layout();
    void draw_panel(Panel& panel);
    void draw_canvas(Panel& panel, const Rect& place, bool interactive);
    void draw_header(Panel& panel, bool interactive);
    void draw_header_on(Canvas& canvas, const Panel& panel, bool interactive) const;
    [[nodiscard]] const Theme& colours() const;
    void draw_welcome();
    // shell_pointer.cpp
    [[nodiscard]] Pointer take_pointer(Panel& panel, float scale, bool hovered);
    // shell_focus.cpp
    void focus_view(int step);
    void show_help_of_view();
    void read_keys_file(bool make);
    void draw_focus_ring() const;
    // shell_menu.cpp
    void draw_menu();
    void draw_compare_menu();
    void draw_cameras_menu();
    void draw_transport();
    void draw_axes_menu();
    void draw_search();
    void draw_buttons();
    // shell_status.cpp
    void draw_status();
    void draw_guide(const GuideStep& step, float room);
    [[nodiscard]] static float status_height();
    // shell_settings.cpp
    void draw_view_settings(const Panel& panel);
    // shell_backend.cpp
    [[nodiscard]] std::vector<std::string> backend_forms() const;
    void draw_backend(const std::string& words);
    // shell_keys.cpp
    void take_keys();
    void play_or_pause();
    void play_on();
    void save_picture(bool transparent);
    void copy_view();
    [[nodiscard]] std::string view_under_pointer() const;
    // shell_palette.cpp
    void draw_palette();
    void draw_keys_sheet();
    // shell_export.cpp
    class AsPicture;
    struct Settled;
    [[nodiscard]] Settled settled(const PictureAsked& asked, PictureFormat format);
    bool build_picture(const PictureAsked& asked, const RenderTarget& target, int frame,
                       hsa::Wanted& wanted);
    void draw_alone(Panel& panel, Vec2 size);
    void render_into(const RenderTarget& target, Colour clear) const;
    [[nodiscard]] std::string vector_picture(Panel& panel, const PictureAsked& asked,
                                             PictureFormat format);

    Window& window_;
    Runner& runner_;
    bool desktop_;
    const Profile* profile_;  // null: nothing is kept
    Role role_;
    ShellFiles files_;
    ShellSheets sheets_;
    PictureSheet sheet_;
    Keys keys_;
    KeyPointer key_pointer_;
    std::string focused_;                   // id of the view that has the focus, of the last frame
    std::string to_focus_;                  // that gets it in this one
    std::optional<MapCompare> in_one_map_;  // what the map showed of two sides; none at first
    std::string settings_of_;               // whose settings open in this frame
    bool to_menu_ = false;                  // the menu bar gets the keys
    bool to_above_ = false;                 // what asks or welcomes gets them
    Rect welcome_;                          // where an empty window welcomes, and ...
    std::optional<Vec2> welcome_at_;        // ... round which place, when the map is shown
    bool by_keys_ = false;                  // the last thing used was a key and not the mouse
    ImGuiContext* context_ = nullptr;
    std::vector<Panel> panels_;
    TextureCache textures_;
    std::vector<Message> messages_;
    using Clock = std::chrono::steady_clock;
    Clock::time_point last_frame_ = Clock::now();
    double time_ = 0.0;  // seconds since the first frame
    std::string step_;   // what was computed in the last frame, and since when
    double step_began_ = 0.0;
    bool quit_ = false;
    bool animating_ = true;
    bool awaits_ = false;      // a lane is at work for what is shown
    double next_frame_ = 0.0;  // seconds until a view wants to be drawn again; 0 = none does
    double changed_at_ = 0.0;  // when something happened last
    double drawn_at_ = 0.0;    // the last frame
    bool layout_made_ = false;
    int fresh_layout_ = 0;  // frames in which the default layout still settles
    std::string layout_loaded_;
    int default_layouts_ = 0;  // that were made because the session asked for them
    bool exporting_ = false;
    bool transparent_ = false;
    bool on_white_ = false;
    Parts without_;             // of the picture that is drawn
    int picture_frame_ = 0;     // of draw_frame_of, since its picture was another
    PictureAsked picture_now_;  // that draw_frame_of drew last
    bool playing_ = false;
    double next_play_ = 0.0;
    bool palette_open_ = false;
    bool keys_open_ = false;
    bool focus_search_ = false;
    bool panels_hidden_ = false;
    std::string palette_text_;
    PaletteChoice palette_;
    bool saved_picture_ = false;
    std::string search_text_;
};

// Whether a word names a key: "Ctrl+Shift+K", "F5", "Home".
[[nodiscard]] bool is_key(const std::string& text);

// The default layout, built into the dock space of that id (shell_dock.cpp, compiled for each of
// the two ImGui libraries because it reads ImGui's internals).
struct DockPlace {
    std::string window;
    Place place = Place::centre;
};
// Compact, for small windows: map and splats above, everything else as tabs below.
void build_default_layout(unsigned dock_space, float width, float height, bool compact,
                          const std::vector<DockPlace>& windows);
// Whether a window above the views, or a popup, has the keys.
[[nodiscard]] bool sheet_has_keys();
// The menu bar gets the keys: arrows go through it.
void give_keys_to_menu();
// Makes a text field take what is typed, in the menu bar too, where ImGui::SetKeyboardFocusHere
// does nothing. Asked for again, the field's words are all selected.
void give_keyboard_to(unsigned item);

}  // namespace splatscope
