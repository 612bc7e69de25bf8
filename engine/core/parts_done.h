#pragma once

#include "engine/core/work.h"

#include <algorithm>
#include <cstddef>
#include <mutex>
#include <string_view>

namespace hsa {

// Counts the parts of a parallel step that are done, on whatever thread, and tells how far it is.
class PartsDone {
  public:
    // `step` outlives it.
    PartsDone(const Work& work, std::string_view step, std::size_t parts)
        : work_(work), step_(step), parts_(std::max<std::size_t>(parts, 1)) {}

    // One part more. Throws Cancelled when a stop was asked for.
    void add() {
        {
            const std::lock_guard lock(mutex_);  // what is told never falls
            work_.report(step_, static_cast<double>(++done_) / static_cast<double>(parts_));
        }
        work_.check();
    }

  private:
    const Work& work_;
    std::string_view step_;
    std::size_t parts_;
    std::mutex mutex_;
    std::size_t done_ = 0;
};

}  // namespace hsa
