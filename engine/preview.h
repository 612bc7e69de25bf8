#pragma once

#include "engine/adapt/edits.h"
#include "engine/compute/backend.h"
#include "engine/core/work.h"
#include "engine/engine.h"
#include "engine/snapshot.h"

#include <memory>

namespace hsa {

// What a gesture would do if it ended now.
struct PreviewWanted {
    Edit edit;           // that follows_a_hand()
    bool exact = false;  // as the edit would leave it; else what can be had while a hand moves
    bool operator==(const PreviewWanted&) const = default;
};

// Edits that views show while they are made: those of one splat's own Gaussian, and the weight of a
// level.
[[nodiscard]] bool follows_a_hand(Edit::Kind kind);

// The snapshot as the edit would leave it, without an event, new names or a layout: splats,
// factors, sums and measures; parents, too, once it is exact. Before that the factors are those of
// before with one splat changed (adapt/changed_splat.h) and row-KL and objectives are absent; where
// the factors cannot be had that way (a level's weight changes them all), or would take long, those
// of a sample of rows. `asked`: what `of` answers. Null where there is nothing to show it of (no
// factors yet, another form, no such splat). Throws Error where the edit cannot be done; Cancelled.
[[nodiscard]] std::shared_ptr<const Snapshot> preview_of(const Snapshot& of, const Request& asked,
                                                         const PreviewWanted& wanted,
                                                         Backend& backend, const Work& work);

}  // namespace hsa
