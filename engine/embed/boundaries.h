#pragma once

#include <unicode/ubrk.h>
#include <unicode/utext.h>

#include <cstdint>
#include <memory>
#include <string_view>

namespace hsa {

// ICU's boundaries of one kind over UTF-8 bytes, as byte offsets. `text` must outlive it.
class Boundaries {
  public:
    // Throws a fault where ICU has no rules.
    Boundaries(UBreakIteratorType kind, std::string_view text);
    [[nodiscard]] std::int32_t first() { return ubrk_first(breaks_.get()); }
    [[nodiscard]] std::int32_t next() { return ubrk_next(breaks_.get()); }

  private:
    struct CloseText {
        void operator()(UText* text) const { utext_close(text); }
    };
    struct CloseBreaks {
        void operator()(UBreakIterator* breaks) const { ubrk_close(breaks); }
    };
    std::unique_ptr<UText, CloseText> text_;
    std::unique_ptr<UBreakIterator, CloseBreaks> breaks_;
};

}  // namespace hsa
