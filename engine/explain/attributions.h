#pragma once

#include "engine/core/range.h"
#include "engine/core/work.h"
#include "engine/explain/cards.h"
#include "engine/model/settings.h"
#include "engine/snapshot.h"

#include <cstddef>
#include <string>
#include <vector>

namespace hsa {

// What a token speaks through and attends to most, falling, ties by lower index.
struct Attribution {
    std::uint32_t token = 0;
    std::vector<WeightedSplat> splats;                // by P(s|i)
    std::vector<std::pair<std::uint32_t, float>> to;  // tokens and A_ij, above 0
};

// Of every token of a range, at most `count` of each; rows of A finished as `settings` says
// (attention/finish.h). Costs n tokens x splats a row.
[[nodiscard]] std::vector<Attribution> attributions(const Factors& factors, Range tokens,
                                                    std::size_t count,
                                                    const AttentionSettings& settings,
                                                    const Work& work);

// One JSON object a line: {"index", "text", "splats": [{"splat", "level", "p"}], "to": [{"index",
// "text", "value"}]}.
[[nodiscard]] std::string write_attributions(const Snapshot& snapshot,
                                             const std::vector<Attribution>& all);
// The same as lines "index,text,kind,rank,id,name,value" with kind "splat" (name: its level) or
// "token" (name: its word), rank from 1.
[[nodiscard]] std::string write_attributions_csv(const Snapshot& snapshot,
                                                 const std::vector<Attribution>& all);

}  // namespace hsa
