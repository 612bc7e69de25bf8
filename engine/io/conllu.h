#pragma once

#include "engine/model/dataset.h"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace hsa {

// The words of a CoNLL-U file, all sentences one after the other. Empty nodes are left out.
struct Parse {
    static constexpr std::size_t kNone = static_cast<std::size_t>(-1);

    // What stands in the text: a word, or several that are written as one ("don't").
    struct Written {
        std::string form;
        std::size_t first = 0;  // of its words
        std::size_t words = 1;
        std::size_t line = 0;
        bool space_after = true;
        std::size_t break_after =
            0;  // line ends behind it: 1 after a sentence, 2 after a paragraph
    };
    std::vector<std::string> form, lemma, upos, deprel;  // [words]; "_" is empty
    std::vector<std::size_t> head;                       // [words] a word, or kNone: a root
    std::vector<Written> written;
};

// Columns that a parse gives every token as numbers, and that stand for other tokens or for parts
// of the text: the token of its head (NaN of a root), and the phrase that it is in.
inline constexpr std::string_view kHeadColumn = "head";
inline constexpr std::string_view kPhraseColumn = "phrase";

// Whether the first line that is no comment is a word with id 1 and ten columns.
[[nodiscard]] bool looks_like_conllu(std::string_view beginning);

// Throws Error naming the line for one without ten columns, an id that does not count on, heads
// that are no words of their sentence or go round in a circle; for no word at all, and for what is
// not UTF-8.
[[nodiscard]] Parse read_conllu(const std::string& path, std::string_view bytes);

// Its words as they were written, a sentence a line, a blank line between paragraphs ("# newpar").
[[nodiscard]] std::string text_of(const Parse& parse);

// The phrase of each word, by the word that heads it. A word heads one when it is a clause's own (a
// root, a clausal complement, modifier or subject) or hangs from such a word; all others are in the
// phrase of their head, and so is punctuation.
[[nodiscard]] std::vector<std::size_t> phrases_of(const Parse& parse);

// Gives every token the properties "upos", "deprel", "lemma", "head" and "phrase" of the word that
// it stands in. Words are looked for in the text one after the other; rows without a text must be
// as many. Throws Error naming the word that the text does not have.
void add_parse(const std::string& path, const Parse& parse, Dataset& dataset);

// Whether the data have one.
[[nodiscard]] bool has_parse(const Dataset& dataset);

}  // namespace hsa
