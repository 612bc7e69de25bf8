#include "engine/io/table.h"

#include "engine/core/error.h"
#include "engine/io/records.h"

#include <fast_float/fast_float.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>

namespace hsa {
namespace {

// Records looked at to tell labels from numbers and names from data.
constexpr std::size_t kSampleRecords = 200;

std::string_view trimmed(std::string_view field) {
    while (!field.empty() && (field.front() == ' ' || field.front() == '\t'))
        field.remove_prefix(1);
    while (!field.empty() && (field.back() == ' ' || field.back() == '\t')) field.remove_suffix(1);
    return field;
}

enum class Cell : std::uint8_t { number, too_large, empty, text };

// NaN and infinity count as numbers: who reads them refuses them by name.
Cell parse(std::string_view field, float& value) {
    field = trimmed(field);
    if (field.empty()) return Cell::empty;
    if (field.front() == '+' && field.size() > 1 && field[1] != '-') field.remove_prefix(1);
    const auto result = fast_float::from_chars(field.data(), field.data() + field.size(), value);
    if (result.ptr != field.data() + field.size()) return Cell::text;
    // Versions of fast_float differ in whether they report a number too large or too small.
    if (result.ec == std::errc::result_out_of_range && std::abs(value) < 1.0F) return Cell::number;
    if (std::isinf(value) && field.find_first_of("0123456789") != std::string_view::npos) {
        return Cell::too_large;
    }
    return result.ec == std::errc() ? Cell::number : Cell::text;
}

bool is_text(std::string_view field) {
    float value = 0.0F;
    return parse(field, value) == Cell::text;
}

char find_separator(const std::string& path, std::string_view text) {
    const std::string_view line = text.substr(0, text.find('\n'));
    std::array<char, 3> order{'\t', ',', ';'};
    if (path.ends_with(".csv") || path.ends_with(".CSV")) order = {',', ';', '\t'};
    for (const char separator : order) {
        if (line.find(separator) != std::string_view::npos) return separator;
    }
    return order[0];
}

using Record = std::vector<std::string>;

void check_width(const std::string& path, std::size_t line, std::size_t found,
                 std::size_t columns) {
    if (found == columns) return;
    fail(
        "{}: line {} has {} {}, but the first line has {}; every row needs as many: correct that "
        "line",
        path, line, found, found == 1 ? "column" : "columns", columns);
}

// The first records, all as wide as the first.

std::vector<Record> read_sample(const std::string& path, std::string_view text, char separator) {
    std::vector<Record> sample;
    RecordReader reader(path, text, separator);
    while (sample.size() <= kSampleRecords && reader.next()) {
        sample.emplace_back(reader.fields().begin(), reader.fields().end());
        check_width(path, reader.line(), sample.back().size(), sample[0].size());
    }
    return sample;
}

// What the columns of a table are.
struct Form {
    std::size_t columns = 0;
    bool header = false;
    std::optional<std::size_t> label;
    std::optional<std::size_t> index;  // perhaps: decided when all rows are known

    [[nodiscard]] bool is_number(std::size_t column) const { return label != column; }
};

// Labels where most of the sampled cells from record `first` on are no numbers.
std::vector<std::size_t> label_columns(const std::vector<Record>& sample, std::size_t first) {
    std::vector<std::size_t> labels;
    for (std::size_t column = 0; column < sample[0].size(); ++column) {
        std::size_t cells = 0;
        std::size_t texts = 0;
        for (std::size_t row = first; row < sample.size(); ++row) {
            if (trimmed(sample[row][column]).empty()) continue;
            ++cells;
            if (is_text(sample[row][column])) ++texts;
        }
        if (texts * 2 > cells) labels.push_back(column);
    }
    return labels;
}

// Names that a data frame gives its columns when nobody did: 0, 1, 2 ... or 1, 2, 3 ...
bool counts_up(const std::vector<std::string_view>& names) {
    if (names.size() < 3 || (names[0] != "0" && names[0] != "1")) return false;
    const std::size_t first = names[0] == "0" ? 0 : 1;
    for (std::size_t i = 0; i < names.size(); ++i) {
        if (names[i] != fmt::format("{}", first + i)) return false;
    }
    return true;
}

bool has_fraction(const std::vector<Record>& sample, const Form& form) {
    for (std::size_t row = 1; row < sample.size(); ++row) {
        for (std::size_t column = 0; column < sample[row].size(); ++column) {
            float value = 0.0F;
            if (form.is_number(column) && parse(sample[row][column], value) == Cell::number &&
                value != std::floor(value)) {
                return true;
            }
        }
    }
    return false;
}

bool is_header(const std::vector<Record>& sample, const Form& form) {
    std::vector<std::string_view> names;
    bool all_words = true;
    bool any_word = false;
    for (std::size_t column = 0; column < form.columns; ++column) {
        if (!form.is_number(column)) continue;
        const std::string_view name = trimmed(sample[0][column]);
        const bool word = is_text(name);
        any_word = any_word || word;
        all_words = all_words && (word || name.empty());
        // An index column has no name.
        if (!(name.empty() && names.empty())) names.push_back(name);
    }
    if (all_words && any_word) return true;
    return counts_up(names) && has_fraction(sample, form);
}

Form find_form(const std::string& path, const std::vector<Record>& sample) {
    Form form;
    form.columns = sample[0].size();
    // The first record may hold names, so it is asked only when it turns out not to.
    std::vector<std::size_t> labels = label_columns(sample, sample.size() > 1 ? 1 : 0);
    if (labels.size() < form.columns) {
        if (!labels.empty()) form.label = labels[0];
        form.header = sample.size() > 1 && is_header(sample, form);
        if (!form.header) labels = label_columns(sample, 0);
    }
    if (labels.size() == form.columns) {
        fail(
            "{}: no column holds numbers (the second line reads '{}'); expected rows of numbers "
            "separated by tabs or commas, with one label column at most",
            path, sample[sample.size() > 1 ? 1 : 0][0].substr(0, 40));
    }
    if (labels.size() > 1) {
        fail(
            "{}: columns {} and {} both hold text ('{}', '{}'); expected one label column at most: "
            "remove the others",
            path, labels[0] + 1, labels[1] + 1, sample.back()[labels[0]].substr(0, 40),
            sample.back()[labels[1]].substr(0, 40));
    }
    form.label.reset();
    if (!labels.empty()) form.label = labels[0];
    if (form.header) {
        const std::size_t numbers = form.columns - labels.size();
        for (std::size_t column = 0; column < form.columns && numbers > 1; ++column) {
            if (!form.is_number(column)) continue;
            const std::string_view name = trimmed(sample[0][column]);
            if (name.empty() || name == "Unnamed: 0") form.index = column;
            break;
        }
    }
    return form;
}

struct Place {
    const std::string& path;
    std::size_t line;
    std::size_t column;  // from 0
};

[[noreturn]] void fail_cell(const Place& place, Cell cell, float value, std::string_view field) {
    const std::string where =
        fmt::format("{}: line {}, column {} (from 1)", place.path, place.line, place.column + 1);
    const std::string shown(field.substr(0, 40));
    if (cell == Cell::empty) {
        fail("{} is empty; expected a number: fill it in or leave the row out", where);
    }
    if (cell == Cell::text) {
        fail(
            "{} is '{}', which is no number; expected a number (1.5, -2e-3): correct it, or keep "
            "words in one label column",
            where, shown);
    }
    if (cell == Cell::too_large) {
        fail("{} is {}, beyond what float32 can hold; scale the data down", where, shown);
    }
    fail("{} is {}; expected finite numbers: replace it or leave the row out", where,
         std::isnan(value) ? "NaN" : "infinity");
}

// Leaves the column out when every row holds its own number there.
void drop_index(Table& table, std::size_t number_column) {
    const Matrix<float>& all = table.values;
    for (std::size_t row = 0; row < all.rows(); ++row) {
        if (all(row, number_column) != static_cast<float>(row)) {
            table.index_column.reset();
            return;
        }
    }
    Matrix<float> kept(all.rows(), all.cols() - 1);
    for (std::size_t row = 0; row < all.rows(); ++row) {
        std::size_t to = 0;
        for (std::size_t column = 0; column < all.cols(); ++column) {
            if (column != number_column) kept(row, to++) = all(row, column);
        }
    }
    table.values = std::move(kept);
}

}  // namespace

Table read_table(const std::string& path, std::string_view bytes, TextEncoding encoding) {
    const DecodedText decoded = decode_text(path, bytes, encoding);
    Table table;
    table.separator = find_separator(path, decoded.text);
    const std::vector<Record> sample = read_sample(path, decoded.text, table.separator);
    if (sample.empty()) fail("{}: no row is in it; expected rows of numbers", path);
    const Form form = find_form(path, sample);
    table.label_column = form.label;
    table.index_column = form.index;
    if (form.header) table.column_names = sample[0];

    RecordReader reader(path, decoded.text, table.separator);
    if (form.header) reader.next();
    std::vector<float> row(form.columns - (form.label ? 1 : 0));
    while (reader.next()) {
        check_width(path, reader.line(), reader.fields().size(), form.columns);
        std::size_t to = 0;
        for (std::size_t column = 0; column < form.columns; ++column) {
            const std::string_view field = reader.fields()[column];
            if (!form.is_number(column)) {
                table.labels.emplace_back(trimmed(field));
                continue;
            }
            float value = 0.0F;
            const Cell cell = parse(field, value);
            if (cell != Cell::number || !std::isfinite(value)) {
                fail_cell({path, reader.line(), column}, cell, value, trimmed(field));
            }
            row[to++] = value;
        }
        table.values.append_row(row);
    }
    if (form.index) {
        drop_index(table, *form.index - (form.label && *form.label < *form.index ? 1 : 0));
    }
    return table;
}

bool looks_like_table(std::string_view bytes) {
    constexpr std::size_t kLook = std::size_t{1} << 16U;
    std::string_view text = bytes.substr(0, kLook);
    // A line that was cut is no evidence.
    if (bytes.size() > kLook) text = text.substr(0, text.rfind('\n') + 1);
    if (text.empty() || first_invalid_utf8(text) || looks_binary(text)) return false;
    const std::string nowhere;
    try {
        const char separator = find_separator(nowhere, text);
        const std::vector<Record> sample = read_sample(nowhere, text, separator);
        return sample.size() >= 2 && sample[0].size() >= 2 && label_columns(sample, 1).size() <= 1;
    } catch (const Error&) {
        return false;
    }
}

}  // namespace hsa
