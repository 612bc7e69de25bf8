#include "engine/io/table.h"

#include "engine/core/error.h"
#include "engine/core/parallel.h"
#include "engine/io/line_chunks.h"
#include "engine/io/number_cell.h"
#include "engine/io/records.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <iterator>
#include <utility>

namespace hsa {
namespace {

// Records looked at to tell labels from numbers and names from data.
constexpr std::size_t kSampleRecords = 200;

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
    std::vector<std::size_t> words;    // columns of words, rising; the first holds the labels
    std::optional<std::size_t> index;  // perhaps: decided when all rows are known

    [[nodiscard]] bool is_number(std::size_t column) const {
        return !std::binary_search(words.begin(), words.end(), column);
    }
    [[nodiscard]] std::size_t numbers() const { return columns - words.size(); }
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
            if (is_text_cell(sample[row][column])) ++texts;
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
            if (form.is_number(column) && parse_cell(sample[row][column], value) == Cell::number &&
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
        const bool word = is_text_cell(name);
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
    form.words = label_columns(sample, sample.size() > 1 ? 1 : 0);
    if (form.words.size() < form.columns) {
        form.header = sample.size() > 1 && is_header(sample, form);
        if (!form.header) form.words = label_columns(sample, 0);
    }
    if (form.words.size() == form.columns)
        fail(
            "{}: no column holds numbers (the second line reads '{}'); expected rows of numbers "
            "separated by tabs or commas, beside columns of words; words alone name the rows of "
            "vectors that are open: open PATH as metadata",
            path, sample[sample.size() > 1 ? 1 : 0][0].substr(0, 40));
    if (form.header) {
        for (std::size_t column = 0; column < form.columns && form.numbers() > 1; ++column) {
            if (!form.is_number(column)) continue;
            const std::string_view name = trimmed(sample[0][column]);
            if (name.empty() || name == "Unnamed: 0") form.index = column;
            break;
        }
    }
    return form;
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

// What was read of some lines.
struct Rows {
    std::vector<float> values;                    // [rows x number columns]
    std::vector<std::vector<std::string>> words;  // [word columns] of [rows]
};

Rows read_rows(const std::string& path, const LineChunk& chunk, char separator, const Form& form) {
    Rows rows;
    rows.words.resize(form.words.size());
    RecordReader reader(path, chunk.lines, separator, chunk.first_line);
    while (reader.next()) {
        check_width(path, reader.line(), reader.fields().size(), form.columns);
        std::size_t word = 0;
        for (std::size_t column = 0; column < form.columns; ++column) {
            const std::string_view field = reader.fields()[column];
            if (word < form.words.size() && form.words[word] == column) {
                rows.words[word++].emplace_back(trimmed(field));
                continue;
            }
            float value = 0.0F;
            const Cell cell = parse_cell(field, value);
            if (cell != Cell::number || !std::isfinite(value))
                fail_cell({path, reader.line(), column}, cell, value, trimmed(field));
            rows.values.push_back(value);
        }
    }
    return rows;
}

// The rows of all chunks, one after another.
void join_rows(std::vector<Rows> parts, const Form& form, Table& table) {
    std::vector<std::size_t> begins(parts.size() + 1, 0);
    for (std::size_t p = 0; p < parts.size(); ++p)
        begins[p + 1] = begins[p] + parts[p].values.size() / form.numbers();
    table.values = Matrix<float>::unwritten(begins.back(), form.numbers());
    parallel_for(parts.size(), [&](std::size_t p) {
        if (!parts[p].values.empty())
            std::memcpy(table.values.data() + begins[p] * form.numbers(), parts[p].values.data(),
                        parts[p].values.size() * sizeof(float));
    });
    for (std::size_t w = 0; w < form.words.size(); ++w) {
        std::vector<std::string> column;
        column.reserve(begins.back());
        for (Rows& part : parts)
            std::move(part.words[w].begin(), part.words[w].end(), std::back_inserter(column));
        if (w == 0) {
            table.labels = std::move(column);
            continue;
        }
        std::string name = fmt::format("column {}", form.words[w] + 1);
        if (form.header && !trimmed(table.column_names[form.words[w]]).empty())
            name = trimmed(table.column_names[form.words[w]]);
        table.properties.push_back({std::move(name), std::move(column), {}});
    }
}

}  // namespace

Table read_table(const std::string& path, std::string_view bytes, TextEncoding encoding) {
    constexpr std::size_t kChunk = std::size_t{1} << 20U;
    const DecodedText decoded = decode_text(path, bytes, encoding);
    Table table;
    table.separator = find_separator(path, decoded.text);
    const std::vector<Record> sample = read_sample(path, decoded.text, table.separator);
    if (sample.empty()) fail("{}: no row is in it; expected rows of numbers", path);
    const Form form = find_form(path, sample);
    if (!form.words.empty()) table.label_column = form.words.front();
    table.index_column = form.index;
    if (form.header) table.column_names = sample[0];

    RecordReader reader(path, decoded.text, table.separator);
    if (form.header) reader.next();
    const std::string_view rest = std::string_view(decoded.text).substr(reader.offset());
    // A field in quotes may go on over the end of a line: such a text is read in one piece.
    const bool quotes = rest.find('"') != std::string_view::npos;
    std::vector<LineChunk> chunks = line_chunks(rest, quotes ? rest.size() : kChunk);
    std::vector<Rows> parts(chunks.size());
    read_chunks(std::move(chunks), reader.next_line(),
                [&](std::size_t index, const LineChunk& chunk) {
                    parts[index] = read_rows(path, chunk, table.separator, form);
                });
    join_rows(std::move(parts), form, table);
    if (form.index) {
        const auto before = std::lower_bound(form.words.begin(), form.words.end(), *form.index);
        drop_index(table, *form.index - static_cast<std::size_t>(before - form.words.begin()));
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
        if (sample.size() < 2 || sample[0].size() < 2) return false;
        const std::size_t words = label_columns(sample, 1).size();
        return words <= 1 || words * 4 <= sample[0].size();
    } catch (const Error&) {
        return false;
    }
}

}  // namespace hsa
