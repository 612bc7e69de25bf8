#pragma once

#include "engine/model/event.h"

#include <string>

namespace hsa {

// What set an event off, in words for the screen: "low usage", "overlap", "error share",
// "residual", "empty region", "scheduled", "by hand", "repair", "start". In front of those of
// structure stands what brought the trials about where that was more than the next cycle: "shift:
// residual", "scheduled: low usage".
[[nodiscard]] std::string trigger_of(const Event& event);

}  // namespace hsa
