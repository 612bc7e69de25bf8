#pragma once

#include "engine/core/work.h"

#include <chrono>
#include <string>

namespace splatscope {

// What a run without a window says while it computes, on standard error: one line that is written
// over on a terminal; elsewhere a line every ten seconds, and nothing for what is quick.
class ProgressLine {
  public:
    explicit ProgressLine(bool quiet);
    // Takes the line away.
    ~ProgressLine();
    ProgressLine(const ProgressLine&) = delete;
    ProgressLine& operator=(const ProgressLine&) = delete;

    void show(const hsa::Progress& progress);
    // Before anything else is printed.
    void clear();

  private:
    using Clock = std::chrono::steady_clock;
    bool quiet_;
    bool terminal_;
    bool shown_ = false;
    std::string step_;
    Clock::time_point step_began_ = Clock::now();
    Clock::time_point last_line_ = Clock::now();
};

}  // namespace splatscope
