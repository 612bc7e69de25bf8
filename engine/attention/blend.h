#pragma once

#include "engine/attention/target.h"
#include "engine/core/work.h"
#include "engine/model/factors.h"

#include <cstddef>

namespace hsa {

// Splats and a local window side by side: A = r P K + (1 - r) W, W the softmax of the exact scores
// over |i - j| <= window, causal where the factors are (maths.md "Settings, exactly"), without
// masked tokens; a row whose window is masked is that of the splats alone. r in 0..1,
// window >= 1. The factors have no near pairs yet. O(n window d).
[[nodiscard]] Factors blend_window(Factors factors, const Target& target, std::size_t window,
                                   double r, const Work& work);

}  // namespace hsa
