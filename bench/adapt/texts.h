#pragma once

#include <string>
#include <vector>

namespace hsa_bench {

// W beside V after cycles on texts with the recipe of defaults.md, what a cycle costs in forward
// passes at n = 4,096, k = 128, and what events gain there. `files`: at least one text.
void texts_table(const std::vector<std::string>& files);

}  // namespace hsa_bench
