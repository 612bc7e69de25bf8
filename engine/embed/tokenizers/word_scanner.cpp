#include "engine/embed/tokenizers/word_scanner.h"

#include <array>

namespace hsa {
namespace {

using Text = std::string_view;

constexpr Text kGpt2 =
    R"('s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+)";
constexpr Text kGpt2Short =
    R"('(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+)";
constexpr Text kNumbers =
    R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)";
constexpr Text kTriples =
    R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)";

bool is_line_end(std::int32_t code) { return code == '\n' || code == '\r'; }

// One word after another of a text.
class Scanner {
  public:
    Scanner(Text text, WordPattern pattern) : text_(text), pattern_(pattern) {}

    // The end of the word that begins at `at`, which is inside the text.
    [[nodiscard]] std::size_t end_of_word(std::size_t at) const {
        if (const std::size_t end = contraction(at); end > at) return end;
        return pattern_ == WordPattern::gpt2 ? end_of_gpt2(at) : end_of_newer(at);
    }

  private:
    struct Letter {
        std::int32_t code = -1;  // -1 at the end of the text
        Kind kind = Kind::space;
        std::size_t end = 0;
    };
    [[nodiscard]] Letter letter(std::size_t at) const {
        if (at >= text_.size()) return {-1, Kind::space, at};
        const std::int32_t code = next_character(text_, at);
        return {code, kind_of(code), at};
    }
    [[nodiscard]] std::size_t end_of_run(std::size_t at, Kind kind) const {
        for (;;) {
            const Letter next = letter(at);
            if (next.code < 0 || next.kind != kind) return at;
            at = next.end;
        }
    }

    // 's, 't, 're, 've, 'm, 'll and 'd; newer patterns mind no case, and know the long s.
    [[nodiscard]] std::size_t contraction(std::size_t at) const {
        if (text_[at] != '\'') return at;
        constexpr std::array<Text, 7> kEnds = {"s", "t", "re", "ve", "m", "ll", "d"};
        constexpr Text kLongS = "\u017f";
        const bool folds = pattern_ != WordPattern::gpt2;
        const Text rest = text_.substr(at + 1);
        for (const Text end : kEnds) {
            if (rest.size() < end.size()) continue;
            bool same = true;
            for (std::size_t c = 0; c < end.size(); ++c) {
                const char own = rest[c];
                const bool upper = folds && own >= 'A' && own <= 'Z';
                same = same && (upper ? static_cast<char>(own + ('a' - 'A')) : own) == end[c];
            }
            if (same) return at + 1 + end.size();
        }
        return folds && rest.starts_with(kLongS) ? at + 1 + kLongS.size() : at;
    }

    [[nodiscard]] std::size_t end_of_gpt2(std::size_t at) const {
        Letter first = letter(at);
        if (first.code == ' ') {
            const Letter next = letter(first.end);
            if (next.code >= 0 && next.kind != Kind::space) first = next;
        }
        if (first.kind != Kind::space) return end_of_run(first.end, first.kind);
        return end_of_blanks(at);
    }

    [[nodiscard]] std::size_t end_of_newer(std::size_t at) const {
        const Letter first = letter(at);
        if (first.kind == Kind::letter) return end_of_run(first.end, Kind::letter);
        if (first.kind == Kind::number) return end_of_digits(first.end);
        const Letter next = letter(first.end);
        if (!is_line_end(first.code) && next.code >= 0 && next.kind == Kind::letter)
            return end_of_run(next.end, Kind::letter);
        if (first.kind == Kind::other) return end_of_signs(first.end);
        if (first.code == ' ' && next.code >= 0 && next.kind == Kind::other)
            return end_of_signs(next.end);
        // Blanks up to the last line end among them.
        std::size_t line_end = at;
        for (std::size_t here = at;;) {
            const Letter blank = letter(here);
            if (blank.code < 0 || blank.kind != Kind::space) break;
            here = blank.end;
            if (is_line_end(blank.code)) line_end = here;
        }
        return line_end > at ? line_end : end_of_blanks(at);
    }

    [[nodiscard]] std::size_t end_of_digits(std::size_t at) const {
        const int most = pattern_ == WordPattern::triples ? 3 : 1;
        for (int digits = 1; digits < most; ++digits) {
            const Letter next = letter(at);
            if (next.code < 0 || next.kind != Kind::number) break;
            at = next.end;
        }
        return at;
    }

    [[nodiscard]] std::size_t end_of_signs(std::size_t at) const {
        at = end_of_run(at, Kind::other);
        while (at < text_.size() && is_line_end(text_[at])) ++at;
        return at;
    }

    // Blanks; the last one is left to what follows unless it is the only one.
    [[nodiscard]] std::size_t end_of_blanks(std::size_t at) const {
        std::size_t last = at;
        std::size_t end = at;
        for (;;) {
            const Letter blank = letter(end);
            if (blank.code < 0) return end;
            if (blank.kind != Kind::space) break;
            last = end;
            end = blank.end;
        }
        return last > at ? last : end;
    }

    Text text_;
    WordPattern pattern_;
};

}  // namespace

std::optional<WordPattern> known_pattern(std::string_view expression) {
    if (expression == kGpt2 || expression == kGpt2Short) return WordPattern::gpt2;
    if (expression == kNumbers) return WordPattern::numbers;
    if (expression == kTriples) return WordPattern::triples;
    return std::nullopt;
}

void scan_words(std::string_view text, Bytes word, WordPattern pattern, std::vector<Bytes>& words) {
    const Scanner scanner(text.substr(0, word.end), pattern);
    for (std::size_t at = word.begin; at < word.end;) {
        const std::size_t end = scanner.end_of_word(at);
        words.push_back({static_cast<std::uint32_t>(at), static_cast<std::uint32_t>(end)});
        at = end;
    }
}

}  // namespace hsa
