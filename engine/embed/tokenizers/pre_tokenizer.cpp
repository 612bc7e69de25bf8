#include "engine/embed/tokenizers/pre_tokenizer.h"

#include "engine/embed/tokenizers/regex_splits.h"
#include "engine/embed/tokenizers/word_scanner.h"

#include <optional>
#include <utility>

namespace hsa {
namespace {

// White space parts words; with `marks` every punctuation mark is a word of its own.
class BlankPreTokenizer : public PreTokenizer {
  public:
    explicit BlankPreTokenizer(bool marks) : marks_(marks) {}

    void apply(Words& words) const override {
        std::vector<Bytes> found;
        const std::string_view text = words.text.text();
        for (const Bytes& word : words.words) {
            std::uint32_t begin = word.begin;
            const auto end_word = [&](std::size_t end) {
                if (end > begin) found.push_back({begin, static_cast<std::uint32_t>(end)});
            };
            for (std::size_t at = word.begin; at < word.end;) {
                const std::size_t here = at;
                const std::uint8_t classes = character::of(next_character(text, at));
                const bool space = (classes & character::kSpace) != 0;
                if (!space && !(marks_ && (classes & character::kPunctuation) != 0)) continue;
                end_word(here);
                begin = static_cast<std::uint32_t>(here);
                if (!space) end_word(at);
                begin = static_cast<std::uint32_t>(at);
            }
            end_word(word.end);
        }
        words.words = std::move(found);
    }
    [[nodiscard]] SafeCut safe_cut() const override { return SafeCut::anywhere; }

  private:
    bool marks_ = true;
};

// Every character that belongs is a fit of its own.
class ClassPreTokenizer : public PreTokenizer {
  public:
    using Belongs = bool (*)(std::int32_t code);
    ClassPreTokenizer(Belongs belongs, SplitBehaviour behaviour)
        : belongs_(belongs), behaviour_(behaviour) {}

    void apply(Words& words) const override {
        std::vector<Bytes> found;
        std::vector<Bytes> fits;
        const std::string_view text = words.text.text();
        for (const Bytes& word : words.words) {
            fits.clear();
            for (std::size_t at = word.begin; at < word.end;) {
                const auto begin = static_cast<std::uint32_t>(at);
                if (belongs_(next_character(text, at)))
                    fits.push_back({begin, static_cast<std::uint32_t>(at)});
            }
            split_at(word, fits, false, behaviour_, found);
        }
        words.words = std::move(found);
    }
    [[nodiscard]] SafeCut safe_cut() const override { return SafeCut::as_others; }

  private:
    Belongs belongs_;
    SplitBehaviour behaviour_;
};

class ScanPreTokenizer : public PreTokenizer {
  public:
    explicit ScanPreTokenizer(WordPattern pattern) : pattern_(pattern) {}

    void apply(Words& words) const override {
        std::vector<Bytes> found;
        for (const Bytes& word : words.words) scan_words(words.text.text(), word, pattern_, found);
        words.words = std::move(found);
    }
    [[nodiscard]] SafeCut safe_cut() const override { return SafeCut::single_blank; }

  private:
    WordPattern pattern_;
};

class ByteLevelPreTokenizer : public PreTokenizer {
  public:
    ByteLevelPreTokenizer(bool prefix_blank, bool split)
        : prefix_blank_(prefix_blank), split_(split) {}

    void apply(Words& words) const override {
        if (prefix_blank_) add_blanks(words);
        if (split_) ScanPreTokenizer(WordPattern::gpt2).apply(words);
    }
    [[nodiscard]] SafeCut safe_cut() const override {
        return split_ ? SafeCut::single_blank : SafeCut::as_others;
    }

  private:
    static void add_blanks(Words& words) {
        std::vector<std::uint32_t> places;
        for (Bytes& word : words.words) {
            const bool lacks = words.text.text()[word.begin] != ' ';
            word.begin += static_cast<std::uint32_t>(places.size());
            if (lacks) places.push_back(word.begin - static_cast<std::uint32_t>(places.size()));
            word.end += static_cast<std::uint32_t>(places.size());
        }
        if (!places.empty()) words.text = words.text.with_blanks(places);
    }

    bool prefix_blank_ = true;
    bool split_ = true;
};

}  // namespace

std::shared_ptr<const PreTokenizer> bert_pre_tokenizer() {
    return std::make_shared<const BlankPreTokenizer>(true);
}
std::shared_ptr<const PreTokenizer> blank_pre_tokenizer() {
    return std::make_shared<const BlankPreTokenizer>(false);
}
std::shared_ptr<const PreTokenizer> digit_pre_tokenizer(bool individual) {
    return std::make_shared<const ClassPreTokenizer>(
        is_number, individual ? SplitBehaviour::isolated : SplitBehaviour::contiguous);
}
std::shared_ptr<const PreTokenizer> punctuation_pre_tokenizer(SplitBehaviour behaviour) {
    return std::make_shared<const ClassPreTokenizer>(is_punctuation, behaviour);
}
std::shared_ptr<const PreTokenizer> byte_level_pre_tokenizer(bool prefix_blank, bool split) {
    return std::make_shared<const ByteLevelPreTokenizer>(prefix_blank, split);
}

std::shared_ptr<const PreTokenizer> split_pre_tokenizer(const std::string& where,
                                                        const SplitPattern& pattern) {
    const auto known = pattern.literal ? std::nullopt : known_pattern(pattern.text);
    // These patterns fit everything, so that nothing is between.
    const bool covers = (pattern.behaviour == SplitBehaviour::isolated) ||
                        (pattern.behaviour == SplitBehaviour::removed && pattern.inverted);
    if (known && covers) return std::make_shared<const ScanPreTokenizer>(*known);
    return regex_pre_tokenizer(where, pattern);
}

}  // namespace hsa
