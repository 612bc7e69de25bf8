#include "app/window/window.h"
#include "app/window/x11_clipboard.h"
#include "engine/core/error.h"

#include <epoxy/gl.h>

#define GLFW_INCLUDE_NONE
#include <GLFW/glfw3.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <string>
#include <utility>

namespace splatscope {
namespace {

// What GLFW says of its last failure, as the middle of a sentence.
std::string glfw_reason() {
    const char* description = nullptr;
    if (glfwGetError(&description) == GLFW_NO_ERROR || description == nullptr) return "";
    return fmt::format(" ({})", description);
}

// The GLFW library, started once for each window and ended with it.
class Library {
  public:
    Library() {
        if (glfwInit() != GLFW_TRUE)
            throw hsa::Error(hsa::ErrorKind::renderer,
                             fmt::format("No window can be opened: no display answers{}. Run with "
                                         "--headless or --export, or set DISPLAY.",
                                         glfw_reason()));
    }
    ~Library() { glfwTerminate(); }
    Library(const Library&) = delete;
    Library& operator=(const Library&) = delete;
};

GLFWwindow* create_window(const std::string& title, WindowSize size, int context_api) {
    glfwDefaultWindowHints();
    glfwWindowHint(GLFW_CONTEXT_CREATION_API, context_api);
    glfwWindowHint(GLFW_CONTEXT_VERSION_MAJOR, 3);
    glfwWindowHint(GLFW_CONTEXT_VERSION_MINOR, 3);
    glfwWindowHint(GLFW_OPENGL_PROFILE, GLFW_OPENGL_CORE_PROFILE);
    glfwWindowHint(GLFW_OPENGL_FORWARD_COMPAT, GLFW_TRUE);
    return glfwCreateWindow(size.width, size.height, title.c_str(), nullptr, nullptr);
}

// No larger than the part of the first screen that a desktop leaves to its windows.
WindowSize fitted(WindowSize size) {
    int left = 0, top = 0, width = 0, height = 0;
    GLFWmonitor* monitor = glfwGetPrimaryMonitor();
    if (monitor != nullptr) glfwGetMonitorWorkarea(monitor, &left, &top, &width, &height);
    if (width <= 0 || height <= 0) return size;
    return {std::min(size.width, width), std::min(size.height, height)};
}

class DesktopWindow : public Window {
  public:
    DesktopWindow(const std::string& title, WindowSize wanted) {
        const WindowSize size = fitted(wanted);
        // EGL first: such a context can share with compute; the platform's own where it is missing.
        window_ = create_window(title, size, GLFW_EGL_CONTEXT_API);
        if (window_ == nullptr) window_ = create_window(title, size, GLFW_NATIVE_CONTEXT_API);
        if (window_ == nullptr)
            throw hsa::Error(
                hsa::ErrorKind::renderer,
                fmt::format("No window can be opened: OpenGL 3.3 is missing{}. Install "
                            "the driver of your graphics card or Mesa "
                            "(libgl1-mesa-dri).",
                            glfw_reason()));
        glfwSetWindowUserPointer(window_, this);
        glfwSetWindowSizeLimits(window_, 640, 400, GLFW_DONT_CARE, GLFW_DONT_CARE);
        glfwSetDropCallback(window_, [](GLFWwindow* window, int count, const char** paths) {
            auto* self = static_cast<DesktopWindow*>(glfwGetWindowUserPointer(window));
            self->dropped_.insert(self->dropped_.end(), paths, paths + count);
            self->happened_ = true;
        });
        note_events();
        glfwMakeContextCurrent(window_);
        glfwSwapInterval(1);
    }
    ~DesktopWindow() override { glfwDestroyWindow(window_); }
    DesktopWindow(const DesktopWindow&) = delete;
    DesktopWindow& operator=(const DesktopWindow&) = delete;

    void make_current() override { glfwMakeContextCurrent(window_); }
    [[nodiscard]] WindowSize size() const override {
        WindowSize size;
        glfwGetWindowSize(window_, &size.width, &size.height);
        return size;
    }
    [[nodiscard]] WindowSize framebuffer_size() const override {
        WindowSize size;
        glfwGetFramebufferSize(window_, &size.width, &size.height);
        return size;
    }
    void set_size(WindowSize size) override { glfwSetWindowSize(window_, size.width, size.height); }
    [[nodiscard]] float content_scale() const override {
        float x = 1.0F;
        float y = 1.0F;
        glfwGetWindowContentScale(window_, &x, &y);
        return x > 0.0F ? x : 1.0F;
    }
    bool take_events(double seconds) override {
        if (seconds > 0.0) glfwWaitEventsTimeout(seconds);
        else glfwPollEvents();
        return happened_.exchange(false);
    }
    void wake() override {
        happened_ = true;
        glfwPostEmptyEvent();
    }
    void present() override { glfwSwapBuffers(window_); }
    [[nodiscard]] bool should_close() const override {
        return glfwWindowShouldClose(window_) == GLFW_TRUE;
    }
    void set_title(const std::string& title) override {
        glfwSetWindowTitle(window_, title.c_str());
    }
    void set_full_screen(bool full) override {
        if (full == is_full_screen()) return;
        if (full) {
            GLFWmonitor* monitor = glfwGetPrimaryMonitor();
            const GLFWvidmode* mode = monitor != nullptr ? glfwGetVideoMode(monitor) : nullptr;
            if (mode == nullptr) return;
            glfwGetWindowPos(window_, &left_before_, &top_before_);
            size_before_ = size();
            glfwSetWindowMonitor(window_, monitor, 0, 0, mode->width, mode->height,
                                 mode->refreshRate);
        } else {
            glfwSetWindowMonitor(window_, nullptr, left_before_, top_before_, size_before_.width,
                                 size_before_.height, GLFW_DONT_CARE);
        }
    }
    [[nodiscard]] bool is_full_screen() const override {
        return glfwGetWindowMonitor(window_) != nullptr;
    }
    [[nodiscard]] std::vector<std::string> take_dropped_files() override {
        return std::exchange(dropped_, {});
    }
    [[nodiscard]] std::string clipboard() const override {
        const char* text = glfwGetClipboardString(window_);
        return text != nullptr ? text : "";
    }
    void set_clipboard(const std::string& text) override {
        glfwSetClipboardString(window_, text.c_str());
    }
    void set_clipboard_picture(std::string png) override {
        if (!picture_) picture_ = std::make_unique<X11Clipboard>();
        picture_->own(std::move(png));
    }
    [[nodiscard]] std::string clipboard_picture() const override {
        return picture_ ? picture_->owned() : std::string();
    }
    [[nodiscard]] GLFWwindow* glfw() override { return window_; }

  private:
    static void note(GLFWwindow* window) {
        static_cast<DesktopWindow*>(glfwGetWindowUserPointer(window))->happened_ = true;
    }
    // GLFW does not say whether a wait ended with an event. Dear ImGui puts its own callbacks in
    // front of those for input and calls these after them.
    void note_events() {
        glfwSetKeyCallback(window_, [](GLFWwindow* w, int, int, int, int) { note(w); });
        glfwSetCharCallback(window_, [](GLFWwindow* w, unsigned) { note(w); });
        glfwSetMouseButtonCallback(window_, [](GLFWwindow* w, int, int, int) { note(w); });
        glfwSetCursorPosCallback(window_, [](GLFWwindow* w, double, double) { note(w); });
        glfwSetCursorEnterCallback(window_, [](GLFWwindow* w, int) { note(w); });
        glfwSetScrollCallback(window_, [](GLFWwindow* w, double, double) { note(w); });
        glfwSetWindowFocusCallback(window_, [](GLFWwindow* w, int) { note(w); });
        glfwSetWindowSizeCallback(window_, [](GLFWwindow* w, int, int) { note(w); });
        glfwSetFramebufferSizeCallback(window_, [](GLFWwindow* w, int, int) { note(w); });
        glfwSetWindowContentScaleCallback(window_, [](GLFWwindow* w, float, float) { note(w); });
        glfwSetWindowRefreshCallback(window_, note);
        glfwSetWindowIconifyCallback(window_, [](GLFWwindow* w, int) { note(w); });
        glfwSetWindowCloseCallback(window_, note);
    }

    Library library_;
    GLFWwindow* window_ = nullptr;
    std::atomic<bool> happened_{true};  // wake() comes from any thread
    std::vector<std::string> dropped_;
    std::unique_ptr<X11Clipboard> picture_;
    int left_before_ = 0, top_before_ = 0;  // before the full screen
    WindowSize size_before_{1600, 1000};
};

}  // namespace

std::unique_ptr<Window> make_desktop_window(const std::string& title, WindowSize size) {
    return std::make_unique<DesktopWindow>(title, size);
}

bool has_display() {
    const char* x11 = std::getenv("DISPLAY");
    if (x11 == nullptr || *x11 == '\0') return false;
    try {
        const Library library;
        return true;
    } catch (const hsa::Error&) {
        return false;
    }
}

}  // namespace splatscope
