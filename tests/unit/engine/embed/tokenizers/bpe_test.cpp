#include "engine/core/random.h"
#include "engine/embed/tokenizers/pre_tokenizer.h"
#include "engine/embed/tokenizers/regex_splits.h"
#include "engine/embed/tokenizers/tokenizer_json.h"
#include "tests/unit/engine/embed/tokenizers/tokens_test.h"

using namespace tokens_test;
using hsa::read_tokenizer_json;

namespace {

std::string bpe_json(const std::string& model, const std::string& pre_tokenizer) {
    return R"({"pre_tokenizer": )" + pre_tokenizer + R"(, "model": {"type": "BPE", )" + model +
           "}}";
}

constexpr const char* kBytes =
    R"({"type": "ByteLevel", "add_prefix_space": false, "use_regex": true})";

// Words of a text by a step alone.
std::vector<std::string> words_of(const hsa::PreTokenizer& step, const std::string& text) {
    hsa::Words words{hsa::MappedText(text), {{0, static_cast<std::uint32_t>(text.size())}}};
    if (text.empty()) words.words.clear();
    step.apply(words);
    std::vector<std::string> found;
    for (const hsa::Bytes& word : words.words)
        found.emplace_back(words.text.text().substr(word.begin, word.end - word.begin));
    return found;
}

std::string random_text(std::uint64_t seed) {
    hsa::Random random{seed};
    const std::vector<std::string> parts = {
        "a",  "B",    "é",  "字", "ก",  "1",   "²",   "٣",      " ",      " ",        "  ",
        "\n", "\r\n", "\t", "'s", "'T", "'ll", "'RE", "\u00a0", "\u3000", "'\u017f",  "!",
        ".",  "…",    "👍",  "_",  "'",  "re",  "-",   "\u0301", "\u200d", "\u000b\f", "\u2028"};
    std::string text;
    const std::size_t count = 1 + random.below(24);
    for (std::size_t p = 0; p < count; ++p) text += parts[random.below(parts.size())];
    return text;
}

}  // namespace

TEST_CASE("the pair that was learnt first is merged first", "[embed][tokens]") {
    const std::string model = R"("vocab": {"a": 0, "b": 1, "c": 2, "ab": 3, "bc": 4, "abc": 5},
        "merges": ["b c", "a b", "a bc"])";
    const auto tokenizer = read_tokenizer_json("t.json", bpe_json(model, kBytes));
    CHECK(pieces_of(*tokenizer, "abc") == std::vector<std::string>{"abc"});
    CHECK(pieces_of(*tokenizer, "abab") == std::vector<std::string>{"ab", "ab"});
    CHECK(pieces_of(*tokenizer, "abbc") == std::vector<std::string>{"ab", "bc"});
    // What has no piece is left out, and its neighbours are neighbours.
    CHECK(texts_of(*tokenizer, "axb") == std::vector<std::string>{"axb"});
    CHECK(tokenizer->kind() == "byte-level BPE");
    const std::string pairs = R"("vocab": {"a": 0, "b": 1, "ab": 2}, "merges": [["a", "b"]])";
    CHECK(pieces_of(*read_tokenizer_json("t.json", bpe_json(pairs, kBytes)), "abb") ==
          std::vector<std::string>{"ab", "b"});
}

TEST_CASE("a word of any length is merged", "[embed][tokens]") {
    const auto tokenizer = hsa::read_tokenizer(kData + "llama.json");
    std::string word;
    for (std::uint64_t seed = 0; word.size() < 200'000; ++seed)
        word += std::string(seed % 3, 't') + "ingthe" + std::string(seed % 5, 'a') + "ship";
    const std::vector<std::string> whole = texts_of(*tokenizer, word);
    CHECK(whole.size() < word.size() / 4 * 3);
    std::string joined;
    for (const std::string& piece : whole) joined += piece;
    CHECK(joined == word);
}

TEST_CASE("known patterns are scanned as a regular expression cuts", "[embed][tokens]") {
    const std::string gpt2 =
        R"('s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+)";
    // The same pattern with digits one by one and up to three at a time.
    const auto llama = [](std::string_view digits) {
        return fmt::format(
            R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{{L}}\p{{N}}]?\p{{L}}+|\p{{N}}{})"
            R"(| ?[^\s\p{{L}}\p{{N}}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)",
            digits);
    };
    for (const std::string& expression :
         std::vector<std::string>{gpt2, llama(""), llama("{1,3}")}) {
        INFO(expression);
        hsa::SplitPattern pattern;
        pattern.text = expression;
        const auto scanned = hsa::split_pre_tokenizer("test", pattern);
        const auto general = hsa::regex_pre_tokenizer("test", pattern);
        CHECK(scanned->safe_cut() == hsa::SafeCut::single_blank);
        CHECK(general->safe_cut() == hsa::SafeCut::never);
        for (std::uint64_t seed = 0; seed < 3000; ++seed) {
            const std::string text = random_text(seed);
            if (words_of(*scanned, text) != words_of(*general, text)) FAIL("differs on: " << text);
        }
    }
}

TEST_CASE("what fits a pattern goes where its behaviour says", "[embed][tokens]") {
    using hsa::SplitBehaviour;
    const auto words = [](SplitBehaviour behaviour, bool inverted) {
        hsa::SplitPattern pattern;
        pattern.text = "-";
        pattern.literal = true;
        pattern.behaviour = behaviour;
        pattern.inverted = inverted;
        return words_of(*hsa::split_pre_tokenizer("test", pattern), "a-b--c-");
    };
    using List = std::vector<std::string>;
    CHECK(words(SplitBehaviour::removed, false) == List{"a", "b", "c"});
    CHECK(words(SplitBehaviour::isolated, false) == List{"a", "-", "b", "-", "-", "c", "-"});
    CHECK(words(SplitBehaviour::with_last, false) == List{"a-", "b-", "-", "c-"});
    CHECK(words(SplitBehaviour::with_next, false) == List{"a", "-b", "-", "-c", "-"});
    CHECK(words(SplitBehaviour::contiguous, false) == List{"a", "-", "b", "--", "c", "-"});
    CHECK(words(SplitBehaviour::removed, true) == List{"-", "-", "-", "-"});
}

TEST_CASE("tokens of bytes keep whole characters as their spans", "[embed][tokens]") {
    const std::string model = R"("vocab": {"a": 0, "Ã": 1, "¤": 2, "Ġ": 3, "Ġa": 4},
        "merges": ["Ġ a"])";
    const auto tokenizer = read_tokenizer_json("t.json", bpe_json(model, kBytes));
    const std::vector<hsa::Piece> pieces = tokenizer->encode("aä a  ");
    REQUIRE(pieces.size() == 6);
    CHECK(pieces[1] == hsa::Piece{1, {1, 3}});
    CHECK(pieces[2] == hsa::Piece{2, {1, 3}});
    CHECK(pieces[3] == hsa::Piece{4, {4, 5}});  // without the blank
    CHECK(pieces[4] == hsa::Piece{3, {5, 6}});  // a blank is all there is
    CHECK(tokenizer->name(1) == "<0xC3>");
    CHECK(tokenizer->name(4) == "Ġa");
    const auto text = std::make_shared<const std::string>("aä a");
    const hsa::Dataset dataset = hsa::split_pieces("t.txt", text, *tokenizer, {});
    CHECK(dataset.piece_ids == std::vector<std::uint32_t>{0, 1, 2, 4});
    CHECK(dataset.types == std::vector<std::uint32_t>{0, 1, 2, 3});
    CHECK(dataset.vocabulary == tokenizer->hash());
    CHECK(dataset.token_text(1) == "<0xC3>");
    CHECK(dataset.token_text(3) == "a");
    CHECK(dataset.understood.starts_with(
        "4 byte-level BPE tokens of 4 kinds, vocabulary of 5, 1 sentences"));
    CHECK(dataset.structure.section.size() == 4);
    CHECK_THROWS_AS(
        hsa::split_pieces("t.txt", std::make_shared<const std::string>("xyz"), *tokenizer, {}),
        hsa::Error);
}

TEST_CASE("long texts of bytes in parts give what they give in one", "[embed][tokens][threads]") {
    const std::string name = GENERATE(values<std::string>({"roberta.json", "llama.json"}));
    const auto tokenizer = hsa::read_tokenizer(kData + name);
    // One line without a place to cut it, and many.
    std::string text;
    while (text.size() < 700'000) text += "The ships'  sail,\nisn't it <mask> 字 12345 ";
    const std::vector<hsa::Piece> all = tokenizer->encode(text);
    constexpr std::size_t kPeriod = 44;
    REQUIRE(text.substr(0, kPeriod) == text.substr(kPeriod, kPeriod));
    // After the first two periods all are alike.
    const auto period = [&](std::size_t number) {
        std::vector<hsa::Piece> found;
        for (const hsa::Piece& piece : all)
            if (piece.span.begin / kPeriod == number)
                found.push_back(
                    {piece.id,
                     {piece.span.begin - number * kPeriod, piece.span.end - number * kPeriod}});
        return found;
    };
    const std::vector<hsa::Piece> second = period(1);
    CHECK(second.size() > 10);
    for (const std::size_t number : {2U, 5000U, 5697U, 5698U, 5699U, 5700U, 5701U, 11396U, 14000U})
        CHECK(period(number) == second);
}

TEST_CASE("a BPE that is none is refused with a sentence", "[embed][tokens]") {
    const auto refused = [](const std::string& model, const std::string& words = kBytes) {
        return io_test::complaint_of(
            [&] { (void)read_tokenizer_json("t.json", bpe_json(model, words)); });
    };
    const std::string good = R"("vocab": {"a": 0, "b": 1, "ab": 2}, "merges": ["a b"])";
    CHECK(refused(good).empty());
    CHECK(refused(R"("vocab": {"a": 0}, "merges": ["a"])").find("merge 0 (from 0) is \"a\"") !=
          std::string::npos);
    CHECK(refused(R"("vocab": {"a": 0}, "merges": [["a", 1]])").find("expected two pieces") !=
          std::string::npos);
    CHECK(refused(R"("vocab": {"a": 0, "b": 1}, "merges": ["a b"])").find("names \"ab\"") !=
          std::string::npos);
    CHECK(refused(R"("vocab": {"a": 0})").find("'merges' is missing") != std::string::npos);
    CHECK(refused(good + R"(, "unk_token": "<unk>")").find("no piece \"<unk>\"") !=
          std::string::npos);
    CHECK(refused(good + R"(, "dropout": 0.1)").find("dropout is 0.1") != std::string::npos);
    CHECK(refused(good + R"(, "byte_fallback": true)").find("byte_fallback") != std::string::npos);
    CHECK(refused(good + R"(, "end_of_word_suffix": "</w>")").find("end_of_word_suffix is") !=
          std::string::npos);
    CHECK(refused(good, R"({"type": "Split", "pattern": {"Regex": "(("}})")
              .find("is no regular expression") != std::string::npos);
    CHECK(refused(good, R"({"type": "Split", "pattern": {"Regex": "a"}, "behavior": "Other"})")
              .find("behavior \"Other\"") != std::string::npos);
    CHECK(refused(good, R"({"type": "Sequence", "pretokenizers": [{"type": "ByteLevel"},
                                                                 {"type": "WhitespaceSplit"}]})")
              .find("a step follows ByteLevel") != std::string::npos);
    const auto slow = read_tokenizer_json(
        "t.json", bpe_json(good, R"({"type": "Split", "pattern": {"Regex": "(a+)+[bc]\\1x"}})"));
    CHECK(io_test::complaint_of([&] {
              (void)slow->encode(std::string(4000, 'a'));
          }).find("takes too long or too much memory") != std::string::npos);
}
