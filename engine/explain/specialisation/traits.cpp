#include "engine/explain/specialisation/traits.h"

#include "engine/io/conllu.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <utility>

namespace hsa {
namespace {

constexpr std::size_t kMostClasses = 64;  // topics, or values of one column

// Classes by how many tokens are in them, the first kMostClasses; ties to the lower one.
std::vector<std::size_t> commonest(const std::vector<std::size_t>& counts) {
    std::vector<std::size_t> order(counts.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t a, std::size_t b) { return counts[a] > counts[b]; });
    if (order.size() > kMostClasses) order.resize(kMostClasses);
    return order;
}

// White space folded, cut to a line that can stand in a name.
std::string short_title(const std::string& title) {
    constexpr std::size_t kLetters = 48;
    std::string line;
    for (const char c : title) {
        const bool blank = c == ' ' || c == '\n' || c == '\t' || c == '\r';
        if (blank && (line.empty() || line.back() == ' ')) continue;
        line += blank ? ' ' : c;
    }
    if (line.size() <= kLetters) return line;
    std::size_t end = kLetters;
    while (end > 0 && (static_cast<unsigned char>(line[end]) & 0xC0U) == 0x80U) --end;
    return line.substr(0, end) + "\u2026";
}

void add_topics(const Structure& structure, TraitList& list) {
    const std::vector<Section>& sections = structure.sections;
    if (sections.size() < 2) return;
    std::vector<std::size_t> counts;
    counts.reserve(sections.size());
    for (const Section& section : sections) counts.push_back(section.tokens.size());
    for (const std::size_t s : commonest(counts)) {
        if (counts[s] == 0) continue;
        std::string title = short_title(sections[s].title);
        if (title.empty()) title = "before the first heading";
        const std::size_t trait = list.named("topic: " + title);
        for (std::size_t i = sections[s].tokens.begin;
             i < std::min(sections[s].tokens.end, list.tokens()); ++i)
            list.add(trait, i);
    }
}

// Equal stretches where nothing else tells what a part of the text is about.
void add_stretches(TraitList& list) {
    constexpr std::size_t kStretches = 8;
    const std::size_t n = list.tokens();
    if (n < 8 * kStretches) return;
    for (std::size_t i = 0; i < n; ++i) {
        const std::size_t part = i * kStretches / n;
        list.add(list.named("part " + std::to_string(part + 1) + " of 8 of the text"), i);
    }
}

void add_words_of(const MetadataColumn& column, TraitList& list) {
    std::map<std::string, std::vector<std::size_t>> rows;
    for (std::size_t i = 0; i < column.words.size(); ++i)
        if (!column.words[i].empty()) rows[column.words[i]].push_back(i);
    // A column in which nearly every row has a value of its own tells rows apart, not kinds.
    if (rows.size() > std::max<std::size_t>(2, column.words.size() / 2)) return;
    std::vector<std::size_t> counts;
    std::vector<const std::pair<const std::string, std::vector<std::size_t>>*> values;
    for (const auto& value : rows) {
        counts.push_back(value.second.size());
        values.push_back(&value);
    }
    for (const std::size_t v : commonest(counts)) {
        const std::size_t trait = list.named(column.name + ": " + short_title(values[v]->first));
        for (const std::size_t i : values[v]->second) list.add(trait, i);
    }
}

void add_quarters_of(const MetadataColumn& column, TraitList& list) {
    std::vector<double> sorted;
    for (const double x : column.numbers)
        if (std::isfinite(x)) sorted.push_back(x);
    if (sorted.size() < 8) return;
    std::sort(sorted.begin(), sorted.end());
    const double low = sorted[sorted.size() / 4];
    const double high = sorted[sorted.size() - 1 - sorted.size() / 4];
    if (!(low < high)) return;
    const std::size_t lowest = list.named("low " + column.name);
    const std::size_t highest = list.named("high " + column.name);
    for (std::size_t i = 0; i < column.numbers.size(); ++i) {
        if (column.numbers[i] <= low) list.add(lowest, i);
        if (column.numbers[i] >= high) list.add(highest, i);
    }
}

}  // namespace

std::size_t TraitList::named(const std::string& name) {
    const auto known = std::find(names_.begin(), names_.end(), name);
    if (known != names_.end()) return static_cast<std::size_t>(known - names_.begin());
    names_.push_back(name);
    return names_.size() - 1;
}

void TraitList::add(std::size_t trait, std::size_t token) {
    std::vector<std::uint16_t>& has = has_[token];
    const auto number = static_cast<std::uint16_t>(trait);
    const auto place = std::lower_bound(has.begin(), has.end(), number);
    if (place == has.end() || *place != number) has.insert(place, number);
}

Traits TraitList::finish() && {
    std::vector<std::size_t> counts(names_.size(), 0);
    for (const auto& has : has_)
        for (const std::uint16_t trait : has) ++counts[trait];
    Traits traits;
    std::vector<std::size_t> kept(names_.size(), names_.size());
    for (std::size_t t = 0; t < names_.size(); ++t) {
        if (counts[t] == 0 || counts[t] == has_.size()) continue;
        kept[t] = traits.all.size();
        traits.all.push_back({std::move(names_[t]), counts[t]});
    }
    traits.begins.push_back(0);
    for (std::vector<std::uint16_t>& has : has_) {
        for (const std::uint16_t trait : has)
            if (kept[trait] < kept.size())
                traits.of.push_back(static_cast<std::uint16_t>(kept[trait]));
        traits.begins.push_back(traits.of.size());
        has = {};
    }
    return traits;
}

void add_place_traits(const Dataset& dataset, TraitList& list) {
    const std::size_t n = list.tokens();
    if (!dataset.ordered || n < 2) return;
    constexpr std::size_t kParts = 10;
    const std::size_t beginning = list.named("beginning of the text");
    const std::size_t end = list.named("end of the text");
    for (std::size_t i = 0; i < n / kParts; ++i) {
        list.add(beginning, i);
        list.add(end, n - 1 - i);
    }
    const Structure& structure = dataset.structure;
    if (structure.sections.size() > 1) add_topics(structure, list);
    else add_stretches(list);
    if (structure.sentence.size() != n) return;
    const std::size_t starts = list.named("start of a sentence");
    const std::size_t ends = list.named("end of a sentence");
    const std::size_t opens = list.named("start of a paragraph");
    const std::size_t heads = list.named("start of a section");
    const auto begins_in = [n](const std::vector<std::uint32_t>& part, std::size_t i) {
        return part.size() == n && (i == 0 || part[i] != part[i - 1]);
    };
    bool heading = false;
    for (std::size_t i = 0; i < n; ++i) {
        const bool first = begins_in(structure.sentence, i);
        if (first) {
            list.add(starts, i);
            heading = structure.sections.size() > 1 && begins_in(structure.section, i);
        }
        if (heading) list.add(heads, i);
        if (i + 1 == n || structure.sentence[i + 1] != structure.sentence[i]) list.add(ends, i);
        if (begins_in(structure.paragraph, i)) list.add(opens, i);
    }
}

void add_column_traits(const Dataset& dataset, TraitList& list) {
    constexpr std::size_t kColumns = 32;
    for (std::size_t c = 0; c < std::min(dataset.properties.size(), kColumns); ++c) {
        const MetadataColumn& column = dataset.properties[c];
        if (column.words.size() == list.tokens()) add_words_of(column, list);
        else if (column.name == kHeadColumn || column.name == kPhraseColumn) continue;
        else if (column.numbers.size() == list.tokens()) add_quarters_of(column, list);
    }
}

Traits token_traits(const Dataset& dataset) {
    TraitList list(dataset.size());
    add_word_traits(dataset, list);
    add_place_traits(dataset, list);
    add_column_traits(dataset, list);
    return std::move(list).finish();
}

}  // namespace hsa
