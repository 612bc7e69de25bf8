#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <span>
#include <vector>

namespace hsa {

// Places of the `count` largest values, falling, ties by the lower place; all where there are
// fewer.
[[nodiscard]] inline std::vector<std::uint32_t> largest(std::span<const float> values,
                                                        std::size_t count) {
    std::vector<std::uint32_t> order(values.size());
    std::iota(order.begin(), order.end(), 0U);
    count = std::min(count, order.size());
    std::partial_sort(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(count),
                      order.end(), [&](std::uint32_t a, std::uint32_t b) {
                          return values[a] != values[b] ? values[a] > values[b] : a < b;
                      });
    order.resize(count);
    return order;
}

}  // namespace hsa
