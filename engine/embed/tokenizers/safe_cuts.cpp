#include "engine/embed/tokenizers/safe_cuts.h"

#include "engine/embed/tokenizers/characters.h"

namespace hsa {
namespace {

bool is_blank(char byte) { return byte == ' ' || byte == '\n'; }

bool is_safe(std::string_view text, std::size_t at, SafeCut cut) {
    if (!is_blank(text[at])) return false;
    if (cut == SafeCut::anywhere) return true;
    if (text[at] != ' ' || at + 1 >= text.size()) return false;
    std::size_t before = character_begin(text, at - 1);
    const std::int32_t left = next_character(text, before);
    std::size_t after = at + 1;
    return !is_space(left) && !is_space(next_character(text, after));
}

}  // namespace

std::vector<std::size_t> safe_cuts(std::string_view text, std::size_t bytes, SafeCut cut) {
    std::vector<std::size_t> begins = {0};
    if (cut != SafeCut::anywhere && cut != SafeCut::single_blank) return begins;
    for (std::size_t at = bytes; at < text.size(); ++at) {
        if (!is_safe(text, at, cut)) continue;
        begins.push_back(at);
        at += bytes;
    }
    return begins;
}

}  // namespace hsa
