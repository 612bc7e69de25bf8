#include "engine/io/line_chunks.h"

#include "engine/core/error.h"
#include "engine/core/parallel.h"

#include <algorithm>
#include <cstdint>

namespace hsa {

std::vector<LineChunk> line_chunks(std::string_view text, std::size_t bytes) {
    std::vector<LineChunk> chunks;
    while (!text.empty()) {
        const std::size_t end =
            text.size() <= bytes ? std::string_view::npos : text.find('\n', bytes);
        const std::size_t size = end == std::string_view::npos ? text.size() : end + 1;
        chunks.push_back({text.substr(0, size)});
        text.remove_prefix(size);
    }
    return chunks;
}

void read_chunks(std::vector<LineChunk> chunks, std::size_t first_line,
                 const std::function<void(std::size_t index, const LineChunk& chunk)>& read) {
    std::vector<std::uint8_t> failed(chunks.size(), 0);
    parallel_for(chunks.size(), [&](std::size_t index) {
        try {
            read(index, chunks[index]);
        } catch (const Error&) {
            failed[index] = 1;
        }
    });
    const auto first = std::find(failed.begin(), failed.end(), std::uint8_t{1});
    if (first == failed.end()) return;
    const auto index = static_cast<std::size_t>(first - failed.begin());
    for (std::size_t before = 0; before < index; ++before) {
        const std::string_view lines = chunks[before].lines;
        first_line += static_cast<std::size_t>(std::count(lines.begin(), lines.end(), '\n'));
    }
    chunks[index].first_line = first_line;
    read(index, chunks[index]);
    fault("a chunk of lines was refused once and read the second time");
}

}  // namespace hsa
