#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

namespace hsa {

// A thread with an OpenGL context of its own and no surface, so that whoever computes may be any
// thread, and nothing of the window's context is touched. Throws Error where the machine has no
// OpenGL 4.3 with compute shaders.
class GlThread {
  public:
    GlThread();
    ~GlThread();
    GlThread(const GlThread&) = delete;
    GlThread& operator=(const GlThread&) = delete;

    // Runs on that thread with its context current, and waits; an exception thrown there is thrown
    // here. From any thread, one after the other.
    void run(const std::function<void()>& task);

    [[nodiscard]] const std::string& renderer() const { return renderer_; }
    // Whether the renderer is a program of the CPU: Mesa's llvmpipe, softpipe, SwiftShader.
    [[nodiscard]] bool software() const;

  private:
    void serve();

    std::mutex callers_;  // held for the whole of a task
    std::mutex mutex_;    // guards what follows
    std::condition_variable asked_;
    std::condition_variable done_;
    const std::function<void()>* task_ = nullptr;  // waits to be run, or runs
    bool finished_ = false;                        // the task
    bool ending_ = false;
    std::string failure_;  // why there is no context
    bool ready_ = false;   // there is one, or there is a failure
    std::string renderer_;
    std::thread thread_;
};

}  // namespace hsa
