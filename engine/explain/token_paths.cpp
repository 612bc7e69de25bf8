#include "engine/explain/token_paths.h"

#include "engine/core/error.h"
#include "engine/core/largest.h"
#include "engine/core/parallel.h"
#include "engine/explain/level_shares.h"

#include <algorithm>
#include <cstdint>
#include <span>
#include <utility>

namespace hsa {
namespace {

constexpr std::size_t kPaths = 12;
constexpr std::size_t kTokens = 20;

// A path that ends at a splat of the level reached.
struct Way {
    std::vector<std::size_t> splats;  // places in FlowLevel::splats
    double share = 0.0;
};

// The strongest ways to each splat of a level; those to the next follow from them alone.
using Ways = std::vector<std::vector<Way>>;

void keep_strongest(std::vector<Way>& ways) {
    const auto stronger = [](const Way& a, const Way& b) {
        return a.share != b.share ? a.share > b.share : a.splats < b.splats;
    };
    std::sort(ways.begin(), ways.end(), stronger);
    if (ways.size() > kPaths) ways.resize(kPaths);
}

// What of each child's mass goes to each parent: rows sum to 1, or to 0 where none passes.
Matrix<double> steps_of(const FlowLink& link) {
    Matrix<double> steps = link.mass;
    for (std::size_t c = 0; c < steps.rows(); ++c) {
        double all = 0.0;
        for (const double mass : steps.row(c)) all += mass;
        for (double& mass : steps.row(c)) mass = all > 0.0 ? mass / all : 0.0;
    }
    return steps;
}

Ways climb(const Ways& below, const Matrix<double>& steps) {
    Ways above(steps.cols());
    for (std::size_t t = 0; t < above.size(); ++t) {
        for (std::size_t c = 0; c < below.size(); ++c)
            for (const Way& way : below[c]) {
                Way longer{way.splats, way.share * steps(c, t)};
                if (!(longer.share > 0.0)) continue;
                longer.splats.push_back(t);
                above[t].push_back(std::move(longer));
            }
        keep_strongest(above[t]);
    }
    return above;
}

// Its strongest tokens through the splats of a level, held as `shares`.
std::vector<WeightedToken> tokens_through(const Factors& factors,
                                          std::span<const std::size_t> columns,
                                          std::span<const double> shares) {
    std::vector<float> value(factors.tokens());
    std::vector<std::uint32_t> through(factors.tokens());
    parallel_blocks(factors.tokens(), kChunkRows, [&](std::size_t begin, std::size_t end) {
        for (std::size_t j = begin; j < end; ++j) {
            const FactorRow k = factors.k.row(j);
            double sum = 0.0;
            double most = -1.0;
            for (std::size_t s = 0; s < columns.size(); ++s) {
                const double part = shares[s] * static_cast<double>(k[columns[s]]);
                sum += part;
                if (part > most) {
                    most = part;
                    through[j] = static_cast<std::uint32_t>(columns[s]);
                }
            }
            value[j] = static_cast<float>(sum);
        }
    });
    std::vector<WeightedToken> tokens;
    for (const std::uint32_t j : largest(std::span<const float>(value), kTokens))
        tokens.push_back({j, value[j], factors.ids[through[j]]});
    return tokens;
}

}  // namespace

TokenPaths token_paths(const Factors& factors, const SplatRegistry& registry, const LevelFlow& flow,
                       std::size_t token) {
    if (token >= factors.tokens())
        fail("There is no token {}: there are {} tokens.", token, factors.tokens());
    TokenPaths found;
    found.token = token;
    const FactorRow p = factors.p.row(token);
    const FactorRow k = factors.k.row(token);
    Ways ways;
    std::vector<double> shares;  // of the splats of the level reached
    std::vector<double> on_tree;
    for (std::size_t l = 0; l < flow.levels.size(); ++l) {
        const FlowLevel& level = flow.levels[l];
        const LevelShares of_level(factors, registry, static_cast<std::uint16_t>(l));
        double gate = 0.0;
        for (const std::size_t c : of_level.columns()) gate += static_cast<double>(p[c]);
        found.gates.push_back(gate);
        if (l == 0) {
            shares.resize(level.splats.size());
            (void)of_level.read(k, p, shares);
            for (std::size_t s = 0; s < shares.size(); ++s)
                ways.push_back(shares[s] > 0.0 ? std::vector<Way>{{{s}, shares[s]}}
                                               : std::vector<Way>{});
            on_tree = shares;
        } else {
            const Matrix<double> steps = steps_of(*flow.link(l - 1, l));
            std::vector<double> above(steps.cols(), 0.0);
            std::vector<double> tree_above(steps.cols(), 0.0);
            const std::vector<SplatId>& finer = flow.levels[l - 1].splats;
            for (std::size_t c = 0; c < steps.rows(); ++c)
                for (std::size_t t = 0; t < steps.cols(); ++t) {
                    above[t] += shares[c] * steps(c, t);
                    if (registry.parent[registry.row(finer[c])] == level.splats[t])
                        tree_above[t] += on_tree[c] * steps(c, t);
                }
            ways = climb(ways, steps);
            shares = std::move(above);
            on_tree = std::move(tree_above);
        }
        found.arrives.push_back(tokens_through(factors, of_level.columns(), shares));
    }
    for (const double share : on_tree) found.along_tree += share;
    std::vector<Way> all;
    for (std::vector<Way>& to : ways)
        all.insert(all.end(), std::make_move_iterator(to.begin()),
                   std::make_move_iterator(to.end()));
    keep_strongest(all);
    for (const Way& way : all) {
        TokenPath path;
        path.share = way.share;
        path.along_tree = true;
        for (std::size_t l = 0; l < way.splats.size(); ++l) {
            const SplatId splat = flow.levels[l].splats[way.splats[l]];
            if (l > 0 && registry.parent[registry.row(path.splats.back())] != splat)
                path.along_tree = false;
            path.splats.push_back(splat);
        }
        found.paths.push_back(std::move(path));
    }
    return found;
}

}  // namespace hsa
