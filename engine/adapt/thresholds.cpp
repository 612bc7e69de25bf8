#include "engine/adapt/thresholds.h"

#include "engine/adapt/quotas.h"

#include <algorithm>
#include <cmath>

namespace hsa {
namespace {

constexpr double kNear = 1.25;         // within 4/5 .. 5/4 of what is wanted nothing moves
constexpr double kShareWanted = 0.25;  // of the rate
constexpr std::size_t kDeath = 0, kMerge = 1, kMitosis = 2, kBirth = 3;

// Shrinkage at most what growth needs: where they crossed they meet, nearer to 1.
void keep_apart(KindThresholds& thresholds) {
    std::array<double, 4>& factor = thresholds.factor;
    const double shrink = std::max(factor[kDeath], factor[kMerge]);
    const double growth = std::min(factor[kMitosis], factor[kBirth]);
    if (shrink <= growth) return;
    double meeting = std::sqrt(shrink * growth);
    meeting =
        meeting > 1.0 ? std::max(1.0, meeting / kFactorStep) : std::min(1.0, meeting * kFactorStep);
    for (const std::size_t kind : {kDeath, kMerge}) factor[kind] = std::min(factor[kind], meeting);
    for (const std::size_t kind : {kMitosis, kBirth})
        factor[kind] = std::max(factor[kind], meeting);
}

}  // namespace

std::size_t turn_of(EventKind kind) {
    return static_cast<std::size_t>(std::find(kTurns.begin(), kTurns.end(), kind) - kTurns.begin());
}

std::array<double, 4> wanted_events(const AdaptSettings& settings) {
    const Rates rates = rates_of(settings);
    return {settings.target_death.value_or(kShareWanted * rates.death),
            settings.target_merge.value_or(kShareWanted * rates.merge),
            settings.target_mitosis.value_or(kShareWanted * rates.mitosis),
            settings.target_birth.value_or(kShareWanted * rates.birth)};
}

double threshold_factor(const AdaptSettings& settings, const KindThresholds& thresholds,
                        EventKind kind) {
    if (settings.thresholds == Thresholds::fixed) return 1.0;
    return thresholds.factor[turn_of(kind)];
}

void hold_against(const AdaptSettings& settings, const KindThresholds& thresholds,
                  std::span<const Reason> brought_by, Proposal& proposal) {
    proposal.reasons.insert(proposal.reasons.end(), brought_by.begin(), brought_by.end());
    if (settings.thresholds == Thresholds::fixed) return;
    proposal.threshold_factor = threshold_factor(settings, thresholds, proposal.kind);
    proposal.reasons.push_back({"threshold_factor", proposal.threshold_factor, 1.0});
}

void follow_acceptance(const AdaptSettings& settings, const KindCounts& counts,
                       KindThresholds& thresholds) {
    if (settings.thresholds == Thresholds::fixed) return;
    const std::array<double, 4> wanted = wanted_events(settings);
    for (std::size_t kind = 0; kind < wanted.size(); ++kind) {
        if (counts.tried[kind] == 0) continue;
        std::optional<double>& accepted = thresholds.accepted[kind];
        const auto now = static_cast<double>(counts.accepted[kind]);
        accepted = accepted ? kAcceptedMemory * *accepted + (1.0 - kAcceptedMemory) * now : now;
        const bool more = *accepted < wanted[kind] / kNear;
        const bool fewer = *accepted > wanted[kind] * kNear || wanted[kind] <= 0.0;
        const bool shrinks = kind == kDeath || kind == kMerge;
        double& factor = thresholds.factor[kind];
        if (more || fewer) factor = more == shrinks ? factor * kFactorStep : factor / kFactorStep;
        factor = std::clamp(factor, kLeastFactor, kMostFactor);
    }
    keep_apart(thresholds);
}

}  // namespace hsa
