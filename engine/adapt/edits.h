#pragma once

#include "engine/adapt/controller.h"

#include <string>
#include <vector>

namespace hsa {

// An edit by hand, as the history keeps it. Typed, so that the same value serves undo, the session
// file and the .run.
struct Edit {
    enum class Kind : std::uint8_t {
        split,
        merge,
        remove,
        add,
        move,
        calibrate,
        level_weight,
        repair
    };
    Kind kind = Kind::split;
    std::vector<SplatId> splats;
    std::vector<Range> tokens;   // add: from a selection of tokens
    std::string level;           // add, level_weight
    std::vector<double> values;  // move: displacement [d'] ; level_weight: the weight
    std::string repair;          // repair: a kind (adapt/repair.h), or empty for all there is to do
    bool operator==(const Edit&) const = default;
};

// Applies an edit: the new state and its Event (by user). Throws Error naming id and rule when it
// cannot be done; `state` is unchanged then.
[[nodiscard]] CycleResult apply_edit(Backend& backend, const AdaptInput& input,
                                     const AdaptState& state, const Edit& edit, const Work& work);

}  // namespace hsa
