#pragma once

#include "app/runner.h"
#include "app/shell.h"
#include "app/window/window.h"

#include <exception>
#include <functional>
#include <memory>
#include <string>
#include <vector>

struct ImGuiTestContext;
struct ImGuiTestEngine;

namespace splatscope::tests {

class User;

// The program whole, in a window that a test presses: a real window where DISPLAY names one, the
// EGL form otherwise. Pointer and keys come from the Dear ImGui Test Engine, which runs what a test
// does between the frames of the window.
class TestedWindow {
  public:
    // `profile`: where settings, recent files and lost sessions live; null = nowhere.
    explicit TestedWindow(WindowSize size = {1600, 1000},
                          std::vector<hsa::BackendEntry> offered = {},
                          const Profile* profile = nullptr);
    ~TestedWindow();
    TestedWindow(const TestedWindow&) = delete;
    TestedWindow& operator=(const TestedWindow&) = delete;

    // Draws frames until `body` has ended, and throws what it threw.
    void use(const std::function<void(User&)>& body);
    // Lines of this command are dropped from now on; "" lets every line through again.
    void disconnect(const std::string& command) { disconnected_ = command; }
    // Carries out a line at once and waits for what it starts. Throws hsa::Error.
    void carry_out(const std::string& line);

    // What is computed, awaited or moving just now; empty when the window is at rest.
    [[nodiscard]] std::string what_moves() const;
    [[nodiscard]] Shell& shell() { return *shell_; }
    [[nodiscard]] Runner& runner() { return *runner_; }
    [[nodiscard]] const std::vector<std::string>& view_ids() const { return view_ids_; }
    [[nodiscard]] Window& window() { return *window_; }

  private:
    void draw_frame();

    std::string disconnected_;
    int frames_ = 0;
    std::vector<std::string> view_ids_;
    std::unique_ptr<Window> window_;
    std::unique_ptr<Runner> runner_;
    std::unique_ptr<Shell> shell_;
    ImGuiTestEngine* engine_ = nullptr;
};

}  // namespace splatscope::tests
