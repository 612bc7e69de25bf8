#include "engine/explain/structure_agreement.h"

#include "engine/core/parallel.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <utility>
#include <vector>

namespace hsa {
namespace {

double entropy_of(const std::map<std::uint32_t, double>& counts, double n) {
    double entropy = 0.0;
    for (const auto& [part, count] : counts) entropy -= count / n * std::log(count / n);
    return entropy;
}

std::optional<double> agreement_with(std::span<const std::uint32_t> strongest,
                                     const std::vector<std::uint32_t>& parts) {
    if (parts.size() != strongest.size() ||
        std::adjacent_find(parts.begin(), parts.end(), std::not_equal_to<>()) == parts.end())
        return std::nullopt;
    return adjusted_information(strongest, parts);
}

}  // namespace

double adjusted_information(std::span<const std::uint32_t> a, std::span<const std::uint32_t> b) {
    std::map<std::uint32_t, double> of_a;
    std::map<std::uint32_t, double> of_b;
    std::map<std::pair<std::uint32_t, std::uint32_t>, double> of_both;
    for (std::size_t i = 0; i < a.size(); ++i) {
        of_a[a[i]] += 1.0;
        of_b[b[i]] += 1.0;
        of_both[{a[i], b[i]}] += 1.0;
    }
    const auto n = static_cast<double>(a.size());
    double information = 0.0;
    for (const auto& [pair, count] : of_both)
        information += count / n * std::log(count * n / (of_a[pair.first] * of_b[pair.second]));
    const double chance = (static_cast<double>(of_a.size()) - 1.0) *
                          (static_cast<double>(of_b.size()) - 1.0) / (2.0 * std::max(n, 1.0));
    const double most = 0.5 * (entropy_of(of_a, n) + entropy_of(of_b, n)) - chance;
    if (!(most > 0.0)) return 0.0;
    return std::clamp((information - chance) / most, 0.0, 1.0);
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
    agreement.sentence = agreement_with(strongest, dataset.structure.sentence);
    agreement.paragraph = agreement_with(strongest, dataset.structure.paragraph);
    agreement.section = agreement_with(strongest, dataset.structure.section);
    return agreement;
}

}  // namespace hsa
