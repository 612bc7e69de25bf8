#include "engine/io/table.h"

#include "tests/unit/engine/io/io_test.h"

using hsa::read_table;
using hsa::Table;
using io_test::check_fails;

namespace {

std::vector<float> values_of(const Table& table) {
    return {table.values.data(), table.values.data() + table.values.size()};
}

}  // namespace

TEST_CASE("numbers alone are a table", "[io][table]") {
    const Table table = read_table("a.tsv", "1\t2.5\t-3e-2\n4\t+5\t6\n");
    CHECK(table.values.rows() == 2);
    CHECK(values_of(table) == std::vector<float>{1, 2.5F, -0.03F, 4, 5, 6});
    CHECK(table.column_names.empty());
    CHECK(table.labels.empty());
}

TEST_CASE("a header line is skipped and kept", "[io][table]") {
    const Table table = read_table("a.csv", "x,y\n1,2\n3,4\n");
    CHECK(table.column_names == std::vector<std::string>{"x", "y"});
    CHECK(values_of(table) == std::vector<float>{1, 2, 3, 4});
}

TEST_CASE("one label column may stand anywhere", "[io][table]") {
    const Table last = read_table("a.csv", "1,2,gull\n3,4,tern\n");
    CHECK(last.labels == std::vector<std::string>{"gull", "tern"});
    CHECK(last.label_column == 2U);
    CHECK(values_of(last) == std::vector<float>{1, 2, 3, 4});
    const Table middle = read_table("a.tsv", "x\tbird\ty\n1\tgull\t2\n3\ttern\t4\n");
    CHECK(middle.label_column == 1U);
    CHECK(middle.column_names[1] == "bird");
    // Some labels may look like numbers.
    const Table years = read_table("a.csv", "the,1\n1999,2\nsea,3\n");
    CHECK(years.labels == std::vector<std::string>{"the", "1999", "sea"});
}

TEST_CASE("line ends, byte order marks and blank lines do not matter", "[io][table]") {
    const Table table = read_table("a.csv", "\xEF\xBB\xBFx,y\r\n1,2\r\n\r\n3, 4 \r\n\n");
    CHECK(table.column_names[0] == "x");
    CHECK(values_of(table) == std::vector<float>{1, 2, 3, 4});
    CHECK(values_of(read_table("a.csv", "1,2\n3,4")) == std::vector<float>{1, 2, 3, 4});
}

TEST_CASE("quoted fields keep separators, quotes and line ends", "[io][table]") {
    const Table table =
        read_table("a.csv", "\"name\",v\n\"a,b\",1\n\"say \"\"hi\"\"\",2\n\"two\nlines\",3\n");
    CHECK(table.labels == std::vector<std::string>{"a,b", "say \"hi\"", "two\nlines"});
    CHECK(values_of(read_table("a.csv", "\"1\",\"2\"\n")) == std::vector<float>{1, 2});
    check_fails([] { (void)read_table("a.csv", "a,1\n\"b,2\n"); },
                {"a.csv", "line 2", "never ends"});
    check_fails([] { (void)read_table("a.csv", "a,1\n\"b\"c,2\n"); }, {"line 2", "closing quote"});
    // In tab-separated word vectors a lone quote is a word.
    const Table words = read_table("a.tsv", "\"\t1\nthe\t2\n\"a\tb\"\t3\n");
    CHECK(words.labels == std::vector<std::string>{"\"", "the", "a\tb"});
}

TEST_CASE("semicolons separate where no comma or tab does", "[io][table]") {
    CHECK(values_of(read_table("a.csv", "1;2\n3;4\n")) == std::vector<float>{1, 2, 3, 4});
    CHECK(values_of(read_table("numbers", "1,2\n3,4\n")) == std::vector<float>{1, 2, 3, 4});
    CHECK(values_of(read_table("a.csv", "1\n2\n")) == std::vector<float>{1, 2});
}

TEST_CASE("a data frame's own column numbers and row numbers are not data", "[io][table]") {
    const Table counted = read_table("a.csv", "0,1,2\n0.5,1.5,2.5\n3,4,5\n");
    CHECK(counted.values.rows() == 2);
    CHECK(counted.column_names.size() == 3);
    const Table indexed = read_table("a.csv", ",0,1,2\n0,.5,.25,1\n1,2,3,4\n");
    CHECK(indexed.index_column == 0U);
    CHECK(values_of(indexed) == std::vector<float>{.5F, .25F, 1, 2, 3, 4});
    const Table named = read_table("a.csv", ",word,x\n0,sea,.5\n1,sky,.25\n");
    CHECK(named.index_column == 0U);
    CHECK(values_of(named) == std::vector<float>{.5F, .25F});
    // A first column without a name that does not count is data.
    const Table data = read_table("a.csv", ",x\n0,.5\n7,.25\n");
    CHECK(data.index_column == std::nullopt);
    CHECK(data.values.cols() == 2);
    // Whole numbers in a row are data where all of the table is whole.
    CHECK(read_table("a.csv", "0,1,2\n3,4,5\n").values.rows() == 2);
}

TEST_CASE("uneven rows are named with both counts", "[io][table]") {
    check_fails([] { (void)read_table("a.csv", "x,y,z\n1,2,3\n4,5\n"); },
                {"a.csv", "line 3", "has 2 columns", "first line has 3"});
    check_fails([] { (void)read_table("a.csv", "1,2\n3,4,5\n"); }, {"line 2", "has 3", "has 2"});
}

TEST_CASE("text in a column of numbers is named with its place", "[io][table]") {
    check_fails([] { (void)read_table("a.csv", "x,y\n1,2\n3,four\n5,6\n7,8\n"); },
                {"a.csv", "line 3, column 2", "'four'", "expected a number"});
    check_fails([] { (void)read_table("a.csv", "1,2\n3,x\n"); }, {"line 2, column 2", "'x'"});
    check_fails([] { (void)read_table("a.csv", "1,2\n3,4\n5,1.5.2\n"); }, {"line 3", "'1.5.2'"});
    check_fails([] { (void)read_table("a.csv", "1,2\n3,\n5,6\n"); },
                {"line 2, column 2", "is empty"});
    check_fails([] { (void)read_table("a.csv", "1,2\n3,4 5\n6,7\n"); }, {"'4 5'"});
}

TEST_CASE("NaN, infinity and numbers beyond float32 are refused", "[io][table]") {
    check_fails([] { (void)read_table("a.csv", "1,2\n3,nan\n"); },
                {"line 2, column 2", "NaN", "expected finite"});
    check_fails([] { (void)read_table("a.csv", "1,2\n-inf,2\n"); },
                {"line 2, column 1", "infinity"});
    check_fails([] { (void)read_table("a.csv", "1,2\n1e39,2\n"); }, {"1e39", "float32"});
    CHECK(values_of(read_table("a.csv", "1e-60,2\n"))[0] == 0.0F);
}

TEST_CASE("columns of words beside the labels are properties", "[io][table]") {
    const hsa::Table named = read_table("a.csv", "word,kind,x,sort\ngull,bird,1,a\ncod,fish,2,b\n");
    CHECK(named.labels == std::vector<std::string>{"gull", "cod"});
    REQUIRE(named.properties.size() == 2);
    CHECK(named.properties[0].name == "kind");
    CHECK(named.properties[0].words == std::vector<std::string>{"bird", "fish"});
    CHECK(named.properties[1].name == "sort");
    CHECK(values_of(named) == std::vector<float>{1.0F, 2.0F});
    const hsa::Table unnamed = read_table("a.csv", "a,b,1\nc,d,2\n");
    CHECK(unnamed.properties.at(0).name == "column 2");
}

TEST_CASE("many lines read as few do, and say the right line", "[io][table]") {
    std::string text = "w,x,y\n";
    constexpr std::size_t kRows = 120000;  // several pieces of a megabyte
    for (std::size_t i = 0; i < kRows; ++i) text += fmt::format("w{},{},0.5\r\n", i, i);
    const hsa::Table table = read_table("a.csv", text);
    REQUIRE(table.values.rows() == kRows);
    CHECK(table.labels.back() == "w119999");
    bool same = true;
    for (std::size_t i = 0; i < kRows; ++i)
        same = same && table.values(i, 0) == static_cast<float>(i) && table.values(i, 1) == 0.5F;
    CHECK(same);
    check_fails([&] { (void)read_table("a.csv", text + "w,1,x\nw,y,2\n"); },
                {"line 120002, column 3", "'x'"});
    check_fails([&] { (void)read_table("a.csv", text + "w,1\n"); }, {"line 120002 has 2 columns"});
}

TEST_CASE("a table in UTF-16 is a table", "[io][table]") {
    std::string bytes = "\xFF\xFE";
    for (const char letter : std::string("w,x\na,1\nb,2\n")) bytes += {letter, '\0'};
    CHECK(read_table("a.csv", bytes).labels == std::vector<std::string>{"a", "b"});
}

TEST_CASE("columns of text only are refused", "[io][table]") {
    check_fails([] { (void)read_table("a.csv", "red,green\nblue,white\n"); },
                {"a.csv", "no column holds numbers", "expected rows of numbers"});
    check_fails([] { (void)read_table("a.csv", "\n \n"); }, {"white space"});
    check_fails([] { (void)read_table("a.csv", std::string("1,2\n\0", 5)); }, {"not text"});
    check_fails([] { (void)read_table("a.csv", "caf\xE9,1\n"); }, {"byte 3", "latin1"});
    CHECK(read_table("a.csv", "caf\xE9,1\n", hsa::TextEncoding::latin1).labels[0] == "caf\xC3\xA9");
}

TEST_CASE("a table is told from prose", "[io][table]") {
    CHECK(hsa::looks_like_table("1\t2\n3\t4\n"));
    CHECK(hsa::looks_like_table("word,1,2\nother,3,4\n"));
    CHECK_FALSE(hsa::looks_like_table("Once, there was\na sea, and a ship\n"));
    CHECK_FALSE(hsa::looks_like_table("1 2 3"));
    CHECK_FALSE(hsa::looks_like_table(""));
    CHECK_FALSE(hsa::looks_like_table(std::string("1,2\n\0,3\n", 8)));
}
