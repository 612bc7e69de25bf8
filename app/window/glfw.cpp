#include <epoxy/gl.h>

#include "app/window/window.h"
#include "engine/core/error.h"

#define GLFW_INCLUDE_NONE
#include <GLFW/glfw3.h>

#include <cstdlib>
#include <utility>

namespace splatscope {
namespace {

// The GLFW library, started once for each window and ended with it.
class Library {
  public:
    Library() {
        if (glfwInit() != GLFW_TRUE)
            throw hsa::Error(hsa::ErrorKind::renderer,
                             "No window can be opened: no display answers. Run with --headless or --export, or set DISPLAY.");
    }
    ~Library() { glfwTerminate(); }
    Library(const Library&) = delete;
    Library& operator=(const Library&) = delete;
};

class DesktopWindow : public Window {
  public:
    DesktopWindow(const std::string& title, WindowSize size) {
        // EGL first: a context of that kind can share with compute; the platform's own where it is missing.
        for (const int api : {GLFW_EGL_CONTEXT_API, GLFW_NATIVE_CONTEXT_API}) {
            glfwDefaultWindowHints();
            glfwWindowHint(GLFW_CONTEXT_CREATION_API, api);
            glfwWindowHint(GLFW_CONTEXT_VERSION_MAJOR, 3);
            glfwWindowHint(GLFW_CONTEXT_VERSION_MINOR, 3);
            glfwWindowHint(GLFW_OPENGL_PROFILE, GLFW_OPENGL_CORE_PROFILE);
            glfwWindowHint(GLFW_OPENGL_FORWARD_COMPAT, GLFW_TRUE);
            window_ = glfwCreateWindow(size.width, size.height, title.c_str(), nullptr, nullptr);
            if (window_ != nullptr) break;
        }
        if (window_ == nullptr)
            throw hsa::Error(hsa::ErrorKind::renderer,
                             "No window can be opened: OpenGL 3.3 is missing. Install a driver or Mesa (libgl1-mesa-dri).");
        glfwSetWindowUserPointer(window_, this);
        glfwSetDropCallback(window_, [](GLFWwindow* window, int count, const char** paths) {
            auto* self = static_cast<DesktopWindow*>(glfwGetWindowUserPointer(window));
            self->dropped_.insert(self->dropped_.end(), paths, paths + count);
        });
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
    void take_events(double seconds) override {
        if (seconds > 0.0) glfwWaitEventsTimeout(seconds);
        else glfwPollEvents();
    }
    void wake() override { glfwPostEmptyEvent(); }
    void present() override { glfwSwapBuffers(window_); }
    [[nodiscard]] bool should_close() const override { return glfwWindowShouldClose(window_) == GLFW_TRUE; }
    void set_title(const std::string& title) override { glfwSetWindowTitle(window_, title.c_str()); }
    [[nodiscard]] std::vector<std::string> take_dropped_files() override { return std::exchange(dropped_, {}); }
    [[nodiscard]] GLFWwindow* glfw() override { return window_; }

  private:
    Library library_;
    GLFWwindow* window_ = nullptr;
    std::vector<std::string> dropped_;
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
