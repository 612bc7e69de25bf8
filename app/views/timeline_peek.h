#pragma once

#include "app/views/map_pixels.h"
#include "app/views/view.h"

#include <chrono>
#include <cstddef>
#include <optional>

namespace splatscope {

// A glance at attention before and after the event that the pointer rests on: two small maps in the
// tooltip, asked of the look lane once the pointer has stayed for a moment.
class TimelinePeek {
  public:
    // The pointer is on that event; adds to `drawn` what is wanted, or the pictures.
    void hover(const ViewContext& context, std::size_t event, Drawn& drawn);
    void leave() { event_.reset(); }

  private:
    using Clock = std::chrono::steady_clock;
    std::optional<std::size_t> event_;
    Clock::time_point since_;
    PixelCache pixels_;
};

}  // namespace splatscope
