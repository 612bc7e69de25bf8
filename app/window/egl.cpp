#include <epoxy/egl.h>
#include <epoxy/gl.h>

#include "app/window/window.h"
#include "engine/core/error.h"

#include <array>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>

namespace splatscope {
namespace {

[[noreturn]] void fail_renderer(const char* what) {
    throw hsa::Error(hsa::ErrorKind::renderer,
                     fmt::format("No picture can be drawn: {}. Install Mesa's software renderer (libegl-mesa0 and libgl1-mesa-dri) "
                                 "or a driver with EGL.",
                                 what));
}

class OffscreenWindow : public Window {
  public:
    explicit OffscreenWindow(WindowSize size) : size_(size) {
        if (epoxy_has_egl_extension(EGL_NO_DISPLAY, "EGL_MESA_platform_surfaceless") ||
            epoxy_has_egl_extension(EGL_NO_DISPLAY, "EGL_EXT_platform_base"))
            display_ = eglGetPlatformDisplayEXT(EGL_PLATFORM_SURFACELESS_MESA, EGL_DEFAULT_DISPLAY, nullptr);
        if (display_ == EGL_NO_DISPLAY) display_ = eglGetDisplay(EGL_DEFAULT_DISPLAY);
        if (display_ == EGL_NO_DISPLAY || eglInitialize(display_, nullptr, nullptr) != EGL_TRUE)
            fail_renderer("EGL does not start");
        if (eglBindAPI(EGL_OPENGL_API) != EGL_TRUE) fail_renderer("EGL has no desktop OpenGL");
        const std::array<EGLint, 7> wanted = {EGL_SURFACE_TYPE, 0, EGL_RENDERABLE_TYPE, EGL_OPENGL_BIT,
                                              EGL_CONFORMANT, EGL_OPENGL_BIT, EGL_NONE};
        EGLConfig config = nullptr;
        EGLint count = 0;
        if (eglChooseConfig(display_, wanted.data(), &config, 1, &count) != EGL_TRUE || count == 0) config = nullptr;
        const std::array<EGLint, 7> version = {EGL_CONTEXT_MAJOR_VERSION, 3, EGL_CONTEXT_MINOR_VERSION, 3,
                                               EGL_CONTEXT_OPENGL_PROFILE_MASK, EGL_CONTEXT_OPENGL_CORE_PROFILE_BIT,
                                               EGL_NONE};
        context_ = eglCreateContext(display_, config, EGL_NO_CONTEXT, version.data());
        if (context_ == EGL_NO_CONTEXT) fail_renderer("there is no OpenGL 3.3");
        make_current();
    }
    ~OffscreenWindow() override {
        eglMakeCurrent(display_, EGL_NO_SURFACE, EGL_NO_SURFACE, EGL_NO_CONTEXT);
        eglDestroyContext(display_, context_);
        eglTerminate(display_);
    }
    OffscreenWindow(const OffscreenWindow&) = delete;
    OffscreenWindow& operator=(const OffscreenWindow&) = delete;

    void make_current() override {
        if (eglMakeCurrent(display_, EGL_NO_SURFACE, EGL_NO_SURFACE, context_) != EGL_TRUE)
            fail_renderer("the OpenGL context cannot be used");
    }
    [[nodiscard]] WindowSize size() const override { return size_; }
    [[nodiscard]] WindowSize framebuffer_size() const override { return size_; }
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

  private:
    WindowSize size_;
    EGLDisplay display_ = EGL_NO_DISPLAY;
    EGLContext context_ = EGL_NO_CONTEXT;
    std::mutex mutex_;
    std::condition_variable woken_;
    bool wake_ = false;
};

}  // namespace

std::unique_ptr<Window> make_offscreen_window(WindowSize size) { return std::make_unique<OffscreenWindow>(size); }

}  // namespace splatscope
