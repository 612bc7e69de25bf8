#include "engine/model/key_mask.h"

#include <algorithm>

namespace hsa {

std::vector<std::uint32_t> visible_tokens(std::span<const std::uint32_t> masked,
                                          std::size_t tokens) {
    std::vector<std::uint32_t> visible;
    visible.reserve(tokens - std::min(tokens, masked.size()));
    std::size_t next = 0;
    for (std::uint32_t token = 0; token < tokens; ++token) {
        if (next < masked.size() && masked[next] == token) ++next;
        else visible.push_back(token);
    }
    return visible;
}

bool is_masked(std::span<const std::uint32_t> masked, std::size_t token) {
    return std::binary_search(masked.begin(), masked.end(), token);
}

std::size_t masked_before(std::span<const std::uint32_t> masked, std::size_t end) {
    return static_cast<std::size_t>(std::lower_bound(masked.begin(), masked.end(), end) -
                                    masked.begin());
}

std::size_t rows_without_keys(std::span<const std::uint32_t> masked) {
    std::size_t rows = 0;
    while (rows < masked.size() && masked[rows] == rows) ++rows;
    return rows;
}

std::vector<std::uint8_t> mask_flags(std::span<const std::uint32_t> masked, std::size_t tokens) {
    std::vector<std::uint8_t> flags(masked.empty() ? 0 : tokens, 0);
    for (const std::uint32_t token : masked) flags[token] = 1;
    return flags;
}

Coordinates visible_coordinates(const Coordinates& coordinates) {
    if (coordinates.masked.empty()) return coordinates;
    const std::vector<std::uint32_t> visible =
        visible_tokens(coordinates.masked, coordinates.size());
    Coordinates some = coordinates_of(coordinates, visible);
    if (!coordinates.token_weight.empty())
        for (const std::uint32_t token : visible)
            some.token_weight.push_back(coordinates.token_weight[token]);
    return some;
}

}  // namespace hsa
