#include "engine/explain/specialisation/relations.h"

#include "engine/io/conllu.h"
#include "engine/io/metadata.h"

#include <algorithm>
#include <cmath>

namespace hsa {
namespace {

constexpr std::ptrdiff_t kNear = 8;

Relation window(std::string name, std::ptrdiff_t first, std::ptrdiff_t last, std::size_t n) {
    Relation relation;
    relation.name = std::move(name);
    relation.first = first;
    relation.last = last;
    double pairs = 0.0;
    for (std::ptrdiff_t step = first; step <= last; ++step)
        if (step != 0)
            pairs += std::max(0.0, static_cast<double>(n) - static_cast<double>(std::abs(step)));
    relation.share_in_text = pairs / (static_cast<double>(n) * static_cast<double>(n));
    return relation;
}

// Both ways: the subject asks its verb, and the verb its subject.
Relation subjects(const MetadataColumn& relation, const MetadataColumn& head) {
    Relation pairs;
    pairs.name = "subject and verb";
    const std::size_t n = relation.words.size();
    for (std::size_t i = 0; i < n; ++i) {
        const double at = head.numbers[i];
        if (!relation.words[i].starts_with("nsubj") && !relation.words[i].starts_with("csubj"))
            continue;
        if (!(at >= 0.0) || at >= static_cast<double>(n)) continue;
        const auto verb = static_cast<std::uint32_t>(at);
        pairs.pairs.emplace_back(static_cast<std::uint32_t>(i), verb);
        pairs.pairs.emplace_back(verb, static_cast<std::uint32_t>(i));
    }
    const double cells = static_cast<double>(n) * static_cast<double>(n);
    pairs.share_in_text = static_cast<double>(pairs.pairs.size()) / cells;
    const auto near = std::count_if(pairs.pairs.begin(), pairs.pairs.end(), [](const auto& pair) {
        return std::max(pair.first, pair.second) - std::min(pair.first, pair.second) <=
               static_cast<std::uint32_t>(kNear);
    });
    pairs.share_of_near = static_cast<double>(near) / (neighbours(n).share_in_text * cells);
    return pairs;
}

}  // namespace

Relation neighbours(std::size_t n) { return window("neighbours within 8 words", -kNear, kNear, n); }

std::vector<Relation> relations_of(const Dataset& dataset) {
    const std::size_t n = dataset.size();
    std::vector<Relation> relations;
    if (n < 2) return relations;
    if (dataset.ordered && n > static_cast<std::size_t>(4 * kNear)) {
        relations.push_back(window("the previous word", -1, -1, n));
        relations.push_back(window("the next word", 1, 1, n));
        relations.push_back(neighbours(n));
    }
    if (dataset.types.size() == n && dataset.type_names.size() < n) {
        std::vector<double> count(dataset.type_names.size(), 0.0);
        for (const std::uint32_t type : dataset.types) count[type] += 1.0;
        Relation same;
        same.name = "the same word";
        same.same_type = true;
        for (const double c : count) same.share_in_text += c * c;
        same.share_in_text /= static_cast<double>(n) * static_cast<double>(n);
        relations.push_back(std::move(same));
    }
    const MetadataColumn* deprel = column_named(dataset, "deprel");
    const MetadataColumn* head = column_named(dataset, kHeadColumn);
    if (deprel != nullptr && head != nullptr && deprel->words.size() == n &&
        head->numbers.size() == n) {
        Relation pairs = subjects(*deprel, *head);
        if (!pairs.pairs.empty()) relations.push_back(std::move(pairs));
    }
    return relations;
}

}  // namespace hsa
