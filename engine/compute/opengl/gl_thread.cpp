#include "engine/compute/opengl/gl_thread.h"

#include "engine/core/error.h"

#include <epoxy/egl.h>
#include <epoxy/gl.h>

#include <array>
#include <exception>
#include <string_view>
#include <utility>

namespace hsa {
namespace {

constexpr int kLeastVersion = 43;

EGLDisplay open_display() {
    // libepoxy ends the program where the library is missing.
    if (!epoxy_has_egl()) fail("there is no libEGL; install libegl1");
    if (epoxy_has_egl_extension(EGL_NO_DISPLAY, "EGL_EXT_platform_base") &&
        epoxy_has_egl_extension(EGL_NO_DISPLAY, "EGL_MESA_platform_surfaceless")) {
        EGLDisplay display =
            eglGetPlatformDisplayEXT(EGL_PLATFORM_SURFACELESS_MESA, EGL_DEFAULT_DISPLAY, nullptr);
        if (display != EGL_NO_DISPLAY && eglInitialize(display, nullptr, nullptr) == EGL_TRUE)
            return display;
    }
    EGLDisplay display = eglGetDisplay(EGL_DEFAULT_DISPLAY);
    if (display != EGL_NO_DISPLAY && eglInitialize(display, nullptr, nullptr) == EGL_TRUE)
        return display;
    fail("there is no EGL display; install a driver with EGL, or libegl-mesa0 and libgl1-mesa-dri");
}

// A context that is current on the calling thread, until it goes.
class ComputeContext {
  public:
    ComputeContext() : display_(open_display()) {
        if (eglBindAPI(EGL_OPENGL_API) != EGL_TRUE) fail("EGL has no desktop OpenGL");
        const std::array<EGLint, 5> wanted = {EGL_SURFACE_TYPE, 0, EGL_RENDERABLE_TYPE,
                                              EGL_OPENGL_BIT, EGL_NONE};
        EGLConfig config = nullptr;
        EGLint count = 0;
        if (eglChooseConfig(display_, wanted.data(), &config, 1, &count) != EGL_TRUE || count == 0)
            config = nullptr;
        const std::array<EGLint, 7> version = {EGL_CONTEXT_MAJOR_VERSION,
                                               4,
                                               EGL_CONTEXT_MINOR_VERSION,
                                               3,
                                               EGL_CONTEXT_OPENGL_PROFILE_MASK,
                                               EGL_CONTEXT_OPENGL_CORE_PROFILE_BIT,
                                               EGL_NONE};
        context_ = eglCreateContext(display_, config, EGL_NO_CONTEXT, version.data());
        if (context_ == EGL_NO_CONTEXT)
            fail("the driver has no OpenGL 4.3, which compute shaders need");
        if (eglMakeCurrent(display_, EGL_NO_SURFACE, EGL_NO_SURFACE, context_) != EGL_TRUE ||
            epoxy_gl_version() < kLeastVersion) {
            release();
            fail("OpenGL 4.3 does not run without a surface here");
        }
    }
    ~ComputeContext() { release(); }
    ComputeContext(const ComputeContext&) = delete;
    ComputeContext& operator=(const ComputeContext&) = delete;

  private:
    void release() {
        eglMakeCurrent(display_, EGL_NO_SURFACE, EGL_NO_SURFACE, EGL_NO_CONTEXT);
        eglDestroyContext(display_, context_);
        // The display belongs to the process: windows may draw on it.
    }

    EGLDisplay display_;
    EGLContext context_ = EGL_NO_CONTEXT;
};

}  // namespace

GlThread::GlThread() : thread_([this] { serve(); }) {
    std::unique_lock lock(mutex_);
    done_.wait(lock, [this] { return ready_; });
    if (failure_.empty()) return;
    lock.unlock();
    thread_.join();
    fail("OpenGL cannot compute here: {}.", failure_);
}

GlThread::~GlThread() {
    {
        const std::lock_guard lock(mutex_);
        ending_ = true;
    }
    asked_.notify_one();
    if (thread_.joinable()) thread_.join();
}

void GlThread::serve() {
    std::unique_lock lock(mutex_);
    try {
        const ComputeContext context;
        const auto* name = reinterpret_cast<const char*>(glGetString(GL_RENDERER));
        renderer_ = name == nullptr ? "an unnamed renderer" : name;
        ready_ = true;
        done_.notify_all();
        while (true) {
            asked_.wait(lock, [this] { return ending_ || (task_ != nullptr && !finished_); });
            if (ending_) return;
            const std::function<void()>& task = *task_;
            lock.unlock();
            task();  // run() makes it one that does not throw
            lock.lock();
            finished_ = true;
            done_.notify_all();
        }
    } catch (const std::exception& error) {
        failure_ = error.what();
        ready_ = true;
        done_.notify_all();
    }
}

void GlThread::run(const std::function<void()>& task) {
    const std::lock_guard alone(callers_);
    std::exception_ptr thrown;
    const std::function<void()> guarded = [&] {
        try {
            task();
        } catch (...) {
            thrown = std::current_exception();
        }
    };
    {
        std::unique_lock lock(mutex_);
        task_ = &guarded;
        finished_ = false;
        asked_.notify_one();
        done_.wait(lock, [this] { return finished_; });
        task_ = nullptr;
    }
    if (thrown) std::rethrow_exception(thrown);
}

bool GlThread::software() const {
    for (const std::string_view word : {"llvmpipe", "softpipe", "SwiftShader", "Software"})
        if (renderer_.find(word) != std::string::npos) return true;
    return false;
}

}  // namespace hsa
