#pragma once

#include "engine/model/coordinates.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace hsa {

// Key masks: `masked` are the tokens that no row attends to, rising (Coordinates::masked). Such a
// token still asks; its ell^k is -infinity (maths.md 2).

// The others of [0, tokens), rising.
[[nodiscard]] std::vector<std::uint32_t> visible_tokens(std::span<const std::uint32_t> masked,
                                                        std::size_t tokens);
[[nodiscard]] inline std::size_t visible_count(const Coordinates& coordinates) {
    return coordinates.size() - coordinates.masked.size();
}
[[nodiscard]] bool is_masked(std::span<const std::uint32_t> masked, std::size_t token);
// How many of [0, end) are masked.
[[nodiscard]] std::size_t masked_before(std::span<const std::uint32_t> masked, std::size_t end);
// The first rows of a causal attention, those that have no key at all.
[[nodiscard]] std::size_t rows_without_keys(std::span<const std::uint32_t> masked);
// 1 where a token is masked: [tokens], empty when none is.
[[nodiscard]] std::vector<std::uint8_t> mask_flags(std::span<const std::uint32_t> masked,
                                                   std::size_t tokens);

// The tokens that are not masked, alone, their weights too; the same blocks when none is.
[[nodiscard]] Coordinates visible_coordinates(const Coordinates& coordinates);

}  // namespace hsa
