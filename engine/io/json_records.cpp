#include "engine/io/json_records.h"

#include "engine/core/count_text.h"
#include "engine/core/error.h"
#include "engine/io/json.h"
#include "engine/io/json_fields.h"
#include "engine/io/json_properties.h"
#include "engine/io/json_slices.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

namespace hsa {
namespace {

using nlohmann::json;

// The fields of a record, in its own order.
std::string fields_of(const JsonSlices& slices) {
    return field_names(glimpse_fields(slices.slice()));
}

json parse_record(const std::string& path, std::string_view text, const JsonSlices& slices) {
    json record = parse_json(path, text, slices.slice());
    if (!record.is_object() && !record.is_array())
        fail("{}: line {}: expected an object {{...}}, found {}", path, slices.line(),
             shown(record));
    return record;
}

std::string need_text(const std::string& path, const JsonSlices& slices) {
    std::string field = choose_text(glimpse_fields(slices.slice()));
    if (field.empty())
        fail(
            "{}: the first record has no field 'text', 'content', 'body' or 'sentence', and not "
            "one text alone; its fields are {}: name one with open PATH as text:FIELD",
            path, fields_of(slices));
    return field;
}

std::string need_vectors(const std::string& path, const JsonSlices& slices) {
    std::string field = choose_vectors(glimpse_fields(slices.slice()));
    if (field.empty())
        fail(
            "{}: the first record has no numbers in 'embedding', 'vector' or 'embeddings', and "
            "not one list of numbers alone; its fields are {}: name one with open PATH as "
            "embeddings:FIELD",
            path, fields_of(slices));
    return field;
}

// The name of a piece: what its record says, else its number.
std::string title_of(const json& record, const std::string& field, const JsonSlices& slices) {
    for (const std::string_view name : kTitleFields) {
        const auto found = record.find(name);
        if (found == record.end() || (!found->is_string() && !found->is_number_integer())) continue;
        if (name == field) break;
        return found->is_string() ? found->get<std::string>() : found->dump();
    }
    return fmt::format("record {}", slices.number() + 1);
}

const json& field_at(const std::string& path, const json& record, const std::string& field,
                     const JsonSlices& slices) {
    const auto found = record.find(field);
    if (found == record.end())
        fail("{}: line {}: record {} (from 0) has no field '{}'; its fields are {}", path,
             slices.line(), slices.number(), field, fields_of(slices));
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
    const std::vector<FileField> fields = glimpse_fields(beginning.substr(first));
    if (!lines && fields.empty()) return JsonRecordKind::none;
    const auto has = [&](FileField::Kind kind) {
        return std::any_of(fields.begin(), fields.end(),
                           [kind](const FileField& field) { return field.kind == kind; });
    };
    if (has_named_vectors(fields)) return JsonRecordKind::vectors;
    return has(FileField::Kind::numbers) && !has(FileField::Kind::text) ? JsonRecordKind::vectors
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
        if (field.empty()) field = need_text(path, slices);
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
        pieces.add(title_of(record, field, slices), piece);
        properties.add(record, slices.slice(), {field});
    }
    if (pieces.pieces.empty()) fail("{}: no record with a text in it; expected at least one", path);
    std::vector<std::string> ignored;
    pieces.properties = properties.take(ignored);
    pieces.notes = fmt::format(", {} record{} of '{}'", count_text(pieces.pieces.size()),
                               pieces.pieces.size() == 1 ? "" : "s", field);
    if (blank > 0) pieces.notes += fmt::format(", {} without text skipped", count_text(blank));
    if (!ignored.empty()) pieces.notes += fmt::format(", {} fields not used", ignored.size());
    return pieces;
}

RecordVectors read_json_vectors(const std::string& path, std::string_view bytes,
                                const std::string& wanted, TextEncoding encoding) {
    const DecodedText decoded = decode_text(path, bytes, encoding);
    const std::string_view text = decoded.text;
    RecordVectors result;
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
            if (!lists && result.field.empty()) result.field = need_vectors(path, slices);
            if (!lists) result.label_field = choose_labels(glimpse_fields(slices.slice()));
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
        properties.add(record, slices.slice(), {result.field, result.label_field});
    }
    if (result.values.empty()) fail("{}: no record is in it; expected vectors", path);
    result.properties = properties.take(result.ignored);
    return result;
}

}  // namespace hsa
