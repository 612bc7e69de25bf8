#pragma once

#include "engine/model/dataset.h"

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace hsa {

// One line of the text, without its line end.
struct Line {
    std::size_t begin = 0;
    std::size_t end = 0;
    bool blank = false;
};
[[nodiscard]] std::vector<Line> lines_of(std::string_view text);

// Nothing but white space, control characters, byte order marks and zero-width spaces.
[[nodiscard]] bool is_blank_text(std::string_view piece);

// ICU counts bytes in 31 bits: throws Error for a longer text.
void check_text_size(const std::string& source, std::string_view text);

// A text without tokens yet.
[[nodiscard]] Dataset text_dataset(const std::string& source,
                                   std::shared_ptr<const std::string> text);

// Numbers the sentences, paragraphs and sections of dataset.tokens, whose begins never fall;
// there is at least one. Sentences by ICU, paragraphs by blank lines, sections by headings: a
// Markdown '#' line, an underlined line, a short line of its own without a lower-case letter, or
// one that begins with a number of its chapter ("1.2 Results", "Chapter 3", "IV. Title").
void add_structure(Dataset& dataset, std::string_view text);

}  // namespace hsa
