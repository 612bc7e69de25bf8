#pragma once

#include "engine/attention/target.h"

#include <cstddef>

namespace hsa {

// The mean entropy of the target's rows in nats, of 64 sampled rows (good to .05 nats,
// real-heads.md 6). Throws Error for a target without tokens.
[[nodiscard]] double mean_row_entropy(const Target& target);

// H / ln n: 1 for rows that are flat; of one token, which has no entropy to reach, 0.
[[nodiscard]] double entropy_share(double row_entropy, std::size_t tokens);

// Whether a signed core may earn its place: H > .95 ln n (real-heads.md 7).
[[nodiscard]] bool is_diffuse(double row_entropy, std::size_t tokens);

}  // namespace hsa
