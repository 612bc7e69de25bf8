#include "engine/embed/tokenizers/sentencepiece.h"

#include "engine/io/file.h"
#include "tests/unit/engine/embed/tokenizers/tokens_test.h"

#include <cmath>
#include <cstring>

using namespace tokens_test;

namespace {

std::string refused(const std::string& bytes) {
    return io_test::complaint_of([&] { (void)hsa::read_sentencepiece("t.model", bytes); });
}

// A field of bytes in protobuf; `number` below 16 and shorter than 128 bytes.
std::string field(int number, const std::string& bytes) {
    return std::string(1, static_cast<char>(number << 3 | 2)) +
           std::string(1, static_cast<char>(bytes.size())) + bytes;
}

std::string piece(const std::string& text, char type = 1, float score = 0.0F) {
    std::string number(sizeof(score), '\0');
    std::memcpy(number.data(), &score, sizeof(score));
    return field(1, field(1, text) + "\x15" + number + "\x18" + std::string(1, type));
}

}  // namespace

TEST_CASE("spans lie in the text before the model's own normalisation", "[embed][tokens]") {
    const auto tokenizer = hsa::read_tokenizer(kData + "unigram.model");
    CHECK(tokenizer->kind() == "SentencePiece");
    // Its table makes two letters of one, one of two, and nothing of a soft hyphen.
    const std::string text = "  \ufb01ne   e\u0301 so\u00adft \u3314 x";
    std::string joined;
    for (const std::string& part : texts_of(*tokenizer, text)) {
        CHECK((part.find(' ') == std::string::npos ||
               part.find_first_not_of(' ') == std::string::npos));
        joined += part;
    }
    CHECK(joined.find("e\u0301") != std::string::npos);
    CHECK(joined.find("\u3314") != std::string::npos);
    CHECK(joined.find("\ufb01") == 0);
    CHECK(tokenizer->encode("").empty());
    CHECK(tokenizer->encode(" \t\n").empty());
}

TEST_CASE("bytes of a character that has no piece share its span", "[embed][tokens]") {
    const auto tokenizer = hsa::read_tokenizer(kData + "bpe.model");
    const std::string text = "a\U0001fadf<mask>b";
    std::size_t bytes = 0;
    for (const hsa::Piece& found : tokenizer->encode(text))
        if (tokenizer->piece(found.id).starts_with("<0x")) {
            CHECK(found.span == hsa::Span{1, 5});
            ++bytes;
        }
    CHECK(bytes == 4);
    CHECK(texts_of(*tokenizer, text).back() == "b");
}

TEST_CASE("a long text in parts gives what its sentences give", "[embed][tokens][threads]") {
    const std::string name = GENERATE(values<std::string>({"unigram.model", "bpe.model"}));
    const auto tokenizer = hsa::read_tokenizer(kData + name);
    std::string text = "The ship left the harbour";
    const std::vector<hsa::Piece> once = tokenizer->encode(text);
    const std::size_t length = text.size() + 1;
    const std::string one = text;
    while (text.size() < 600'000) text += " " + one;
    const std::vector<hsa::Piece> all = tokenizer->encode(text);
    REQUIRE(all.size() == once.size() * ((text.size() + 1) / length));
    for (std::size_t p = 0; p < all.size(); ++p) {
        const hsa::Piece& same = once[p % once.size()];
        const std::uint64_t offset = length * (p / once.size());
        if (all[p].id == same.id && tokenizer->piece(same.id) == "\u2581") continue;
        if (all[p] != hsa::Piece{same.id, {same.span.begin + offset, same.span.end + offset}})
            FAIL("piece " << p << " differs");
    }
}

TEST_CASE("a model that is none is refused with a sentence", "[embed][tokens]") {
    const std::string unknown = field(2, "") + field(3, "") + piece("<unk>", 2);
    CHECK(refused(piece("<unk>", 2)).find("ends before the settings") != std::string::npos);
    CHECK(refused(unknown + piece("a")).empty());
    CHECK(refused("").find("there is no piece in it") != std::string::npos);
    CHECK(refused("not a model").find("no whole SentencePiece model") != std::string::npos);
    CHECK(refused(unknown + piece("a") + piece("a")).find("\"a\" is there twice") !=
          std::string::npos);
    CHECK(refused(field(2, "") + field(3, "") + piece("a"))
              .find("0 pieces stand for what is unknown") != std::string::npos);
    CHECK(refused(unknown + piece("")).find("piece 1 is \"\"") != std::string::npos);
    CHECK(refused(unknown + piece("\xff")).find("expected a text in UTF-8") != std::string::npos);
    CHECK(refused(unknown + piece("a", 1, INFINITY)).find("no finite number") != std::string::npos);
    CHECK(refused(unknown + field(3, field(2, "abc"))).find("table of characters is cut short") !=
          std::string::npos);
    const std::string whole = hsa::read_file(kData + "unigram.model");
    CHECK(refused(whole).empty());
    for (std::size_t size = 0; size < whole.size(); size += 101)
        CHECK_FALSE(refused(whole.substr(0, size)).empty());
}

TEST_CASE("a table of characters that leads outside itself is refused", "[embed][tokens]") {
    std::string whole = hsa::read_file(kData + "unigram.model");
    // The table begins behind its size, which a block of 256 units follows.
    std::size_t damaged = 0;
    for (std::size_t at = whole.size() - 6000; at < whole.size(); at += 23) {
        std::string other = whole;
        other[at] = static_cast<char>(other[at] ^ 0x5a);
        other[at + 1 < other.size() ? at + 1 : at] = '\xff';
        std::string complaint;
        try {
            const auto tokenizer = hsa::read_sentencepiece("t.model", other);
            for (const hsa::Piece& found : tokenizer->encode("A\ufb01 e\u0301\u3314\u2026 x"))
                CHECK(found.span.end <= 20);
        } catch (const hsa::Error& error) {
            complaint = error.what();
        }
        if (complaint.find("table of characters") != std::string::npos) ++damaged;
    }
    CHECK(damaged > 5);
}
