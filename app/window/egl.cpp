#include "app/window/window.h"
#include "engine/core/error.h"

#include <epoxy/egl.h>
#include <epoxy/gl.h>

#include <array>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <utility>

namespace splatscope {
namespace {

[[noreturn]] void fail_renderer(const char* what) {
    throw hsa::Error(hsa::ErrorKind::renderer,
                     fmt::format("No picture can be drawn: {}. Install Mesa's software renderer "
                                 "(libegl-mesa0 and libgl1-mesa-dri) or a driver with EGL.",
                                 what));
}

// Mesa's display without any surface where there is one, else the default one of the machine.
EGLDisplay open_display() {
    if (epoxy_has_egl_extension(EGL_NO_DISPLAY, "EGL_EXT_platform_base") &&
        epoxy_has_egl_extension(EGL_NO_DISPLAY, "EGL_MESA_platform_surfaceless")) {
        EGLDisplay display =
            eglGetPlatformDisplayEXT(EGL_PLATFORM_SURFACELESS_MESA, EGL_DEFAULT_DISPLAY, nullptr);
        if (display != EGL_NO_DISPLAY && eglInitialize(display, nullptr, nullptr) == EGL_TRUE)
            return display;
    }
    EGLDisplay display = eglGetDisplay(EGL_DEFAULT_DISPLAY);
    if (display == EGL_NO_DISPLAY || eglInitialize(display, nullptr, nullptr) != EGL_TRUE)
        fail_renderer("EGL does not start");
    return display;
}

// The display and its context, released whatever fails on the way.
class Context {
  public:
    Context() : display_(open_display()) {
        const char* failure = create();
        if (failure == nullptr) return;
        release();
        fail_renderer(failure);
    }
    ~Context() { release(); }
    Context(const Context&) = delete;
    Context& operator=(const Context&) = delete;

    [[nodiscard]] bool make_current() const {
        return eglMakeCurrent(display_, EGL_NO_SURFACE, EGL_NO_SURFACE, context_) == EGL_TRUE;
    }

  private:
    // What is missing, or null.
    const char* create() {
        if (eglBindAPI(EGL_OPENGL_API) != EGL_TRUE) return "EGL has no desktop OpenGL";
        const std::array<EGLint, 5> wanted = {EGL_SURFACE_TYPE, 0, EGL_RENDERABLE_TYPE,
                                              EGL_OPENGL_BIT, EGL_NONE};
        EGLConfig config = nullptr;
        EGLint count = 0;
        if (eglChooseConfig(display_, wanted.data(), &config, 1, &count) != EGL_TRUE || count == 0)
            config = nullptr;
        const std::array<EGLint, 7> version = {EGL_CONTEXT_MAJOR_VERSION,
                                               3,
                                               EGL_CONTEXT_MINOR_VERSION,
                                               3,
                                               EGL_CONTEXT_OPENGL_PROFILE_MASK,
                                               EGL_CONTEXT_OPENGL_CORE_PROFILE_BIT,
                                               EGL_NONE};
        context_ = eglCreateContext(display_, config, EGL_NO_CONTEXT, version.data());
        if (context_ == EGL_NO_CONTEXT) return "there is no OpenGL 3.3";
        if (!make_current()) return "OpenGL does not draw without a surface";
        return nullptr;
    }
    void release() {
        eglMakeCurrent(display_, EGL_NO_SURFACE, EGL_NO_SURFACE, EGL_NO_CONTEXT);
        if (context_ != EGL_NO_CONTEXT) eglDestroyContext(display_, context_);
        // The display stays: it belongs to the process, and other windows may draw on it.
    }

    EGLDisplay display_;
    EGLContext context_ = EGL_NO_CONTEXT;
};

class OffscreenWindow : public Window {
  public:
    explicit OffscreenWindow(WindowSize size) : size_(size) {}

    void make_current() override {
        if (!context_.make_current()) fail_renderer("the OpenGL context cannot be used");
    }
    [[nodiscard]] WindowSize size() const override { return size_; }
    [[nodiscard]] WindowSize framebuffer_size() const override { return size_; }
    void set_size(WindowSize size) override { size_ = size; }
    void take_events(double seconds) override {
        std::unique_lock lock(mutex_);
        woken_.wait_for(lock, std::chrono::duration<double>(seconds), [this] { return wake_; });
        wake_ = false;
    }
    void wake() override {
        {
            const std::lock_guard lock(mutex_);
            wake_ = true;
        }
        woken_.notify_one();
    }
    void present() override {}
    [[nodiscard]] bool should_close() const override { return false; }
    void set_title(const std::string&) override {}
    [[nodiscard]] std::vector<std::string> take_dropped_files() override { return {}; }
    [[nodiscard]] std::string clipboard() const override { return clipboard_; }
    void set_clipboard(const std::string& text) override {
        clipboard_ = text;
        picture_.clear();
    }
    void set_clipboard_picture(std::string png) override {
        picture_ = std::move(png);
        clipboard_.clear();
    }
    [[nodiscard]] std::string clipboard_picture() const override { return picture_; }

  private:
    WindowSize size_;
    Context context_;
    std::string clipboard_;
    std::string picture_;
    std::mutex mutex_;
    std::condition_variable woken_;
    bool wake_ = false;
};

}  // namespace

std::unique_ptr<Window> make_offscreen_window(WindowSize size) {
    return std::make_unique<OffscreenWindow>(size);
}

std::string renderer_name() {
    const auto text = [](GLenum name) -> std::string {
        const GLubyte* words = glGetString(name);
        return words != nullptr ? reinterpret_cast<const char*>(words) : "none";
    };
    if (eglGetCurrentContext() == EGL_NO_CONTEXT) return "none";
    return text(GL_RENDERER) + ", OpenGL " + text(GL_VERSION);
}

}  // namespace splatscope
