#include "engine/io/json_records.h"

#include "engine/core/error.h"
#include "engine/io/json.h"
#include "engine/io/json_fields.h"
#include "engine/io/json_properties.h"
#include "engine/io/json_slices.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <span>
#include <utility>

namespace hsa {
namespace {

using nlohmann::json;

constexpr std::array<std::string_view, 3> kVectorFields = {"embedding", "vector", "embeddings"};
constexpr std::array<std::string_view, 4> kTextFields = {"text", "content", "body", "sentence"};
constexpr std::array<std::string_view, 3> kTitleFields = {"title", "name", "id"};
constexpr std::array<std::string_view, 9> kLabelFields = {
    "text", "word", "token", "label", "name", "title", "sentence", "content", "id"};

std::string fields_of(const json& record) {
    std::string names;
    for (const auto& [name, value] : record.items())
        names += (names.empty() ? "'" : ", '") + name + "'";
    return names.empty() ? "none" : names;
}

// The first of `names` that the record has with a value that `suits`.
template <class Suits>
std::string first_of(const json& record, std::span<const std::string_view> names, Suits suits) {
    for (const std::string_view name : names) {
        const auto found = record.find(name);
        if (found != record.end() && suits(*found)) return std::string(name);
    }
    return {};
}

// The only field with a value that `suits`; empty when there are several or none.
template <class Suits>
std::string only_of(const json& record, Suits suits) {
    std::string only;
    for (const auto& [name, value] : record.items()) {
        if (!suits(value)) continue;
        if (!only.empty()) return {};
        only = name;
    }
    return only;
}

bool is_text(const json& value) { return value.is_string(); }
bool is_numbers(const json& value) {
    return value.is_array() && !value.empty() && value[0].is_number();
}

json parse_record(const std::string& path, std::string_view text, const JsonSlices& slices) {
    json record = parse_json(path, text, slices.slice());
    if (!record.is_object() && !record.is_array())
        fail("{}: line {}: expected an object {{...}}, found {}", path, slices.line(),
             shown(record));
    return record;
}

std::string choose_text(const std::string& path, const json& record) {
    std::string field = first_of(record, kTextFields, is_text);
    if (field.empty()) field = only_of(record, is_text);
    if (field.empty())
        fail(
            "{}: the first record has no field 'text', 'content', 'body' or 'sentence', and not "
            "one text alone; its fields are {}: name one with open PATH as text:FIELD",
            path, fields_of(record));
    return field;
}

const json& field_at(const std::string& path, const json& record, const std::string& field,
                     const JsonSlices& slices) {
    const auto found = record.find(field);
    if (found == record.end())
        fail("{}: line {}: record {} (from 0) has no field '{}'; its fields are {}", path,
             slices.line(), slices.number(), field, fields_of(record));
    return *found;
}

// The numbers of a record; `d`: how many the first has, 0 for the first itself.
void read_numbers(const std::string& path, const json& list, const std::string& field,
                  const JsonSlices& slices, std::size_t d, std::vector<float>& row) {
    const std::string where =
        fmt::format("{}: line {}: record {} (from 0)", path, slices.line(), slices.number());
    const std::string name = field.empty() ? "the list" : "'" + field + "'";
    if (!list.is_array())
        fail("{}: {} is {}; expected a list of numbers", where, name, shown(list));
    if (list.empty()) fail("{}: {} is an empty list; expected numbers", where, name);
    if (d != 0 && list.size() != d)
        fail("{}: {} has {} numbers and those before it {}; all vectors must be as long", where,
             name, list.size(), d);
    row.clear();
    for (const json& item : list) {
        const float value = item.is_number() ? item.get<float>() : NAN;
        if (!std::isfinite(value))
            fail("{}: number {} (from 0) of {} is {}; expected a number that float32 can hold",
                 where, row.size(), name, shown(item));
        row.push_back(value);
    }
}

}  // namespace

JsonRecordKind json_record_kind(std::string_view beginning, bool lines) {
    constexpr std::string_view kBlanks = " \t\r\n";
    constexpr std::string_view kMark = "\xEF\xBB\xBF";
    if (beginning.starts_with(kMark)) beginning.remove_prefix(kMark.size());
    std::size_t first = beginning.find_first_not_of(kBlanks);
    if (first == std::string_view::npos) return JsonRecordKind::none;
    if (beginning[first] == '[') {
        first = beginning.find_first_not_of(kBlanks, first + 1);
        if (first == std::string_view::npos) return JsonRecordKind::none;
        if (beginning[first] == '[') {
            const std::size_t number = beginning.find_first_not_of(kBlanks, first + 1);
            const bool is_number = number != std::string_view::npos &&
                                   beginning.find_first_of("-0123456789", number) == number;
            return is_number ? JsonRecordKind::vectors : JsonRecordKind::none;
        }
        if (beginning[first] != '{') return JsonRecordKind::none;
        const std::size_t inside = beginning.find_first_not_of(kBlanks, first + 1);
        if (inside == std::string_view::npos ||
            (beginning[inside] != '"' && beginning[inside] != '}'))
            return JsonRecordKind::none;
    } else if (beginning[first] != '{') {
        return JsonRecordKind::none;
    } else if (!lines) {
        // Another object must follow the first.
        const std::optional<std::size_t> end = json_value_end(beginning.substr(first));
        if (!end) return JsonRecordKind::none;
        const std::size_t next = beginning.find_first_not_of(kBlanks, first + *end);
        if (next == std::string_view::npos || beginning[next] != '{' ||
            beginning.substr(first + *end, next - first - *end).find('\n') ==
                std::string_view::npos)
            return JsonRecordKind::none;
    }
    const std::vector<JsonGlimpse> fields = glimpse_fields(beginning.substr(first));
    if (!lines && fields.empty()) return JsonRecordKind::none;
    const auto has = [&](JsonGlimpse::Kind kind, std::span<const std::string_view> names) {
        return std::any_of(fields.begin(), fields.end(), [&](const JsonGlimpse& field) {
            return field.kind == kind && (names.empty() || std::find(names.begin(), names.end(),
                                                                     field.name) != names.end());
        });
    };
    if (has(JsonGlimpse::Kind::numbers, kVectorFields)) return JsonRecordKind::vectors;
    return has(JsonGlimpse::Kind::numbers, {}) && !has(JsonGlimpse::Kind::text, {})
               ? JsonRecordKind::vectors
               : JsonRecordKind::texts;
}

TextPieces read_json_texts(const std::string& path, std::string_view bytes,
                           const std::string& wanted, TextEncoding encoding) {
    const DecodedText decoded = decode_text(path, bytes, encoding);
    const std::string_view text = decoded.text;
    TextPieces pieces;
    pieces.encoding = decoded.encoding;
    JsonProperties properties;
    std::string field = wanted;
    std::size_t blank = 0;
    JsonSlices slices(path, text);
    while (slices.next()) {
        const json record = parse_record(path, text, slices);
        if (!record.is_object())
            fail("{}: line {}: record {} (from 0) is {}; expected an object {{...}}", path,
                 slices.line(), slices.number(), shown(record));
        if (field.empty()) field = choose_text(path, record);
        const json& value = field_at(path, record, field, slices);
        if (!value.is_string())
            fail("{}: line {}: '{}' of record {} (from 0) is {}; expected a text in quotes", path,
                 slices.line(), field, slices.number(), shown(value));
        const std::string piece = value.get<std::string>();
        if (piece.find('\0') != std::string::npos)
            fail("{}: line {}: '{}' of record {} (from 0) holds a NUL; expected a text", path,
                 slices.line(), field, slices.number());
        if (is_blank(piece)) {
            ++blank;
            continue;
        }
        const std::string title = first_of(record, kTitleFields, [](const json& some) {
            return some.is_string() || some.is_number_integer();
        });
        std::string name = fmt::format("record {}", slices.number() + 1);
        if (!title.empty() && title != field)
            name =
                record[title].is_string() ? record[title].get<std::string>() : record[title].dump();
        pieces.add(std::move(name), piece);
        properties.add(record, {field});
    }
    if (pieces.pieces.empty()) fail("{}: no record with a text in it; expected at least one", path);
    std::vector<std::string> ignored;
    pieces.properties = properties.take(ignored);
    pieces.notes = fmt::format(", {} record{} of '{}'", pieces.pieces.size(),
                               pieces.pieces.size() == 1 ? "" : "s", field);
    if (blank > 0) pieces.notes += fmt::format(", {} without text skipped", blank);
    if (!ignored.empty()) pieces.notes += fmt::format(", {} fields not used", ignored.size());
    return pieces;
}

JsonVectors read_json_vectors(const std::string& path, std::string_view bytes,
                              const std::string& wanted, TextEncoding encoding) {
    const DecodedText decoded = decode_text(path, bytes, encoding);
    const std::string_view text = decoded.text;
    JsonVectors result;
    result.field = wanted;
    JsonProperties properties;
    std::vector<float> row;
    JsonSlices slices(path, text);
    bool lists = false;
    while (slices.next()) {
        const json record = parse_record(path, text, slices);
        const bool first = slices.number() == 0;
        if (first) {
            lists = record.is_array();
            if (lists && !wanted.empty())
                fail("{}: its records are lists and have no field '{}'", path, wanted);
            if (!lists && result.field.empty()) {
                result.field = first_of(record, kVectorFields, is_numbers);
                if (result.field.empty()) result.field = only_of(record, is_numbers);
                if (result.field.empty())
                    fail(
                        "{}: the first record has no numbers in 'embedding', 'vector' or "
                        "'embeddings', and not one list of numbers alone; its fields are {}: name "
                        "one with open PATH as embeddings:FIELD",
                        path, fields_of(record));
            }
            if (!lists) {
                result.label_field = first_of(record, kLabelFields, is_text);
                if (result.label_field.empty()) result.label_field = only_of(record, is_text);
            }
        }
        if (record.is_array() != lists)
            fail("{}: line {}: record {} (from 0) is {}; expected {} as before it", path,
                 slices.line(), slices.number(), shown(record), lists ? "a list" : "an object");
        const json& list = lists ? record : field_at(path, record, result.field, slices);
        read_numbers(path, list, result.field, slices, result.values.cols(), row);
        result.values.append_row(row);
        if (lists) continue;
        if (!result.label_field.empty()) {
            const json& label = field_at(path, record, result.label_field, slices);
            result.labels.push_back(label.is_string() ? label.get<std::string>()
                                                      : json_text(label).substr(0, 80));
        }
        properties.add(record, {result.field, result.label_field});
    }
    if (result.values.empty()) fail("{}: no record is in it; expected vectors", path);
    result.properties = properties.take(result.ignored);
    return result;
}

}  // namespace hsa
