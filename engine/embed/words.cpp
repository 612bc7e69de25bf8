#include "engine/embed/words.h"

#include "engine/core/count_text.h"
#include "engine/core/error.h"
#include "engine/core/hash.h"
#include "engine/embed/boundaries.h"
#include "engine/embed/structure.h"

#include <fmt/core.h>
#include <unicode/locid.h>
#include <unicode/unistr.h>

#include <string_view>
#include <unordered_map>
#include <utility>

namespace hsa {
namespace {

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

}  // namespace

Dataset split_words(const std::string& source, std::shared_ptr<const std::string> text,
                    const Work& work) {
    check_text_size(source, *text);
    Dataset dataset = text_dataset(source, std::move(text));
    const std::string_view bytes = *dataset.text;
    constexpr std::size_t kCheckEvery = 1 << 16;
    Boundaries boundaries(UBRK_WORD, bytes);
    std::int32_t begin = boundaries.first();
    for (std::int32_t end = boundaries.next(); end != UBRK_DONE;
         begin = end, end = boundaries.next()) {
        const auto from = static_cast<std::size_t>(begin);
        const auto to = static_cast<std::size_t>(end);
        if (is_blank_text(bytes.substr(from, to - from))) continue;
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
                    count_text(dataset.tokens.size()), count_text(dataset.type_names.size()),
                    count_text(s.sentence.back() + std::size_t{1}),
                    count_text(s.paragraph.back() + std::size_t{1}), count_text(s.sections.size()));
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
    dataset.understood = fmt::format("{} tokens, one a line", count_text(n));
    if (empty > 0) dataset.understood += fmt::format(", {} empty lines skipped", count_text(empty));
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
    joined.masked = vectors.masked;
    joined.properties.insert(joined.properties.end(), vectors.properties.begin(),
                             vectors.properties.end());
    joined.dtype = vectors.dtype;
    joined.embedding_id = vectors.embedding_id;
    joined.source = words.source + " + " + vectors.source;
    joined.understood = words.understood + "; " + vectors.understood;
    joined.hash = hash_values(std::span<const std::uint64_t>(&vectors.hash, 1), words.hash);
    joined.bytes = words.bytes + vectors.bytes;
    return joined;
}

}  // namespace hsa
