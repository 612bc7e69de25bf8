#include "engine/io/parquet.h"

#include "engine/core/error.h"
#include "engine/io/compressed.h"

#ifdef SPLATSCOPE_PARQUET

#include "engine/core/small_floats.h"
#include "engine/io/parquet_file.h"
#include "engine/io/text.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <utility>

namespace hsa {
namespace {

using arrow::Type;

// One value that is no number and no string: a truth value, a day, a time.
bool is_printable(Type::type type) {
    switch (type) {
        case Type::BOOL:
        case Type::DATE32:
        case Type::DATE64:
        case Type::TIMESTAMP:
        case Type::TIME32:
        case Type::TIME64:
        case Type::DECIMAL256: return true;
        default: return false;
    }
}

std::string dtype_of(Type::type type) {
    switch (type) {
        case Type::FLOAT: return "float32";
        case Type::DOUBLE: return "float64";
        case Type::HALF_FLOAT: return "float16";
        case Type::INT8: return "int8";
        case Type::INT16: return "int16";
        case Type::INT32: return "int32";
        case Type::INT64: return "int64";
        case Type::UINT8: return "uint8";
        case Type::UINT16: return "uint16";
        case Type::UINT32: return "uint32";
        case Type::UINT64: return "uint64";
        default: return "decimals";
    }
}

// Digits behind the point.
std::int32_t scale_of(const arrow::DataType& type) {
    return static_cast<const arrow::Decimal128Type&>(type).scale();
}

template <class Array, class Take>
void each_number(const arrow::Array& array, std::int64_t begin, std::int64_t end, Take take) {
    const auto& numbers = static_cast<const Array&>(array);
    for (std::int64_t i = begin; i < end; ++i) {
        if constexpr (std::is_same_v<Array, arrow::HalfFloatArray>)
            take(i, static_cast<double>(from_half(numbers.Value(i))));
        else if constexpr (std::is_same_v<Array, arrow::Decimal128Array>)
            take(i, arrow::Decimal128(numbers.GetValue(i)).ToDouble(scale_of(*array.type())));
        else take(i, static_cast<double>(numbers.Value(i)));
    }
}

// take(i, number) for the numbers begin .. end of an array; what is null has any value.
template <class Take>
void each_number(const arrow::Array& array, std::int64_t begin, std::int64_t end, Take take) {
    switch (array.type_id()) {
        case Type::FLOAT: return each_number<arrow::FloatArray>(array, begin, end, take);
        case Type::DOUBLE: return each_number<arrow::DoubleArray>(array, begin, end, take);
        case Type::HALF_FLOAT: return each_number<arrow::HalfFloatArray>(array, begin, end, take);
        case Type::INT8: return each_number<arrow::Int8Array>(array, begin, end, take);
        case Type::INT16: return each_number<arrow::Int16Array>(array, begin, end, take);
        case Type::INT32: return each_number<arrow::Int32Array>(array, begin, end, take);
        case Type::INT64: return each_number<arrow::Int64Array>(array, begin, end, take);
        case Type::UINT8: return each_number<arrow::UInt8Array>(array, begin, end, take);
        case Type::UINT16: return each_number<arrow::UInt16Array>(array, begin, end, take);
        case Type::UINT32: return each_number<arrow::UInt32Array>(array, begin, end, take);
        case Type::UINT64: return each_number<arrow::UInt64Array>(array, begin, end, take);
        case Type::DECIMAL128: return each_number<arrow::Decimal128Array>(array, begin, end, take);
        default: fault("numbers were to be read of an array of {}", array.type()->ToString());
    }
}

// A number that float32 can hold; throws Error with where(i) for another.
template <class Where>
float narrowed(const arrow::Array& array, std::int64_t i, double number, const Where& where) {
    const auto value = static_cast<float>(number);
    if (array.IsNull(i)) fail("{} is null; expected a number", where(i));
    if (!std::isfinite(value))
        fail("{} is {}; expected a number that float32 can hold", where(i), number);
    return value;
}

// Rows of a column of lists, one vector each.
template <class Lists>
void add_lists(const std::string& path, const std::string& name, const Lists& lists,
               std::size_t first_row, ParquetBudget& budget, Matrix<float>& out) {
    const arrow::Array& values = *lists.values();
    std::vector<float> row;
    for (std::int64_t i = 0; i < lists.length(); ++i) {
        const auto where = [&] {
            return fmt::format("{}: row {} (from 0) of column '{}'", path,
                               first_row + static_cast<std::size_t>(i), name);
        };
        if (lists.IsNull(i)) fail("{} is null; expected a list of numbers", where());
        const std::int64_t begin = lists.value_offset(i);
        const std::int64_t size = lists.value_length(i);
        if (size == 0) fail("{} is an empty list; expected numbers", where());
        const auto d = static_cast<std::size_t>(size);
        if (out.rows() > 0 && d != out.cols())
            fail("{} has {} numbers and those before it {}; all vectors must be as long", where(),
                 d, out.cols());
        row.clear();
        each_number(values, begin, begin + size, [&](std::int64_t at, double number) {
            row.push_back(narrowed(values, at, number, [&](std::int64_t) {
                return fmt::format("{}: number {} (from 0)", where(), at - begin);
            }));
        });
        budget.keep(d * sizeof(float));
        out.append_row(row);
    }
}

void add_vectors(const std::string& path, const std::string& name, const arrow::Array& array,
                 std::size_t first_row, ParquetBudget& budget, Matrix<float>& out) {
    if (array.type_id() == Type::LIST)
        add_lists(path, name, static_cast<const arrow::ListArray&>(array), first_row, budget, out);
    else if (array.type_id() == Type::LARGE_LIST)
        add_lists(path, name, static_cast<const arrow::LargeListArray&>(array), first_row, budget,
                  out);
    else
        add_lists(path, name, static_cast<const arrow::FixedSizeListArray&>(array), first_row,
                  budget, out);
}

// Where a word stands, for messages.
struct WordPlace {
    const std::string& path;
    const std::string& column;
    std::size_t row = 0;
};

// A word, or what is printed of another single value; nothing for null.
std::optional<std::string> word_at(const WordPlace& place, const arrow::Array& array,
                                   std::int64_t i) {
    if (array.IsNull(i)) return std::nullopt;
    std::string word;
    switch (array.type_id()) {
        case Type::STRING: word = static_cast<const arrow::StringArray&>(array).GetView(i); break;
        case Type::LARGE_STRING:
            word = static_cast<const arrow::LargeStringArray&>(array).GetView(i);
            break;
        case Type::BINARY: word = static_cast<const arrow::BinaryArray&>(array).GetView(i); break;
        case Type::LARGE_BINARY:
            word = static_cast<const arrow::LargeBinaryArray&>(array).GetView(i);
            break;
        case Type::DICTIONARY: {
            const auto& numbered = static_cast<const arrow::DictionaryArray&>(array);
            const std::int64_t index = numbered.GetValueIndex(i);
            if (index < 0 || index >= numbered.dictionary()->length())
                fail("{}: row {} (from 0) of column '{}' is word {} of {}; write the file anew",
                     place.path, place.row, place.column, index, numbered.dictionary()->length());
            return word_at(place, *numbered.dictionary(), index);
        }
        default: return arrow_value(array.GetScalar(i))->ToString();
    }
    if (first_invalid_utf8(word))
        fail("{}: row {} (from 0) of column '{}' is not UTF-8; write the column as strings",
             place.path, place.row, place.column);
    return word;
}

// Words of a column, empty for null.
void add_words(const std::string& path, const std::string& name, const arrow::Array& array,
               std::size_t first_row, ParquetBudget& budget, std::vector<std::string>& words) {
    for (std::int64_t i = 0; i < array.length(); ++i) {
        const WordPlace place{path, name, first_row + static_cast<std::size_t>(i)};
        words.push_back(word_at(place, array, i).value_or(""));
        budget.keep(sizeof(std::string) + words.back().size());
    }
}

// A further column with one value a row.
void add_property(const std::string& path, const arrow::Array& array, std::size_t first_row,
                  ParquetBudget& budget, MetadataColumn& property) {
    if (!is_number_type(array.type_id()))
        return add_words(path, property.name, array, first_row, budget, property.words);
    constexpr double kNothing = std::numeric_limits<double>::quiet_NaN();
    budget.keep(static_cast<std::uint64_t>(array.length()) * sizeof(double));
    each_number(array, 0, array.length(), [&](std::int64_t i, double number) {
        const bool usable = std::isfinite(number) && !array.IsNull(i);
        property.numbers.push_back(usable ? number : kNothing);
    });
}

// The further columns: those that become properties, and the names of the rest.
struct Further {
    std::vector<std::size_t> columns;
    std::vector<std::string> ignored;

    [[nodiscard]] std::size_t place(std::size_t column) const {
        const auto at = std::lower_bound(columns.begin(), columns.end(), column);
        return static_cast<std::size_t>(at - columns.begin());
    }
    Further(const ParquetFile& file, const std::vector<std::size_t>& taken) {
        for (std::size_t c = 0; c < file.fields().size(); ++c) {
            if (std::find(taken.begin(), taken.end(), c) != taken.end()) continue;
            const arrow::DataType& type = file.type(c);
            const bool one =
                is_number_type(type.id()) || is_word_type(type) || is_printable(type.id());
            if (one && columns.size() < kMostProperties) columns.push_back(c);
            else ignored.push_back(file.fields()[c].name);
        }
    }
};

// The numbers of pandas' own index are no data.
bool counts_rows(const std::string& name) {
    return name == "id" || name == "index" || name.starts_with("__index_level_");
}

// The columns that are vectors: one of lists, or those of numbers together.
std::vector<std::size_t> vector_columns(const std::string& path, const ParquetFile& file,
                                        const std::string& wanted) {
    const std::vector<FileField>& fields = file.fields();
    if (!wanted.empty()) {
        const std::size_t c = file.column(wanted);
        if (fields[c].kind != FileField::Kind::numbers)
            fail("{}: column '{}' is of the type {}; expected lists of numbers", path, wanted,
                 arrow_words(file.type(c).ToString()));
        return {c};
    }
    const std::string chosen = choose_vectors(fields);
    if (!chosen.empty()) return {file.column(chosen)};
    std::vector<std::size_t> numbers;
    bool lists = false;
    for (std::size_t c = 0; c < fields.size(); ++c) {
        lists = lists || fields[c].kind == FileField::Kind::numbers;
        if (is_number_type(file.type(c).id()) && !counts_rows(fields[c].name)) numbers.push_back(c);
    }
    if (lists || 2 * numbers.size() <= fields.size())
        fail(
            "{}: no list of numbers is named 'embedding', 'vector' or 'embeddings' or is the only "
            "one, and most columns are no numbers; its columns are {}: name one with open PATH as "
            "embeddings:COLUMN, or the words that are a text with open PATH as text:COLUMN",
            path, field_names(fields));
    return numbers;
}

// One column of the rows of a table.
void add_column(const std::string& path, const std::string& name, const arrow::Array& array,
                std::size_t first_row, std::size_t column, Matrix<float>& rows) {
    each_number(array, 0, array.length(), [&](std::int64_t i, double number) {
        const auto row = static_cast<std::size_t>(i);
        rows(row, column) = narrowed(array, i, number, [&](std::int64_t) {
            return fmt::format("{}: row {} (from 0) of column '{}'", path, first_row + row, name);
        });
    });
}

RecordVectors read_vectors(const std::string& path, std::string_view bytes,
                           const std::string& wanted, ParquetBudget& budget) {
    ParquetFile file(path, bytes, budget);
    const std::vector<FileField>& fields = file.fields();
    const std::vector<std::size_t> vectors = vector_columns(path, file, wanted);
    const bool lists = fields[vectors.front()].kind == FileField::Kind::numbers;
    RecordVectors result;
    if (lists) result.field = fields[vectors.front()].name;
    result.label_field = choose_labels(fields);
    std::vector<std::size_t> taken = vectors;
    std::optional<std::size_t> label;
    if (!result.label_field.empty()) label = file.column(result.label_field);
    if (label) taken.push_back(*label);
    Further further(file, taken);
    result.ignored = std::move(further.ignored);
    for (const std::size_t c : further.columns) {
        result.properties.emplace_back().name = fields[c].name;
        taken.push_back(c);
    }
    std::sort(taken.begin(), taken.end());
    const auto type_of = [&](std::size_t c) {
        return dtype_of(lists ? item_type(file.type(c))->id() : file.type(c).id());
    };
    result.dtype = type_of(vectors.front());
    for (const std::size_t c : vectors)
        if (type_of(c) != result.dtype) result.dtype = "numbers of several types";

    Matrix<float> rows;  // of a table, those of one batch
    file.read(taken, [&](std::size_t c, const arrow::Array& array, std::size_t row) {
        const auto vector = std::find(vectors.begin(), vectors.end(), c);
        if (vector != vectors.end() && lists) {
            add_vectors(path, fields[c].name, array, row, budget, result.values);
        } else if (vector != vectors.end()) {
            const auto count = static_cast<std::size_t>(array.length());
            if (vector == vectors.begin()) {
                budget.keep(count * vectors.size() * sizeof(float));
                rows = Matrix<float>(count, vectors.size());
            }
            add_column(path, fields[c].name, array, row,
                       static_cast<std::size_t>(vector - vectors.begin()), rows);
            if (vector + 1 == vectors.end())
                for (std::size_t r = 0; r < count; ++r)
                    result.values.append_row(std::as_const(rows).row(r));
        } else if (label && c == *label) {
            add_words(path, result.label_field, array, row, budget, result.labels);
        } else {
            add_property(path, array, row, budget, result.properties[further.place(c)]);
        }
    });
    if (result.values.empty()) fail("{}: no row is in it; expected vectors", path);
    return result;
}

// The column that is a text.
std::size_t text_column(const std::string& path, const ParquetFile& file,
                        const std::string& wanted) {
    const std::string chosen = wanted.empty() ? choose_text(file.fields()) : wanted;
    if (chosen.empty())
        fail(
            "{}: no column of words is named 'text', 'content', 'body' or 'sentence' or is the "
            "only one; its columns are {}: name one with open PATH as text:COLUMN",
            path, field_names(file.fields()));
    const std::size_t c = file.column(chosen);
    const arrow::DataType& type = file.type(c);
    if (!is_word_type(type) && type.id() != Type::BINARY && type.id() != Type::LARGE_BINARY)
        fail("{}: column '{}' is of the type {}; expected words", path, chosen,
             arrow_words(type.ToString()));
    return c;
}

// The column that names the pieces; nothing where none does.
std::optional<std::size_t> title_column(const ParquetFile& file, std::size_t text) {
    for (const std::string_view name : kTitleFields)
        for (std::size_t c = 0; c < file.fields().size(); ++c)
            if (file.fields()[c].name == name &&
                (is_word_type(file.type(c)) || arrow::is_integer(file.type(c).id())))
                return c == text ? std::nullopt : std::optional(c);
    return std::nullopt;
}

// What a piece is called by a property; empty where it has nothing in this row.
std::string title_at(const MetadataColumn& property, std::size_t row) {
    if (!property.words.empty()) return property.words[row];
    const double number = property.numbers[row];
    return std::isfinite(number) ? fmt::format("{:.0f}", number) : std::string();
}

template <class T>
void keep_rows(const std::vector<std::size_t>& rows, std::vector<T>& values) {
    if (values.empty()) return;
    for (std::size_t r = 0; r < rows.size(); ++r)
        if (rows[r] != r) values[r] = std::move(values[rows[r]]);
    values.resize(rows.size());
}

TextPieces read_texts(const std::string& path, std::string_view bytes, const std::string& wanted,
                      ParquetBudget& budget) {
    ParquetFile file(path, bytes, budget);
    const std::size_t text = text_column(path, file, wanted);
    const std::string& name = file.fields()[text].name;
    const Further further(file, {text});
    TextPieces pieces;
    pieces.encoding = "UTF-8";
    std::vector<std::size_t> taken = further.columns;
    for (const std::size_t c : further.columns)
        pieces.properties.emplace_back().name = file.fields()[c].name;
    taken.insert(std::lower_bound(taken.begin(), taken.end(), text), text);
    std::vector<std::string> texts;
    file.read(taken, [&](std::size_t c, const arrow::Array& array, std::size_t row) {
        if (c == text) add_words(path, name, array, row, budget, texts);
        else add_property(path, array, row, budget, pieces.properties[further.place(c)]);
    });
    const std::optional<std::size_t> titles = title_column(file, text);
    std::vector<std::size_t> rows;
    for (std::size_t row = 0; row < texts.size(); ++row) {
        if (texts[row].find('\0') != std::string::npos)
            fail("{}: row {} (from 0) of column '{}' holds a NUL; expected a text", path, row,
                 name);
        if (is_blank(texts[row])) continue;
        rows.push_back(row);
        std::string title;
        if (titles && further.place(*titles) < pieces.properties.size())
            title = title_at(pieces.properties[further.place(*titles)], row);
        if (title.empty()) title = fmt::format("record {}", row + 1);
        pieces.add(std::move(title), texts[row]);
    }
    if (rows.empty()) fail("{}: no row with a text in it; expected at least one", path);
    for (MetadataColumn& property : pieces.properties) {
        keep_rows(rows, property.words);
        keep_rows(rows, property.numbers);
    }
    pieces.notes =
        fmt::format(", {} record{} of '{}'", rows.size(), rows.size() == 1 ? "" : "s", name);
    if (rows.size() < texts.size())
        pieces.notes += fmt::format(", {} without text skipped", texts.size() - rows.size());
    if (!further.ignored.empty())
        pieces.notes += fmt::format(", {} fields not used", further.ignored.size());
    return pieces;
}

}  // namespace

bool reads_parquet() { return true; }

RecordVectors read_parquet_vectors(const std::string& path, std::string_view bytes,
                                   const std::string& column, std::uint64_t limit) {
    ParquetBudget budget(path, limit);
    return arrow_guarded(path, budget, [&] { return read_vectors(path, bytes, column, budget); });
}

TextPieces read_parquet_texts(const std::string& path, std::string_view bytes,
                              const std::string& column, std::uint64_t limit) {
    ParquetBudget budget(path, limit);
    return arrow_guarded(path, budget, [&] { return read_texts(path, bytes, column, budget); });
}

}  // namespace hsa

#else

namespace hsa {
namespace {

[[noreturn]] void fail_without(const std::string& path) {
    fail(
        "{}: this build has no Parquet: install Arrow's C++ libraries (README.md, Dependencies) "
        "and build again, or convert the file to .npy or .jsonl",
        path);
}

}  // namespace

bool reads_parquet() { return false; }

RecordVectors read_parquet_vectors(const std::string& path, std::string_view /*bytes*/,
                                   const std::string& /*column*/, std::uint64_t /*limit*/) {
    fail_without(path);
}

TextPieces read_parquet_texts(const std::string& path, std::string_view /*bytes*/,
                              const std::string& /*column*/, std::uint64_t /*limit*/) {
    fail_without(path);
}

}  // namespace hsa

#endif

namespace hsa {

RecordVectors read_parquet_vectors(const std::string& path, std::string_view bytes,
                                   const std::string& column) {
    return read_parquet_vectors(path, bytes, column, unpacked_limit(bytes.size()));
}

TextPieces read_parquet_texts(const std::string& path, std::string_view bytes,
                              const std::string& column) {
    return read_parquet_texts(path, bytes, column, unpacked_limit(bytes.size()));
}

}  // namespace hsa
