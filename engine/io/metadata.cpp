#include "engine/io/metadata.h"

#include "engine/core/error.h"
#include "engine/core/hash.h"
#include "engine/io/number_cell.h"
#include "engine/io/open.h"
#include "engine/io/records.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <utility>

namespace hsa {
namespace {

constexpr std::array<std::string_view, 5> kLabelNames = {"label", "word", "token", "name", "title"};

bool is_named(const std::string& name, std::string_view wanted) {
    return std::equal(name.begin(), name.end(), wanted.begin(), wanted.end(), [](char a, char b) {
        return (a >= 'A' && a <= 'Z' ? static_cast<char>(a - 'A' + 'a') : a) == b;
    });
}

// Words that are all numbers, or nothing, and one number at least, are numbers.
void recognise_numbers(MetadataColumn& column) {
    std::vector<double> numbers;
    numbers.reserve(column.words.size());
    bool any = false;
    for (const std::string& word : column.words) {
        float value = 0.0F;
        const Cell cell = parse_cell(word, value);
        if (cell == Cell::text || cell == Cell::too_large) return;
        if (cell == Cell::empty || !std::isfinite(value)) {
            numbers.push_back(std::numeric_limits<double>::quiet_NaN());
            continue;
        }
        any = true;
        numbers.push_back(static_cast<double>(value));
    }
    if (!any) return;
    column.numbers = std::move(numbers);
    column.words.clear();
}

std::size_t find_label(const std::vector<MetadataColumn>& columns) {
    for (const std::string_view wanted : kLabelNames)
        for (std::size_t c = 0; c < columns.size(); ++c)
            if (!columns[c].words.empty() && is_named(columns[c].name, wanted)) return c;
    const auto words =
        std::find_if(columns.begin(), columns.end(),
                     [](const MetadataColumn& column) { return !column.words.empty(); });
    return static_cast<std::size_t>(words - columns.begin());
}

}  // namespace

Metadata read_metadata(const std::string& path, std::string_view bytes, TextEncoding encoding) {
    const DecodedText decoded = decode_text(path, bytes, encoding);
    const char separator = find_separator(path, decoded.text);
    Metadata metadata;
    RecordReader reader(path, decoded.text, separator);
    while (reader.next()) {
        const std::vector<std::string_view>& fields = reader.fields();
        if (metadata.columns.empty()) {
            metadata.columns.resize(fields.size());
            if (fields.size() > 1) {
                for (std::size_t c = 0; c < fields.size(); ++c) {
                    std::string name(trimmed(fields[c]));
                    if (name.empty()) name = fmt::format("column {}", c + 1);
                    for (std::size_t other = 0; other < c; ++other)
                        if (metadata.columns[other].name == name)
                            fail(
                                "{}: columns {} and {} (from 1) are both named '{}'; the first "
                                "line gives each column a name of its own",
                                path, other + 1, c + 1, name);
                    metadata.columns[c].name = std::move(name);
                }
                continue;
            }
            metadata.columns[0].name = "label";
        }
        if (fields.size() != metadata.columns.size())
            fail("{}: line {} has {} columns, but the first line has {}: correct that line", path,
                 reader.line(), fields.size(), metadata.columns.size());
        for (std::size_t c = 0; c < fields.size(); ++c)
            metadata.columns[c].words.emplace_back(trimmed(fields[c]));
        ++metadata.rows;
    }
    if (metadata.rows == 0)
        fail("{}: no row is in it; expected a line of names and a line for every vector", path);
    if (metadata.columns.size() > 1)
        for (MetadataColumn& column : metadata.columns) recognise_numbers(column);
    metadata.label = find_label(metadata.columns);
    return metadata;
}

void add_metadata(const std::string& path, Metadata metadata, Dataset& dataset) {
    if (metadata.rows != dataset.size())
        fail("{} describes {} rows and {} has {}: the counts must agree. {}", path, metadata.rows,
             dataset.source, dataset.size(),
             metadata.columns.size() > 1
                 ? "With more than one column the first line is taken for their names."
                 : "With one column every line is a row, the first too.");
    const bool words = dataset.text != nullptr || !dataset.labels.empty();
    std::string names;
    std::uint64_t hash = dataset.hash;
    for (std::size_t c = 0; c < metadata.columns.size(); ++c) {
        MetadataColumn& column = metadata.columns[c];
        hash = hash_text(column.name, hash);
        for (const std::string& word : column.words) hash = hash_text(word, hash);
        hash = hash_values(std::span<const double>(column.numbers), hash);
        if (c == metadata.label && !words) {
            dataset.labels = std::move(column.words);
            number_types(dataset);
            continue;
        }
        names += (names.empty() ? "" : ", ") + column.name;
        dataset.properties.push_back(std::move(column));
    }
    if (metadata.label < metadata.columns.size() && !words)
        dataset.understood +=
            fmt::format("; labels from '{}' of {}", metadata.columns[metadata.label].name, path);
    if (!names.empty()) dataset.understood += fmt::format("; properties of {}: {}", path, names);
    dataset.hash = hash;
    dataset.source += " + " + path;
}

const MetadataColumn* column_named(const Dataset& dataset, std::string_view name) {
    const auto found = std::find_if(dataset.properties.begin(), dataset.properties.end(),
                                    [&](const MetadataColumn& c) { return c.name == name; });
    return found == dataset.properties.end() ? nullptr : &*found;
}

}  // namespace hsa
