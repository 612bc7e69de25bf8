#include "engine/embed/tokenizers/spans.h"

namespace hsa {

Bytes trimmed(std::string_view text, Bytes span) {
    Bytes inner = span;
    while (inner.begin < inner.end) {
        std::size_t at = inner.begin;
        if (!is_space(next_character(text, at))) break;
        inner.begin = static_cast<std::uint32_t>(at);
    }
    while (inner.begin < inner.end) {
        const std::size_t begin = character_begin(text, inner.end - 1);
        std::size_t at = begin;
        if (!is_space(next_character(text, at))) break;
        inner.end = static_cast<std::uint32_t>(begin);
    }
    return inner.begin < inner.end ? inner : span;
}

}  // namespace hsa
