#include "engine/embed/tokenizers/characters.h"

#include <unicode/uchar.h>
#include <unicode/utf8.h>

#include <algorithm>
#include <array>
#include <vector>

namespace hsa {
namespace {

using namespace character;

// Categories that changed after Unicode 8.0.
bool was_punctuation(std::int32_t code) { return code == 0x166d || code == 0x111c9; }
bool was_accent(std::int32_t code) { return code == 0x1734 || code == 0xa9bd; }
bool became_accent(std::int32_t code) {
    return code == 0x1885 || code == 0x1886 || code == 0x111c9;
}

bool is_in_unicode(int version, std::int32_t code) {
    UVersionInfo age = {};
    u_charAge(code, age);
    return age[0] > 0 && age[0] <= version;
}

std::uint8_t find_classes(std::int32_t code) {
    const std::uint32_t category = U_GET_GC_MASK(code);
    std::uint8_t classes = 0;
    const auto add = [&](bool holds, std::uint8_t which) {
        if (holds) classes = static_cast<std::uint8_t>(classes | which);
    };
    add(u_isUWhiteSpace(code) != 0, kSpace);
    add((category & U_GC_L_MASK) != 0, kLetter);
    add((category & U_GC_N_MASK) != 0, kNumber);
    add(code == 0xfffd, kControl);
    if (!is_in_unicode(8, code)) return classes;
    add((category & (U_GC_CC_MASK | U_GC_CF_MASK | U_GC_CO_MASK)) != 0, kControl);
    add((category & U_GC_P_MASK) != 0 || was_punctuation(code), kPunctuation);
    add(((category & U_GC_MN_MASK) != 0 && !became_accent(code)) || was_accent(code), kAccent);
    return classes;
}

constexpr std::int32_t kPlane = 0x10000;  // kept in a table: nearly all that texts hold

}  // namespace

std::uint8_t character::beyond_ascii(std::int32_t code) {
    static const std::vector<std::uint8_t> table = [] {
        std::vector<std::uint8_t> made(kPlane);
        for (std::int32_t c = 0; c < kPlane; ++c)
            made[static_cast<std::size_t>(c)] = find_classes(c);
        return made;
    }();
    return code < kPlane ? table[static_cast<std::size_t>(code)] : find_classes(code);
}

bool is_mark(std::int32_t code) {
    const bool was_mark = code == 0x1cf2 || code == 0x1cf3;
    return was_mark || ((U_GET_GC_MASK(code) & U_GC_M_MASK) != 0 && is_in_unicode(9, code));
}

bool is_ideograph(std::int32_t code) {
    struct Block {
        std::int32_t first = 0;
        std::int32_t last = 0;
    };
    // The reference's own blocks, the gap at 2B820 to 2B91F included.
    constexpr std::array<Block, 7> kBlocks = {{{0x3400, 0x4dbf},
                                               {0x4e00, 0x9fff},
                                               {0xf900, 0xfaff},
                                               {0x20000, 0x2a6df},
                                               {0x2a700, 0x2b81f},
                                               {0x2b920, 0x2ceaf},
                                               {0x2f800, 0x2fa1f}}};
    return code >= kBlocks.front().first &&
           std::any_of(kBlocks.begin(), kBlocks.end(), [&](const Block& block) {
               return code >= block.first && code <= block.last;
           });
}

std::int32_t next_long_character(std::string_view text, std::size_t& at) {
    const auto* bytes = reinterpret_cast<const std::uint8_t*>(text.data());
    const std::size_t size = text.size();
    UChar32 code = 0;
    U8_NEXT(bytes, at, size, code);
    return code < 0 ? 0xfffd : code;
}

std::size_t character_begin(std::string_view text, std::size_t at) {
    if (at >= text.size() || !U8_IS_TRAIL(text[at])) return at;
    for (std::size_t back = 1; back < U8_MAX_LENGTH && back <= at; ++back) {
        if (U8_IS_TRAIL(text[at - back])) continue;
        std::size_t end = at - back;
        (void)next_character(text, end);
        return end > at ? at - back : at;
    }
    return at;
}

std::size_t character_end(std::string_view text, std::size_t at) {
    std::size_t end = character_begin(text, at);
    if (end < text.size()) (void)next_character(text, end);
    return end;
}

}  // namespace hsa
