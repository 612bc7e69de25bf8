#pragma once

#include "engine/model/adapt_state.h"
#include "engine/model/event.h"
#include "engine/model/splat_registry.h"

#include <span>

namespace hsa {

// A parent that was chosen by hand stays, whatever splat covers more of the child, until the child
// or the parent is gone, the levels between them change, the edit is taken back (a reparent without
// a parent), or a repair among `events` gave the child another parent. To be called when the
// parents by overlap are known; what no longer holds is forgotten.
void keep_held_parents(std::span<const Event> events, SplatRegistry& registry,
                       std::map<SplatId, SplatId>& held);

}  // namespace hsa
