#include "engine/core/hash.h"

#include <xxhash.h>

namespace hsa {

std::uint64_t hash_bytes(std::span<const std::byte> bytes, std::uint64_t seed) {
    return XXH64(bytes.data(), bytes.size(), seed);
}

std::uint64_t hash_text(std::string_view text, std::uint64_t seed) {
    return XXH64(text.data(), text.size(), seed);
}

}  // namespace hsa
