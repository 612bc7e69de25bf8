#include "app/window/window.h"
#include "engine/compute/opengl/egl_context.h"
#include "engine/core/error.h"

#include <epoxy/egl.h>
#include <epoxy/gl.h>

#include <chrono>
#include <condition_variable>
#include <memory>
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

std::unique_ptr<hsa::EglContext> make_context() {
    try {
        return std::make_unique<hsa::EglContext>(3, 3);
    } catch (const hsa::Error& error) {
        fail_renderer(error.what());
    }
}

class OffscreenWindow : public Window {
  public:
    explicit OffscreenWindow(WindowSize size) : size_(size), context_(make_context()) {}

    void make_current() override {
        if (!context_->make_current()) fail_renderer("the OpenGL context cannot be used");
    }
    [[nodiscard]] WindowSize size() const override { return size_; }
    [[nodiscard]] WindowSize framebuffer_size() const override { return size_; }
    void set_size(WindowSize size) override { size_ = size; }
    bool take_events(double seconds) override {
        std::unique_lock lock(mutex_);
        woken_.wait_for(lock, std::chrono::duration<double>(seconds), [this] { return wake_; });
        return std::exchange(wake_, false);
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
    std::unique_ptr<hsa::EglContext> context_;
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
