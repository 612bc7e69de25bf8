#pragma once

#include "engine/adapt/level_pool.h"
#include "engine/adapt/signals.h"
#include "engine/model/adapt_state.h"
#include "engine/model/event.h"

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace hsa {

// A change that somebody thinks would help: what goes, what comes, and why it was thought of.
struct Proposal {
    EventKind kind = EventKind::mitosis;
    std::size_t level = 0;
    std::vector<SplatId> before;
    std::vector<Splat> after;               // as they would start; ids are given when accepted
    std::vector<float> log_weight_choices;  // birth: the trial takes the best of these
    std::vector<Reason> reasons;            // the numbers that ranked it
    std::vector<double> pull;               // [pool rows] P(S|i): where its trial looks
    ProposalKey key;                        // what rests when it is refused
    double threshold_factor = 1.0;          // of lambda, in its trial (thresholds.h)
};

// Which splats may take part now: in one plan a cycle only, not too young, not resting.
struct Eligibility {
    const SplatRegistry& registry;
    const std::set<SplatId>& busy;
    const std::map<ProposalKey, Cooldown>& cooldowns;
    std::int32_t cycle = 0;
    Signals signals = {};

    [[nodiscard]] bool old_enough(SplatId id, std::int32_t age) const {
        return busy.count(id) == 0 && registry.age[registry.row(id)] >= age;
    }
    [[nodiscard]] bool resting(const ProposalKey& key) const {
        const auto found = cooldowns.find(key);
        return found != cooldowns.end() && cycle < found->second.until;
    }
};

inline constexpr std::int32_t kAgeToShrink = 3;  // no death or merge before
inline constexpr std::int32_t kAgeToSplit = 1;   // no mitosis before

[[nodiscard]] ProposalKey proposal_key(EventKind kind, std::vector<SplatId> ids);

// P(S|i) summed over the given columns of a level: [pool rows].
[[nodiscard]] std::vector<double> pull_of(const LevelPool& level,
                                          std::span<const std::size_t> columns);

// The ln w for which a splat with log kernel ell_i + c at the pool's rows has the mean share
// `wanted` against everything else, whose log normalisers are given.
[[nodiscard]] double solve_log_weight(std::span<const float> logit_without_weight,
                                      std::span<const double> log_rest, double wanted);

// Levels by falling (loss_l - best loss_l). Among equals the finer comes first, counted from a
// level that moves on by one each cycle, so that a quota smaller than the number of levels reaches
// them all.
[[nodiscard]] std::vector<std::size_t> order_of_levels(std::span<const double> loss,
                                                       std::span<const double> best,
                                                       std::int32_t cycle);

// The best proposal of one kind at a level, if any is worth a trial (death.cpp, merge.cpp,
// mitosis.cpp, birth.cpp).
[[nodiscard]] std::optional<Proposal> propose(EventKind kind, const CycleContext& context,
                                              const Pool& pool, const LevelPool& level,
                                              const Eligibility& eligible);

}  // namespace hsa
