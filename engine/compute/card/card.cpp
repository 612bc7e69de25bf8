#include "engine/compute/card/card.h"

#include "engine/core/parallel.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace hsa {

std::uint64_t Card::bytes_at_once(std::uint64_t held) const {
    const CardMemory now = memory();
    // Other blocks are as large, other lanes and programs want some of it, too.
    const std::uint64_t bytes = std::min(limits().bytes, most_bytes_);
    return now.known() ? std::min(bytes, (now.free + held) / 4) : bytes;
}

std::uint64_t Card::bytes_to_keep(std::uint64_t held) const {
    const CardMemory now = memory();
    return now.known() ? (now.free + held) / 2 : limits().bytes;
}

std::size_t Card::rows_at_once(std::size_t columns) const {
    const std::uint64_t row = std::max<std::size_t>(columns, 1) * sizeof(float);
    const auto fits = static_cast<std::size_t>(bytes_at_once() / row / kChunkRows) * kChunkRows;
    last_rows_ = std::clamp(fits, kChunkRows, limits().rows);
    last_bytes_ = last_rows_ * row;
    return last_rows_;
}

bool Card::take_smaller_blocks() {
    drop_blocks();
    if (std::exchange(last_rows_, 0) <= kChunkRows) return false;
    most_bytes_ = last_bytes_ / 2;
    went_well_ = 0;
    return true;
}

void Card::went_well() {
    constexpr std::size_t kWhile = 64;
    if (most_bytes_ > std::numeric_limits<std::uint64_t>::max() / 2 || ++went_well_ < kWhile)
        return;
    went_well_ = 0;
    most_bytes_ *= 2;
}

std::vector<std::uint32_t> indices_of(std::span<const std::uint32_t> flags) {
    std::vector<std::uint32_t> indices;
    for (std::size_t i = 0; i < flags.size(); ++i)
        if (flags[i] != 0U) indices.push_back(static_cast<std::uint32_t>(i));
    return indices;
}

}  // namespace hsa
