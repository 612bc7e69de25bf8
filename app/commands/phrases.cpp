#include "app/commands/phrases.h"

#include "app/commands/grammar.h"
#include "engine/core/error.h"
#include "engine/explain/expression.h"

#include <algorithm>
#include <cctype>
#include <iterator>
#include <optional>

namespace splatscope {
namespace {

bool is_ascii_letter(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0; }

class Matcher {
  public:
    Matcher(const hsa::Dataset& dataset, const std::vector<std::string>& words)
        : dataset_(dataset) {
        std::transform(words.begin(), words.end(), std::back_inserter(words_), hsa::folded);
    }

    // The end of the words that begin with token i, if they do.
    [[nodiscard]] std::optional<std::size_t> end_at(std::size_t i) const {
        for (const std::string& word : words_) {
            const std::size_t end = end_of(word, i);
            if (end == i || within_word(i) || within_word(end)) return std::nullopt;
            i = end;
        }
        return i;
    }

  private:
    [[nodiscard]] bool touches_the_one_before(std::size_t i) const {
        return i > 0 && i < dataset_.tokens.size() &&
               dataset_.tokens[i - 1].end == dataset_.tokens[i].begin;
    }
    // Whether a word of the text goes on from the token before into this one.
    [[nodiscard]] bool within_word(std::size_t i) const {
        if (!touches_the_one_before(i)) return false;
        const std::string before = dataset_.token_text(i - 1);
        const std::string text = dataset_.token_text(i);
        return !before.empty() && !text.empty() && is_ascii_letter(before.back()) &&
               is_ascii_letter(text.front());
    }
    // The token after those that spell a word from i on; i where they do not.
    [[nodiscard]] std::size_t end_of(std::string_view word, std::size_t i) const {
        std::size_t end = i;
        for (; !word.empty(); ++end) {
            if (end == dataset_.size() || (end > i && !touches_the_one_before(end))) return i;
            const std::string text = hsa::folded(dataset_.token_text(end));
            if (text.empty() || !word.starts_with(text)) return i;
            word.remove_prefix(text.size());
        }
        return end;
    }

    const hsa::Dataset& dataset_;
    std::vector<std::string> words_;
};

}  // namespace

std::vector<hsa::Range> places_of(std::string_view command, const hsa::Dataset& dataset,
                                  const std::string& phrase) {
    const std::vector<std::string> words = split_words(phrase);
    if (words.empty()) hsa::fail_usage("{} takes the words to look for, in quotes.", command);
    const Matcher matcher(dataset, words);
    std::vector<hsa::Range> found;
    for (std::size_t i = 0; i < dataset.size(); ++i)
        if (const auto end = matcher.end_at(i)) found.push_back({i, *end});
    if (found.empty()) hsa::fail("{}: \"{}\" does not stand in this text.", command, phrase);
    return found;
}

}  // namespace splatscope
