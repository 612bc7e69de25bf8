#include "engine/core/base64.h"

#include <cstdint>

namespace hsa {

std::string base64(std::string_view bytes) {
    constexpr std::string_view kLetters =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string out;
    out.reserve((bytes.size() + 2) / 3 * 4);
    for (std::size_t at = 0; at < bytes.size(); at += 3) {
        std::uint32_t group = 0;
        for (std::size_t b = 0; b < 3; ++b)
            group = group << 8U |
                    (at + b < bytes.size() ? static_cast<unsigned char>(bytes[at + b]) : 0U);
        for (std::size_t letter = 0; letter < 4; ++letter)
            out += at + letter > bytes.size() ? '=' : kLetters[group >> (18U - 6U * letter) & 63U];
    }
    return out;
}

}  // namespace hsa
