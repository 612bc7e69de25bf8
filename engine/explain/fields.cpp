#include "engine/explain/fields.h"

#include "engine/explain/tokens.h"

#include <algorithm>
#include <limits>
#include <memory>
#include <span>
#include <utility>

namespace hsa {
namespace {

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

Field of_words(std::string name, std::function<std::string(std::size_t)> words) {
    return {std::move(name), {}, std::move(words)};
}
Field of_numbers(std::string name, std::function<std::vector<double>()> numbers) {
    return {std::move(name), std::move(numbers), {}};
}

// A number a thing, of `count`.
template <class Number>
Field counted_field(std::string name, std::size_t count, Number number) {
    return of_numbers(std::move(name), [count, number] {
        std::vector<double> all(count);
        for (std::size_t t = 0; t < count; ++t) all[t] = number(t);
        return all;
    });
}

Field stored_field(std::string name, const std::vector<std::uint32_t>& numbers) {
    return of_numbers(std::move(name),
                      [&numbers] { return std::vector<double>(numbers.begin(), numbers.end()); });
}

std::vector<double> children_of(const SplatRegistry& registry) {
    std::vector<double> children(registry.size());
    for (const SplatId parent : registry.parent)
        if (parent != kNoSplat)
            if (const auto row = registry.find(parent)) children[*row] += 1.0;
    return children;
}

double letters(std::string_view text) {
    return static_cast<double>(std::count_if(text.begin(), text.end(), [](char c) {
        return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
    }));
}

void add_places(const Dataset& dataset, std::vector<Field>& fields) {
    const std::size_t n = dataset.size();
    if (dataset.text) {
        const std::vector<Span>& spans = dataset.tokens;
        fields.push_back(counted_field("begin", n, [&spans](std::size_t t) {
            return t < spans.size() ? static_cast<double>(spans[t].begin) : kNone;
        }));
        fields.push_back(counted_field("end", n, [&spans](std::size_t t) {
            return t < spans.size() ? static_cast<double>(spans[t].end) : kNone;
        }));
    }
    const Structure& structure = dataset.structure;
    if (structure.sentence.size() == n)
        fields.push_back(stored_field("sentence", structure.sentence));
    if (structure.paragraph.size() == n)
        fields.push_back(stored_field("paragraph", structure.paragraph));
    if (structure.section.size() != n) return;
    fields.push_back(stored_field("section", structure.section));
    fields.push_back(of_words("heading", [&structure](std::size_t t) {
        const std::uint32_t section = structure.section[t];
        return section < structure.sections.size() ? structure.sections[section].title
                                                   : std::string();
    }));
}

// All of them are computed together, once, when the first is asked for.
void add_attention(const Snapshot& snapshot, std::vector<Field>& fields) {
    const auto computed = std::make_shared<std::vector<Property>>();
    const std::vector<Property> known =
        known_token_properties(*snapshot.coordinates, snapshot.factors->tokens());
    for (std::size_t p = 0; p < known.size(); ++p)
        fields.push_back(of_numbers(known[p].name, [&snapshot, computed, p] {
            if (computed->empty())
                *computed = token_properties(*snapshot.factors, *snapshot.coordinates);
            const std::vector<float>& values = (*computed)[p].values;
            return std::vector<double>(values.begin(), values.end());
        }));
}

}  // namespace

std::vector<Field> splat_fields(const Snapshot& snapshot) {
    std::vector<Field> fields;
    if (!snapshot.registry || !snapshot.measures ||
        snapshot.measures->usage.size() != snapshot.registry->size())
        return fields;
    const SplatRegistry& registry = *snapshot.registry;
    const std::size_t k = registry.size();
    fields.push_back(counted_field(
        "id", k, [&registry](std::size_t s) { return static_cast<double>(registry.id[s]); }));
    fields.push_back(of_words("level", [&registry](std::size_t s) {
        return registry.hierarchy.levels[registry.level[s]].name;
    }));
    fields.push_back(of_words("name", [names = snapshot.names](std::size_t s) {
        return names && s < names->size() ? (*names)[s] : std::string();
    }));
    fields.push_back(counted_field("parent", k, [&registry](std::size_t s) {
        return registry.parent[s] == kNoSplat ? kNone : static_cast<double>(registry.parent[s]);
    }));
    fields.push_back(of_numbers("children", [&registry] { return children_of(registry); }));
    const std::span<const float> share = snapshot.parent_share
                                             ? std::span<const float>(*snapshot.parent_share)
                                             : std::span<const float>();
    for (Property& property : splat_properties(registry, *snapshot.measures, share))
        fields.push_back(of_numbers(property.name, [values = std::move(property.values)] {
            return std::vector<double>(values.begin(), values.end());
        }));
    return fields;
}

std::vector<Field> token_fields(const Snapshot& snapshot) {
    std::vector<Field> fields;
    if (!snapshot.dataset) return fields;
    const Dataset& dataset = *snapshot.dataset;
    const std::size_t n = dataset.size();
    fields.push_back(
        counted_field("index", n, [](std::size_t t) { return static_cast<double>(t); }));
    fields.push_back(of_words("text", [&dataset](std::size_t t) { return dataset.token_text(t); }));
    fields.push_back(counted_field(
        "length", n, [&dataset](std::size_t t) { return letters(dataset.token_text(t)); }));
    add_places(dataset, fields);
    for (const MetadataColumn& column : dataset.properties) {
        if (column.numbers.empty())
            fields.push_back(
                of_words(column.name, [&column](std::size_t t) { return column.words[t]; }));
        else fields.push_back(of_numbers(column.name, [&column] { return column.numbers; }));
    }
    if (snapshot.factors && snapshot.coordinates && snapshot.factors->tokens() == n)
        add_attention(snapshot, fields);
    return fields;
}

}  // namespace hsa
