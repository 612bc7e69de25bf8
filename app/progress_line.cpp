#include "app/progress_line.h"

#include <fmt/core.h>
#include <unistd.h>

#include <cstdio>

namespace splatscope {
namespace {

constexpr std::chrono::seconds kBetweenLines{10};
constexpr double kTrusted = 0.05;  // of a step, before its time left is guessed

// " 34 %, 12 s left"
std::string how_far(const hsa::Progress& progress, double seconds) {
    if (progress.fraction <= 0.0) return " ...";
    std::string text = fmt::format(" {:.0f} %", 100.0 * progress.fraction);
    if (progress.fraction > kTrusted && seconds > 1.0)
        text +=
            fmt::format(", {:.0f} s left", seconds * (1.0 - progress.fraction) / progress.fraction);
    return text;
}

}  // namespace

ProgressLine::ProgressLine(bool quiet) : quiet_(quiet), terminal_(isatty(STDERR_FILENO) == 1) {}

ProgressLine::~ProgressLine() { clear(); }

void ProgressLine::show(const hsa::Progress& progress) {
    if (quiet_ || progress.step.empty()) return;
    const Clock::time_point now = Clock::now();
    if (progress.step != step_) {
        step_ = progress.step;
        step_began_ = now;
    }
    const std::chrono::duration<double> seconds = now - step_began_;
    const std::string text = step_ + how_far(progress, seconds.count());
    if (terminal_) {
        fmt::print(stderr, "\r\x1b[K{}", text);
        std::fflush(stderr);
        shown_ = true;
    } else if (now - last_line_ >= kBetweenLines) {
        fmt::print(stderr, "{}\n", text);
        last_line_ = now;
    }
}

void ProgressLine::clear() {
    if (!shown_) return;
    fmt::print(stderr, "\r\x1b[K");
    std::fflush(stderr);
    shown_ = false;
}

}  // namespace splatscope
