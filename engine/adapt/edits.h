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
        repair,
        add_level,
        remove_level,
        rename_level,
        optimise_levels,
        widen,
        amplitude,
        turn,
        reparent,
        stretch
    };
    static constexpr Kind kLastKind = Kind::stretch;
    Kind kind = Kind::split;
    std::vector<SplatId> splats;  // reparent: the child and its parent; alone: by overlap again
    std::vector<Range> tokens;    // add: from a selection of tokens
    std::string level;            // add, level_weight; the one that comes, goes or is renamed
    std::string other;            // add_level: the level beside it; rename_level: the new name
    // move: displacement [d']; level_weight: the weight; add_level: 0 before or 1 after `other`,
    // and how many splats (0: the recipe's count); optimise_levels: the least and most levels;
    // widen: the factor; amplitude: the new one; turn: an angle and two directions [1 + 2 d'];
    // stretch: the factor and a direction [1 + d'].
    std::vector<double> values;
    std::vector<std::string> kept;  // optimise_levels: these stay, whatever the row-KL says
    std::string repair;  // repair: a kind (adapt/repair.h), or empty for all there is to do
    bool operator==(const Edit&) const = default;
};

// Whether an edit may change which levels there are, or their names.
[[nodiscard]] bool changes_levels(Edit::Kind kind);

// Whether an edit changes the Gaussian or the amplitude of one splat and nothing else: what can be
// shown while a hand is at it.
[[nodiscard]] bool changes_one_splat(Edit::Kind kind);
// What such an edit makes of its splat, in the form token. Throws Error naming id and rule.
[[nodiscard]] Splat edited_splat(const SplatRegistry& registry, const Edit& edit);

// Applies an edit: the new state and its Event (by user). Throws Error naming id and rule when it
// cannot be done; `state` is unchanged then.
[[nodiscard]] CycleResult apply_edit(Backend& backend, const AdaptInput& input,
                                     const AdaptState& state, const Edit& edit, const Work& work);

}  // namespace hsa
