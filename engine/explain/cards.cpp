#include "engine/explain/cards.h"

#include "engine/core/error.h"
#include "engine/core/largest.h"
#include "engine/core/parallel.h"
#include "engine/core/stratified.h"
#include "engine/explain/level_shares.h"
#include "engine/explain/sampled_rows.h"
#include "engine/model/routine.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace hsa {
namespace {

constexpr std::size_t kListed = 20;
constexpr std::size_t kAgreementRows = 256;

// The splat with the largest part of A_ij, or kExactPairs.
SplatId main_splat(const Factors& factors, std::size_t i, std::size_t j) {
    const std::size_t pair = factors.near ? factors.near->set.find(i, j) : 0;
    const bool exact = factors.near && pair < factors.near->set.pairs();
    if (exact && factors.near->replaces) return kExactPairs;
    const FactorRow p = factors.row_weights().row(i);
    const FactorRow k = factors.keys_of_row(i).row(j);
    std::size_t best = 0;
    const double others = exact ? static_cast<double>(factors.near->exact[pair]) : -1.0;
    double most = -1.0;
    for (std::size_t s = 0; s < p.size(); ++s) {
        const double part = static_cast<double>(p[s]) * static_cast<double>(k[s]);
        if (part > most) best = s;
        most = std::max(most, part);
    }
    return most < others ? kExactPairs : factors.ids[best];
}

std::size_t column_of(const Factors& factors, SplatId splat) {
    const auto place = std::lower_bound(factors.ids.begin(), factors.ids.end(), splat);
    if (place == factors.ids.end() || *place != splat)
        fail("There is no splat {} at this cycle.", splat);
    return static_cast<std::size_t>(place - factors.ids.begin());
}

// The share of the child: sum_j K(j|child) P(parent|j), P within the parent's level.
double share_of_parent(const Factors& factors, const SplatRegistry& registry, std::size_t child,
                       std::size_t parent) {
    const LevelShares level(factors, registry, factors.level[parent]);
    const auto own =
        static_cast<std::size_t>(std::find(level.columns().begin(), level.columns().end(), parent) -
                                 level.columns().begin());
    const std::vector<double> sums = parallel_sum(
        factors.tokens(), 1, [&](std::size_t begin, std::size_t end, std::span<double> out) {
            std::vector<double> shares(level.columns().size());
            for (std::size_t j = begin; j < end; ++j) {
                const FactorRow k = factors.k.row(j);
                const FactorRow p = factors.p.row(j);
                if (level.read(k, p, shares)) out[0] += static_cast<double>(k[child]) * shares[own];
            }
        });
    return sums[0];
}

}  // namespace

TokenCard token_card(const Factors& factors, std::size_t token) {
    if (token >= factors.tokens())
        fail("There is no token {}: the data have {}, counted from 0.", token, factors.tokens());
    TokenCard card;
    card.token = static_cast<std::uint32_t>(token);
    const auto p = factors.p.row(token);
    for (const std::uint32_t c : largest(p, kListed))
        card.splats.push_back({factors.ids[c], factors.level[c], p[c]});
    // Causal: the tokens it sees, and how many come too early to see it.
    const std::size_t seen = factors.causal ? token + 1 : factors.tokens();
    const std::size_t unseeing = factors.causal ? token : 0;
    const Range self{token, token + 1};
    const std::vector<float> row = mean_row(factors, std::span(&self, 1));
    // What is exactly zero, to and from masked tokens, is no attention.
    for (const std::uint32_t j : largest(std::span(row).first(seen), kListed))
        if (row[j] > 0.0F) card.to.push_back({j, row[j], main_splat(factors, token, j)});
    const std::vector<float> column = attention_column(factors, token);
    for (std::uint32_t i : largest(std::span(column).subspan(unseeing), kListed)) {
        i += static_cast<std::uint32_t>(unseeing);
        if (column[i] > 0.0F) card.from.push_back({i, column[i], main_splat(factors, i, token)});
    }
    return card;
}

SplatCard splat_card(const Factors& factors, const SplatRegistry& registry,
                     const Measures& measures, const History& history, std::int32_t cycle,
                     SplatId splat) {
    const std::size_t row = registry.row(splat);
    const std::size_t column = column_of(factors, splat);
    SplatCard card;
    card.splat = splat;
    card.level = registry.level[row];
    card.parent = registry.parent[row];
    card.usage = measures.usage[row];
    card.information = measures.information[row];
    if (card.parent != kNoSplat)
        card.parent_share =
            share_of_parent(factors, registry, column, column_of(factors, card.parent));
    if (cycle >= 0 && cycle <= history.last())
        if (const auto& state = history.cycles[static_cast<std::size_t>(cycle)]->state)
            if (const auto known = state->paths.find(splat); known != state->paths.end())
                card.paths = known->second;
    std::vector<float> k(factors.tokens());
    for (std::size_t j = 0; j < k.size(); ++j) k[j] = factors.k(j, column);
    for (const std::uint32_t j : largest(k, kListed)) card.top.push_back({j, k[j], splat});
    for (const double v : spectrum_of(registry.gaussians.covariance(row)))
        card.spectrum.push_back(std::sqrt(v / static_cast<double>(registry.beta[row])));
    std::size_t index = 0;
    for (std::int32_t c = 0; c <= std::min(cycle, history.last()); ++c)
        for (const Event& event : history.cycles[static_cast<std::size_t>(c)]->events) {
            const auto names = [&](const std::vector<SplatId>& ids) {
                return std::find(ids.begin(), ids.end(), splat) != ids.end();
            };
            if (!is_routine(event) && (names(event.before) || names(event.after)))
                card.events.push_back(index);
            ++index;
        }
    return card;
}

LevelCard level_card(const Factors& factors, const SplatRegistry& registry,
                     const Measures& measures, std::size_t level) {
    if (level >= registry.hierarchy.size() || level >= measures.levels.size())
        fail("There is no level {}: there are {}, counted from 0.", level,
             registry.hierarchy.size());
    LevelCard card;
    card.name = registry.hierarchy.levels[level].name;
    card.splats = registry.count(level);
    card.weight = registry.hierarchy.share(level);
    card.usage = measures.levels[level].usage;
    const std::size_t n = factors.tokens();
    const std::vector<std::uint32_t> rows = stratified_rows(n, kAgreementRows);
    card.exact = rows.size() == n;
    std::vector<double> agreement(rows.size());
    by_stretch(rows, [&](std::size_t first, std::span<const std::uint32_t> some) {
        Matrix<float> whole(some.size(), n);
        Matrix<float> own(some.size(), n);
        attention_rows(factors, some, {}, whole.view());
        level_attention_rows(factors, static_cast<std::uint16_t>(level), card.weight, some,
                             own.view());
        parallel_for(some.size(), [&](std::size_t r) {
            double sum = 0.0;
            for (std::size_t j = 0; j < n; ++j)
                sum += static_cast<double>(std::min(whole(r, j), own(r, j)));
            agreement[first + r] = sum;
        });
    });
    card.agreement = std::accumulate(agreement.begin(), agreement.end(), 0.0) /
                     static_cast<double>(std::max<std::size_t>(rows.size(), 1));
    return card;
}

}  // namespace hsa
