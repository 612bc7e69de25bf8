#pragma once

#include "engine/model/splat_registry.h"

#include <string>
#include <string_view>

namespace hsa {

// The splat file in JSON (commands.md "Splats as JSON", rulings.md "further keys"), taken exactly
// as it is: nothing is fitted or repaired. Throws Error naming the file, the splat's id or the key,
// and what was expected. Covariances of kind lowrank and full are refused: this version reads
// spherical and diagonal.
[[nodiscard]] SplatRegistry read_splats_json(const std::string& path, std::string_view bytes);

// One splat a line; every number the shortest decimal that reads back to the same bits, so that
// same_bits(read(write(x)), x).
[[nodiscard]] std::string write_splats_json(const SplatRegistry& registry);

// True for a JSON object whose key "format" says that it is such a file (looks at the beginning
// only).
[[nodiscard]] bool looks_like_splats_json(std::string_view bytes);

}  // namespace hsa
