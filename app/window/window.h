#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

struct GLFWwindow;

namespace splatscope {

struct WindowSize {
    int width = 0;
    int height = 0;
};

// Where pictures are shown: a window of the desktop (GLFW), or nothing but an OpenGL context (EGL
// without a surface), for runs without a display. Everything above it is the same code. Belongs to
// one thread; only wake() may be called from another.
class Window {
  public:
    virtual ~Window() = default;

    virtual void make_current() = 0;
    [[nodiscard]] virtual WindowSize size() const = 0;              // logical pixels
    [[nodiscard]] virtual WindowSize framebuffer_size() const = 0;  // device pixels
    virtual void set_size(WindowSize size) = 0;                     // logical pixels
    // How much larger than usual the desktop wants text and widgets: 1, or 2 on a fine screen.
    [[nodiscard]] virtual float content_scale() const { return 1.0F; }
    // Takes what happened; waits up to `seconds` for something to happen (0: does not wait).
    // Whether anything did: input, a change of the window, wake().
    virtual bool take_events(double seconds) = 0;
    virtual void wake() = 0;
    virtual void present() = 0;
    [[nodiscard]] virtual bool should_close() const = 0;
    virtual void set_title(const std::string& title) = 0;
    // The whole screen, or back to the size before. Nothing happens without a display.
    virtual void set_full_screen(bool) {}
    [[nodiscard]] virtual bool is_full_screen() const { return false; }
    // Paths that were dropped on the window since the last call, in their order.
    [[nodiscard]] virtual std::vector<std::string> take_dropped_files() = 0;
    // The text other programs copied; without a display, what was set here.
    [[nodiscard]] virtual std::string clipboard() const = 0;
    virtual void set_clipboard(const std::string& text) = 0;
    // The bytes of a PNG for other programs to paste; without a display they stay here. Throws
    // Error where the desktop takes none.
    virtual void set_clipboard_picture(std::string png) = 0;
    // The bytes last copied here, while no other program has copied anything; else empty.
    [[nodiscard]] virtual std::string clipboard_picture() const = 0;
    // The window that Dear ImGui's GLFW backend reads input from; null without a display.
    [[nodiscard]] virtual GLFWwindow* glfw() { return nullptr; }
};

// Both throw hsa::Error (renderer) with one sentence when there is no display or no OpenGL 3.3.
[[nodiscard]] std::unique_ptr<Window> make_desktop_window(const std::string& title,
                                                          WindowSize size);
[[nodiscard]] std::unique_ptr<Window> make_offscreen_window(WindowSize size);

// Who draws with the context that is current, and which version of OpenGL; "none" without one.
[[nodiscard]] std::string renderer_name();

// Whether a desktop answers (X11, or Wayland through it).
[[nodiscard]] bool has_display();

}  // namespace splatscope
