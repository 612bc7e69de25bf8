#include "engine/adapt/merge.h"

#include "engine/adapt/moments.h"
#include "engine/core/parallel.h"
#include "engine/core/products.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace hsa {
namespace {

// BC(K_a, K_b) = sum_j sqrt(K_a K_b) of every pair: one product of sqrt(K), [k, k].
std::vector<double> overlaps(const LevelKeys& keys) {
    const std::size_t k = keys.k.cols();
    return parallel_sum(keys.k.rows(), k * k,
                        [&](std::size_t begin, std::size_t end, std::span<double> out) {
                            Matrix<float> root(end - begin, k);
                            for (std::size_t j = begin; j < end; ++j)
                                for (std::size_t s = 0; s < k; ++s)
                                    root(j - begin, s) = std::sqrt(keys.k(j, s));
                            Matrix<float> product(k, k);
                            transposed_multiply(root.view(), root.view(), product.view());
                            for (std::size_t e = 0; e < out.size(); ++e)
                                out[e] += static_cast<double>(product.data()[e]);
                        });
}

// (u_a + u_b) JS(K_a, K_b) with the shares of the masses: the information that joining them loses.
double information_loss(const LevelPool& level, std::size_t a, std::size_t b) {
    const double sum = level.usage[a] + level.usage[b];
    if (sum <= 0.0) return 0.0;
    const double share_a = level.usage[a] / sum;
    const double share_b = level.usage[b] / sum;
    const auto part = [](double x, double middle) {
        return x > 0.0 ? x * std::log(x / middle) : 0.0;
    };
    const double js = parallel_sum(
        level.keys.k.rows(), 1, [&](std::size_t begin, std::size_t end, std::span<double> out) {
            for (std::size_t j = begin; j < end; ++j) {
                const auto x = static_cast<double>(level.keys.k(j, a));
                const auto y = static_cast<double>(level.keys.k(j, b));
                const double middle = share_a * x + share_b * y;
                if (middle > 0.0) out[0] += share_a * part(x, middle) + share_b * part(y, middle);
            }
        })[0];
    return sum * js;
}

}  // namespace

Splat joined(const Splat& a, const Splat& b, double usage_a, double usage_b) {
    const double share = usage_a + usage_b > 0.0 ? usage_a / (usage_a + usage_b) : 0.5;
    Splat made = a;
    made.beta = static_cast<float>(share * static_cast<double>(a.beta) +
                                   (1.0 - share) * static_cast<double>(b.beta));
    restrict_to_kind(merge(kernel_gaussian(a), kernel_gaussian(b), share), made);
    made.age = 0;
    made.usage = UsageHistory{};
    return made;
}

void keep_mass(std::span<const double> log_mass_of_parts, double log_mass, Splat& whole) {
    const double most = *std::max_element(log_mass_of_parts.begin(), log_mass_of_parts.end());
    double sum = 0.0;
    for (const double part : log_mass_of_parts) sum += std::exp(part - most);
    whole.log_amplitude = static_cast<float>(most + std::log(sum) - log_mass);
}

std::optional<Proposal> cheapest_pair(const LevelPool& level, const Eligibility& eligible,
                                      double lambda) {
    const std::size_t k = level.splats.size();
    if (k <= 2) return std::nullopt;
    std::vector<std::size_t> able;
    for (std::size_t s = 0; s < k; ++s)
        if (eligible.old_enough(level.splats.id[s], kAgeToShrink) &&
            !eligible.signals.dormant(level.splats.id[s], level.usage[s],
                                      1.0 / static_cast<double>(k)))
            able.push_back(s);
    if (able.size() < 2) return std::nullopt;
    const auto usage = [&](std::size_t s) {
        return eligible.signals.usage(level.splats.id[s], level.usage[s]);
    };
    const std::vector<double> overlap = overlaps(level.keys);
    const auto cost = [&](std::size_t a, std::size_t b) {
        return (usage(a) + usage(b)) * (1.0 - std::min(1.0, overlap[a * k + b]));
    };
    std::array<std::size_t, 2> best{k, k};
    for (std::size_t p = 0; p < able.size(); ++p)
        for (std::size_t q = p + 1; q < able.size(); ++q) {
            const std::size_t a = able[p];
            const std::size_t b = able[q];
            if (best[0] < k && cost(a, b) >= cost(best[0], best[1])) continue;
            if (eligible.resting(
                    proposal_key(EventKind::merge, {level.splats.id[a], level.splats.id[b]})))
                continue;
            best = {a, b};
        }
    if (best[0] == k) return std::nullopt;
    const auto [a, b] = best;
    Proposal proposal;
    proposal.kind = EventKind::merge;
    proposal.level = level.splats.level;
    proposal.before = {level.splats.id[a], level.splats.id[b]};
    proposal.reasons = {{"overlap", overlap[a * k + b], 1.0},
                        {"information_loss", information_loss(level, a, b), lambda}};
    proposal.pull = pull_of(level, best);
    proposal.key = proposal_key(proposal.kind, proposal.before);
    return proposal;
}

std::optional<Proposal> propose_merge(const CycleContext& context, const LevelPool& level,
                                      const Eligibility& eligible) {
    std::optional<Proposal> proposal =
        cheapest_pair(level, eligible, context.lambda[level.splats.level]);
    if (!proposal) return proposal;
    const std::array pair = {place_of(level, proposal->before[0]),
                             place_of(level, proposal->before[1])};
    const auto usage = [&](std::size_t s) {
        return eligible.signals.usage(level.splats.id[s], level.usage[s]);
    };
    const SplatRegistry& registry = eligible.registry;
    Splat one =
        joined(registry.splat(registry.row(proposal->before[0])),
               registry.splat(registry.row(proposal->before[1])), usage(pair[0]), usage(pair[1]));
    // The wider kernel gathers more: its weight is set so that the summed mass is kept.
    const LevelSplats column = level_splats(std::span<const Splat>(&one, 1));
    const auto bound = bind(context.backend, column, context.input.temperature);
    const double log_mass =
        context.backend.log_mass(*bound, context.columns.x[proposal->level], {}, context.work)[0] +
        context.columns.log_weight;
    const auto mass_of = [&](std::size_t s) {
        return static_cast<double>(level.splats.log_weight[s]) + level.keys.log_mass[s];
    };
    keep_mass(std::array{mass_of(pair[0]), mass_of(pair[1])}, log_mass, one);
    proposal->after = {std::move(one)};
    return proposal;
}

}  // namespace hsa
