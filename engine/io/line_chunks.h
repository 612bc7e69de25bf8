#pragma once

#include <cstddef>
#include <functional>
#include <string_view>
#include <vector>

namespace hsa {

// Whole lines of a text that are read together.
struct LineChunk {
    std::string_view lines;
    std::size_t first_line = 1;  // the number of the first, from 1; known after a fault only
};

// Cuts a text behind line ends into pieces of about `bytes`.
[[nodiscard]] std::vector<LineChunk> line_chunks(std::string_view text, std::size_t bytes);

// Calls read(index, chunk) for every chunk, in parallel. When some of them throw Error, the first
// such chunk of the text is read once more with its right line number, and that Error is thrown.
// `first_line`: the number of the text's first line.
void read_chunks(std::vector<LineChunk> chunks, std::size_t first_line,
                 const std::function<void(std::size_t index, const LineChunk& chunk)>& read);

}  // namespace hsa
