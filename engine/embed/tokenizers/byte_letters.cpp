#include "engine/embed/tokenizers/bpe.h"
#include "engine/embed/tokenizers/characters.h"

#include <array>

namespace hsa {
namespace {

constexpr std::int32_t kFirstLetter = 0x100;
constexpr std::int32_t kLetters = 0x144;  // beyond the last one

bool is_seen(int byte) {
    return (byte >= '!' && byte <= '~') || (byte >= 0xa1 && byte <= 0xac) || byte >= 0xae;
}

std::array<std::int32_t, 256> make_letters() {
    std::array<std::int32_t, 256> letters = {};
    std::int32_t next = kFirstLetter;
    for (int byte = 0; byte < 256; ++byte)
        letters[static_cast<std::size_t>(byte)] = is_seen(byte) ? byte : next++;
    return letters;
}

const std::array<std::int32_t, 256>& letters() {
    static const std::array<std::int32_t, 256> made = make_letters();
    return made;
}

}  // namespace

std::int32_t letter_of_byte(unsigned char byte) { return letters()[byte]; }

std::optional<std::string> bytes_of_letters(std::string_view piece) {
    static const std::array<std::int16_t, kLetters> bytes = [] {
        std::array<std::int16_t, kLetters> made = {};
        made.fill(-1);
        for (std::int16_t byte = 0; byte < 256; ++byte)
            made[static_cast<std::size_t>(letters()[static_cast<std::size_t>(byte)])] = byte;
        return made;
    }();
    std::string found;
    for (std::size_t at = 0; at < piece.size();) {
        const std::int32_t letter = next_character(piece, at);
        if (letter >= kLetters || bytes[static_cast<std::size_t>(letter)] < 0) return std::nullopt;
        found.push_back(static_cast<char>(bytes[static_cast<std::size_t>(letter)]));
    }
    return found;
}

}  // namespace hsa
