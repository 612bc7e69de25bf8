#pragma once

#include "engine/adapt/propose.h"
#include "engine/model/adapt_state.h"
#include "engine/model/event.h"
#include "engine/model/settings.h"

#include <array>
#include <cstddef>
#include <span>

namespace hsa {

// Adaptive thresholds: what a trial must pass is adapt.lambda times a factor of its kind. After
// each cycle of trials the factor of a kind that was tried moves by a tenth: growth becomes easier
// (a smaller gain is enough) and shrinkage too (a larger loss is allowed) where fewer than 4/5 of
// the wanted events were accepted of late, harder where more than 5/4 were or none is wanted. It
// stays within 1/4 to 4. Shrinkage never goes above growth, so that nothing is taken away that
// would earn its place again: where they would cross they meet half way, and move from there
// towards 1.
inline constexpr double kLeastFactor = 0.25;
inline constexpr double kMostFactor = 4.0;
inline constexpr double kFactorStep = 1.1;
inline constexpr double kAcceptedMemory = 0.8;  // share of the cycles before in what was accepted

// Place of a structural kind in the order of a cycle: death, merge, mitosis, birth.
[[nodiscard]] std::size_t turn_of(EventKind kind);

// Accepted events wanted a cycle of trials, by kind.
[[nodiscard]] std::array<double, 4> wanted_events(const AdaptSettings& settings);

// What lambda is multiplied with in a trial of this kind; 1 while thresholds are fixed.
[[nodiscard]] double threshold_factor(const AdaptSettings& settings,
                                      const KindThresholds& thresholds, EventKind kind);

// Gives a proposal the factor in force, and its reasons what brought its trial about and, where
// thresholds are adaptive, that factor.
void hold_against(const AdaptSettings& settings, const KindThresholds& thresholds,
                  std::span<const Reason> brought_by, Proposal& proposal);

// How many trials a cycle ran, and how many it accepted, by kind.
struct KindCounts {
    std::array<int, 4> tried{};
    std::array<int, 4> accepted{};
};
// Moves the factors after a cycle of trials; leaves them while thresholds are fixed.
void follow_acceptance(const AdaptSettings& settings, const KindCounts& counts,
                       KindThresholds& thresholds);

}  // namespace hsa
