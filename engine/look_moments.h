#pragma once

#include "engine/compute/backend.h"
#include "engine/core/work.h"
#include "engine/look.h"

namespace hsa {

// The parts of look() that show A of other moments than the one shown: around events, and at
// another cycle. What `request.previous` has of the same is kept.

// Whether an event of the history is selected.
[[nodiscard]] bool has_event(const LookRequest& request);
// What the selected event found and left, while pictures of it are wanted.
void add_changes(const LookRequest& request, Backend& backend, const Work& work,
                 LookResult& result);
// Both sides of an event that is not selected.
void add_peek(const LookRequest& request, Backend& backend, const Work& work, LookResult& result);
// A of another cycle beside the one shown, while pictures of it are wanted.
void add_second(const LookRequest& request, Backend& backend, const Work& work, LookResult& result);

}  // namespace hsa
