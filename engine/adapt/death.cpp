#include "engine/adapt/death.h"

#include <array>

namespace hsa {

std::optional<Proposal> propose_death(const LevelPool& level, const Eligibility& eligible) {
    const std::size_t k = level.splats.size();
    if (k <= 2) return std::nullopt;
    const double even = 1.0 / static_cast<double>(k);
    std::size_t lowest = k;
    for (std::size_t s = 0; s < k; ++s) {
        const SplatId id = level.splats.id[s];
        if (level.usage[s] >= even || !eligible.old_enough(id, kAgeToShrink)) continue;
        if (eligible.resting(proposal_key(EventKind::death, {id}))) continue;
        if (lowest == k || level.usage[s] < level.usage[lowest]) lowest = s;
    }
    if (lowest == k) return std::nullopt;
    Proposal proposal;
    proposal.kind = EventKind::death;
    proposal.level = level.splats.level;
    proposal.before = {level.splats.id[lowest]};
    proposal.reasons = {{"usage", level.usage[lowest], even}};
    proposal.pull = pull_of(level, std::array{lowest});
    proposal.key = proposal_key(proposal.kind, proposal.before);
    return proposal;
}

}  // namespace hsa
