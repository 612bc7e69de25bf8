#pragma once

#include "engine/attention/kmeans.h"

#include <cstdint>
#include <span>
#include <vector>

namespace hsa {

// k-means inside each cell of `parent`; cells get splats in proportion to sqrt(members), at least 1
// while any are left, largest remainder (rulings.md "The recipe's corners"). The cells share the
// 20,000 rows.
[[nodiscard]] Places nested_kmeans(const Matrix<float>& y, std::span<const float> weight,
                                   const Places& parent, std::size_t k, std::uint64_t seed,
                                   const Work& work);

// How many of k go to each cell of that many members.
[[nodiscard]] std::vector<std::size_t> share_out(std::span<const std::size_t> members,
                                                 std::size_t k);

// Without k-means: centres in equal steps of rank along the first three axes (those of the PCA that
// made the coordinates), or k random rows; every row goes to the nearest. Fewer cells where fewer
// rows differ.
[[nodiscard]] Places axis_places(const Matrix<float>& y, std::size_t k, const Work& work);
[[nodiscard]] Places random_places(const Matrix<float>& y, std::size_t k, std::uint64_t seed,
                                   const Work& work);

}  // namespace hsa
