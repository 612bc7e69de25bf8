#include "engine/io/json_records.h"

#include "engine/io/json.h"
#include "tests/unit/engine/io/io_test.h"

#include <cmath>

using hsa::read_json_texts;
using hsa::read_json_vectors;
using io_test::check_fails;

TEST_CASE("records with a text are pieces of one text", "[io][json]") {
    const hsa::TextPieces lines = read_json_texts(
        "a.jsonl",
        "{\"text\": \"The sea.\", \"title\": \"One\", \"year\": 1890}\n\n"
        "{\"text\": \" \", \"title\": \"blank\"}\r\n"
        "{\"text\": \"A ship\\nsails.\", \"year\": null, \"title\": \"Two\", \"tags\": [1]}\n",
        "");
    CHECK(lines.text == "The sea.\n\nA ship\nsails.");
    REQUIRE(lines.pieces.size() == 2);
    CHECK(lines.pieces[0].title == "One");
    CHECK(lines.pieces[1].begin == 10);
    CHECK(lines.notes == ", 2 records of 'text', 1 without text skipped, 1 fields not used");
    REQUIRE(lines.properties.size() == 2);
    CHECK(lines.properties[0].words == std::vector<std::string>{"One", "Two"});
    CHECK(lines.properties[1].numbers.at(0) == 1890.0);
    CHECK(std::isnan(lines.properties[1].numbers.at(1)));
    const hsa::TextPieces array =
        read_json_texts("a.json", " [ {\"note\": \"a, b\"},\n{\"note\":\"[c\\\"\"} ] ", "");
    CHECK(array.text == "a, b\n\n[c\"");
    CHECK(array.pieces[1].title == "record 2");
    CHECK(read_json_texts("a.json", "{\n \"body\": \"b\",\n \"x\": {\"y\": 1}\n}", "").text == "b");
}

TEST_CASE("the text of a record is found, or named", "[io][json]") {
    const std::string two = "{\"a\": \"one\", \"b\": \"two\"}\n";
    CHECK(read_json_texts("a.jsonl", two, "b").text == "two");
    check_fails([&] { (void)read_json_texts("a.jsonl", two, ""); },
                {"a.jsonl", "'a', 'b'", "as text:FIELD"});
    check_fails([&] { (void)read_json_texts("a.jsonl", two, "c"); },
                {"line 1", "record 0", "no field 'c'"});
    check_fails([&] { (void)read_json_texts("a.jsonl", two + "\n{\"a\": \"x\"}\n", "b"); },
                {"line 3", "record 1", "no field 'b'", "'a'"});
    check_fails([&] { (void)read_json_texts("a.jsonl", two + "{\"b\": 7}\n", "b"); },
                {"line 2", "'b'", "is 7", "expected a text"});
    check_fails([] { (void)read_json_texts("a.jsonl", R"({"text": "a\u0000b"})", ""); },
                {"holds a NUL"});
    check_fails([] { (void)read_json_texts("a.jsonl", R"({"text": ""})", ""); }, {"no record"});
}

TEST_CASE("records with numbers are vectors", "[io][json]") {
    const hsa::RecordVectors lines = read_json_vectors(
        "a.jsonl",
        "{\"word\": \"sea\", \"vector\": [1, 2.5], \"kind\": \"water\", \"n\": 3}\n"
        "{\"word\": \"ship\", \"vector\": [-1e-3, 4], \"kind\": true, \"n\": \"x\"}\n",
        "");
    CHECK(lines.field == "vector");
    CHECK(lines.label_field == "word");
    CHECK(lines.labels == std::vector<std::string>{"sea", "ship"});
    CHECK(lines.values(0, 1) == 2.5F);
    CHECK(lines.values(1, 0) == -1e-3F);
    REQUIRE(lines.properties.size() == 2);
    CHECK(lines.properties[0].words == std::vector<std::string>{"water", "true"});
    CHECK(lines.properties[1].words == std::vector<std::string>{"3.0", "x"});
    const hsa::RecordVectors lists = read_json_vectors("a.json", "[[1, 2], [3, 4], [5, 6]]", "");
    CHECK(lists.values.rows() == 3);
    CHECK(lists.labels.empty());
    const std::string two = R"({"p": [1], "q": [2, 3]})";
    CHECK(read_json_vectors("a.jsonl", two, "q").values(0, 1) == 3.0F);
    check_fails([&] { (void)read_json_vectors("a.jsonl", two, ""); }, {"as embeddings:FIELD"});
}

TEST_CASE("records that break the rules are refused with their line", "[io][json]") {
    const auto vectors = [](const std::string& text) {
        return [text] { (void)read_json_vectors("a.jsonl", text, ""); };
    };
    const std::string good = "{\"vector\": [1, 2]}\n";
    check_fails(vectors(good + "{\"vector\": [1]}"), {"line 2", "has 1 numbers", "as long"});
    check_fails(vectors(good + "{\"vector\": [1, 1e39]}"), {"number 1", "float32"});
    check_fails(vectors(good + "{\"vector\": [1, null]}"), {"number 1", "null"});
    check_fails(vectors(good + "{\"vector\": 5}"), {"expected a list of numbers"});
    check_fails(vectors(good + "{\"vector\": []}"), {"empty list"});
    check_fails(vectors(good + "{\"vector\": [1, 2}"), {"not valid JSON at line 2"});
    check_fails(vectors(good + "{\"vector\": [1, 2]} 7"), {"not valid JSON at line 2"});
    check_fails(vectors(good + "[1, 2]"), {"line 2", "expected an object"});
    check_fails(vectors(R"([{"vector": [1]} {"vector": [2]}])"), {"expected ',' or ']'"});
    check_fails(vectors("[{\"vector\": [1]},]"), {"expected a record behind ','"});
    check_fails(vectors("[{\"vector\": [1]}"), {"']' is missing"});
    check_fails(vectors("[{\"vector\": [1]}] x"), {"more follows"});
    check_fails(vectors("[{\"vector\": [1"), {"never ends"});
    check_fails(vectors("words"), {"expected '{' or '['"});
    check_fails(vectors("[]"), {"no record"});
    check_fails(vectors("{\"vector\": [1]}\n{\"vector\": \"" + std::string(1, '\0') + "\"}"),
                {"not text", "NUL"});
}

TEST_CASE("fields keep the order of the file", "[io][json]") {
    const std::string lines =
        "{\"z\": 1, \"text\": \"a\", \"list\": [{}], \"b\\u0061\": \"x\"}\n"
        "{\"m\": 2, \"a\": 3, \"text\": \"b\", \"z\": 4, \"a\": 5}\n";
    const hsa::TextPieces pieces = read_json_texts("a.jsonl", lines, "");
    std::vector<std::string> names;
    for (const hsa::MetadataColumn& property : pieces.properties) names.push_back(property.name);
    CHECK(names == std::vector<std::string>{"z", "ba", "m", "a"});
    CHECK(pieces.properties[3].numbers.at(1) == 5.0);
    check_fails([&] { (void)read_json_texts("a.jsonl", lines, "q"); },
                {"its fields are 'z', 'text', 'list', 'ba'"});
    std::string many = R"({"text": "a")";
    for (int i = 0; i < 300; ++i) many += fmt::format(", \"f{}\": {}", i, i);
    const hsa::TextPieces most = read_json_texts("a.jsonl", many + "}\n" + many + "}\n", "");
    REQUIRE(most.properties.size() == 256);
    CHECK(most.properties[255].name == "f255");
    CHECK(most.properties[255].numbers == std::vector<double>{255, 255});
    CHECK(most.notes.find("44 fields not used") != std::string::npos);
}

TEST_CASE("deep JSON is refused before it is parsed", "[io][json]") {
    const std::string deep(1'000'000, '[');
    check_fails([&] { (void)hsa::parse_json("a.json", deep); },
                {"line 1, column 201", "deeper than 200"});
    check_fails([&] { (void)read_json_texts("a.jsonl", "{\"a\": " + deep, ""); }, {"a.jsonl"});
    const std::string closed = deep.substr(0, 300) + std::string(300, ']');
    check_fails([&] { (void)read_json_texts("a.jsonl", "{}\n{\"a\": " + closed + "}", "a"); },
                {"no field"});
    check_fails([&] { (void)read_json_texts("a.jsonl", "{\"a\": " + closed + "}", "a"); },
                {"line 1", "deeper"});
    CHECK(hsa::parse_json("a.json", deep.substr(0, 200) + std::string(200, ']')).is_array());
}
