#pragma once

#include "engine/attention/target.h"

#include <cstddef>
#include <cstdint>

namespace hsa {

// Tokens on either side that count as near (real-heads.md 1).
inline constexpr std::size_t kNearTokens = 2;

// What exact rows of a head say of it, each a mean over those rows.
struct HeadNumbers {
    std::size_t rows = 0;      // that were looked at
    double row_entropy = 0.0;  // nats
    double sink_share = 0.0;   // mass on the heaviest column ...
    std::uint32_t sink = 0;    // ... which is this; ties: the lower
    double near_share = 0.0;   // mass on |i - j| <= kNearTokens
    // splats_for_entropy() (fit/distil.h) without and with a near set.
    std::size_t splats = 0;
    std::size_t splats_near = 0;
};

// Of the 64 rows of sampled_rows(), all where n <= 64. O(64 n d), memory O(n); the same bits for
// any number of threads. The target has at least one token.
[[nodiscard]] HeadNumbers head_numbers(const Target& target);

}  // namespace hsa
