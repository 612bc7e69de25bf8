#include "app/views/text_kept_lines.h"

#include <algorithm>
#include <cstddef>

namespace splatscope {
namespace {

constexpr std::size_t kVerse = 60;  // letters in the longest line of what may be verse ...
constexpr std::size_t kStanza = 3;  // ... of so many lines

struct SourceLine {
    std::uint32_t first = 0;  // byte of its first letter that is not blank
    std::string_view whole;   // with its indent, without the line end
    std::string_view words;   // without blanks at either end
};

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\r'; }

// In letters: bytes that begin one.
std::size_t length_of(std::string_view text) {
    return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
        return (static_cast<unsigned char>(c) & 0xc0U) != 0x80U;
    }));
}

std::vector<SourceLine> lines_of(std::string_view paragraph) {
    std::vector<SourceLine> lines;
    for (std::size_t at = 0; at < paragraph.size();) {
        const std::size_t end = std::min(paragraph.find('\n', at), paragraph.size());
        const std::string_view whole = paragraph.substr(at, end - at);
        std::size_t first = 0, last = whole.size();
        while (first < last && is_space(whole[first])) ++first;
        while (last > first && is_space(whole[last - 1])) --last;
        if (last > first)
            lines.push_back(
                {static_cast<std::uint32_t>(at + first), whole, whole.substr(first, last - first)});
        at = end + 1;
    }
    return lines;
}

// "- ", "* ", "+ ", "\u2022 ", "3. ", "12) "
bool is_item(std::string_view words) {
    if (words.starts_with("\u2022 ")) return true;
    std::size_t at = 0;
    while (at < words.size() && at < 3 && words[at] >= '0' && words[at] <= '9') ++at;
    const std::string_view signs = at == 0 ? "-*+" : ".)";
    return at + 1 < words.size() && signs.find(words[at]) != std::string_view::npos &&
           words[at + 1] == ' ';
}

bool is_own_line(std::string_view words) {
    return words.starts_with('|') || words.starts_with('>') || words.starts_with("```") ||
           is_item(words);
}

bool is_indented(std::string_view whole) {
    return whole.starts_with("    ") || whole.starts_with('\t');
}

bool ends_by_hand(std::string_view whole) {
    while (whole.ends_with('\r')) whole.remove_suffix(1);
    return whole.ends_with("  ") || whole.ends_with('\\');
}

// Where lines were wrapped at a width, the next word would not have fitted the longest of them.
bool is_verse(const std::vector<SourceLine>& lines) {
    std::size_t longest = 0;
    for (const SourceLine& line : lines) {
        if (is_own_line(line.words)) return false;
        longest = std::max(longest, length_of(line.words));
    }
    if (longest > kVerse || lines.size() < kStanza) return false;
    std::size_t early = 0;
    for (std::size_t l = 0; l + 1 < lines.size(); ++l) {
        const std::string_view next = lines[l + 1].words;
        const std::string_view word = next.substr(0, next.find(' '));
        if (length_of(lines[l].words) + 1 + length_of(word) <= longest) ++early;
    }
    return early > 0 && 3 * early >= lines.size() - 1;
}

}  // namespace

std::vector<std::uint32_t> kept_lines(std::string_view paragraph) {
    if (paragraph.find('\n') == std::string_view::npos) return {};
    const std::vector<SourceLine> lines = lines_of(paragraph);
    const bool verse = is_verse(lines);
    std::vector<std::uint32_t> kept;
    bool fenced = !lines.empty() && lines.front().words.starts_with("```");
    for (std::size_t l = 1; l < lines.size(); ++l) {
        const SourceLine& line = lines[l];
        const SourceLine& before = lines[l - 1];
        const bool fence = line.words.starts_with("```");
        const bool code = is_indented(line.whole) && is_indented(before.whole);
        if (verse || fenced || code || is_own_line(line.words) || before.words.starts_with('|') ||
            before.words.starts_with("```") || ends_by_hand(before.whole))
            kept.push_back(line.first);
        if (fence) fenced = !fenced;
    }
    return kept;
}

}  // namespace splatscope
