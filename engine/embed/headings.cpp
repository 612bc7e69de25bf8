#include "engine/embed/headings.h"

#include "engine/embed/numbering.h"

#include <unicode/uchar.h>
#include <unicode/utf8.h>

#include <cstdint>
#include <utility>

namespace hsa {
namespace {

constexpr std::size_t kLongestHeading = 80;  // bytes of a line that can be a heading by itself

bool is_rule(std::string_view line) {
    return line.size() >= 3 && (line.find_first_not_of('=') == std::string_view::npos ||
                                line.find_first_not_of('-') == std::string_view::npos);
}

// A line of its own that has letters and none of them lower case.
bool is_shouted(std::string_view line) {
    if (line.size() > kLongestHeading) return false;
    const auto* bytes = reinterpret_cast<const std::uint8_t*>(line.data());
    const auto size = static_cast<std::int32_t>(line.size());
    std::int32_t at = 0;
    int letters = 0;
    while (at < size) {
        UChar32 c = 0;
        U8_NEXT(bytes, at, size, c);
        if (c < 0 || u_islower(c) != 0) return false;
        if (u_isupper(c) != 0) ++letters;
    }
    return letters >= 2;
}

// Which lines are headings by their number.
std::vector<bool> numbered_headings(std::string_view text, const std::vector<Line>& lines) {
    struct Candidate {
        std::size_t line = 0;
        std::size_t place = 0;  // among the lines that are not blank
        Numbering number;
    };
    std::vector<Candidate> found;
    std::size_t place = 0;
    for (std::size_t l = 0; l < lines.size(); ++l) {
        if (lines[l].blank) continue;
        ++place;
        const bool alone =
            (l == 0 || lines[l - 1].blank) && (l + 1 == lines.size() || lines[l + 1].blank);
        const std::string_view line = text.substr(lines[l].begin, lines[l].end - lines[l].begin);
        if (!alone || line.size() > kLongestHeading) continue;
        if (auto number = numbering_of(line)) found.push_back({l, place, std::move(*number)});
    }
    std::vector<bool> headings(lines.size(), false);
    for (std::size_t c = 0; c < found.size(); ++c) {
        const Numbering& own = found[c].number;
        bool item = false;
        bool counts_on = false;
        const auto compare = [&](std::size_t a, std::size_t b) {
            item = item || (found[b].place == found[a].place + 1 &&
                            continues(found[a].number, found[b].number));
            counts_on = counts_on || continues(found[a].number, found[b].number);
        };
        // Of the next and the last of its kind: "2" after "1.4" counts on from "1".
        for (std::size_t other = c + 1; other < found.size(); ++other)
            if (found[other].number.same_kind(own)) {
                compare(c, other);
                break;
            }
        for (std::size_t other = c; other-- > 0;)
            if (found[other].number.same_kind(own)) {
                compare(other, c);
                break;
            }
        headings[found[c].line] = !item && (counts_on || !own.doubtful);
    }
    return headings;
}

}  // namespace

std::vector<Heading> headings_of(std::string_view text, const std::vector<Line>& lines) {
    std::vector<Heading> found;
    const auto view = [&](const Line& line) {
        return text.substr(line.begin, line.end - line.begin);
    };
    const std::vector<bool> numbered = numbered_headings(text, lines);
    for (std::size_t l = 0; l < lines.size(); ++l) {
        if (lines[l].blank) continue;
        std::string_view line = view(lines[l]);
        const bool alone_above = l == 0 || lines[l - 1].blank;
        const bool alone_below = l + 1 == lines.size() || lines[l + 1].blank;
        const std::size_t marks = line.find_first_not_of('#');
        if (marks != std::string_view::npos && marks > 0 && marks <= 6 && line[marks] == ' ') {
            line.remove_prefix(marks + 1);
        } else if (!numbered[l] &&
                   !(alone_above && ((alone_below && is_shouted(line)) ||
                                     (l + 1 < lines.size() && line.size() <= kLongestHeading &&
                                      is_rule(view(lines[l + 1])))))) {
            continue;
        }
        const std::size_t first = line.find_first_not_of(" \t");
        const std::size_t last = line.find_last_not_of(" \t#");
        if (first == std::string_view::npos || last == std::string_view::npos) continue;
        found.push_back({lines[l].begin, std::string(line.substr(first, last - first + 1))});
    }
    return found;
}

}  // namespace hsa
