#include "engine/explain/tokens.h"

#include "engine/core/parallel.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

namespace hsa {
namespace {

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

double entropy_term(double p) { return p > 0.0 ? -p * std::log(p) : 0.0; }

}  // namespace

std::vector<Property> token_properties(const Snapshot& snapshot) {
    const Factors& factors = *snapshot.factors;
    const std::size_t n = factors.tokens();
    const std::size_t levels = snapshot.registry->hierarchy.size();
    std::vector<Property> made(3 + levels);
    made[0] = {"entropy", "nats", "entropy of P(.|i): over how many splats a token spreads", std::vector<double>(n)};
    made[1] = {"certainty", "share", "the largest P(s|i): how much of a token its best splat holds", std::vector<double>(n)};
    made[2] = {"weight", "", "a / (a + share of the word): the weight of a token in placing splats", std::vector<double>(n, 1.0)};
    for (std::size_t l = 0; l < levels; ++l)
        made[3 + l] = {"through " + snapshot.registry->hierarchy.levels[l].name, "share",
                       "share of a token's attention that goes through this level", std::vector<double>(n)};
    const std::vector<float>& weight = snapshot.coordinates->token_weight;
    parallel_blocks(n, kChunkRows, [&](std::size_t begin, std::size_t end) {
        for (std::size_t i = begin; i < end; ++i) {
            double entropy = 0.0;
            float most = 0.0F;
            for (std::size_t s = 0; s < factors.columns(); ++s) {
                const float p = factors.p(i, s);
                entropy += entropy_term(static_cast<double>(p));
                most = std::max(most, p);
                if (factors.level[s] < levels) made[3 + factors.level[s]].values[i] += static_cast<double>(p);
            }
            made[0].values[i] = entropy;
            made[1].values[i] = static_cast<double>(most);
            if (i < weight.size()) made[2].values[i] = static_cast<double>(weight[i]);
        }
    });
    return made;
}

std::vector<Property> splat_properties(const Snapshot& snapshot) {
    const SplatRegistry& registry = *snapshot.registry;
    const Factors& factors = *snapshot.factors;
    const std::size_t k = registry.size();
    std::vector<double> spread(k), beta(k), amplitude(k), age(k), trend(k), parent_share(k, kNone);
    for (std::size_t s = 0; s < k; ++s) {
        double variance = 0.0;
        for (const float v : registry.gaussians.variance.row(s)) variance += static_cast<double>(v);
        beta[s] = static_cast<double>(registry.beta[s]);
        spread[s] = std::sqrt(variance / static_cast<double>(std::max<std::size_t>(registry.dimension, 1)) / beta[s]);
        amplitude[s] = static_cast<double>(registry.log_amplitude[s]);
        age[s] = static_cast<double>(registry.age[s]);
        trend[s] = registry.usage_history[s].trend();
        if (snapshot.parent_share) parent_share[s] = static_cast<double>((*snapshot.parent_share)[s]);
    }
    std::vector<double> breadth = parallel_sum(factors.tokens(), k, [&](std::size_t begin, std::size_t end, std::span<double> out) {
        for (std::size_t j = begin; j < end; ++j)
            for (std::size_t s = 0; s < k; ++s) out[s] += entropy_term(static_cast<double>(factors.k(j, s)));
    });
    for (double& each : breadth) each = std::exp(each);
    return {{"usage", "share", "mean share of attention that goes through the splat", snapshot.measures->usage},
            {"information", "nats", "what choosing this splat says about the token", snapshot.measures->information},
            {"tokens", "", "exp of the entropy of K: how many tokens the splat is about", std::move(breadth)},
            {"spread", "", "standard deviation sqrt(variance / beta) in units of the coordinates", std::move(spread)},
            {"beta", "", "inverse temperature of the kernel", std::move(beta)},
            {"log amplitude", "", "log amplitude beside the level's weight", std::move(amplitude)},
            {"age", "cycles", "cycles of adaptation it lived through", std::move(age)},
            {"parent share", "share", "how much of the splat its parent holds", std::move(parent_share)},
            {"trend", "a cycle", "slope of the usage over the last five cycles", std::move(trend)}};
}

std::vector<std::uint32_t> dominant_columns(const Factors& factors, std::uint16_t level) {
    std::vector<std::uint32_t> best(factors.tokens(), 0);
    std::vector<std::uint32_t> columns;
    for (std::uint32_t s = 0; s < factors.columns(); ++s)
        if (factors.level[s] == level) columns.push_back(s);
    if (columns.empty()) return best;
    parallel_blocks(factors.tokens(), kChunkRows, [&](std::size_t begin, std::size_t end) {
        for (std::size_t i = begin; i < end; ++i) {
            best[i] = columns.front();
            for (const std::uint32_t s : columns)
                if (factors.p(i, s) > factors.p(i, best[i])) best[i] = s;
        }
    });
    return best;
}

}  // namespace hsa
