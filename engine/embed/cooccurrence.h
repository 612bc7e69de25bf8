#pragma once

#include "engine/core/work.h"
#include "engine/model/dataset.h"

namespace hsa {

// Word-type vectors from the text itself (defaults.md 10): positive PMI of pairs within +-8 tokens,
// context counts^0.75, truncated SVD, U sqrt(S) per type, one row a token: [n, min(96 or 48,
// types)]. Deterministic: sign of each axis fixed, no dependence on threads.
[[nodiscard]] Embeddings embed_cooccurrence(const Dataset& dataset, const Work& work);

}  // namespace hsa
