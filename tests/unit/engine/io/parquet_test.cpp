#include "engine/io/parquet.h"

#include "tests/unit/engine/io/io_test.h"

using io_test::check_fails;

#ifndef SPLATSCOPE_PARQUET

TEST_CASE("a build without Arrow says what to do about Parquet", "[io][parquet]") {
    WARN("this build has no Arrow: what it reads of Parquet is not tested");
    CHECK_FALSE(hsa::reads_parquet());
    check_fails([] { (void)hsa::read_parquet_vectors("a.parquet", "PAR1", ""); },
                {"a.parquet", "this build has no Parquet", "install", ".npy or .jsonl"});
    check_fails([] { (void)hsa::read_parquet_texts("a.parquet", "PAR1", ""); },
                {"a.parquet", "this build has no Parquet"});
}

#else

#include "engine/load.h"

#include <arrow/api.h>
#include <arrow/io/memory.h>
#include <parquet/arrow/writer.h>

#include <cmath>
#include <cstdint>
#include <limits>
#include <random>
#include <utility>

using hsa::read_parquet_texts;
using hsa::read_parquet_vectors;

namespace {

using Columns = std::vector<std::pair<std::string, std::shared_ptr<arrow::Array> > >;
constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

std::shared_ptr<arrow::Array> finished(arrow::ArrayBuilder& builder) {
    std::shared_ptr<arrow::Array> array;
    REQUIRE(builder.Finish(&array).ok());
    return array;
}

template <class Builder, class T>
std::shared_ptr<arrow::Array> array_of(const std::vector<T>& values) {
    Builder builder;
    for (const auto& value : values) REQUIRE(builder.Append(value).ok());
    return finished(builder);
}

std::shared_ptr<arrow::Array> words_of(const std::vector<std::string>& words) {
    return array_of<arrow::StringBuilder>(words);
}

// A null for every NaN.
std::shared_ptr<arrow::Array> numbers_of(const std::vector<double>& numbers) {
    arrow::DoubleBuilder builder;
    for (const double number : numbers)
        REQUIRE((number == number ? builder.Append(number) : builder.AppendNull()).ok());
    return finished(builder);
}

// Decimals of so many hundredths.
std::shared_ptr<arrow::Array> prices_of(const std::vector<int>& hundredths) {
    arrow::Decimal128Builder builder(arrow::decimal128(10, 2));
    for (const int price : hundredths) REQUIRE(builder.Append(arrow::Decimal128(price)).ok());
    return finished(builder);
}

// One list a row; a row of nothing is null.
template <class Lists = arrow::ListBuilder, class Items = arrow::FloatBuilder, class T = float>
std::shared_ptr<arrow::Array> lists_of(const std::vector<std::vector<T> >& rows) {
    auto items = std::make_shared<Items>();
    Lists builder(arrow::default_memory_pool(), items);
    for (const auto& row : rows) {
        REQUIRE((row.empty() ? builder.AppendNull() : builder.Append()).ok());
        bool appended = true;
        for (const T& item : row) appended = items->Append(item).ok() && appended;
        REQUIRE(appended);
    }
    return finished(builder);
}

std::string parquet_of(const Columns& columns, std::int64_t group = 1 << 20) {
    arrow::FieldVector fields;
    arrow::ArrayVector arrays;
    for (const auto& [name, array] : columns) {
        fields.push_back(arrow::field(name, array->type()));
        arrays.push_back(array);
    }
    const auto table = arrow::Table::Make(arrow::schema(fields), arrays);
    const auto sink = arrow::io::BufferOutputStream::Create().ValueOrDie();
    // Types that only Arrow knows are kept in the file, as pyarrow keeps them.
    const auto properties = parquet::ArrowWriterProperties::Builder().store_schema()->build();
    REQUIRE(parquet::arrow::WriteTable(*table, arrow::default_memory_pool(), sink, group,
                                       parquet::default_writer_properties(), properties)
                .ok());
    return sink->Finish().ValueOrDie()->ToString();
}

hsa::RecordVectors vectors_of(const Columns& columns, const std::string& column = "") {
    return read_parquet_vectors("a.parquet", parquet_of(columns), column);
}

const std::vector<std::vector<float> > kRows = {{1.0F, 2.5F}, {-1e-3F, 4.0F}, {0.0F, -7.0F}};

void check_rows(const hsa::Matrix<float>& values) {
    REQUIRE(values.rows() == kRows.size());
    REQUIRE(values.cols() == 2);
    for (std::size_t r = 0; r < kRows.size(); ++r)
        for (std::size_t c = 0; c < 2; ++c) CHECK(values(r, c) == kRows[r][c]);
}

}  // namespace

TEST_CASE("a column of lists is read as vectors, further ones as properties", "[io][parquet]") {
    const Columns columns = {
        {"year", numbers_of({1890, kNan, 1900.5})},
        {"tags",
         lists_of<arrow::ListBuilder, arrow::StringBuilder, std::string>({{"a"}, {"b", "c"}, {}})},
        {"word", words_of({"sea", "ship", "caf\xC3\xA9"})},
        {"kind", words_of({"water", "", "place"})},
        {"embedding", lists_of(kRows)},
        {"good", array_of<arrow::BooleanBuilder, std::uint8_t>({1, 0, 1})},
        {"day", array_of<arrow::Date32Builder, int>({0, 1, 365})},
        {"price", prices_of({150, -25, 0})}};
    const hsa::RecordVectors vectors = vectors_of(columns);
    check_rows(vectors.values);
    CHECK(vectors.field == "embedding");
    CHECK(vectors.dtype == "float32");
    CHECK(vectors.label_field == "word");
    CHECK(vectors.labels == std::vector<std::string>{"sea", "ship", "caf\xC3\xA9"});
    CHECK(vectors.ignored == std::vector<std::string>{"tags"});
    REQUIRE(vectors.properties.size() == 5);
    CHECK(vectors.properties[0].name == "year");
    CHECK(vectors.properties[0].numbers.at(2) == 1900.5);
    CHECK(std::isnan(vectors.properties[0].numbers.at(1)));
    CHECK(vectors.properties[1].words == std::vector<std::string>{"water", "", "place"});
    CHECK(vectors.properties[2].words == std::vector<std::string>{"true", "false", "true"});
    CHECK(vectors.properties[3].words ==
          std::vector<std::string>{"1970-01-01", "1970-01-02", "1971-01-01"});
    CHECK(vectors.properties[4].numbers == std::vector<double>{1.5, -0.25, 0.0});
}

TEST_CASE("lists of every kind and number are vectors", "[io][parquet]") {
    std::vector<std::vector<double> > wide;
    std::vector<std::vector<std::int64_t> > whole;
    for (const auto& row : kRows) {
        wide.emplace_back(row.begin(), row.end());
        whole.push_back({3, -4});
    }
    const hsa::RecordVectors doubles =
        vectors_of({{"x", lists_of<arrow::LargeListBuilder, arrow::DoubleBuilder, double>(wide)}});
    check_rows(doubles.values);
    CHECK(doubles.dtype == "float64");
    const hsa::RecordVectors integers =
        vectors_of({{"x", lists_of<arrow::ListBuilder, arrow::Int64Builder>(whole)}});
    CHECK(integers.dtype == "int64");
    CHECK(integers.values(2, 1) == -4.0F);
    auto items = std::make_shared<arrow::FloatBuilder>();
    arrow::FixedSizeListBuilder fixed(arrow::default_memory_pool(), items, 2);
    for (const auto& row : kRows) {
        REQUIRE(fixed.Append().ok());
        REQUIRE(items->AppendValues(row).ok());
    }
    check_rows(vectors_of({{"x", finished(fixed)}}).values);
    auto halves = std::make_shared<arrow::HalfFloatBuilder>();
    arrow::ListBuilder list(arrow::default_memory_pool(), halves);
    REQUIRE(list.Append().ok());
    REQUIRE(halves->Append(std::uint16_t{0x3C00}).ok());
    REQUIRE(halves->Append(std::uint16_t{0xC000}).ok());
    const hsa::RecordVectors half = vectors_of({{"x", finished(list)}});
    CHECK(half.dtype == "float16");
    CHECK(half.values(0, 0) == 1.0F);
    CHECK(half.values(0, 1) == -2.0F);
}

TEST_CASE("columns of numbers are a table", "[io][parquet]") {
    const hsa::RecordVectors table =
        vectors_of({{"x", numbers_of({1, 2, 3})},
                    {"name", words_of({"a", "b", "c"})},
                    {"id", array_of<arrow::Int64Builder, int>({7, 8, 9})},
                    {"y", array_of<arrow::Int32Builder, int>({4, 5, 6})},
                    {"z", array_of<arrow::UInt8Builder, std::uint8_t>({1, 2, 255})}});
    REQUIRE(table.values.cols() == 3);
    CHECK(table.values(1, 0) == 2.0F);
    CHECK(table.values(2, 1) == 6.0F);
    CHECK(table.values(2, 2) == 255.0F);
    CHECK(table.labels.at(1) == "b");
    CHECK(table.dtype == "numbers of several types");
    REQUIRE(table.properties.size() == 1);
    CHECK(table.properties[0].numbers == std::vector<double>{7, 8, 9});
    check_fails(
        [] {
            (void)vectors_of({{"x", numbers_of({1})}, {"a", words_of({"b"})}});
        },
        {"'x', 'a'", "as embeddings:COLUMN", "as text:COLUMN"});
    check_fails(
        [] {
            (void)vectors_of({{"x", numbers_of({1, kNan})}});
        },
        {"row 1 (from 0) of column 'x' is null"});
}

TEST_CASE("the column of vectors is found, or named", "[io][parquet]") {
    const Columns two = {{"p", lists_of({{1.0F}})}, {"q", lists_of({{2.0F, 3.0F}})}};
    const hsa::RecordVectors q = vectors_of(two, "q");
    CHECK(q.values(0, 1) == 3.0F);
    CHECK(q.ignored == std::vector<std::string>{"p"});
    check_fails([&] { (void)vectors_of(two); }, {"'p', 'q'", "as embeddings:COLUMN"});
    check_fails([&] { (void)vectors_of(two, "r"); }, {"no column 'r'", "'p', 'q'"});
    check_fails(
        [] {
            (void)vectors_of({{"a", words_of({"b"})}}, "a");
        },
        {"column 'a'", "string", "expected lists of numbers"});
}

TEST_CASE("rows that are no vectors are refused by their number", "[io][parquet]") {
    const auto refused = [](const std::vector<std::vector<float> >& rows,
                            const std::vector<std::string>& parts) {
        check_fails([&] { (void)vectors_of({{"vector", lists_of(rows)}}); }, parts);
    };
    refused({{1.0F}, {}}, {"row 1 (from 0) of column 'vector' is null"});
    refused({{1.0F, 2.0F}, {1.0F}}, {"row 1", "has 1 numbers and those before it 2"});
    refused({{1.0F, 2.0F}, {1.0F, NAN}}, {"row 1", "number 1", "nan"});
    refused({{INFINITY}}, {"row 0", "number 0", "inf"});
    check_fails(
        [] {
            (void)vectors_of({{"vector", lists_of<arrow::ListBuilder, arrow::DoubleBuilder, double>(
                                             {{1.0}, {1e39}})}});
        },
        {"row 1", "float32"});
    refused({}, {"no row"});
    arrow::ListBuilder hollow(arrow::default_memory_pool(),
                              std::make_shared<arrow::FloatBuilder>());
    REQUIRE(hollow.Append().ok());
    check_fails([&] { (void)vectors_of({{"vector", finished(hollow)}}); }, {"empty list"});
    auto items = std::make_shared<arrow::Int32Builder>();
    arrow::ListBuilder holes(arrow::default_memory_pool(), items);
    REQUIRE(holes.Append().ok());
    REQUIRE(items->Append(1).ok());
    REQUIRE(items->AppendNull().ok());
    check_fails([&] { (void)vectors_of({{"vector", finished(holes)}}); }, {"number 1", "null"});
}

TEST_CASE("a column of words is a text in pieces", "[io][parquet]") {
    arrow::StringBuilder body;
    for (const char* text : {"The sea.", " \n", "", "A ship\nsails."})
        REQUIRE((*text == '\0' ? body.AppendNull() : body.Append(text)).ok());
    const Columns columns = {{"title", words_of({"One", "blank", "null", ""})},
                             {"text", finished(body)},
                             {"year", numbers_of({1890, 1, 2, kNan})},
                             {"v", lists_of({{1.0F}, {1.0F}, {1.0F}, {1.0F}})}};
    const std::string bytes = parquet_of(columns);
    const hsa::TextPieces pieces = read_parquet_texts("a.parquet", bytes, "");
    CHECK(pieces.text == "The sea.\n\nA ship\nsails.");
    REQUIRE(pieces.pieces.size() == 2);
    CHECK(pieces.pieces[0].title == "One");
    CHECK(pieces.pieces[1].title == "record 4");
    CHECK(pieces.notes == ", 2 records of 'text', 2 without text skipped, 1 fields not used");
    REQUIRE(pieces.properties.size() == 2);
    CHECK(pieces.properties[0].words == std::vector<std::string>{"One", ""});
    CHECK(pieces.properties[1].numbers.at(0) == 1890.0);
    CHECK(std::isnan(pieces.properties[1].numbers.at(1)));
    CHECK(read_parquet_texts("a.parquet", bytes, "title").text == "One\n\nblank\n\nnull");
    const auto fails = [](const Columns& some, const std::string& column,
                          const std::vector<std::string>& parts) {
        check_fails([&] { (void)read_parquet_texts("a.parquet", parquet_of(some), column); },
                    parts);
    };
    fails(columns, "year", {"column 'year'", "double", "expected words"});
    fails(columns, "x", {"no column 'x'", "'title', 'text', 'year', 'v'"});
    fails({{"a", words_of({"x"})}, {"b", words_of({"y"})}}, "", {"'a', 'b'", "as text:COLUMN"});
    fails({{"a", words_of({"x", std::string("a\0b", 3)})}}, "", {"row 1", "NUL"});
    fails({{"a", words_of({" "})}}, "", {"no row with a text"});
    fails({{"a", array_of<arrow::BinaryBuilder>(std::vector<std::string>{"\xFF"})}}, "a",
          {"row 0", "not UTF-8"});
}

TEST_CASE("words that Arrow numbered are words", "[io][parquet]") {
    arrow::StringDictionary32Builder builder;
    for (const char* word : {"sea", "ship", "sea"}) REQUIRE(builder.Append(word).ok());
    const hsa::RecordVectors vectors =
        vectors_of({{"word", finished(builder)}, {"vector", lists_of(kRows)}});
    CHECK(vectors.labels == std::vector<std::string>{"sea", "ship", "sea"});
}

TEST_CASE("a Parquet file that is not whole is refused", "[io][parquet]") {
    const std::string whole = parquet_of({{"vector", lists_of(kRows)}});
    const auto refused = [](const std::string& bytes, const std::vector<std::string>& parts) {
        check_fails([&] { (void)read_parquet_vectors("a.parquet", bytes, ""); }, parts);
    };
    refused("PAR1", {"truncated"});
    refused(whole.substr(0, whole.size() / 2), {"truncated", "'PAR1'"});
    refused("words", {"no Parquet file"});
    refused("PARE" + whole.substr(4), {"encrypted"});
    std::string footer = whole;
    footer.replace(footer.size() - 8, 4, "\xFF\xFF\xFF\x7F");
    refused(footer, {"its footer is said to have 2147483647 bytes"});
    footer.replace(footer.size() - 8, 4, std::string("\x05\0\0\0", 4));
    refused(footer, {"cannot be read as Parquet"});
}

TEST_CASE("damaged Parquet files never end the program", "[io][parquet]") {
    std::vector<std::vector<float> > rows;
    std::vector<std::string> words;
    for (int r = 0; r < 200; ++r) {
        rows.push_back({0.1F * static_cast<float>(r), 1.0F, -2.0F});
        words.push_back("w" + std::to_string(r % 7));
    }
    const std::string whole =
        parquet_of({{"word", words_of(words)}, {"vector", lists_of(rows)}}, 64);
    std::mt19937_64 random(7);
    std::size_t refused = 0;
    for (int trial = 0; trial < 600; ++trial) {
        std::string bytes = whole;
        for (int change = 0; change <= trial % 3; ++change)
            bytes[random() % bytes.size()] = static_cast<char>(random());
        try {
            const hsa::RecordVectors read = read_parquet_vectors("a.parquet", bytes, "");
            CHECK(read.labels.size() == read.values.rows());
        } catch (const hsa::Error& error) {
            CHECK(error.kind() == hsa::ErrorKind::input);
            ++refused;
        }
    }
    CHECK(refused > 100);
}

TEST_CASE("Parquet that unpacks to more than its limit is refused", "[io][parquet]") {
    const std::vector<float> same(1000, 1.0F);
    const std::string bytes = parquet_of(
        {{"vector", lists_of(std::vector<std::vector<float> >(5000, same))}});  // 20 MB unpacked
    CHECK(bytes.size() < 1'000'000);
    CHECK(read_parquet_vectors("a.parquet", bytes, "", 64U << 20U).values.rows() == 5000);
    check_fails([&] { (void)read_parquet_vectors("a.parquet", bytes, "", 10U << 20U); },
                {"a.parquet", "1,000 times its own size", "256 MB"});
    // The footer's claim is within the limit, what is read is not.
    const std::string word(100'000, 'w');
    const std::string repeated =
        parquet_of({{"text", words_of(std::vector<std::string>(200, word))}});
    CHECK(repeated.size() < 200'000);
    check_fails([&] { (void)read_parquet_texts("a.parquet", repeated, "", 1U << 20U); },
                {"1,000 times its own size"});
}

TEST_CASE("a Parquet file opens as vectors, or as a text", "[io][parquet]") {
    const io_test::Folder folder;
    const std::string path = folder.at("a.parquet");
    io_test::put_file(path, parquet_of({{"text", words_of({"The sea.", "A ship.", "It sails."})},
                                        {"year", numbers_of({1, 2, 3})},
                                        {"vector", lists_of(kRows)}}));
    const auto open = [&](const std::string& as) {
        return hsa::load_dataset({{path, as, 0}}, {}, {}, 1U << 30U, {});
    };
    const auto vectors = open("");
    CHECK(vectors->size() == 3);
    CHECK(vectors->labels.at(1) == "A ship.");
    CHECK(vectors->properties.at(0).name == "year");
    CHECK(vectors->understood.find("from 'vector', labels from 'text'") != std::string::npos);
    CHECK(open("embeddings:vector")->embeddings.rows(1, 1) == 4.0F);
    const auto text = open("text:text");
    CHECK(*text->text == "The sea.\n\nA ship.\n\nIt sails.");
    CHECK(text->structure.sections.size() == 3);
}

#endif
