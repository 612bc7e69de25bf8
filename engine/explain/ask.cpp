#include "engine/explain/ask.h"

#include "engine/attention/cells.h"
#include "engine/core/error.h"
#include "engine/core/largest.h"
#include "engine/explain/asked_parts.h"
#include "engine/explain/uniform.h"

#include <algorithm>
#include <numeric>

namespace hsa {
namespace {

constexpr std::size_t kSplats = 20;

// The answers to one side, from what it is ranked by and the parts of each.
template <class Parts, class Uniform>
std::vector<AskedToken> listed(std::vector<float> ranked, std::span<const Range> asked,
                               std::size_t count, double scale, const Parts& parts_of,
                               const Uniform& uniform) {
    for (const Range& range : asked)
        for (std::size_t i = range.begin; i < range.end; ++i) ranked[i] = 0.0F;
    std::vector<std::uint32_t> best = largest(ranked, count);
    std::erase_if(best, [&](std::uint32_t token) { return !(ranked[token] > 0.0F); });
    std::vector<std::vector<SplatPart>> parts = parts_of(best);
    std::vector<AskedToken> answers(best.size());
    for (std::size_t t = 0; t < best.size(); ++t) {
        AskedToken& answer = answers[t];
        answer.token = best[t];
        answer.parts = std::move(parts[t]);
        // The smallest first, so that the sum keeps their digits.
        for (auto part = answer.parts.rbegin(); part != answer.parts.rend(); ++part) {
            part->value *= scale;
            answer.value += part->value;
        }
        answer.times = answer.value / uniform(best[t]);
    }
    std::stable_sort(answers.begin(), answers.end(), [](const AskedToken& a, const AskedToken& b) {
        return a.value != b.value ? a.value > b.value : a.token < b.token;
    });
    return answers;
}

std::vector<WeightedSplat> mean_splats(const Factors& factors, std::span<const Range> tokens,
                                       double count) {
    const std::vector<double> sum = sum_of_tokens(factors.p, tokens, {0, factors.tokens()});
    std::vector<float> mean(sum.size());
    for (std::size_t s = 0; s < sum.size(); ++s) mean[s] = static_cast<float>(sum[s] / count);
    std::vector<WeightedSplat> splats;
    for (const std::uint32_t s : largest(mean, kSplats))
        if (mean[s] > 0.0F) splats.push_back({factors.ids[s], factors.level[s], mean[s]});
    return splats;
}

StrongestPairs far_links(const Factors& factors, std::size_t count, const Work& work,
                         const PairsWanted& wanted) {
    StrongestPairs links = strongest_pairs(factors, count, work, wanted);
    std::erase_if(links.pairs, [](const Pair& pair) { return !(pair.value > 0.0); });
    return links;
}

}  // namespace

std::size_t far_away(std::size_t n) { return std::max<std::size_t>(n / 10, 1); }

Asked ask(const Factors& factors, std::span<const Range> tokens, const AskWanted& wanted,
          const Work& work) {
    const std::size_t n = factors.tokens();
    Asked asked;
    asked.tokens.assign(tokens.begin(), tokens.end());
    std::erase_if(asked.tokens, [](const Range& range) { return range.empty(); });
    if (asked.tokens.empty()) fail("No token is asked about: name a phrase or select words.");
    if (asked.tokens.back().end > n)
        fail("There is no token {}: the data have {}, counted from 0.", asked.tokens.back().end - 1,
             n);
    const auto count = static_cast<double>(total_size(asked.tokens));
    asked.splats = mean_splats(factors, asked.tokens, count);

    const std::vector<float> row = mean_row(factors, asked.tokens);
    for (const Range& range : asked.tokens)
        asked.within =
            std::accumulate(row.begin() + static_cast<std::ptrdiff_t>(range.begin),
                            row.begin() + static_cast<std::ptrdiff_t>(range.end), asked.within);
    std::vector<double> uniform_from, uniform_to;
    if (factors.causal) {
        uniform_from = causal_uniform_from(asked.tokens, n);
        uniform_to = causal_uniform_to(asked.tokens, n);
    }
    const double even = 1.0 / static_cast<double>(n);
    asked.to = listed(
        row, asked.tokens, wanted.count, 1.0 / count,
        [&](const std::vector<std::uint32_t>& best) {
            return parts_of_columns(factors, asked.tokens, best);
        },
        [&](std::size_t j) { return uniform_from.empty() ? even : uniform_from[j]; });
    work.check();
    asked.from = listed(
        mean_column(factors, asked.tokens), asked.tokens, wanted.count, 1.0,
        [&](const std::vector<std::uint32_t>& best) {
            return parts_of_rows(factors, asked.tokens, best);
        },
        [&](std::size_t i) { return count * (uniform_to.empty() ? even : uniform_to[i]); });
    work.check();

    asked.beyond = wanted.beyond > 0 ? wanted.beyond : far_away(n);
    if (wanted.links == 0) return asked;
    asked.links_to = far_links(factors, wanted.links, work, {asked.tokens, {}, asked.beyond});
    asked.links_from = far_links(factors, wanted.links, work, {{}, asked.tokens, asked.beyond});
    return asked;
}

std::vector<std::uint32_t> answering_tokens(const Asked& asked) {
    std::vector<std::uint32_t> tokens;
    for (const std::vector<AskedToken>* list : {&asked.to, &asked.from})
        for (const AskedToken& answer : *list) tokens.push_back(answer.token);
    std::sort(tokens.begin(), tokens.end());
    tokens.erase(std::unique(tokens.begin(), tokens.end()), tokens.end());
    return tokens;
}

}  // namespace hsa
