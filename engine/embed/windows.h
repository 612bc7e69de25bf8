#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace hsa {

// How a model reads a text that is longer than it can read at once.
struct WindowOptions {
    std::size_t window = 256;  // tokens read at once, the two special ones too: at least 3
    std::size_t stride = 128;  // from the start of one window to that of the next: at least 1
    std::uint32_t first = 0;   // special tokens of the vocabulary, before the window's own ...
    std::uint32_t last = 0;    // ... and behind
    bool operator==(const WindowOptions&) const = default;
};

// A text cut into windows, each between its special tokens; the rows of all windows one after
// another.
struct TokenWindows {
    std::vector<std::uint32_t> ids;    // [rows]
    std::vector<std::size_t> begin;    // [windows + 1] rows
    std::vector<std::size_t> text;     // [windows] the first token of the text that each holds
    std::vector<std::uint32_t> taken;  // [n] the row that stands for each token of the text

    [[nodiscard]] std::size_t rows() const { return ids.size(); }
    [[nodiscard]] std::size_t windows() const { return text.size(); }
};

// Windows start `stride` apart and the last one ends with the text; of the windows that hold a
// token the one is taken in which it is farthest from both ends, the earlier of equals. stride
// >= window - 2: no token is read twice. Without ids one window of two special tokens.
[[nodiscard]] TokenWindows cut_windows(std::span<const std::uint32_t> ids,
                                       const WindowOptions& options);

}  // namespace hsa
