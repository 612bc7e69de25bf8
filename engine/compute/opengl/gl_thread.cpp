#include "engine/compute/opengl/gl_thread.h"

#include "engine/compute/opengl/egl_context.h"
#include "engine/core/error.h"

#include <epoxy/gl.h>

#include <exception>
#include <memory>
#include <string_view>
#include <utility>

namespace hsa {
namespace {

// A context with compute shaders, current on the calling thread until it goes.
class ComputeContext {
  public:
    ComputeContext() {
        try {
            context_ = std::make_unique<EglContext>(4, 3);
        } catch (const Error& error) {
            fail(
                "{}; compute shaders need OpenGL 4.3, so take a newer driver, or let the CPU "
                "compute",
                error.what());
        }
        constexpr int kLeastVersion = 43;
        if (epoxy_gl_version() >= kLeastVersion) return;
        fail(
            "the driver has OpenGL {}.{}; compute shaders need 4.3, so take a newer driver, or let "
            "the CPU compute",
            epoxy_gl_version() / 10, epoxy_gl_version() % 10);
    }

  private:
    std::unique_ptr<EglContext> context_;
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
