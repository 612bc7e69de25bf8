#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace hsa {

// xxHash64 of the bytes; `seed` chains several pieces into one hash.
[[nodiscard]] std::uint64_t hash_bytes(std::span<const std::byte> bytes, std::uint64_t seed = 0);
[[nodiscard]] std::uint64_t hash_text(std::string_view text, std::uint64_t seed = 0);

// Hash of an array of trivially copyable values, bit for bit.
template <class T>
[[nodiscard]] std::uint64_t hash_values(std::span<const T> values, std::uint64_t seed = 0) {
    return hash_bytes(std::as_bytes(values), seed);
}

}  // namespace hsa
