#pragma once

#include <cstddef>

namespace hsa {

// Half-open and 0-based: the tokens begin .. end - 1.
struct Range {
    std::size_t begin = 0;
    std::size_t end = 0;

    [[nodiscard]] std::size_t size() const { return end - begin; }
    [[nodiscard]] bool empty() const { return end <= begin; }
    [[nodiscard]] bool contains(std::size_t index) const { return index >= begin && index < end; }
    bool operator==(const Range&) const = default;
};

}  // namespace hsa
