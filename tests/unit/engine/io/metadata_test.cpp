#include "engine/io/metadata.h"

#include "engine/io/open.h"
#include "tests/unit/engine/io/io_test.h"

#include <cmath>

using hsa::Metadata;
using hsa::read_metadata;
using io_test::check_fails;

TEST_CASE("one column is labels without a name", "[io][metadata]") {
    const Metadata read = read_metadata("metadata.tsv", "sea\n7\nship\n");
    CHECK(read.rows == 3);
    CHECK(read.columns.at(0).words == std::vector<std::string>{"sea", "7", "ship"});
    CHECK(read.label == 0);
}

TEST_CASE("several columns have names, and numbers are numbers", "[io][metadata]") {
    const Metadata read =
        read_metadata("metadata.tsv", "kind\tyear\tWord\nbird\t1890\tgull\nfish\t\tcod\r\n");
    CHECK(read.rows == 2);
    REQUIRE(read.columns.size() == 3);
    CHECK(read.columns[0].words == std::vector<std::string>{"bird", "fish"});
    CHECK(read.columns[1].numbers.at(0) == 1890.0);
    CHECK(std::isnan(read.columns[1].numbers.at(1)));
    CHECK(read.label == 2);
    CHECK(read_metadata("m.tsv", "kind\tyear\nbird\t1\n").label == 0);
    CHECK(read_metadata("m.tsv", "a\tb\n2\t1\n").label == 2);
}

TEST_CASE("metadata join data with as many rows", "[io][metadata]") {
    hsa::Dataset data = hsa::open_embeddings("tensors.tsv", "1\t2\n3\t4\n");
    const std::uint64_t before = data.hash;
    hsa::add_metadata("metadata.tsv", read_metadata("m.tsv", "word\tkind\na\tx\nb\ty\n"), data);
    CHECK(data.labels == std::vector<std::string>{"a", "b"});
    CHECK(data.type_names == std::vector<std::string>{"a", "b"});
    REQUIRE(data.properties.size() == 1);
    CHECK(data.properties[0].name == "kind");
    CHECK(data.hash != before);
    CHECK(data.understood.find("labels from 'word' of metadata.tsv") != std::string::npos);
    // The label of data that have words already is a property like others.
    hsa::add_metadata("more.tsv", read_metadata("m.tsv", "word\tz\na\t1\nb\t2\n"), data);
    CHECK(data.properties.size() == 3);
}

TEST_CASE("metadata that do not fit are refused", "[io][metadata]") {
    hsa::Dataset data = hsa::open_embeddings("tensors.tsv", "1\t2\n3\t4\n");
    check_fails(
        [&] { hsa::add_metadata("m.tsv", read_metadata("m.tsv", "a\tb\nc\td\n"), data); },
        {"m.tsv describes 1 rows and tensors.tsv has 2", "first line is taken for their names"});
    check_fails([&] { hsa::add_metadata("m.tsv", read_metadata("m.tsv", "a\nb\nc\n"), data); },
                {"describes 3 rows", "every line is a row"});
    check_fails([] { (void)read_metadata("m.tsv", "a\tb\nc\n"); }, {"line 2 has 1 columns"});
    check_fails([] { (void)read_metadata("m.tsv", "a\ta\nc\td\n"); }, {"both named 'a'"});
    check_fails([] { (void)read_metadata("m.tsv", "a\tb\n"); }, {"no row"});
    check_fails([] { (void)read_metadata("m.tsv", std::string("a\0\n", 3)); }, {"NUL"});
}
