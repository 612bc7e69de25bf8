#include "engine/explain/fields.h"

#include "engine/explain/tokens.h"
#include "engine/model/trigger.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <limits>
#include <memory>
#include <span>
#include <utility>

namespace hsa {
namespace {

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

Field of_words(std::string name, std::string help, std::function<std::string(std::size_t)> words) {
    Field field;
    field.name = std::move(name);
    field.words = std::move(words);
    field.help = std::move(help);
    return field;
}

// A number a thing, of `count`.
template <class Number>
Field counted_field(std::string name, std::string help, std::size_t count, Number number) {
    Field field;
    field.name = std::move(name);
    field.numbers = [count, number] {
        std::vector<double> all(count);
        for (std::size_t t = 0; t < count; ++t) all[t] = number(t);
        return all;
    };
    field.number = number;
    field.help = std::move(help);
    return field;
}

Field stored_field(std::string name, std::string help, const std::vector<std::uint32_t>& numbers) {
    return counted_field(std::move(name), std::move(help), numbers.size(),
                         [&numbers](std::size_t t) { return static_cast<double>(numbers[t]); });
}

// `values` gives those of a property, [count], that have the name and words of `known`.
template <class Values>
Field property_field(const Property& known, std::size_t count, Values values) {
    Field field = counted_field(known.name, known.help, count, [values](std::size_t t) {
        return static_cast<double>(std::as_const(values)()[t]);
    });
    field.unit = known.unit;
    field.single = true;
    return field;
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
        fields.push_back(counted_field(
            "begin", "Where it begins in the text, in bytes.", n, [&spans](std::size_t t) {
                return t < spans.size() ? static_cast<double>(spans[t].begin) : kNone;
            }));
        fields.push_back(counted_field(
            "end", "Where it ends in the text, in bytes.", n, [&spans](std::size_t t) {
                return t < spans.size() ? static_cast<double>(spans[t].end) : kNone;
            }));
    }
    const Structure& structure = dataset.structure;
    if (structure.sentence.size() == n)
        fields.push_back(
            stored_field("sentence", "Its sentence, counted from 0.", structure.sentence));
    if (structure.paragraph.size() == n)
        fields.push_back(
            stored_field("paragraph", "Its paragraph, counted from 0.", structure.paragraph));
    if (structure.section.size() != n) return;
    fields.push_back(stored_field("section", "Its section, counted from 0.", structure.section));
    fields.push_back(
        of_words("heading", "The heading of its section.", [&structure](std::size_t t) {
            const std::uint32_t section = structure.section[t];
            return section < structure.sections.size() ? structure.sections[section].title
                                                       : std::string();
        }));
}

// What names of tokens mean here whatever the data are, whether or not it is there yet: a name must
// not change its meaning when attention is.
constexpr std::array<const char*, 16> kOwnNames = {
    "index",   "text",    "length",        "begin",    "end",  "sentence", "paragraph", "section",
    "heading", "entropy", "largest share", "received", "self", "weight",   "k",         "n"};

bool is_own_name(const std::string& name) {
    return name == "cycle" || std::any_of(kOwnNames.begin(), kOwnNames.end(), [&](const char* own) {
               return written_name(name) == written_name(own);
           });
}

// Columns that came with the data: each by its name, and by data.NAME; where the name has a meaning
// here already, by data.NAME alone.
void add_data(const Dataset& dataset, std::vector<Field>& fields) {
    for (const MetadataColumn& column : dataset.properties) {
        const bool own = is_own_name(column.name);
        const std::string full = "data." + column.name;
        const std::string name = own ? full : column.name;
        const std::string help =
            own ? fmt::format(
                      "The data's own {}: written data.{}, since {} alone has a meaning here.",
                      column.name, column.name, column.name)
                : std::string("A property that came with the data.");
        if (column.numbers.empty())
            fields.push_back(
                of_words(name, help, [&column](std::size_t t) { return column.words[t]; }));
        else
            fields.push_back(counted_field(name, help, column.numbers.size(),
                                           [&column](std::size_t t) { return column.numbers[t]; }));
        if (!own) fields.back().also = full;
    }
}

// All of them are computed together, once, when the first is asked for.
void add_attention(const Snapshot& snapshot, std::vector<Field>& fields) {
    const auto computed = std::make_shared<std::vector<Property>>();
    const std::vector<Property> known =
        known_token_properties(*snapshot.coordinates, snapshot.factors->tokens());
    for (std::size_t p = 0; p < known.size(); ++p)
        fields.push_back(property_field(known[p], snapshot.factors->tokens(),
                                        [&snapshot, computed, p]() -> const std::vector<float>& {
                                            if (computed->empty())
                                                *computed = token_properties(*snapshot.factors,
                                                                             *snapshot.coordinates);
                                            return (*computed)[p].values;
                                        }));
}

std::string reasons_of(const Event& event) {
    std::string all;
    for (const Reason& reason : event.decided_by)
        all += fmt::format("{}{} {:.4g} against {:.4g}", all.empty() ? "" : "; ", reason.name,
                           reason.value, reason.threshold);
    return all;
}

}  // namespace

std::vector<Field> splat_fields(const Snapshot& snapshot) {
    std::vector<Field> fields;
    if (!snapshot.registry || !snapshot.measures ||
        snapshot.measures->usage.size() != snapshot.registry->size())
        return fields;
    const SplatRegistry& registry = *snapshot.registry;
    const std::size_t k = registry.size();
    fields.push_back(
        counted_field("id", "The splat's number, the same in every cycle.", k,
                      [&registry](std::size_t s) { return static_cast<double>(registry.id[s]); }));
    fields.push_back(of_words("level", "Its level.", [&registry](std::size_t s) {
        return registry.hierarchy.levels[registry.level[s]].name;
    }));
    fields.push_back(of_words("name", "Its name: given by hand, or its strongest words.",
                              [names = snapshot.names](std::size_t s) {
                                  return names && s < names->size() ? (*names)[s] : std::string();
                              }));
    fields.push_back(counted_field(
        "parent", "The splat of the next level that it hangs on.", k, [&registry](std::size_t s) {
            return registry.parent[s] == kNoSplat ? kNone : static_cast<double>(registry.parent[s]);
        }));
    fields.push_back(
        counted_field("children", "How many splats hang on it.", k,
                      [children = children_of(registry)](std::size_t s) { return children[s]; }));
    const std::span<const float> share = snapshot.parent_share
                                             ? std::span<const float>(*snapshot.parent_share)
                                             : std::span<const float>();
    for (Property& property : splat_properties(registry, *snapshot.measures, share)) {
        const auto values = std::make_shared<const std::vector<float>>(std::move(property.values));
        fields.push_back(property_field(
            property, k, [values]() -> const std::vector<float>& { return *values; }));
    }
    return fields;
}

std::vector<Field> token_fields(const Snapshot& snapshot) {
    std::vector<Field> fields;
    if (!snapshot.dataset) return fields;
    const Dataset& dataset = *snapshot.dataset;
    const std::size_t n = dataset.size();
    fields.push_back(counted_field("index", "Its place in the data, counted from 0.", n,
                                   [](std::size_t t) { return static_cast<double>(t); }));
    fields.push_back(of_words("text", "The token itself.",
                              [&dataset](std::size_t t) { return dataset.token_text(t); }));
    fields.push_back(
        counted_field("length", "How many letters it has.", n,
                      [&dataset](std::size_t t) { return letters(dataset.token_text(t)); }));
    add_places(dataset, fields);
    add_data(dataset, fields);
    if (snapshot.factors && snapshot.coordinates && snapshot.factors->tokens() == n)
        add_attention(snapshot, fields);
    return fields;
}

std::vector<Field> event_fields(const Snapshot& snapshot) {
    std::vector<Field> fields;
    if (!snapshot.history) return fields;
    const auto events = std::make_shared<std::vector<const Event*>>();
    for (const auto& cycle : snapshot.history->cycles)
        for (const Event& event : cycle->events) events->push_back(&event);
    const auto add_number = [&](const char* name, const char* help, const char* unit, auto number) {
        fields.push_back(counted_field(name, help, events->size(), [events, number](std::size_t e) {
            return static_cast<double>(number(*(*events)[e]));
        }));
        fields.back().unit = unit;
    };
    const auto add_words = [&](const char* name, const char* help, auto words) {
        fields.push_back(of_words(name, help, [events, words](std::size_t e) {
            return std::string(words(*(*events)[e]));
        }));
    };
    fields.push_back(counted_field("event", "Its number, as select.event takes it.", events->size(),
                                   [](std::size_t e) { return static_cast<double>(e); }));
    add_number("cycle", "The cycle in which it happened.", "",
               [](const Event& e) { return e.cycle; });
    add_words("kind", "What happened.", [](const Event& e) { return name_of(e.kind); });
    add_words("level", "The level it happened on, by its name then.",
              [](const Event& e) { return e.level_name; });
    add_words("text", "The event in a sentence.", [](const Event& e) { return e.text; });
    add_words("by", "Who brought it about.", [](const Event& e) { return name_of(e.by); });
    add_words("accepted", "yes, or no for a trial that was refused.",
              [](const Event& e) { return e.accepted ? "yes" : "no"; });
    add_words("trigger", "What set it off.", [](const Event& e) { return trigger_of(e); });
    add_number("d", "Weighted mean change of row-KL in its trial.", "nats",
               [](const Event& e) { return e.d; });
    add_number("se", "The standard error of d.", "nats", [](const Event& e) { return e.se; });
    add_number("objective before", "The level's objective before it.", "nats",
               [](const Event& e) { return e.objective_before; });
    add_number("objective after", "The level's objective after it.", "nats",
               [](const Event& e) { return e.objective_after; });
    add_number("tokens", "How many tokens it is about.", "",
               [](const Event& e) { return e.tokens.size(); });
    add_words("before", "The splats it found, by id.",
              [](const Event& e) { return fmt::format("{}", fmt::join(e.before, " ")); });
    add_words("after", "The splats it left, by id.",
              [](const Event& e) { return fmt::format("{}", fmt::join(e.after, " ")); });
    add_words("decided by", "The numbers that decided, against their thresholds.", reasons_of);
    return fields;
}

}  // namespace hsa
