#pragma once

#include "engine/model/event.h"

namespace hsa {

// Whether an event says nothing about the single splats it names: the ten steps that the controller
// takes with all of a level in every cycle, and the beginning. An adjustment by hand is of one
// splat and tells what was done to it.
[[nodiscard]] inline bool is_routine(const Event& event) {
    return event.kind == EventKind::initialise ||
           (event.kind == EventKind::adjust && event.by == Actor::controller);
}

}  // namespace hsa
