#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>

namespace hsa {

// Bytes of which nobody knows how many there will be: memory grows with what comes out, and holds
// no more than `limit` + 1 of them at any time, so that one too many is seen. A string that grows
// holds its old bytes and its new ones while it copies; that never exceeds the limit because its
// sizes are the limit halved again and again.
class GrownBytes {
  public:
    // `first`: how many there will be, by a guess.
    GrownBytes(std::uint64_t first, std::uint64_t limit)
        : most_(limit + 1),
          first_(std::clamp<std::uint64_t>(first, 1, std::max<std::uint64_t>(most_ / 2, 1))) {}

    // Never empty but when there are more than `limit`.
    [[nodiscard]] std::span<char> room() {
        if (used_ == bytes_.size() && used_ < most_)
            bytes_.resize(static_cast<std::size_t>(used_ == 0 ? first_ : size_above(2 * used_)));
        return {bytes_.data() + used_, bytes_.size() - used_};
    }
    // Of the room, so many were written.
    void add(std::size_t count) { used_ += count; }
    [[nodiscard]] std::size_t used() const { return used_; }
    [[nodiscard]] std::string take() {
        bytes_.resize(used_);
        return std::move(bytes_);
    }

  private:
    [[nodiscard]] std::uint64_t size_above(std::uint64_t wanted) const {
        std::uint64_t size = most_;
        while (size / 2 >= wanted) size /= 2;
        return size;
    }

    std::string bytes_;
    std::uint64_t most_ = 0;
    std::uint64_t first_ = 0;
    std::size_t used_ = 0;
};

}  // namespace hsa
