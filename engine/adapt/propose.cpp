#include "engine/adapt/propose.h"

#include "engine/adapt/birth.h"
#include "engine/adapt/death.h"
#include "engine/adapt/merge.h"
#include "engine/adapt/mitosis.h"
#include "engine/core/error.h"

#include <algorithm>
#include <cmath>

namespace hsa {

ProposalKey proposal_key(EventKind kind, std::vector<SplatId> ids) {
    std::sort(ids.begin(), ids.end());
    return {kind, std::move(ids)};
}

std::vector<double> pull_of(const LevelPool& level, std::span<const std::size_t> columns) {
    std::vector<double> pull(level.queries.p.rows(), 0.0);
    for (std::size_t i = 0; i < pull.size(); ++i)
        for (const std::size_t s : columns) pull[i] += static_cast<double>(level.queries.p(i, s));
    return pull;
}

double solve_log_weight(std::span<const float> logit_without_weight,
                        std::span<const double> log_rest, double wanted) {
    double low = -100.0;
    double high = 100.0;
    for (std::size_t i = 0; i < log_rest.size(); ++i) {
        const double even = log_rest[i] - static_cast<double>(logit_without_weight[i]);
        if (!std::isfinite(even)) continue;
        low = std::min(low, even - 50.0);
        high = std::max(high, even + 50.0);
    }
    constexpr int kHalvings = 60;
    for (int halving = 0; halving < kHalvings; ++halving) {
        const double middle = 0.5 * (low + high);
        double share = 0.0;
        for (std::size_t i = 0; i < log_rest.size(); ++i)
            share += 1.0 / (1.0 + std::exp(log_rest[i] -
                                           static_cast<double>(logit_without_weight[i]) - middle));
        (share < wanted * static_cast<double>(log_rest.size()) ? low : high) = middle;
    }
    return 0.5 * (low + high);
}

std::vector<std::size_t> order_of_levels(std::span<const double> probe,
                                         std::span<const double> best, std::int32_t cycle) {
    const std::size_t levels = probe.size();
    const std::size_t first = static_cast<std::size_t>(cycle) % levels;
    const auto behind = [&](std::size_t l) { return std::max(0.0, probe[l] - best[l]); };
    std::vector<std::size_t> order(levels);
    for (std::size_t l = 0; l < levels; ++l) order[l] = (first + l) % levels;
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t a, std::size_t b) { return behind(a) > behind(b); });
    return order;
}

std::optional<Proposal> propose(EventKind kind, const CycleContext& context, const Pool& pool,
                                const LevelPool& level, const Eligibility& eligible) {
    switch (kind) {
        case EventKind::death: return propose_death(level, eligible);
        case EventKind::merge: return propose_merge(context, level, eligible);
        case EventKind::mitosis: return propose_mitosis(context, pool, level, eligible);
        case EventKind::birth: return propose_birth(context, pool, level, eligible);
        default: fault("{} is not proposed by the controller", name_of(kind));
    }
}

}  // namespace hsa
