#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace hsa {

enum class Compression : std::uint8_t { none, gzip, zstd };

// By the first bytes; never throws.
[[nodiscard]] Compression compression_of(std::string_view bytes);

// Bytes that a packed file of that size may unpack to: 1,000 times its own, at least 256 MB, at
// most 16 GB. More is taken for a bomb.
[[nodiscard]] std::uint64_t unpacked_limit(std::uint64_t packed);

// The content of a .gz (RFC 1952) or .zst (RFC 8878) file, of all its members one after another.
// Throws Error for a truncated or damaged file, a checksum that differs, bytes behind the last
// member, an empty content, one beyond `limit`, too little memory, and for bytes that are neither.
[[nodiscard]] std::string unpack(const std::string& path, std::string_view bytes);
[[nodiscard]] std::string unpack(const std::string& path, std::string_view bytes,
                                 std::uint64_t limit);

// The first bytes of the content, at most `most`, of a file that is perhaps cut: what can be
// unpacked of it. Never throws Error.
[[nodiscard]] std::string unpack_beginning(std::string_view bytes, std::size_t most);

// "vectors.csv.gz" is "vectors.csv": the name that the content has an ending by.
[[nodiscard]] std::string without_packed_ending(const std::string& path);

}  // namespace hsa
