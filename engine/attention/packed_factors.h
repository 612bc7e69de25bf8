#pragma once

#include "engine/attention/factors.h"
#include "engine/compute/backend.h"
#include "engine/core/work.h"
#include "engine/model/coordinates.h"
#include "engine/model/factors.h"
#include "engine/model/splat_registry.h"

#include <string>

namespace hsa {

// What compute_factors does with options.storage: P and K are kept as float16 or as 8-bit
// logarithms q = round(255 max(ln(x / max), -24) / 24) (rulings.md "Storage"): x over the largest
// of its row of P, of its column of K; both normalised anew after decoding. They are formed some
// tokens at a time, so that memory is that of what is kept: n c bytes or twice as many a factor.
// What is exactly zero, a muted column of P or a masked key, stays so. The same bits for any number
// of threads. Throws Error for causal options: these weigh the past with sums of their own.
[[nodiscard]] Factors compute_packed_factors(Backend& backend, const SplatRegistry& registry,
                                             const Coordinates& coordinates,
                                             const FactorOptions& options, const Work& work);

// The same error of any factors beside others of the same tokens and columns, on 64 rows.
[[nodiscard]] PackingError row_error(const Factors& was, const Factors& is);

// "P and K are kept as 8bit: a row of A is off by 0.012 (L1; at most 0.02), its KL 0.0004, on 64
// rows": what the screen says of factors with a packing error.
[[nodiscard]] std::string packing_sentence(const Factors& factors);

}  // namespace hsa
