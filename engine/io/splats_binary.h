#pragma once

#include "engine/model/splat_registry.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace hsa {

inline constexpr std::string_view kSplatsMagic{"\x89SPLATS\n", 8};

// The binary splat file .splats:
//   magic (8 bytes), version 1 (uint32), length of the header (uint32),
//   header: the JSON of the .json file without its splats, and "count" and "columns", the names,
//   types
//     and shapes of the columns in their order,
//   columns, little-endian, without gaps: float32, and uint32 or int32 for ids, levels, kinds,
//   ages, xxHash64 (uint64) of everything before it.
// same_bits(read(write(x)), x). With Parameters::bits8 centres and variances are columns of type
// "8bit" (model/eight_bits.h): low and high of every group as float32, then a byte a number; a file
// then gives same_bits(read(write(x)), in_eight_bits(x)). Throws Error as read_splats_json, and for
// truncated or changed bytes.
enum class Parameters : std::uint8_t { float32, bits8 };
[[nodiscard]] SplatRegistry read_splats_binary(const std::string& path, std::string_view bytes);
[[nodiscard]] std::string write_splats_binary(const SplatRegistry& registry,
                                              Parameters parameters = Parameters::float32);

}  // namespace hsa
