#include "engine/embed/tokenizers/characters.h"
#include "engine/io/json.h"
#include "tests/unit/engine/embed/tokenizers/tokens_test.h"

#include <algorithm>

using namespace tokens_test;

namespace {

bool begins_character(const std::string& text, std::uint64_t at) {
    return at == text.size() || (static_cast<unsigned char>(text[at]) & 0xC0U) != 0x80U;
}

// Letters and numbers that no span covers. Signs may be left out: controls, format characters.
std::size_t uncovered(const std::string& text, const std::vector<hsa::Piece>& pieces) {
    std::vector<bool> covered(text.size(), false);
    for (const hsa::Piece& piece : pieces)
        for (std::uint64_t at = piece.span.begin; at < piece.span.end; ++at)
            covered[static_cast<std::size_t>(at)] = true;
    std::size_t left_out = 0;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t begin = at;
        const std::int32_t code = hsa::next_character(text, at);
        if ((hsa::is_letter(code) || hsa::is_number(code)) && !covered[begin]) ++left_out;
    }
    return left_out;
}

}  // namespace

TEST_CASE("numbers are those of the reference, and spans hold whole characters",
          "[embed][tokens]") {
    // bench/peers/tokens.py expect: the libraries' own numbers for sentences in many scripts.
    const std::string name =
        GENERATE(values<std::string>({"vocab.txt", "roberta.json", "llama.json", "qwen.json",
                                      "letters.json", "unigram.model", "bpe.model"}));
    INFO(name);
    const auto tokenizer = hsa::read_tokenizer(kData + name);
    const std::vector<std::string> texts = lines_of_file("sentences.jsonl");
    const std::vector<std::string> expected = lines_of_file(name + ".expected");
    REQUIRE(texts.size() > 200);
    REQUIRE(expected.size() == texts.size());
    std::size_t known = 0;
    for (std::size_t t = 0; t < texts.size(); ++t) {
        const auto text = hsa::parse_json("sentences.jsonl", texts[t]).get<std::string>();
        const std::vector<hsa::Piece> pieces = tokenizer->encode(text);
        nlohmann::json ids = nlohmann::json::array();
        for (const hsa::Piece& piece : pieces) ids.push_back(piece.id);
        if (ids.dump() != expected[t])
            FAIL_CHECK(texts[t] << "\n  here  " << ids.dump() << "\n  there " << expected[t]);
        std::uint64_t last = 0;
        for (const hsa::Piece& piece : pieces) {
            if (piece.span.begin < last || piece.span.end < piece.span.begin ||
                piece.span.end > text.size())
                FAIL_CHECK(texts[t] << ": a span is out of order");
            if (!begins_character(text, piece.span.begin) ||
                !begins_character(text, piece.span.end))
                FAIL_CHECK(texts[t] << ": a span splits a character");
            last = piece.span.begin;
            if (!tokenizer->piece(piece.id).empty()) ++known;
        }
        if (uncovered(text, pieces) > 0) FAIL_CHECK(texts[t] << ": a letter is in no span");
    }
    CHECK(known > 1000);
}
