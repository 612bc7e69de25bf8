#include "engine/embed/tokenizers/tokenizer_json.h"
#include "engine/embed/tokenizers/vocab_txt.h"
#include "tests/unit/engine/embed/tokenizers/tokens_test.h"

using namespace tokens_test;
using hsa::read_tokenizer_json;
using hsa::read_vocab_txt;

namespace {

constexpr const char* kVocabulary =
    "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\nun\n##aff\n##able\nship\n##s\nthe\n.\nnaive\ni\n中\nz\n";

std::shared_ptr<const hsa::Tokenizer> small(const std::string& config = "") {
    return read_vocab_txt("vocab.txt", kVocabulary, "tokenizer_config.json", config);
}

std::string wordpiece_json(const std::string& model, const std::string& more = "") {
    return R"({"model": {"type": "WordPiece", )" + model + "}" + more + "}";
}

}  // namespace

TEST_CASE("the longest piece first, and a word is unknown as a whole", "[embed][tokens]") {
    const auto tokenizer = small();
    CHECK(pieces_of(*tokenizer, "The unaffable ships.") ==
          std::vector<std::string>{"the", "un", "##aff", "##able", "ship", "##s", "."});
    CHECK(pieces_of(*tokenizer, "unaffablex z") == std::vector<std::string>{"[UNK]", "z"});
    CHECK(tokenizer->size() == 16);
    CHECK(tokenizer->id_of("##aff") == 6);
    CHECK_FALSE(tokenizer->id_of("aff"));
    CHECK(tokenizer->piece(6) == "##aff");
    CHECK(tokenizer->piece(99).empty());
    CHECK(tokenizer->kind() == "WordPiece");
}

TEST_CASE("spans are the bytes that a piece was made of", "[embed][tokens]") {
    const auto tokenizer = small();
    const std::string text = "  Na\u00efVE ship\u00adS\u4e2dI\u0307 \u0130";
    CHECK(texts_of(*tokenizer, text) ==
          std::vector<std::string>{"Na\u00efVE", "ship", "S", "\u4e2d", "I\u0307", "\u0130"});
    CHECK(pieces_of(*tokenizer, text) ==
          std::vector<std::string>{"naive", "ship", "##s", "\u4e2d", "i", "i"});
    CHECK(tokenizer->encode("").empty());
    CHECK(tokenizer->encode(" \t\n\u3000\u200b").empty());
}

TEST_CASE("tokens written in the text are found as they stand", "[embed][tokens]") {
    const auto tokenizer = small();
    CHECK(pieces_of(*tokenizer, "the [MASK].") == std::vector<std::string>{"the", "[MASK]", "."});
    CHECK(pieces_of(*tokenizer, "ship[MASK]s z") ==
          std::vector<std::string>{"ship", "[MASK]", "[UNK]", "z"});
    CHECK(pieces_of(*tokenizer, "[mask]").size() == 3);  // brackets are punctuation
}

TEST_CASE("casing is read from the configuration", "[embed][tokens]") {
    const auto cased = small(R"({"do_lower_case": false, "mask_token": {"content": "[MASK]"}})");
    CHECK(pieces_of(*cased, "The the na\u00efve") ==
          std::vector<std::string>{"[UNK]", "the", "[UNK]"});
    const auto accents = small(R"({"do_lower_case": true, "strip_accents": false})");
    CHECK(pieces_of(*accents, "The na\u00efve") == std::vector<std::string>{"the", "[UNK]"});
    const auto joined = small(R"({"tokenize_chinese_chars": false, "strip_accents": null})");
    CHECK(pieces_of(*joined, "\u4e2d\u4e2d na\u00efve") ==
          std::vector<std::string>{"[UNK]", "naive"});
    CHECK(small()->hash() != cased->hash());
    CHECK(io_test::complaint_of([] {
              (void)small("{\"do_lower_case\": 1}");
          }).find("tokenizer_config.json: 'do_lower_case'") == 0);
}

TEST_CASE("a word of more than a hundred characters is unknown", "[embed][tokens]") {
    const auto tokenizer = read_vocab_txt("v", "[UNK]\nz\n##z\n", "", "");
    CHECK(tokenizer->encode(std::string(100, 'z')).size() == 100);
    const std::vector<hsa::Piece> longer = tokenizer->encode(std::string(101, 'z'));
    REQUIRE(longer.size() == 1);
    CHECK(longer[0] == hsa::Piece{0, {0, 101}});
    CHECK(tokenizer->encode(std::string(1'000'000, 'z')).size() == 1);
}

TEST_CASE("a long text in parts gives what it gives in one", "[embed][tokens][threads]") {
    const auto tokenizer = small();
    const std::string line = "The unaffable ships\n[MASK] naïve 中 z.\n";
    std::string text;
    while (text.size() < 1'000'000) text += line;
    const std::vector<hsa::Piece> once = tokenizer->encode(line);
    const std::vector<hsa::Piece> all = tokenizer->encode(text);
    REQUIRE(all.size() == once.size() * (text.size() / line.size()));
    for (std::size_t p = 0; p < all.size(); ++p) {
        const hsa::Piece& same = once[p % once.size()];
        const std::uint64_t offset = line.size() * (p / once.size());
        if (all[p] != hsa::Piece{same.id, {same.span.begin + offset, same.span.end + offset}}) {
            FAIL("piece " << p << " differs");
        }
    }
}

TEST_CASE("a vocabulary that is none is refused with a sentence", "[embed][tokens]") {
    const auto vocab = [](const std::string& bytes) {
        return io_test::complaint_of(
            [&] { (void)read_vocab_txt("vocab.txt", bytes, "c.json", ""); });
    };
    CHECK(vocab("") == "vocab.txt: the vocabulary is empty: expected one piece a line.");
    CHECK(vocab("a\nb\n").find("has no piece [UNK]") != std::string::npos);
    CHECK(vocab("[UNK]\na\nb\na\n").find("\"a\" is there twice, as number 1 and number 3") !=
          std::string::npos);
    CHECK(vocab("[UNK]\n\xff\n").find("byte 6 is not valid UTF-8") != std::string::npos);

    const auto json = [](const std::string& bytes) {
        return io_test::complaint_of([&] { (void)read_tokenizer_json("t.json", bytes); });
    };
    const std::string good = R"("unk_token": "[UNK]", "vocab": {"[UNK]": 0, "a": 1})";
    CHECK(json(wordpiece_json(good)).empty());
    CHECK(json("{\"model\": {\"type\"").find("not valid JSON at line 1") != std::string::npos);
    CHECK(json("[]").find("expected an object") != std::string::npos);
    CHECK(json("{}").find("model is missing") != std::string::npos);
    CHECK(json(R"({"model": 7})").find("'model' is 7") != std::string::npos);
    CHECK(json(R"({"model": {"type": "Unigram"}})").find("\"Unigram\" is not understood") !=
          std::string::npos);
    CHECK(json(wordpiece_json(R"("vocab": {"a": 0})")).find("'unk_token' is missing") !=
          std::string::npos);
    CHECK(json(wordpiece_json(R"("unk_token": "[UNK]", "vocab": {"a": 0})"))
              .find("has no piece [UNK]") != std::string::npos);
    CHECK(json(wordpiece_json(R"("unk_token": "[UNK]", "vocab": {"[UNK]": "0"})"))
              .find("the number \"0\"") != std::string::npos);
    CHECK(json(wordpiece_json(R"("unk_token": "[UNK]", "vocab": {"[UNK]": 0, "a": 0})"))
              .find("have the same number 0") != std::string::npos);
    CHECK(json(wordpiece_json(R"("unk_token": "[UNK]", "vocab": {"[UNK]": 4000000000})"))
              .find("has the number 4000000000, and there are 1 pieces") != std::string::npos);
    CHECK(json(wordpiece_json(R"("unk_token": "[UNK]", "vocab": ["[UNK]"])")).find("'vocab' is") !=
          std::string::npos);
    CHECK(json(wordpiece_json(good, R"(, "normalizer": {"type": "Precompiled"})"))
              .find("normalizer: the kind \"Precompiled\" is not understood") != std::string::npos);
    CHECK(json(wordpiece_json(good, R"(, "pre_tokenizer": {"type": "Metaspace"})"))
              .find("pre_tokenizer: the kind \"Metaspace\" is not understood") !=
          std::string::npos);
    CHECK(json(wordpiece_json(good, R"(, "added_tokens": [{"id": 5, "content": "a"}])"))
              .find("has the number 5 and is piece 1") != std::string::npos);
    CHECK(json(wordpiece_json(good, R"(, "added_tokens": [{"id": 2, "content": ""}])"))
              .find("content is empty") != std::string::npos);
}

TEST_CASE("a deep tokenizer.json is refused", "[embed][tokens]") {
    std::string steps = R"({"type": "NFC"})";
    for (int depth = 0; depth < 50; ++depth)
        steps.insert(0, R"({"type": "Sequence", "normalizers": [)").append("]}");
    const std::string good = R"("unk_token": "[UNK]", "vocab": {"[UNK]": 0})";
    CHECK(io_test::complaint_of([&] {
              (void)read_tokenizer_json("t.json",
                                        wordpiece_json(good, ", \"normalizer\": " + steps));
          }).find("a Sequence in a Sequence") != std::string::npos);
    std::string lists(200'000, '[');
    lists.append(200'000, ']');
    CHECK_FALSE(io_test::complaint_of([&] {
                    (void)read_tokenizer_json("t.json", wordpiece_json("\"vocab\": " + lists));
                }).empty());
}
