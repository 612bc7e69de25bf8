#pragma once

#include "engine/core/work.h"

#include <chrono>

namespace hsa {

// The same work with an end to the time it may take (Work::late); 0 seconds: without.
[[nodiscard]] inline Work in_time(const Work& work, double seconds) {
    using Clock = std::chrono::steady_clock;
    Work limited = work;
    if (seconds > 0.0)
        limited.until = Clock::now() + std::chrono::duration_cast<Clock::duration>(
                                           std::chrono::duration<double>(seconds));
    return limited;
}

}  // namespace hsa
