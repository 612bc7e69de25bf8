// What the loader makes of every kind of file.
#include "engine/io/events_jsonl.h"
#include "engine/io/npy.h"
#include "engine/load.h"
#include "tests/unit/engine/io/io_test.h"
#include "tests/unit/engine/io/packed.h"

#include <filesystem>

using hsa::Dataset;
using io_test::check_fails;
using io_test::Folder;
using io_test::put_file;

namespace {

constexpr const char* kText =
    "The sea. A ship, \"Dawn\", sails\non the caf\xC3\xA9.\n\nSo it goes.";

std::shared_ptr<const Dataset> opened(std::vector<hsa::Source> sources,
                                      const std::string& input = "") {
    return hsa::load_dataset(sources, {}, [&](const std::string&) { return input; }, 1U << 30U, {});
}

std::vector<std::string> words_of(const Dataset& data) {
    std::vector<std::string> words;
    for (std::size_t i = 0; i < data.size(); ++i) words.push_back(data.token_text(i));
    return words;
}

}  // namespace

TEST_CASE("the same text in every wrapping gives the same tokens", "[io][formats]") {
    const Folder folder;
    const std::string text = kText;
    const std::string quoted =
        "The sea. A ship, \\\"Dawn\\\", sails\\non the caf\\u00e9.\\n\\nSo it goes.";
    put_file(folder.at("a.txt"), text);
    put_file(folder.at("a.txt.gz"), io_test::gzip_of(text));
    put_file(folder.at("a.txt.zst"), io_test::zstd_of(text));
    put_file(folder.at("a.jsonl"), "{\"text\": \"" + quoted + "\"}\n");
    put_file(folder.at("a.json"), "[{\"id\": 1, \"content\": \"" + quoted + "\"}]");
    put_file(folder.at("a.jsonl.gz"), io_test::gzip_of("{\"text\": \"" + quoted + "\"}\n"));
    std::filesystem::create_directory(folder.at("texts"));
    put_file(folder.at("texts/a.txt"), text);
    const auto plain = opened({{folder.at("a.txt"), "", 0}});
    REQUIRE(plain->size() > 10);
    for (const char* name : {"a.txt.gz", "a.txt.zst", "a.jsonl", "a.json", "a.jsonl.gz", "texts"}) {
        INFO(name);
        const auto other = opened({{folder.at(name), "", 0}});
        CHECK(*other->text == *plain->text);
        CHECK(other->tokens == plain->tokens);
        CHECK(other->structure.sentence == plain->structure.sentence);
        CHECK(other->structure.paragraph == plain->structure.paragraph);
        CHECK(other->hash == plain->hash);
    }
    CHECK(opened({{"-", "", 0}}, text)->tokens == plain->tokens);
    CHECK(opened({{"-", "", 0}}, "{\"text\": \"" + quoted + "\"}\n{\"text\": \"\"}\n")->tokens ==
          plain->tokens);
}

TEST_CASE("the same vectors in every format are the same rows", "[io][formats]") {
    const Folder folder;
    hsa::Matrix<float> values(3, 2);
    for (std::size_t i = 0; i < values.size(); ++i)
        values.data()[i] = 0.1F * static_cast<float>(i) - 0.25F;
    const auto row = [&](std::size_t i, const char* between) {
        return fmt::format("{}{}{}", values(i, 0), between, values(i, 1));
    };
    const std::vector<std::string> words = {"sea", "ship", "sail"};
    std::string csv, vec = "3 2\n", jsonl, tensors;
    for (std::size_t i = 0; i < 3; ++i) {
        csv += words[i] + "," + row(i, ",") + "\n";
        vec += words[i] + " " + row(i, " ") + "\n";
        jsonl += "{\"word\": \"" + words[i] + "\", \"embedding\": [" + row(i, ", ") + "]}\n";
        tensors += row(i, "\t") + "\n";
    }
    std::string wide = "\xFE\xFF";
    for (const char letter : csv) wide += {'\0', letter};
    put_file(folder.at("a.csv"), csv);
    put_file(folder.at("wide.csv"), wide);
    put_file(folder.at("a.csv.gz"), io_test::gzip_of(csv));
    put_file(folder.at("a.vec"), vec);
    put_file(folder.at("a.jsonl"), jsonl);
    put_file(folder.at("tensors.tsv"), tensors);
    put_file(folder.at("metadata.tsv"), "sea\nship\nsail\n");
    put_file(folder.at("a.npy.zst"),
             io_test::zstd_of(hsa::write_npy(hsa::MatrixView<const float>(values.data(), 3, 2))));
    for (const char* name : {"a.csv", "wide.csv", "a.csv.gz", "a.vec", "a.jsonl"}) {
        INFO(name);
        const auto data = opened({{folder.at(name), "", 0}});
        CHECK(words_of(*data) == words);
        REQUIRE(data->embeddings.rows.rows == 3);
        for (std::size_t i = 0; i < 3; ++i)
            for (std::size_t c = 0; c < 2; ++c) CHECK(data->embeddings.rows(i, c) == values(i, c));
    }
    const auto pair =
        opened({{folder.at("tensors.tsv"), "", 0}, {folder.at("metadata.tsv"), "metadata", 0}});
    CHECK(words_of(*pair) == words);
    CHECK(pair->embeddings.rows(2, 1) == values(2, 1));
    CHECK(opened({{folder.at("a.npy.zst"), "", 0}})->embeddings.rows(2, 1) == values(2, 1));
    for (const std::string& input : {csv, vec, jsonl, tensors})
        CHECK(opened({{"-", "", 0}}, input)->embeddings.rows(2, 1) == values(2, 1));
}

TEST_CASE("records and files are sections, their fields properties", "[io][formats]") {
    const Folder folder;
    put_file(folder.at("a.jsonl"),
             "{\"text\": \"The sea.\", \"title\": \"One\", \"year\": 1890}\n"
             "{\"text\": \"A ship.\", \"title\": \"Two\", \"year\": 1900}\n");
    const auto data = opened({{folder.at("a.jsonl"), "", 0}});
    REQUIRE(data->structure.sections.size() == 2);
    CHECK(data->structure.sections[1].title == "Two");
    CHECK(data->structure.sections[1].tokens == hsa::Range{3, 6});
    REQUIRE(data->properties.size() == 2);
    CHECK(data->properties[1].numbers == std::vector<double>{1890, 1890, 1890, 1900, 1900, 1900});
    CHECK(data->properties[0].words[5] == "Two");
    CHECK(data->understood.ends_with("UTF-8, 2 records of 'text'"));
    CHECK(*opened({{folder.at("a.jsonl"), "text:title", 0}})->text == "One\n\nTwo");
    check_fails(
        [&] {
            (void)opened({{folder.at("a.jsonl"), "embeddings:vector", 0}});
        },
        {"no field 'vector'"});
    put_file(folder.at("a.txt"), "words");
    check_fails(
        [&] {
            (void)opened({{folder.at("a.txt"), "text:title", 0}});
        },
        {"a text", "no field 'title'"});
    check_fails(
        [&] {
            (void)opened({{folder.at("a.txt"), "metadata", 0}});
        },
        {"describes rows of data: open these first"});
}

TEST_CASE("tokens that were saved open as records of the same words", "[io][formats]") {
    const Folder folder;
    put_file(folder.at("a.txt"), kText);
    const auto data = opened({{folder.at("a.txt"), "", 0}});
    put_file(folder.at("tokens.jsonl"), hsa::write_tokens(*data));
    const auto again = opened({{folder.at("tokens.jsonl"), "", 0}});
    CHECK(words_of(*again) == words_of(*data));
    const auto column = [&](const char* name) {
        for (const auto& property : again->properties)
            if (property.name == name) return property.numbers;
        return std::vector<double>();
    };
    REQUIRE(column("sentence").size() == data->size());
    for (std::size_t i = 0; i < data->size(); ++i) {
        CHECK(column("begin")[i] == static_cast<double>(data->tokens[i].begin));
        CHECK(column("sentence")[i] == static_cast<double>(data->structure.sentence[i]));
    }
}
