#include "engine/model/coordinates.h"

#include "engine/core/gather.h"
#include "engine/model/key_mask.h"

#include <numeric>

namespace hsa {

Coordinates coordinates_of(const Coordinates& coordinates, std::span<const std::uint32_t> tokens) {
    const auto gather = [&](const Matrix<float>& from) {
        return std::make_shared<const Matrix<float>>(gather_rows(from.view(), tokens));
    };
    Coordinates some;
    some.recipe = coordinates.recipe;
    some.base = gather(*coordinates.base);
    for (const auto& level : coordinates.levels)
        some.levels.push_back(level == coordinates.base ? some.base : gather(*level));
    if (coordinates.queries) some.queries = gather(*coordinates.queries);
    for (std::size_t r = 0; r < tokens.size() && !coordinates.masked.empty(); ++r)
        if (is_masked(coordinates.masked, tokens[r]))
            some.masked.push_back(static_cast<std::uint32_t>(r));
    return some;
}

Coordinates coordinates_of(const Coordinates& coordinates, std::size_t begin, std::size_t end) {
    std::vector<std::uint32_t> tokens(end - begin);
    std::iota(tokens.begin(), tokens.end(), static_cast<std::uint32_t>(begin));
    return coordinates_of(coordinates, tokens);
}

}  // namespace hsa
