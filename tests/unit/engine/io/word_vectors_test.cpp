#include "engine/io/word_vectors.h"

#include "tests/unit/engine/io/io_test.h"

#include <cstring>

using hsa::read_word_vectors;
using hsa::WordVectors;
using io_test::check_fails;

namespace {

std::string floats(const std::vector<float>& values) {
    std::string bytes(values.size() * sizeof(float), '\0');
    std::memcpy(bytes.data(), values.data(), bytes.size());
    return bytes;
}

}  // namespace

TEST_CASE("word2vec and fastText texts begin with their counts", "[io][words]") {
    const WordVectors read = read_word_vectors("a.vec", "2 3\nsea 1 2 3\n</s> -1 .5 1e-3 \r\n\n");
    CHECK(read.format == "word2vec text");
    CHECK(read.words == std::vector<std::string>{"sea", "</s>"});
    CHECK(read.values(1, 2) == 1e-3F);
    CHECK(read_word_vectors("a.vec", "1 1\n1999 7\n").words[0] == "1999");
    CHECK(read_word_vectors("a.vec", "1 2\na b 7 8").words[0] == "a b");
}

TEST_CASE("GloVe texts say nothing, and words may hold blanks", "[io][words]") {
    const WordVectors read =
        read_word_vectors("glove.txt", "the 1 2\n. . 3 4\nat name@domain.com 5 6\n12 7 8\n");
    CHECK(read.format == "GloVe text");
    CHECK(read.words == std::vector<std::string>{"the", ". .", "at name@domain.com", "12"});
    CHECK(read.values(2, 0) == 5.0F);
    CHECK(read.values(3, 1) == 8.0F);
}

TEST_CASE("word2vec binaries hold float32", "[io][words]") {
    const std::string text =
        "2 2\nsea " + floats({1.0F, 2.0F}) + "\nb\xFF " + floats({3.0F, 1e-20F});
    const WordVectors read = read_word_vectors("a.bin", text);
    CHECK(read.format == "word2vec binary");
    CHECK(read.words == std::vector<std::string>{"sea", "b\xEF\xBF\xBD"});
    CHECK(read.values(1, 1) == 1e-20F);
    CHECK(read_word_vectors("a.bin", text + "\n").values == read.values);
    check_fails([&] { (void)read_word_vectors("a.bin", text.substr(0, text.size() - 1)); },
                {"a.bin", "word 1 of 2", "truncated"});
    check_fails([&] { (void)read_word_vectors("a.bin", text + "more"); }, {"4 bytes follow"});
    check_fails([&] { (void)read_word_vectors("a.bin", "999999999999 2" + text.substr(3)); },
                {"promises 999999999999 words", "more than"});
    check_fails([&] { (void)read_word_vectors("a.bin", "1 4611686018427387905" + text.substr(3)); },
                {"promises", "more than"});
    check_fails([&] { (void)read_word_vectors("a.bin", "1 1\na " + floats({NAN})); },
                {"number 0", "word 0", "'a'", "finite"});
}

TEST_CASE("word vectors that break the rules are refused with their line", "[io][words]") {
    const auto read = [](const std::string& text) {
        return [text] { (void)read_word_vectors("a.vec", text); };
    };
    check_fails(read("3 2\na 1 2\nb 3 4\n"), {"promises 3 words and 2"});
    check_fails(read("2 2\na 1 2\nb 3\n"), {"line 3", "a word and 1 numbers", "expected 2"});
    check_fails(read("2 2\na 1 2\nb 3 x\n"), {"line 3, column 3", "'x'"});
    check_fails(read("2 2\na 1 2\nb 3 nan\n"), {"line 3", "NaN"});
    check_fails(read("2 2\na 1 2\nb 3 1e39\n"), {"1e39", "float32"});
    check_fails(read("2 900000000\na 1 2\n"), {"promises 2 of 900000000"});
    check_fails(read("a 1 2\nb 1 2\nc 1 2 3\n"), {"line 3 has 3 numbers", "others 2"});
    check_fails(read("5 4\n"), {"no word with its numbers"});
    check_fails(read("words alone\n"), {"no word with its numbers"});
    check_fails(read("5 4\n\n \n"), {"no word with its numbers"});
    check_fails(read(std::string("a 1 2\nb\0 1 2\n", 13)), {"NUL"});
}
