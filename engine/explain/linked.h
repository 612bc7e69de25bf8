#pragma once

#include "engine/attention/cells.h"
#include "engine/model/event.h"
#include "engine/model/factors.h"
#include "engine/model/history.h"
#include "engine/model/selection.h"

#include <cstdint>
#include <span>
#include <utility>
#include <vector>

namespace hsa {

// What a selection lights up, the same in every view (architecture.md "Linked selection"): token ->
// splats by falling P until .8 of the mass, at most 8; splat -> tokens by falling K until .5, at
// most 200; block -> splats until .8 of its value; event -> ids before and after; several picks:
// the union. The background counts in the mass and is never lit.
//
// The tints are of the picked tokens and the rows (from) or columns (to) of the picked block; where
// only splats or an event are picked, of the tokens they light.
struct Linked {
    std::vector<std::uint32_t> tokens;  // lit because something else was picked; sorted
    std::vector<SplatId> splats;        // sorted
    std::vector<std::size_t> events;    // flat indices, sorted
    // [n] or empty: attention from the selection to each token, over what uniform attention gives;
    // causal: 0 where no picked row sees the token.
    std::vector<float> tint_from;
    std::vector<float> tint_to;  // the same from each token to the selection
};

// Picks beyond the tokens, splats or events there are light nothing.
[[nodiscard]] Linked linked(const Selection& selection, const Factors& factors,
                            const TileSums& sums, const SplatRegistry& registry,
                            const History& history, std::int32_t cycle);

// [n]: attention from these tokens to each, on average, over what uniform attention gives, and from
// each to these. `tokens`: sorted ranges, at least one token, all there.
[[nodiscard]] std::vector<float> tint_from(const Factors& factors, std::span<const Range> tokens);
[[nodiscard]] std::vector<float> tint_to(const Factors& factors, std::span<const Range> tokens);

// More tokens are lit: those that answer to the picked ones (ask.h).
void light(Linked& linked, std::span<const std::uint32_t> tokens);

}  // namespace hsa
