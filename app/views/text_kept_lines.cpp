#include "app/views/text_kept_lines.h"

#include <algorithm>
#include <cstddef>

namespace splatscope {
namespace {

constexpr std::size_t kVerse = 60;     // letters in the longest line of what may be verse
constexpr std::size_t kStanza = 3;     // lines that show by themselves how wide they were wrapped
constexpr std::size_t kAround = 2048;  // bytes on either side of fewer that show it
constexpr std::size_t kIndent = 1024;  // bytes before a piece in which its first line may begin

struct SourceLine {
    std::uint32_t first = 0;  // byte of its first letter that is not blank, from the piece's begin
    bool begins = true;       // in the piece; the first line of one may begin before it
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

// Where the line begins in which a byte lies; the byte itself where that is far before it.
std::size_t line_begin(std::string_view text, std::size_t byte) {
    const std::size_t from = byte - std::min(byte, kIndent);
    const std::size_t before = text.substr(from, byte - from).rfind('\n');
    if (before != std::string_view::npos) return from + before + 1;
    return from == 0 ? 0 : byte;
}

// The first whole, with what stands before the piece: a paragraph begins behind its indent.
std::vector<SourceLine> lines_of(std::string_view text, std::size_t begin, std::size_t end) {
    text = text.substr(0, end);
    std::vector<SourceLine> lines;
    std::size_t at = line_begin(text, begin);
    const bool at_begin = at == 0 || text[at - 1] == '\n';
    while (at < text.size()) {
        const std::size_t line_end = std::min(text.find('\n', at), text.size());
        const std::string_view whole = text.substr(at, line_end - at);
        std::size_t first = 0, last = whole.size();
        while (first < last && is_space(whole[first])) ++first;
        while (last > first && is_space(whole[last - 1])) --last;
        if (last > first) {
            const std::size_t letter = at + first;
            const bool begins = letter >= begin && (at > begin || at_begin);
            lines.push_back({static_cast<std::uint32_t>(std::max(letter, begin) - begin), begins,
                             whole, whole.substr(first, last - first)});
        }
        at = line_end + 1;
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

// The fence that is open behind a line: code in one line of the text opens none.
std::size_t fence_after(std::string_view words, std::size_t fence) {
    const std::size_t ticks = std::min(words.find_first_not_of('`'), words.size());
    if (ticks < 3) return fence;
    if (fence == 0) return words.find('`', ticks) == std::string_view::npos ? ticks : 0;
    return ticks >= fence && ticks == words.size() ? 0 : fence;
}

// Not a heading, a table, code, or a word alone such as a URL.
bool may_be_wrapped(std::string_view whole) {
    return !whole.starts_with('#') && !is_own_line(whole) && !is_indented(whole) &&
           whole.find(' ') != std::string_view::npos;
}

// Letters in the longest line that may have been wrapped, before and after some bytes.
std::size_t longest_around(std::string_view text, std::size_t begin, std::size_t end) {
    const std::size_t from = begin - std::min(begin, kAround);
    end = std::min(end, text.size());
    std::size_t longest = 0;
    for (std::string_view part : {text.substr(from, begin - from), text.substr(end, kAround)})
        while (!part.empty()) {
            const std::size_t line_end = std::min(part.find('\n'), part.size());
            const std::string_view line = part.substr(0, line_end);
            if (may_be_wrapped(line)) longest = std::max(longest, length_of(line));
            part.remove_prefix(std::min(line_end + 1, part.size()));
        }
    return longest;
}

// Where lines were wrapped at a width, the next word would not have fitted the longest of them; two
// lines do not show it, but those around them do: `around`, their longest.
bool is_verse(const std::vector<SourceLine>& lines, std::size_t around) {
    std::size_t longest = 0;
    for (const SourceLine& line : lines) {
        if (is_own_line(line.words)) return false;
        longest = std::max(longest, length_of(line.words));
    }
    if (longest > kVerse || lines.size() < 2) return false;
    if (lines.size() < kStanza) longest = around;
    std::size_t early = 0;
    for (std::size_t l = 0; l + 1 < lines.size(); ++l) {
        const std::string_view next = lines[l + 1].words;
        const std::string_view word = next.substr(0, next.find(' '));
        if (length_of(lines[l].words) + 1 + length_of(word) <= longest) ++early;
    }
    return early > 0 && 3 * early >= lines.size() - 1;
}

}  // namespace

std::vector<std::uint32_t> kept_lines(std::string_view text, std::size_t begin, std::size_t end,
                                      std::size_t fence) {
    if (text.substr(begin, end - begin).find('\n') == std::string_view::npos) return {};
    const std::vector<SourceLine> lines = lines_of(text, begin, end);
    const bool verse =
        is_verse(lines, lines.size() < kStanza ? longest_around(text, begin, end) : 0);
    std::vector<std::uint32_t> kept;
    for (std::size_t l = 0; l < lines.size(); ++l) {
        const SourceLine& line = lines[l];
        if (l > 0) {
            const SourceLine& before = lines[l - 1];
            const bool code = is_indented(line.whole) && is_indented(before.whole);
            if (verse || fence > 0 || code || is_own_line(line.words) ||
                before.words.starts_with('|') || before.words.starts_with("```") ||
                ends_by_hand(before.whole))
                kept.push_back(line.first);
        }
        if (line.begins) fence = fence_after(line.words, fence);
    }
    return kept;
}

std::size_t fence_behind(std::string_view text, std::size_t begin, std::size_t end,
                         std::size_t fence) {
    if (text.substr(begin, end - begin).find("```") == std::string_view::npos) return fence;
    for (const SourceLine& line : lines_of(text, begin, end))
        if (line.begins) fence = fence_after(line.words, fence);
    return fence;
}

}  // namespace splatscope
