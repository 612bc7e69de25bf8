#include "engine/explain/specialisation/specialisation.h"

#include "engine/core/largest.h"
#include "engine/core/parallel.h"
#include "engine/explain/specialisation/relations.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <optional>

namespace hsa {
namespace {

constexpr std::size_t kColumnsAtOnce = 16;
constexpr std::ptrdiff_t kMostTraits = 4;
constexpr std::ptrdiff_t kMostRelations = 2;
constexpr std::size_t kMostTokens = 8;
constexpr double kLeastConfidence = 0.95;
constexpr double kLeastLift = 1.5;
constexpr double kLeastShare = 0.02;
constexpr double kLeastWordShare = 0.25;  // of a splat that stands for one word

// One candidate: its numbers and how its tokens are told.
struct Found {
    Specialisation what;
    std::optional<std::size_t> trait, type;
    std::optional<Relation> relation;
};

double score(const Specialisation& s) { return s.share * std::log(s.lift); }

// sum_j p(j) of the columns over types: [types x columns].
void add_by_type(const Dataset& dataset, std::size_t i, std::span<const float> row,
                 std::vector<double>& sums) {
    double* out = sums.data() + std::size_t{dataset.types[i]} * row.size();
    for (std::size_t c = 0; c < row.size(); ++c) out[c] += static_cast<double>(row[c]);
}

// Some columns of both factors for all tokens, and what was summed of them.
class ColumnBlock {
  public:
    ColumnBlock(const Dataset& dataset, const Traits& traits, const Factors& factors,
                const std::vector<Relation>& relations, std::span<const std::size_t> columns,
                std::size_t tried, std::size_t words)
        : dataset_(dataset),
          traits_(traits),
          factors_(factors),
          relations_(relations),
          columns_(columns),
          tried_(tried),
          words_(words),
          n_(factors.tokens()),
          k_(n_, columns.size()),
          p_(n_, columns.size()),
          squares_(columns.size(), 0.0),
          usage_(columns.size(), 0.0),
          trait_mass_(traits.all.size() * columns.size(), 0.0) {}

    void write(std::span<SplatSpecialisation> out) {
        read();
        add_masses();
        if (has_types()) add_types();
        for (std::size_t c = 0; c < columns_.size(); ++c) {
            out[c].splat = factors_.ids[columns_[c]];
            out[c].effective_tokens = squares_[c] > 0.0 ? 1.0 / squares_[c] : 0.0;
            std::vector<Found> found = candidates(c);
            std::stable_sort(found.begin(), found.end(), [](const Found& a, const Found& b) {
                if (a.relation.has_value() != b.relation.has_value()) return b.relation.has_value();
                return score(a.what) > score(b.what);
            });
            const auto relation = std::find_if(found.begin(), found.end(), [](const Found& each) {
                return each.relation.has_value();
            });
            const auto traits = relation - found.begin();
            const auto relations = found.end() - relation;
            found.erase(found.end() - std::max<std::ptrdiff_t>(0, relations - kMostRelations),
                        found.end());
            found.erase(found.begin() + std::min<std::ptrdiff_t>(traits, kMostTraits),
                        found.begin() + traits);
            for (Found& each : found) {
                each.what.tokens = tokens_of(each, c);
                out[c].found.push_back(std::move(each.what));
            }
        }
    }

  private:
    [[nodiscard]] bool has_types() const {
        return dataset_.types.size() == n_ && !dataset_.type_names.empty() &&
               dataset_.type_names.size() < n_;
    }

    void read() {
        for (std::size_t i = 0; i < n_; ++i) {
            const FactorRow p = factors_.p.row(i);
            const FactorRow k = factors_.k.row(i);
            for (std::size_t c = 0; c < columns_.size(); ++c) {
                p_(i, c) = p[columns_[c]];
                k_(i, c) = k[columns_[c]];
            }
        }
    }

    void add_masses() {
        for (std::size_t i = 0; i < n_; ++i) {
            const std::span<const float> k = k_.row(i);
            for (std::size_t c = 0; c < k.size(); ++c) {
                const auto x = static_cast<double>(k[c]);
                squares_[c] += x * x;
                usage_[c] += static_cast<double>(p_(i, c));
            }
            for (const std::uint16_t trait : traits_.of_token(i)) {
                double* out = trait_mass_.data() + std::size_t{trait} * k.size();
                for (std::size_t c = 0; c < k.size(); ++c) out[c] += static_cast<double>(k[c]);
            }
        }
    }

    void add_types() {
        const std::size_t types = dataset_.type_names.size();
        type_count_.assign(types, 0);
        for (const std::uint32_t type : dataset_.types) ++type_count_[type];
        type_k_.assign(types * columns_.size(), 0.0);
        type_p_.assign(types * columns_.size(), 0.0);
        for (std::size_t i = 0; i < n_; ++i) {
            add_by_type(dataset_, i, k_.row(i), type_k_);
            add_by_type(dataset_, i, p_.row(i), type_p_);
        }
    }

    void offer(std::vector<Found>& found, Found candidate, double share, double in_text,
               double effective) const {
        if (share < kLeastShare || share < kLeastLift * in_text || !(in_text > 0.0)) return;
        candidate.what.share = share;
        candidate.what.share_in_text = in_text;
        candidate.what.lift = share / in_text;
        candidate.what.confidence = enrichment_confidence(share, in_text, effective,
                                                          2 * (candidate.type ? words_ : tried_));
        if (candidate.what.confidence >= kLeastConfidence) found.push_back(std::move(candidate));
    }

    // 1 / (sum of squares - 1/n): drawing without putting back.
    [[nodiscard]] double corrected(double squares) const {
        const double left = squares - 1.0 / static_cast<double>(n_);
        return left > 0.0 ? 1.0 / left : std::numeric_limits<double>::infinity();
    }

    [[nodiscard]] std::vector<Found> candidates(std::size_t c) const {
        std::vector<Found> found;
        const auto n = static_cast<double>(n_);
        const double effective = corrected(squares_[c]);
        for (std::size_t t = 0; t < traits_.all.size(); ++t) {
            Found one;
            one.what.name = traits_.all[t].name;
            one.trait = t;
            offer(found, std::move(one), trait_mass_[t * columns_.size() + c],
                  static_cast<double>(traits_.all[t].tokens) / n, effective);
        }
        if (has_types()) add_word(found, c, effective);
        if (usage_[c] > 0.0) add_relations(found, c, effective);
        return found;
    }

    // The one word that a splat may stand for.
    void add_word(std::vector<Found>& found, std::size_t c, double effective) const {
        std::size_t best = 0;
        const auto mass = [&](std::size_t type) { return type_k_[type * columns_.size() + c]; };
        for (std::size_t type = 1; type < type_count_.size(); ++type)
            if (mass(type) > mass(best)) best = type;
        if (mass(best) < kLeastWordShare || type_count_[best] < 2) return;
        Found one;
        one.what.name = "the word \u201c" + dataset_.type_names[best] + "\u201d";
        one.type = best;
        offer(found, std::move(one), mass(best),
              static_cast<double>(type_count_[best]) / static_cast<double>(n_), effective);
    }

    void add_relations(std::vector<Found>& found, std::size_t c, double effective) const {
        double squares = 0.0;
        for (std::size_t i = 0; i < n_; ++i) {
            const double share = static_cast<double>(p_(i, c)) / usage_[c];
            squares += share * share;
        }
        const double asking = corrected(squares);
        const double near_share = pair_share(neighbours(n_), c);
        for (const Relation& relation : relations_) {
            Found one;
            one.what.name = relation.name;
            one.relation = relation;
            // Pairs are given one by one and stand near each other: they are held against
            // neighbours. Other partners come in clumps.
            const bool given = !relation.pairs.empty();
            double in_text = relation.share_in_text;
            if (given) in_text = std::max(in_text, near_share * relation.share_of_near);
            offer(found, std::move(one), pair_share(relation, c), in_text,
                  given ? asking * effective : std::min(asking, effective));
        }
    }

    // The tokens from `first` to `last` behind token i, those that exist.
    [[nodiscard]] Range reach(const Relation& relation, std::size_t i) const {
        const auto n = static_cast<std::ptrdiff_t>(n_);
        const auto at = static_cast<std::ptrdiff_t>(i);
        const std::ptrdiff_t begin = std::clamp<std::ptrdiff_t>(at + relation.first, 0, n);
        const std::ptrdiff_t end = std::clamp<std::ptrdiff_t>(at + relation.last + 1, begin, n);
        return {static_cast<std::size_t>(begin), static_cast<std::size_t>(end)};
    }

    // Of the pairs (i, j) that the splat joins, with the weight P(s|i) K(j|s) / sum_i P(s|i).
    [[nodiscard]] double pair_share(const Relation& relation, std::size_t c) const {
        double sum = 0.0;
        if (relation.same_type) {
            for (std::size_t type = 0; type < type_count_.size(); ++type)
                sum += type_p_[type * columns_.size() + c] * type_k_[type * columns_.size() + c];
        } else if (!relation.pairs.empty()) {
            for (const auto& [i, j] : relation.pairs)
                sum += static_cast<double>(p_(i, c)) * static_cast<double>(k_(j, c));
        } else {
            std::vector<double> before(n_ + 1, 0.0);  // of K
            for (std::size_t j = 0; j < n_; ++j)
                before[j + 1] = before[j] + static_cast<double>(k_(j, c));
            const bool with_self = relation.first <= 0 && relation.last >= 0;
            for (std::size_t i = 0; i < n_; ++i) {
                const Range near = reach(relation, i);
                double keys = before[near.end] - before[near.begin];
                if (with_self) keys -= static_cast<double>(k_(i, c));
                sum += static_cast<double>(p_(i, c)) * std::max(keys, 0.0);
            }
        }
        return sum / usage_[c];
    }

    // Those of the trait or word with the largest K; of a relation those with the largest share of
    // the pairs.
    [[nodiscard]] std::vector<std::uint32_t> tokens_of(const Found& found, std::size_t c) const {
        std::vector<float> value(n_, 0.0F);
        if (found.relation) {
            asked_by_others(*found.relation, c, value);
        } else {
            for (std::size_t i = 0; i < n_; ++i)
                if (has(found, i)) value[i] = k_(i, c);
        }
        std::vector<std::uint32_t> tokens = largest(value, kMostTokens);
        std::erase_if(tokens, [&](std::uint32_t token) { return value[token] <= 0.0F; });
        return tokens;
    }

    [[nodiscard]] bool has(const Found& found, std::size_t i) const {
        if (found.type) return dataset_.types[i] == *found.type;
        const std::span<const std::uint16_t> own = traits_.of_token(i);
        return std::binary_search(own.begin(), own.end(), static_cast<std::uint16_t>(*found.trait));
    }

    // K(j|s) times the P(s|i) of the tokens that ask j in that relation.
    void asked_by_others(const Relation& relation, std::size_t c, std::span<float> value) const {
        if (!relation.pairs.empty()) {
            for (const auto& [i, j] : relation.pairs) value[j] += p_(i, c) * k_(j, c);
            return;
        }
        for (std::size_t j = 0; j < n_; ++j) {
            double asking = 0.0;
            if (relation.same_type) {
                asking = type_p_[std::size_t{dataset_.types[j]} * columns_.size() + c];
            } else {
                Relation back;  // from whom j is as far as `relation` says
                back.first = -relation.last;
                back.last = -relation.first;
                const Range near = reach(back, j);
                for (std::size_t i = near.begin; i < near.end; ++i)
                    if (i != j) asking += static_cast<double>(p_(i, c));
            }
            value[j] = static_cast<float>(static_cast<double>(k_(j, c)) * asking);
        }
    }

    const Dataset& dataset_;
    const Traits& traits_;
    const Factors& factors_;
    const std::vector<Relation>& relations_;
    std::span<const std::size_t> columns_;
    std::size_t tried_, words_;
    std::size_t n_;
    Matrix<float> k_, p_;             // [n, columns]
    std::vector<double> squares_;     // [columns] sum_j K^2
    std::vector<double> usage_;       // [columns] sum_i P
    std::vector<double> trait_mass_;  // [traits x columns]
    std::vector<std::size_t> type_count_;
    std::vector<double> type_k_, type_p_;  // [types x columns]
};

}  // namespace

double enrichment_confidence(double share, double share_in_text, double effective_tokens,
                             std::size_t tried) {
    if (!(share > share_in_text) || !(share_in_text > 0.0) || tried == 0) return 0.0;
    const double m = std::min(share, 1.0);
    const double rest = m < 1.0 ? (1.0 - m) * std::log((1.0 - m) / (1.0 - share_in_text)) : 0.0;
    const double divergence = m * std::log(m / share_in_text) + rest;
    const double log_chance = std::log(static_cast<double>(tried)) - effective_tokens * divergence;
    return std::clamp(-std::expm1(std::min(log_chance, 0.0)), 0.0, 1.0);
}

Specialisations specialisations(const Dataset& dataset, const Traits& traits,
                                const Factors& factors, std::span<const std::size_t> columns,
                                const Work& work) {
    Specialisations all;
    all.splats.resize(columns.size());
    if (factors.tokens() != dataset.size() || traits.tokens() != dataset.size()) return all;
    const std::vector<Relation> relations = relations_of(dataset);
    all.tried = traits.all.size() + relations.size();
    if (dataset.type_names.size() < dataset.size()) all.words = dataset.type_names.size();
    parallel_blocks(columns.size(), kColumnsAtOnce, [&](std::size_t begin, std::size_t end) {
        work.check();
        ColumnBlock block(dataset, traits, factors, relations, columns.subspan(begin, end - begin),
                          all.tried, all.words);
        block.write(std::span(all.splats).subspan(begin, end - begin));
    });
    return all;
}

Specialisations specialisations(const Dataset& dataset, const Traits& traits,
                                const Factors& factors, const Work& work) {
    std::vector<std::size_t> columns(factors.columns());
    std::iota(columns.begin(), columns.end(), std::size_t{0});
    return specialisations(dataset, traits, factors, columns, work);
}

}  // namespace hsa
