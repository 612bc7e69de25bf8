#include "app/progress_line.h"

#include "app/widgets/numbers.h"

#include <fmt/core.h>
#include <unistd.h>

#include <cstdio>

namespace splatscope {
namespace {

constexpr std::chrono::seconds kBetweenLines{10};
// " 34 %, 12 s left"
std::string how_far(const hsa::Progress& progress, double seconds) {
    if (progress.fraction <= 0.0) return " ...";
    const std::string left = time_left_text(progress.fraction, seconds);
    return fmt::format(" {:.0f} %{}{}", 100.0 * progress.fraction, left.empty() ? "" : ", ", left);
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
