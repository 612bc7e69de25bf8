#pragma once

#include "engine/fit/start.h"

namespace hsa {

// Splats of the form paired without training (rulings.md "Closed form of paired"): a cell of keys
// gives every query exp of a quadratic, expanded about the queries that choose it (two rounds of
// tilting the cell's keys by exp(qbar . k)). P is that quadratic, exactly a Gaussian in q once
// q^T L0 q / 2 is taken out of all of them (query_quadratic); the key Gaussian is the cell's,
// pooled, tilted by qbar. Its bandwidth is the best of {.5, 1, 2, 4} 1.6 / d by KL on the exact
// rows. Always diagonal. O(n k d).
[[nodiscard]] SplatRegistry closed_form(Backend& backend, const Head& head, const ExactRows& exact,
                                        const StartOptions& options, const Work& work);

}  // namespace hsa
