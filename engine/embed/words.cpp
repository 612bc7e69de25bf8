#include "engine/embed/words.h"

#include "engine/core/error.h"
#include "engine/core/hash.h"

#include <fmt/core.h>
#include <unicode/locid.h>
#include <unicode/ubrk.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>
#include <unicode/utext.h>
#include <unicode/utf8.h>

#include <algorithm>
#include <limits>
#include <memory>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace hsa {
namespace {

constexpr std::size_t kLongestHeading = 80;  // bytes of a line that can be a heading by itself

struct CloseText {
    void operator()(UText* text) const { utext_close(text); }
};
struct CloseBreaks {
    void operator()(UBreakIterator* breaks) const { ubrk_close(breaks); }
};

// ICU's boundaries of one kind over UTF-8 bytes, as byte offsets.
class Boundaries {
  public:
    Boundaries(UBreakIteratorType kind, std::string_view text) {
        UErrorCode status = U_ZERO_ERROR;
        text_.reset(
            utext_openUTF8(nullptr, text.data(), static_cast<std::int64_t>(text.size()), &status));
        breaks_.reset(ubrk_open(kind, "en", nullptr, 0, &status));
        ubrk_setUText(breaks_.get(), text_.get(), &status);
        if (U_FAILURE(status) != 0) fault("ICU cannot divide the text: {}", u_errorName(status));
    }
    std::int32_t first() { return ubrk_first(breaks_.get()); }
    std::int32_t next() { return ubrk_next(breaks_.get()); }

  private:
    std::unique_ptr<UText, CloseText> text_;
    std::unique_ptr<UBreakIterator, CloseBreaks> breaks_;
};

bool is_blank(std::string_view piece) {
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

// One line of the text, without its line end.
struct Line {
    std::size_t begin = 0;
    std::size_t end = 0;
    bool blank = false;
};

std::vector<Line> lines_of(std::string_view text) {
    std::vector<Line> lines;
    std::size_t begin = 0;
    while (begin <= text.size()) {
        std::size_t end = text.find('\n', begin);
        const bool last = end == std::string_view::npos;
        if (last) end = text.size();
        Line line{begin, end, false};
        if (line.end > line.begin && text[line.end - 1] == '\r') --line.end;
        line.blank = is_blank(text.substr(line.begin, line.end - line.begin));
        if (!(last && begin == text.size())) lines.push_back(line);
        if (last) break;
        begin = end + 1;
    }
    return lines;
}

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

struct Heading {
    std::size_t begin = 0;  // byte of the line
    std::string title;
};

std::vector<Heading> headings_of(std::string_view text, const std::vector<Line>& lines) {
    std::vector<Heading> found;
    const auto view = [&](const Line& line) {
        return text.substr(line.begin, line.end - line.begin);
    };
    for (std::size_t l = 0; l < lines.size(); ++l) {
        if (lines[l].blank) continue;
        std::string_view line = view(lines[l]);
        const bool alone_above = l == 0 || lines[l - 1].blank;
        const bool alone_below = l + 1 == lines.size() || lines[l + 1].blank;
        const std::size_t marks = line.find_first_not_of('#');
        if (marks != std::string_view::npos && marks > 0 && marks <= 6 && line[marks] == ' ') {
            line.remove_prefix(marks + 1);
        } else if (!(alone_above && ((alone_below && is_shouted(line)) ||
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

// Types are words with case folded, so that "The" and "the" share their weight, their company and
// their part in names of splats. A type is named by its first spelling in lower case.
void add_types(Dataset& dataset, std::string_view text) {
    std::unordered_map<std::string_view, std::uint32_t> by_spelling;
    std::unordered_map<std::string, std::uint32_t> by_folded;
    dataset.types.reserve(dataset.tokens.size());
    for (const Span& span : dataset.tokens) {
        const std::string_view word = text.substr(span.begin, span.end - span.begin);
        const auto known = by_spelling.find(word);
        if (known != by_spelling.end()) {
            dataset.types.push_back(known->second);
            continue;
        }
        const icu::UnicodeString spelling = icu::UnicodeString::fromUTF8(
            icu::StringPiece(word.data(), static_cast<std::int32_t>(word.size())));
        std::string folded;
        icu::UnicodeString(spelling).foldCase().toUTF8String(folded);
        const auto [place, fresh] = by_folded.try_emplace(
            std::move(folded), static_cast<std::uint32_t>(dataset.type_names.size()));
        if (fresh) {
            dataset.type_names.emplace_back();
            icu::UnicodeString(spelling)
                .toLower(icu::Locale::getRoot())
                .toUTF8String(dataset.type_names.back());
        }
        by_spelling.emplace(word, place->second);
        dataset.types.push_back(place->second);
    }
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

}  // namespace

Dataset split_words(const std::string& source, std::shared_ptr<const std::string> text,
                    const Work& work) {
    // ICU counts bytes in 31 bits.
    if (text->size() > static_cast<std::size_t>(std::numeric_limits<std::int32_t>::max()))
        fail("{} is {} bytes long: a text may have up to 2 GB. Open a part of it.", source,
             text->size());
    Dataset dataset = text_dataset(source, std::move(text));
    const std::string_view bytes = *dataset.text;
    constexpr std::size_t kCheckEvery = 1 << 16;
    Boundaries boundaries(UBRK_WORD, bytes);
    std::int32_t begin = boundaries.first();
    for (std::int32_t end = boundaries.next(); end != UBRK_DONE;
         begin = end, end = boundaries.next()) {
        const auto from = static_cast<std::size_t>(begin);
        const auto to = static_cast<std::size_t>(end);
        if (is_blank(bytes.substr(from, to - from))) continue;
        dataset.tokens.push_back({from, to});
        if (dataset.tokens.size() % kCheckEvery == 0) {
            work.check();
            work.report("reading words",
                        static_cast<double>(to) / static_cast<double>(bytes.size()));
        }
    }
    if (dataset.tokens.empty())
        fail("{} holds no words: expected a text with at least one word or sign.", source);
    add_structure(dataset, bytes);
    add_types(dataset, bytes);
    const Structure& s = dataset.structure;
    dataset.understood =
        fmt::format("{} tokens of {} kinds, {} sentences, {} paragraphs, {} sections",
                    dataset.tokens.size(), dataset.type_names.size(), s.sentence.back() + 1,
                    s.paragraph.back() + 1, s.sections.size());
    return dataset;
}

Dataset split_lines(const std::string& source, std::shared_ptr<const std::string> text,
                    const Work& work) {
    Dataset dataset = text_dataset(source, std::move(text));
    const std::string_view bytes = *dataset.text;
    std::size_t empty = 0;
    for (const Line& line : lines_of(bytes)) {
        if (line.blank) ++empty;
        else dataset.tokens.push_back({line.begin, line.end});
    }
    work.check();
    if (dataset.tokens.empty())
        fail("{} holds no line with a word: expected one token a line.", source);
    const std::size_t n = dataset.tokens.size();
    dataset.structure.sentence.assign(n, 0);
    dataset.structure.paragraph.assign(n, 0);
    dataset.structure.section.assign(n, 0);
    dataset.structure.sections = {{"", {0, n}}};
    add_types(dataset, bytes);
    dataset.understood = fmt::format("{} tokens, one a line", n);
    if (empty > 0) dataset.understood += fmt::format(", {} empty lines skipped", empty);
    return dataset;
}

Dataset join(const Dataset& words, const Dataset& vectors) {
    if (words.tokens.size() != vectors.embeddings.rows.rows)
        fail(
            "{} has {} tokens and {} has {} rows: the counts must agree for the words to name the "
            "rows. "
            "Open one of them alone, or a file of one token a line with `open PATH as lines`.",
            words.source, words.tokens.size(), vectors.source, vectors.embeddings.rows.rows);
    Dataset joined = words;
    joined.embeddings = vectors.embeddings;
    joined.head = vectors.head;
    joined.heads = vectors.heads;
    joined.properties = vectors.properties;
    joined.masked = vectors.masked;
    joined.dtype = vectors.dtype;
    joined.embedding_id = vectors.embedding_id;
    joined.source = words.source + " + " + vectors.source;
    joined.understood = words.understood + "; " + vectors.understood;
    joined.hash = hash_values(std::span<const std::uint64_t>(&vectors.hash, 1), words.hash);
    joined.bytes = words.bytes + vectors.bytes;
    return joined;
}

}  // namespace hsa
