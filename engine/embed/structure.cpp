#include "engine/embed/structure.h"

#include "engine/core/error.h"
#include "engine/core/hash.h"
#include "engine/embed/boundaries.h"
#include "engine/embed/headings.h"

#include <unicode/uchar.h>
#include <unicode/utf8.h>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <utility>

namespace hsa {
namespace {

// Gives each token the number of the piece it starts in; `begins` rise. Pieces without tokens get
// no number, so that the numbers run 0, 1, 2, ...
std::vector<std::uint32_t> number_pieces(const std::vector<Span>& tokens,
                                         const std::vector<std::size_t>& begins) {
    std::vector<std::uint32_t> numbers(tokens.size());
    std::size_t piece = 0;
    std::uint32_t number = 0;
    std::size_t last_piece = 0;
    for (std::size_t t = 0; t < tokens.size(); ++t) {
        while (piece + 1 < begins.size() && begins[piece + 1] <= tokens[t].begin) ++piece;
        if (t > 0 && piece != last_piece) ++number;
        last_piece = piece;
        numbers[t] = number;
    }
    return numbers;
}

std::vector<std::size_t> sentence_begins(std::string_view text, const std::vector<Line>& lines) {
    // A line end inside a paragraph is no end of a sentence: ICU sees a blank there.
    std::string flowing(text);
    for (std::size_t l = 0; l + 1 < lines.size(); ++l) {
        if (lines[l].blank || lines[l + 1].blank) continue;
        for (std::size_t b = lines[l].end; b < lines[l + 1].begin; ++b) flowing[b] = ' ';
    }
    Boundaries boundaries(UBRK_SENTENCE, flowing);
    std::vector<std::size_t> begins;
    for (std::int32_t at = boundaries.first(); at != UBRK_DONE; at = boundaries.next())
        begins.push_back(static_cast<std::size_t>(at));
    return begins;
}

}  // namespace

bool is_blank_text(std::string_view piece) {
    const auto* bytes = reinterpret_cast<const std::uint8_t*>(piece.data());
    const auto size = static_cast<std::int32_t>(piece.size());
    std::int32_t at = 0;
    while (at < size) {
        UChar32 c = 0;
        U8_NEXT(bytes, at, size, c);
        if (c < 0 || (u_isUWhiteSpace(c) == 0 && u_iscntrl(c) == 0 && c != 0xfeff && c != 0x200b))
            return false;
    }
    return true;
}

std::vector<Line> lines_of(std::string_view text) {
    std::vector<Line> lines;
    std::size_t begin = 0;
    while (begin <= text.size()) {
        std::size_t end = text.find('\n', begin);
        const bool last = end == std::string_view::npos;
        if (last) end = text.size();
        Line line{begin, end, false};
        if (line.end > line.begin && text[line.end - 1] == '\r') --line.end;
        line.blank = is_blank_text(text.substr(line.begin, line.end - line.begin));
        if (!(last && begin == text.size())) lines.push_back(line);
        if (last) break;
        begin = end + 1;
    }
    return lines;
}

void add_structure(Dataset& dataset, std::string_view text) {
    const std::vector<Line> lines = lines_of(text);
    const std::vector<Heading> headings = headings_of(text, lines);
    std::vector<std::size_t> paragraphs;
    for (std::size_t l = 0; l < lines.size(); ++l)
        if (!lines[l].blank && (l == 0 || lines[l - 1].blank)) paragraphs.push_back(lines[l].begin);
    for (const Heading& heading : headings) paragraphs.push_back(heading.begin);
    std::sort(paragraphs.begin(), paragraphs.end());
    paragraphs.erase(std::unique(paragraphs.begin(), paragraphs.end()), paragraphs.end());

    Structure& structure = dataset.structure;
    structure.sentence = number_pieces(dataset.tokens, sentence_begins(text, lines));
    structure.paragraph = number_pieces(dataset.tokens, paragraphs);
    std::vector<std::size_t> sections = {0};
    std::vector<std::string> titles = {""};
    for (const Heading& heading : headings) {
        if (heading.begin == 0) {
            titles[0] = heading.title;
            continue;
        }
        sections.push_back(heading.begin);
        titles.push_back(heading.title);
    }
    structure.section.resize(dataset.tokens.size());
    std::size_t piece = 0;
    std::size_t last_piece = 0;
    for (std::size_t t = 0; t < dataset.tokens.size(); ++t) {
        while (piece + 1 < sections.size() && sections[piece + 1] <= dataset.tokens[t].begin)
            ++piece;
        if (t == 0 || piece != last_piece) structure.sections.push_back({titles[piece], {t, t}});
        last_piece = piece;
        structure.sections.back().tokens.end = t + 1;
        structure.section[t] = static_cast<std::uint32_t>(structure.sections.size() - 1);
    }
}

void check_text_size(const std::string& source, std::string_view text) {
    if (text.size() > static_cast<std::size_t>(std::numeric_limits<std::int32_t>::max()))
        fail("{} is {} bytes long: a text may have up to 2 GB. Open a part of it.", source,
             text.size());
}

Dataset text_dataset(const std::string& source, std::shared_ptr<const std::string> text) {
    Dataset dataset;
    dataset.source = source;
    dataset.hash = hash_text(*text);
    dataset.bytes = text->size();
    dataset.text = std::move(text);
    dataset.ordered = true;
    return dataset;
}

}  // namespace hsa
