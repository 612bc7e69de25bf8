#include "engine/explain/tokens.h"

#include "engine/attention/cells.h"
#include "engine/core/error.h"
#include "engine/core/parallel.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace hsa {
namespace {

// Below this a share adds less than 3e-11 nats: left out, for most of P is that small.
constexpr float kNegligible = 1e-12F;

// sum_i P(s|i): [c].
std::vector<double> total_share(const Factors& factors) {
    return parallel_sum(factors.tokens(), factors.columns(),
                        [&](std::size_t begin, std::size_t end, std::span<double> out) {
                            for (std::size_t i = begin; i < end; ++i) {
                                const FactorRow row = factors.p.row(i);
                                for (std::size_t s = 0; s < out.size(); ++s)
                                    out[s] += static_cast<double>(row[s]);
                            }
                        });
}

float entropy(std::span<const float> p) {
    double sum = 0.0;
    for (const float share : p)
        if (share > kNegligible)
            sum -= static_cast<double>(share) * std::log(static_cast<double>(share));
    return static_cast<float>(std::max(sum, 0.0));
}

template <class Left, class Right>
double dot(std::span<const Left> left, std::span<const Right> right) {
    double sum = 0.0;
    for (std::size_t s = 0; s < left.size(); ++s)
        sum += static_cast<double>(left[s]) * static_cast<double>(right[s]);
    return sum;
}

// Sum of each column of A over what uniform attention gives it: [n].
std::vector<float> attention_received(const Factors& factors) {
    const std::size_t n = factors.tokens();
    std::vector<float> received(n);
    if (!factors.causal && !factors.near) {
        const std::vector<double> total = total_share(factors);
        parallel_blocks(n, kChunkRows, [&](std::size_t begin, std::size_t end) {
            for (std::size_t j = begin; j < end; ++j) {
                const FactorRow k = factors.k.row(j);
                received[j] = static_cast<float>(dot(std::span(total), std::span<const float>(k)));
            }
        });
        return received;
    }
    const Range all{0, n};
    const std::vector<float> mean = mean_row(factors, std::span(&all, 1));
    double uniform = 0.0;  // causal: sum over i >= j of 1 / (i + 1)
    for (std::size_t j = n; j-- > 0;) {
        uniform = factors.causal ? uniform + 1.0 / static_cast<double>(j + 1) : 1.0;
        received[j] =
            static_cast<float>(static_cast<double>(n) * static_cast<double>(mean[j]) / uniform);
    }
    return received;
}

}  // namespace

std::vector<Property> known_token_properties(const Coordinates& coordinates, std::size_t tokens) {
    std::vector<Property> properties = {
        {"entropy", "nats", "Entropy of the token's splats: 0 when one carries it all.", {}},
        {"largest share", "", "The largest share that one splat has of the token.", {}},
        {"received",
         "\u00d7 uniform",
         "Attention the token receives from all tokens: 1 is what uniform attention gives.",
         {}},
        {"self",
         "\u00d7 uniform",
         "Attention the token pays to itself: 1 is what uniform attention gives.",
         {}},
    };
    if (coordinates.token_weight.size() == tokens)
        properties.push_back({"weight",
                              "",
                              "Weight of the token when coordinates and clusters were made: "
                              "frequent words count less.",
                              {}});
    return properties;
}

std::vector<Property> token_properties(const Factors& factors, const Coordinates& coordinates) {
    const std::size_t n = factors.tokens();
    std::vector<Property> properties = known_token_properties(coordinates, n);
    for (Property& property : properties) property.values.resize(n);
    const std::vector<float> received = attention_received(factors);
    parallel_blocks(n, kChunkRows, [&](std::size_t begin, std::size_t end) {
        for (std::size_t i = begin; i < end; ++i) {
            const FactorRow p = factors.p.row(i);
            const FactorRow weight = factors.row_weights().row(i);
            const FactorRow k = factors.keys_of_row(i).row(i);
            const std::size_t seen = factors.causal ? i + 1 : n;
            properties[0].values[i] = entropy(p);
            properties[1].values[i] = p.empty() ? 0.0F : *std::max_element(p.begin(), p.end());
            properties[2].values[i] = received[i];
            double self = dot(std::span<const float>(weight), std::span<const float>(k));
            if (factors.near)
                if (const std::size_t pair = factors.near->set.find(i, i);
                    pair < factors.near->set.pairs())
                    self += static_cast<double>(factors.near->correction[pair]);
            properties[3].values[i] = static_cast<float>(static_cast<double>(seen) * self);
        }
    });
    if (properties.size() > 4) properties[4].values = coordinates.token_weight;
    return properties;
}

std::vector<Property> splat_properties(const SplatRegistry& registry, const Measures& measures,
                                       std::span<const float> parent_share) {
    const std::size_t k = registry.size();
    if (measures.usage.size() != k || measures.information.size() != k)
        fault("measures of {} splats for a registry of {}", measures.usage.size(), k);
    std::vector<Property> properties = {
        {"usage", "share of attention", "Mean share that the splat has of the tokens.", {}},
        {"information", "nats", "What the splat tells about which token is being read.", {}},
        {"beta", "", "Inverse temperature: large is sharp.", {}},
        {"spread", "coordinate units", "Mean standard deviation of the splat, beta included.", {}},
        {"age",
         "cycles",
         "Cycles since the splat was made; the first splats begin as 3 cycles old.",
         {}},
        {"parent share", "share", "Share of the splat that its parent covers.", {}},
        {"trend", "usage a cycle", "Slope of the splat's usage over its last five cycles.", {}},
    };
    for (Property& property : properties) property.values.resize(k);
    for (std::size_t s = 0; s < k; ++s) {
        const std::vector<float> variance = marginal_variances(registry.gaussians.covariance(s));
        double sum = 0.0;
        for (const float v : variance) sum += static_cast<double>(v);
        const double mean = sum / static_cast<double>(std::max<std::size_t>(variance.size(), 1));
        const bool shared = s < parent_share.size() && registry.parent[s] != kNoSplat;
        properties[0].values[s] = static_cast<float>(measures.usage[s]);
        properties[1].values[s] = static_cast<float>(measures.information[s]);
        properties[2].values[s] = registry.beta[s];
        properties[3].values[s] =
            static_cast<float>(std::sqrt(mean / static_cast<double>(registry.beta[s])));
        properties[4].values[s] = static_cast<float>(registry.age[s]);
        properties[5].values[s] =
            shared ? parent_share[s] : std::numeric_limits<float>::quiet_NaN();
        properties[6].values[s] = static_cast<float>(registry.usage_history[s].trend());
    }
    return properties;
}

std::vector<std::vector<SplatId>> dominant_splats(const Factors& factors, std::size_t levels) {
    const std::size_t n = factors.tokens();
    std::vector<std::vector<SplatId>> dominant(levels, std::vector<SplatId>(n, kNoSplat));
    parallel_blocks(n, kChunkRows, [&](std::size_t begin, std::size_t end) {
        std::vector<float> most(levels);
        for (std::size_t i = begin; i < end; ++i) {
            std::fill(most.begin(), most.end(), 0.0F);
            const FactorRow p = factors.p.row(i);
            for (std::size_t c = 0; c < p.size(); ++c) {
                const std::size_t level = factors.level[c];
                if (level >= levels || p[c] <= most[level]) continue;
                most[level] = p[c];
                dominant[level][i] = factors.ids[c];
            }
        }
    });
    return dominant;
}

}  // namespace hsa
