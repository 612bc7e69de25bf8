#include "engine/explain/level_flow.h"

#include "engine/core/parallel.h"
#include "engine/core/stratified.h"
#include "engine/explain/level_shares.h"

#include <algorithm>
#include <cmath>
#include <span>
#include <utility>

namespace hsa {
namespace {

constexpr double kUnusedShare = 0.05;

double entropy_of(std::span<const double> shares) {
    double entropy = 0.0;
    for (const double share : shares)
        if (share > 0.0) entropy -= share * std::log(share);
    return entropy;
}

// Where the sums over tokens of each part begin in one long row of numbers.
struct Places {
    std::vector<std::size_t> usage;  // [levels] sum_j P_l(s|j)
    std::size_t entropy = 0;         // [levels] sum_j H(P_l(.|j))
    std::vector<std::size_t> links;  // sum_j K(j|c) P_m(t|j)
    std::size_t count = 0;           // tokens that reach a splat
    std::size_t width = 0;
};

Places places_of(const std::vector<LevelShares>& levels) {
    Places places;
    const auto take = [&](std::size_t numbers) {
        return std::exchange(places.width, places.width + numbers);
    };
    for (const LevelShares& level : levels) places.usage.push_back(take(level.columns().size()));
    places.entropy = take(levels.size());
    for (std::size_t l = 0; l < levels.size(); ++l)
        for (std::size_t m = l + 1; m < levels.size(); ++m)
            places.links.push_back(take(levels[l].columns().size() * levels[m].columns().size()));
    places.count = take(1);
    return places;
}

// Adds what one token has.
class TokenReader {
  public:
    TokenReader(const Factors& factors, const std::vector<LevelShares>& levels,
                const Places& places)
        : factors_(factors), levels_(levels), places_(places), shares_(levels.size()) {
        for (std::size_t l = 0; l < levels.size(); ++l)
            shares_[l].resize(levels[l].columns().size());
    }

    void add(std::size_t token, std::span<double> out) {
        const FactorRow k = factors_.k.row(token);
        const FactorRow p = factors_.p.row(token);
        bool any = false;
        for (std::size_t l = 0; l < levels_.size(); ++l) {
            any = levels_[l].read(k, p, shares_[l]) || any;
            for (std::size_t s = 0; s < shares_[l].size(); ++s)
                out[places_.usage[l] + s] += shares_[l][s];
            out[places_.entropy + l] += entropy_of(shares_[l]);
        }
        if (any) out[places_.count] += 1.0;
        std::size_t link = 0;
        for (std::size_t l = 0; l < levels_.size(); ++l)
            for (std::size_t m = l + 1; m < levels_.size(); ++m, ++link)
                for (std::size_t c = 0; c < shares_[l].size(); ++c) {
                    const auto key = static_cast<double>(k[levels_[l].columns()[c]]);
                    if (key <= 0.0) continue;
                    double* const row = out.data() + places_.links[link] + c * shares_[m].size();
                    for (std::size_t t = 0; t < shares_[m].size(); ++t)
                        row[t] += key * shares_[m][t];
                }
    }

  private:
    const Factors& factors_;
    const std::vector<LevelShares>& levels_;
    const Places& places_;
    std::vector<std::vector<double>> shares_;
};

// What one in ten stays below, what one in ten goes beyond, and the mean of a level's gate.
void read_gate(const Factors& factors, std::span<const std::uint32_t> tokens,
               const LevelShares& shares, FlowLevel& level) {
    std::vector<double> gate(tokens.size());
    parallel_blocks(tokens.size(), kChunkRows, [&](std::size_t begin, std::size_t end) {
        for (std::size_t r = begin; r < end; ++r) {
            const FactorRow p = factors.p.row(tokens[r]);
            for (const std::size_t c : shares.columns()) gate[r] += static_cast<double>(p[c]);
        }
    });
    if (gate.empty()) return;
    for (const double share : gate) level.gate_mean += share / static_cast<double>(gate.size());
    std::sort(gate.begin(), gate.end());
    const std::size_t tenth = gate.size() / 10;
    level.gate_low = gate[tenth];
    level.gate_high = gate[gate.size() - 1 - tenth];
}

// The sums over tokens [children, parents], each child's brought to its usage: over the tokens read
// K(.|child) sums to 1 again.
FlowLink link_of(std::span<const double> sums, FlowLink link, const FlowLevel& finer,
                 const FlowLevel& coarser) {
    const std::size_t children = finer.splats.size();
    const std::size_t parents = coarser.splats.size();
    link.mass = Matrix<double>(children, parents);
    link.into.assign(parents, 0.0);
    double left = 0.0;
    for (std::size_t c = 0; c < children; ++c) {
        double all = 0.0;
        for (std::size_t t = 0; t < parents; ++t) all += sums[c * parents + t];
        if (!(all > 0.0)) {
            left += finer.usage[c];
            continue;
        }
        for (std::size_t t = 0; t < parents; ++t)
            link.mass(c, t) = finer.usage[c] * sums[c * parents + t] / all;
    }
    // A child none of whose keys a parent sees passes nothing on.
    const std::span<double> masses(link.mass.data(), link.mass.size());
    if (left > 0.0 && left < 1.0)
        for (double& mass : masses) mass /= 1.0 - left;
    std::vector<double> from(children, 0.0);
    for (std::size_t c = 0; c < children; ++c)
        for (std::size_t t = 0; t < parents; ++t) {
            from[c] += link.mass(c, t);
            link.into[t] += link.mass(c, t);
        }
    const double joint = entropy_of(masses);
    const double of_finer = entropy_of(from);
    const double of_coarser = entropy_of(link.into);
    link.conditional_entropy = std::max(0.0, joint - of_finer);
    link.information = std::max(0.0, of_finer + of_coarser - joint);
    constexpr double kNothing = 1e-9;
    const double most = std::min(finer.information, of_coarser);
    link.kept = most > kNothing ? std::min(1.0, link.information / most) : 1.0;
    for (std::size_t t = 0; t < parents; ++t) {
        if (!(coarser.usage[t] > 0.0)) continue;
        const double ratio = link.into[t] / coarser.usage[t];
        if (link.starved == kNoSplat || ratio < link.least_ratio) {
            link.starved = coarser.splats[t];
            link.least_ratio = ratio;
        }
        if (link.flooded == kNoSplat || ratio > link.most_ratio) {
            link.flooded = coarser.splats[t];
            link.most_ratio = ratio;
        }
    }
    return link;
}

void add_along_tree(const SplatRegistry& registry, const FlowLevel& finer, const FlowLevel& coarser,
                    FlowLink& link) {
    double along = 0.0;
    for (std::size_t c = 0; c < finer.splats.size(); ++c) {
        const SplatId parent = registry.parent[registry.row(finer.splats[c])];
        const auto place = std::lower_bound(coarser.splats.begin(), coarser.splats.end(), parent);
        if (place != coarser.splats.end() && *place == parent)
            along += link.mass(c, static_cast<std::size_t>(place - coarser.splats.begin()));
    }
    link.along_tree = along;
}

}  // namespace

const FlowLink* LevelFlow::link(std::size_t finer, std::size_t coarser) const {
    const auto found = std::find_if(links.begin(), links.end(), [&](const FlowLink& each) {
        return each.finer == finer && each.coarser == coarser;
    });
    return found == links.end() ? nullptr : &*found;
}

const FlowLink* LevelFlow::bottleneck() const {
    const FlowLink* least = nullptr;
    for (const FlowLink& each : links)
        if (!each.skips() && (least == nullptr || each.kept < least->kept)) least = &each;
    return least;
}

LevelFlow level_flow(const Factors& factors, const SplatRegistry& registry, const Work& work) {
    LevelFlow flow;
    std::vector<LevelShares> levels;
    for (std::size_t l = 0; l < registry.hierarchy.size(); ++l)
        levels.emplace_back(factors, registry, static_cast<std::uint16_t>(l));
    const std::vector<std::uint32_t> tokens = stratified_rows(factors.tokens(), kFlowTokens);
    flow.tokens = tokens.size();
    flow.exact = tokens.size() == factors.tokens();
    const Places places = places_of(levels);
    const std::vector<double> sums =
        parallel_sum(tokens.size(), places.width,
                     [&](std::size_t begin, std::size_t end, std::span<double> out) {
                         work.check();
                         TokenReader reader(factors, levels, places);
                         for (std::size_t r = begin; r < end; ++r) reader.add(tokens[r], out);
                     });
    const double count = std::max(sums[places.count], 1.0);
    for (std::size_t l = 0; l < levels.size(); ++l) {
        FlowLevel level;
        level.name = registry.hierarchy.levels[l].name;
        const std::size_t splats = levels[l].columns().size();
        for (std::size_t s = 0; s < splats; ++s) {
            level.splats.push_back(factors.ids[levels[l].columns()[s]]);
            level.usage.push_back(sums[places.usage[l] + s] / count);
            if (level.usage.back() * static_cast<double>(splats) < kUnusedShare)
                level.unused.push_back(level.splats.back());
        }
        level.entropy = entropy_of(level.usage);
        level.information = std::max(0.0, level.entropy - sums[places.entropy + l] / count);
        read_gate(factors, tokens, levels[l], level);
        flow.levels.push_back(std::move(level));
    }
    std::size_t index = 0;
    for (std::size_t l = 0; l < levels.size(); ++l)
        for (std::size_t m = l + 1; m < levels.size(); ++m, ++index) {
            const std::size_t size = levels[l].columns().size() * levels[m].columns().size();
            FlowLink link;
            link.finer = l;
            link.coarser = m;
            link = link_of(std::span(sums).subspan(places.links[index], size), std::move(link),
                           flow.levels[l], flow.levels[m]);
            if (!link.skips()) add_along_tree(registry, flow.levels[l], flow.levels[m], link);
            flow.links.push_back(std::move(link));
        }
    return flow;
}

}  // namespace hsa
