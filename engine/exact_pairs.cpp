#include "engine/exact_pairs.h"

#include "engine/attention/blend.h"
#include "engine/attention/near_factors.h"
#include "engine/core/error.h"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

namespace hsa {

ExactPairs exact_pairs_of(const AttentionSettings& asked, Form form, const SplatRegistry* from_file,
                          std::vector<std::string>& notes) {
    constexpr double kHalf = 0.5;  // commands.md: blend auto in the form token
    const bool near = asked.near > 0 || asked.anchors > 0;
    if (near && form == Form::token)
        fail(
            "attention.near and attention.anchors keep exact pairs beside splats that were fitted "
            "to queries and keys: set attention.form shared, or attention.window with "
            "attention.blend.");
    if (near && asked.blend)
        fail(
            "attention.blend {}: a window blended by weight has a normaliser of its own, a near "
            "set "
            "shares that of the splats: set attention.blend auto.",
            *asked.blend);
    if (near && asked.splats_per_token > 0)
        fail(
            "attention.splats_per_token {} leaves out masses that a near set counts on: set it to "
            "0, or attention.near and attention.anchors.",
            asked.splats_per_token);
    ExactPairs exact;
    if (asked.window > 0 && (asked.blend || form == Form::token)) {
        exact.window = asked.window;
        exact.blend = asked.blend.value_or(kHalf);
        return exact;
    }
    exact.near = {asked.window, asked.near, asked.near_limit, asked.anchors, false};
    if (exact.any() || asked.blend || from_file == nullptr || !from_file->fitted_with) return exact;
    const FittedWith& with = *from_file->fitted_with;
    if (with.causal && !asked.causal)
        notes.emplace_back("the splats were fitted to causal attention: set attention.causal true");
    exact.near = {with.window, with.near, with.near_limit, with.anchors, false};
    if (exact.any())
        notes.push_back(fmt::format(
            "exact pairs as the splats were fitted with: window {}, near {}, anchors {}",
            with.window, with.near, with.anchors));
    return exact;
}

Factors with_exact_pairs(const ExactPairs& exact, const SplatRegistry& registry,
                         const Coordinates& coordinates, const Target* target, Factors factors,
                         const Work& work) {
    if (!exact.any()) return factors;
    if (target == nullptr)
        fail(
            "target.source none: a window and a near set need the target's scores: set "
            "target.source scores.");
    if (exact.window > 0)
        return blend_window(std::move(factors), *target, exact.window, exact.blend, work);
    return near_factors(registry, coordinates, *target, std::move(factors), exact.near, work);
}

std::string exact_pairs_sentence(const ExactPairs& exact, const Factors& factors,
                                 const SplatRegistry& registry) {
    if (exact.window > 0)
        return fmt::format("splats {:.0f} %, a window of {} tokens on either side {:.0f} %",
                           100.0 * exact.blend, exact.window, 100.0 * (1.0 - exact.blend));
    const std::size_t pairs = factors.near ? factors.near->set.pairs() : 0;
    return fmt::format("{:.1f} pairs a row keep their exact scores, masses {}",
                       static_cast<double>(pairs) /
                           static_cast<double>(std::max<std::size_t>(factors.tokens(), 1)),
                       registry.offset ? "fitted" : "calibrated, not fitted");
}

}  // namespace hsa
