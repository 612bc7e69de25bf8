#include "engine/explain/structure_agreement.h"

#include "engine/core/parallel.h"
#include "engine/io/conllu.h"
#include "engine/io/metadata.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <limits>
#include <map>
#include <utility>
#include <vector>

namespace hsa {
namespace {

// How often each value is there, by rising value.
template <class Value>
std::vector<std::pair<Value, double>> counts_of(std::vector<Value> values) {
    std::sort(values.begin(), values.end());
    std::vector<std::pair<Value, double>> counts;
    for (const Value value : values) {
        if (counts.empty() || counts.back().first != value) counts.emplace_back(value, 0.0);
        counts.back().second += 1.0;
    }
    return counts;
}

using Counts = std::vector<std::pair<std::uint32_t, double>>;

double count_of(const Counts& counts, std::uint32_t value) {
    return std::lower_bound(counts.begin(), counts.end(), value,
                            [](const auto& count, std::uint32_t v) { return count.first < v; })
        ->second;
}

double entropy_of(const Counts& counts, double n) {
    double entropy = 0.0;
    for (const auto& [part, count] : counts) entropy -= count / n * std::log(count / n);
    return entropy;
}

std::optional<PartAgreement> agreement_with(std::span<const std::uint32_t> strongest,
                                            const std::vector<std::uint32_t>& parts) {
    if (parts.size() != strongest.size() ||
        std::adjacent_find(parts.begin(), parts.end(), std::not_equal_to<>()) == parts.end())
        return std::nullopt;
    return part_agreement(strongest, parts);
}

double harmonic_mean(double a, double b) { return a + b > 0.0 ? 2.0 * a * b / (a + b) : 0.0; }

// The tokens before which a new part begins, rising.
std::vector<std::size_t> borders_of(std::span<const std::uint32_t> parts) {
    std::vector<std::size_t> borders;
    for (std::size_t i = 1; i < parts.size(); ++i)
        if (parts[i] != parts[i - 1]) borders.push_back(i);
    return borders;
}

// Which places between tokens are at most so many tokens from some border.
class Near {
  public:
    Near(const std::vector<std::size_t>& borders, std::size_t tokens, std::size_t tolerance)
        : near_(std::max<std::size_t>(tokens, 1), false) {
        std::size_t next = 1;
        for (const std::size_t border : borders) {
            const std::size_t last = std::min(border + tolerance, tokens - 1);
            next = std::max({next, border - std::min(border - 1, tolerance)});
            for (; next <= last; ++next) near_[next] = true;
        }
    }
    // Of some places, and of all.
    [[nodiscard]] double share_of(const std::vector<std::size_t>& places) const {
        const auto count = std::count_if(places.begin(), places.end(),
                                         [&](std::size_t place) { return near_[place]; });
        return places.empty() ? 0.0
                              : static_cast<double>(count) / static_cast<double>(places.size());
    }
    [[nodiscard]] double share() const {
        return static_cast<double>(std::count(near_.begin(), near_.end(), true)) /
               std::max(static_cast<double>(near_.size()) - 1.0, 1.0);
    }

  private:
    std::vector<bool> near_;  // [tokens] before token i; none before the first
};

std::vector<std::uint32_t> phrases_of_tokens(const Dataset& dataset) {
    std::vector<std::uint32_t> phrases;
    const MetadataColumn* const column = column_named(dataset, kPhraseColumn);
    if (column == nullptr || column->numbers.size() != dataset.size()) return phrases;
    constexpr double kMost = 4294967294.0;
    for (const double number : column->numbers)
        phrases.push_back(number >= 0.0 && number <= kMost
                              ? static_cast<std::uint32_t>(number)
                              : std::numeric_limits<std::uint32_t>::max());
    return phrases;
}

// A_l(i, j) of the columns of one level.
double level_cell(const Factors& factors, std::span<const std::size_t> columns, std::size_t i,
                  std::size_t j) {
    const FactorRow p = factors.p.row(i);
    const FactorRow k = factors.k.row(j);
    double through = 0.0;
    double sum = 0.0;
    for (const std::size_t c : columns) {
        through += static_cast<double>(p[c]);
        sum += static_cast<double>(p[c]) * static_cast<double>(k[c]);
    }
    return through > 0.0 ? sum / through : 0.0;
}

// Pairs that stand as far apart: all of them, or so many in even steps.
double mean_at_distance(const Factors& factors, std::span<const std::size_t> columns,
                        std::ptrdiff_t distance) {
    constexpr std::size_t kPairs = 256;
    const auto apart = static_cast<std::size_t>(std::abs(distance));
    const std::size_t all = factors.tokens() - apart;
    const std::size_t pairs = std::min(all, kPairs);
    double sum = 0.0;
    for (std::size_t e = 0; e < pairs; ++e) {
        const std::size_t first = e * all / pairs;
        const std::size_t i = distance < 0 ? first + apart : first;
        sum += level_cell(factors, columns, i, distance < 0 ? first : first + apart);
    }
    return sum / static_cast<double>(pairs);
}

std::optional<DependencyAgreement> dependencies_of(const Dataset& dataset, const Factors& factors,
                                                   std::span<const std::size_t> columns) {
    const MetadataColumn* const head = column_named(dataset, kHeadColumn);
    if (head == nullptr || head->numbers.size() != dataset.size() || factors.causal)
        return std::nullopt;
    std::map<std::ptrdiff_t, std::size_t> distances;
    DependencyAgreement agreement;
    double sum = 0.0;
    for (std::size_t i = 0; i < dataset.size(); ++i) {
        const double at = head->numbers[i];
        if (!(at >= 0.0) || at >= static_cast<double>(dataset.size())) continue;
        const auto j = static_cast<std::size_t>(at);
        sum += level_cell(factors, columns, i, j);
        ++agreement.pairs;
        ++distances[static_cast<std::ptrdiff_t>(j) - static_cast<std::ptrdiff_t>(i)];
    }
    if (agreement.pairs == 0) return std::nullopt;
    const auto pairs = static_cast<double>(agreement.pairs);
    agreement.mean = sum / pairs;
    for (const auto& [distance, count] : distances)
        agreement.same_distance +=
            static_cast<double>(count) / pairs * mean_at_distance(factors, columns, distance);
    return agreement;
}

}  // namespace

double adjusted_information(std::span<const std::uint32_t> a, std::span<const std::uint32_t> b) {
    std::vector<std::uint64_t> both;
    both.reserve(a.size());
    for (std::size_t i = 0; i < a.size(); ++i)
        both.push_back((std::uint64_t{a[i]} << 32U) | std::uint64_t{b[i]});
    const Counts of_a = counts_of(std::vector<std::uint32_t>(a.begin(), a.end()));
    const Counts of_b = counts_of(std::vector<std::uint32_t>(b.begin(), b.end()));
    const auto n = static_cast<double>(a.size());
    double information = 0.0;
    for (const auto& [pair, count] : counts_of(std::move(both))) {
        const double alone = count_of(of_a, static_cast<std::uint32_t>(pair >> 32U)) *
                             count_of(of_b, static_cast<std::uint32_t>(pair));
        information += count / n * std::log(count * n / alone);
    }
    const double chance = (static_cast<double>(of_a.size()) - 1.0) *
                          (static_cast<double>(of_b.size()) - 1.0) / (2.0 * std::max(n, 1.0));
    const double most = 0.5 * (entropy_of(of_a, n) + entropy_of(of_b, n)) - chance;
    if (!(most > 0.0)) return 0.0;
    return std::clamp((information - chance) / most, 0.0, 1.0);
}

PartAgreement part_agreement(std::span<const std::uint32_t> splats,
                             std::span<const std::uint32_t> parts) {
    PartAgreement agreement;
    agreement.information = adjusted_information(splats, parts);
    const std::vector<std::size_t> changes = borders_of(splats);
    const std::vector<std::size_t> borders = borders_of(parts);
    agreement.tolerance = parts.size() / (10 * (borders.size() + 1));
    const Near near_change(changes, parts.size(), agreement.tolerance);
    const Near near_border(borders, parts.size(), agreement.tolerance);
    agreement.boundary_f1 =
        harmonic_mean(near_border.share_of(changes), near_change.share_of(borders));
    agreement.f1_by_chance = harmonic_mean(near_border.share(), near_change.share());
    return agreement;
}

std::span<const NamedAgreement> parts_of_a_text() {
    static const std::array<NamedAgreement, 4> parts = {{
        {"phrases", &StructureAgreement::phrase},
        {"sentences", &StructureAgreement::sentence},
        {"paragraphs", &StructureAgreement::paragraph},
        {"sections", &StructureAgreement::section},
    }};
    return parts;
}

StructureAgreement structure_agreement(const Dataset& dataset, const Factors& factors,
                                       std::size_t level) {
    StructureAgreement agreement;
    if (factors.tokens() != dataset.size()) return agreement;
    std::vector<std::size_t> columns;
    for (std::size_t c = 0; c < factors.columns(); ++c)
        if (factors.level[c] == level) columns.push_back(c);
    if (columns.empty()) return agreement;
    std::vector<std::uint32_t> strongest(factors.tokens());
    parallel_blocks(factors.tokens(), kChunkRows, [&](std::size_t begin, std::size_t end) {
        for (std::size_t i = begin; i < end; ++i) {
            const FactorRow row = factors.p.row(i);
            std::size_t best = columns.front();
            for (const std::size_t c : columns)
                if (row[c] > row[best]) best = c;
            strongest[i] = static_cast<std::uint32_t>(best);
        }
    });
    agreement.phrase = agreement_with(strongest, phrases_of_tokens(dataset));
    agreement.sentence = agreement_with(strongest, dataset.structure.sentence);
    agreement.paragraph = agreement_with(strongest, dataset.structure.paragraph);
    agreement.section = agreement_with(strongest, dataset.structure.section);
    agreement.dependencies = dependencies_of(dataset, factors, columns);
    return agreement;
}

}  // namespace hsa
