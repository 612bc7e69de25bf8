#pragma once

#include "engine/attention/target.h"
#include "engine/core/work.h"
#include "engine/model/coordinates.h"
#include "engine/model/factors.h"
#include "engine/model/settings.h"
#include "engine/model/splat_registry.h"

#include <cstddef>
#include <string>
#include <vector>

namespace hsa {

// What a request keeps exactly beside the splats: a near set that shares their normaliser, or a
// window with a softmax of its own, blended by weight.
struct ExactPairs {
    NearOptions near;
    std::size_t window = 0;  // blended; 0 = none
    double blend = 1.0;      // share of the splats
    bool operator==(const ExactPairs&) const = default;

    [[nodiscard]] bool any() const { return near.any() || window > 0; }
};

// From the settings, or from what a file's splats were fitted with where nothing is set (told in
// `notes`). Throws Error for settings that the form does not have or that exclude each other.
[[nodiscard]] ExactPairs exact_pairs_of(const AttentionSettings& asked, Form form,
                                        const SplatRegistry* from_file,
                                        std::vector<std::string>& notes);

// Puts them beside the factors, which are causal only for a window. Throws Error without a target.
[[nodiscard]] Factors with_exact_pairs(const ExactPairs& exact, const SplatRegistry& registry,
                                       const Coordinates& coordinates, const Target* target,
                                       Factors factors, const Work& work);

// "27.0 pairs a row keep their exact scores, masses fitted": what the screen says of the factors.
[[nodiscard]] std::string exact_pairs_sentence(const ExactPairs& exact, const Factors& factors,
                                               const SplatRegistry& registry);

}  // namespace hsa
