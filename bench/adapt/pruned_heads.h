#pragma once

#include <string>
#include <vector>

namespace hsa_bench {

// Heads of a model on a text's first window: from twice the splats of real-heads.md 6, pruned,
// beside a fresh fit at the number that is left. `words`: MODEL TEXT.
void pruned_heads_table(const std::vector<std::string>& words);

}  // namespace hsa_bench
