#pragma once

namespace hsa_bench {

// Row 10: structure as soon as a dense region lacks splats, a tree that remembers, and what a birth
// and a death cost beside a pass over the tokens.
void lifecycle_table();

}  // namespace hsa_bench
