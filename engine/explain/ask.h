#pragma once

#include "engine/core/work.h"
#include "engine/explain/cards.h"
#include "engine/model/factors.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace hsa {

// What one splat gives; kExactPairs: what exact scores give.
struct SplatPart {
    SplatId splat = kNoSplat;  // kNoSplat: the background
    std::uint16_t level = 0;
    double value = 0.0;
};

// A token that answers, with the splats between it and the words that were asked.
struct AskedToken {
    std::uint32_t token = 0;
    double value = 0.0;            // the sum of its parts
    double times = 0.0;            // over what uniform attention gives
    std::vector<SplatPart> parts;  // falling, ties by lower id; zeros are left out
};

struct AskWanted {
    std::size_t count = 20;  // tokens a list
    std::size_t links = 20;  // pairs a list; 0: they are not looked for
    std::size_t beyond = 0;  // tokens between the ends of a link at least; 0: far_away(n)
};

// What the asked tokens, taken together, attend to and what attends to them, and the strongest
// links that reach far. The asked tokens are in no list: `within` is what stays among them.
struct Asked {
    std::vector<Range> tokens;
    double within = 0.0;                       // share of their own attention, 0 to 1
    std::vector<WeightedSplat> splats;         // their mean P(s|i), 20, falling
    std::vector<AskedToken> to;                // by their mean row: sum_i A_ij / their number
    std::vector<AskedToken> from;              // by its share that goes to them: sum_j A_ij
    std::size_t beyond = 0;                    // of the links: |i - j| is more than that
    std::optional<StrongestPairs> links_to;    // i is asked
    std::optional<StrongestPairs> links_from;  // j is asked
};

// A tenth of n tokens, at least one.
[[nodiscard]] std::size_t far_away(std::size_t n);

// `tokens`: sorted ranges, disjoint. O(n c) and, of the links, O((n + asked) c) beside the tiles
// that may hold one (strongest_pairs); A is never formed. Values are those of A before row steps
// (attention/finish.h). Throws Error where no token is asked or one is not there, Cancelled.
[[nodiscard]] Asked ask(const Factors& factors, std::span<const Range> tokens,
                        const AskWanted& wanted, const Work& work);

// The tokens of both lists: sorted, each once.
[[nodiscard]] std::vector<std::uint32_t> answering_tokens(const Asked& asked);

}  // namespace hsa
