#include "engine/io/detect.h"

#include "tests/unit/engine/io/io_test.h"

using hsa::detect;
using hsa::FileKind;

TEST_CASE("content decides before the name", "[io][detect]") {
    CHECK(detect("a.txt", "\x93NUMPY\x01") == FileKind::npy);
    CHECK(detect("a.txt", "PK\x03\x04") == FileKind::npz);
    CHECK(detect("a", "\x89PNG\r\n\x1A\n") == FileKind::png);
    CHECK(detect("a.txt", "<?xml version=\"1.0\"?>\n<svg width=\"4\">") == FileKind::svg);
    CHECK(detect("a", "%PDF-1.4\n") == FileKind::pdf);
    CHECK(detect("a.json", "\x89SPLATS\n") == FileKind::splats_binary);
    CHECK(detect("a", "\x89HSARUN\n") == FileKind::run);
    CHECK(detect("a.txt", "# splatscope-session 1\nopen x\n") == FileKind::session);
    CHECK(detect("a.txt", "{ \"format\": \"splatscope-splats\" }") == FileKind::splats_json);
}

TEST_CASE("then the ending of the name", "[io][detect]") {
    CHECK(detect("a.TXT", "1,2\n3,4\n") == FileKind::text);
    CHECK(detect("folder.csv/a", "words") == FileKind::text);
    CHECK(detect("a.csv", "words") == FileKind::table);
    CHECK(detect("a.tsv", "words") == FileKind::table);
    CHECK(detect("a.npy", "words") == FileKind::npy);
    CHECK(detect("a.json", "{}") == FileKind::splats_json);
    CHECK(detect("a.run", "") == FileKind::run);
}

TEST_CASE("then how it reads", "[io][detect]") {
    CHECK(detect("-", "1,2\n3,4\n") == FileKind::table);
    CHECK(detect("-", "Once, there was a ship.\n") == FileKind::text);
    CHECK(detect("notes", "{\"a\": 1}") == FileKind::text);
    CHECK(hsa::holds_embeddings(FileKind::npz));
    CHECK_FALSE(hsa::holds_embeddings(FileKind::text));
}

TEST_CASE("records of JSON are told from other JSON and from prose", "[io][detect]") {
    CHECK(detect("a.jsonl", "{\"text\": \"a\"}\n") == FileKind::json_texts);
    CHECK(detect("a.jsonl", "{\"text\": \"a\", \"embedding\": [1") == FileKind::json_vectors);
    CHECK(detect("a.jsonl", "not JSON") == FileKind::json_texts);
    CHECK(detect("a.json", "[{\"text\": \"a\"}]") == FileKind::json_texts);
    CHECK(detect("a.json", "[ [1, 2], [3, 4] ]") == FileKind::json_vectors);
    CHECK(detect("-", "{\"text\": \"a\"}\n{\"text\": \"b\"}\n") == FileKind::json_texts);
    CHECK(detect("-", "{\"id\": 1, \"v\": [1]}\n{\"id\": 2, \"v\": [2]}\n") ==
          FileKind::json_vectors);
    CHECK(detect("a.json", "{\"text\": \"a\"}") == FileKind::splats_json);
    CHECK(detect("a.json", "{ \"format\": \"splatscope-splats\" }\n{}") == FileKind::splats_json);
    CHECK(detect("notes.md", "[[A link]] of mine") == FileKind::text);
    CHECK(detect("notes.md", "[{-- a sign --}]") == FileKind::text);
    std::string wide = "\xFF\xFE";
    for (const char letter : std::string("{\"text\": \"a\"}\n{\"text\": \"b\"}"))
        wide += {letter, '\0'};
    CHECK(detect("-", wide) == FileKind::json_texts);
}

TEST_CASE("vectors of words are told from tables and prose", "[io][detect]") {
    CHECK(detect("a.txt", "2 3\nsea 1 2 3\nship 4 5 6\n") == FileKind::word_vectors);
    CHECK(detect("glove.txt", "sea 1 2 3 4 5 6 7 8\na b 1 2 3 4 5 6 7 8\n") ==
          FileKind::word_vectors);
    CHECK(detect("a.txt", "2 ships\n") == FileKind::text);
    CHECK(detect("a.txt", "2 3\nsea 1 2\n") == FileKind::text);
    CHECK(detect("a.bin", std::string("1 1\nsea \0\0\x80\x3f\n", 13)) == FileKind::word_vectors);
    CHECK(detect("a.vec", "") == FileKind::word_vectors);
    CHECK(detect("a.csv.gz", "words") == FileKind::table);
}

TEST_CASE("a kind may name a part", "[io][detect]") {
    CHECK(hsa::open_as("text").kind == "text");
    CHECK(hsa::open_as("text:a:b").kind == "text");
    CHECK(hsa::open_as("text:a:b").part == "a:b");
}

TEST_CASE("a .safetensors file is told by its header", "[io][detect]") {
    const std::string bytes = std::string("\2\0\0\0\0\0\0\0{}", 10);
    CHECK(detect("a.bin", bytes) == FileKind::safetensors);
    CHECK(detect("a.safetensors", "words") == FileKind::safetensors);
    CHECK(detect("a", "12345678{}") == FileKind::text);
    CHECK(detect("a.bin", "PAR1\x15\x04") == FileKind::parquet);
    CHECK(detect("a.parquet", "words") == FileKind::parquet);
    CHECK(hsa::holds_embeddings(FileKind::parquet));
}
