#include "engine/adapt/death.h"

#include <array>

namespace hsa {

std::optional<Proposal> propose_death(const LevelPool& level, const Eligibility& eligible) {
    const std::size_t k = level.splats.size();
    if (k <= 2) return std::nullopt;
    const double even = 1.0 / static_cast<double>(k);
    std::size_t lowest = k;
    double least = 0.0;
    for (std::size_t s = 0; s < k; ++s) {
        const SplatId id = level.splats.id[s];
        const double usage = eligible.signals.usage(id, level.usage[s]);
        if (usage >= even || !eligible.old_enough(id, kAgeToShrink)) continue;
        if (eligible.signals.dormant(id, level.usage[s], even)) continue;
        if (eligible.resting(proposal_key(EventKind::death, {id}))) continue;
        if (lowest < k && usage >= least) continue;
        lowest = s;
        least = usage;
    }
    if (lowest == k) return std::nullopt;
    Proposal proposal;
    proposal.kind = EventKind::death;
    proposal.level = level.splats.level;
    proposal.before = {level.splats.id[lowest]};
    proposal.reasons = {{"usage", least, even}};
    proposal.pull = pull_of(level, std::array{lowest});
    proposal.key = proposal_key(proposal.kind, proposal.before);
    return proposal;
}

}  // namespace hsa
