#pragma once

#include "engine/core/work.h"
#include "engine/model/dataset.h"

#include <memory>
#include <string>

namespace hsa {

// Words and punctuation by ICU's word boundaries; byte offsets into `text` kept; sentences by ICU,
// paragraphs by blank lines, sections by headings (a Markdown '#' line, an underlined line, or a
// short line of its own without a lower-case letter); types by case-folded word, named in lower
// case. `text` is valid UTF-8. Throws Error when there is no token, and for a text of more than 2
// GB.
[[nodiscard]] Dataset split_words(const std::string& source,
                                  std::shared_ptr<const std::string> text, const Work& work);

// The same structure with one token a line (empty lines are skipped and counted in `understood`).
[[nodiscard]] Dataset split_lines(const std::string& source,
                                  std::shared_ptr<const std::string> text, const Work& work);

// Words of `words` on the rows of `vectors`: counts must agree, else Error naming both.
[[nodiscard]] Dataset join(const Dataset& words, const Dataset& vectors);

}  // namespace hsa
