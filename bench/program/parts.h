#pragma once

#include "app/runner.h"
#include "app/shell.h"
#include "app/window/window.h"
#include "engine/core/matrix.h"

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <memory>
#include <string>

// What the parts of bench/program share.
namespace hsa_bench {

[[nodiscard]] double ms_since(std::chrono::steady_clock::time_point start);
// CPU time of the calling thread: other programs on the machine do not count.
[[nodiscard]] double thread_cpu_ms();
[[nodiscard]] double program_cpu_ms();  // of all its threads
[[nodiscard]] double resident_mib();
void line(const std::string& what, double value, const std::string& unit, const std::string& note);

// A window that nobody sees and that counts what it would have shown.
class CountedWindow : public splatscope::Window {
  public:
    explicit CountedWindow(splatscope::WindowSize size)
        : inside_(splatscope::make_offscreen_window(size)) {}
    void make_current() override { inside_->make_current(); }
    [[nodiscard]] splatscope::WindowSize size() const override { return inside_->size(); }
    [[nodiscard]] splatscope::WindowSize framebuffer_size() const override {
        return inside_->framebuffer_size();
    }
    void set_size(splatscope::WindowSize size) override { inside_->set_size(size); }
    bool take_events(double seconds) override { return inside_->take_events(seconds); }
    void wake() override { inside_->wake(); }
    void present() override { ++presented; }
    [[nodiscard]] bool should_close() const override { return false; }
    void set_title(const std::string&) override {}
    [[nodiscard]] std::vector<std::string> take_dropped_files() override { return {}; }
    [[nodiscard]] std::string clipboard() const override { return inside_->clipboard(); }
    void set_clipboard(const std::string& text) override { inside_->set_clipboard(text); }
    void set_clipboard_picture(std::string png) override {
        inside_->set_clipboard_picture(std::move(png));
    }
    [[nodiscard]] std::string clipboard_picture() const override {
        return inside_->clipboard_picture();
    }

    int presented = 0;

  private:
    std::unique_ptr<splatscope::Window> inside_;
};

// The program in such a window.
struct Program {
    CountedWindow window{{1600, 1000}};
    splatscope::Runner runner{options()};
    splatscope::Shell shell{window, runner, false};

    // Runs a command; one that fails ends the bench.
    void must(const std::string& command);
    // One frame without showing it.
    void frame() { shell.build_frame(1.0F / 60.0F); }
    // Frames until every view shows what it should.
    void settle();

  private:
    [[nodiscard]] splatscope::Runner::Options options();
};

// A folder of files that are made for this run and removed after it.
struct Folder {
    std::filesystem::path path;
    Folder();
    ~Folder();
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;
};

// A text of the given number of words on topics that change every forty lines.
[[nodiscard]] std::string text_of(std::size_t words);
// [n, d] rows around 48 centres in 6 groups, as a .npy in the folder: its path.
[[nodiscard]] std::string array_file(const Folder& folder, std::size_t n, std::size_t d);

}  // namespace hsa_bench
