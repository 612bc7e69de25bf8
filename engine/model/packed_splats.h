#pragma once

#include "engine/model/splat_registry.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace hsa {

// Splats as a history keeps them, in one block of memory: a variance that is the same on all axes
// once, of the usage history what is there. Every bit comes back.
class PackedSplats {
  public:
    PackedSplats() = default;
    explicit PackedSplats(std::span<const Splat> splats);

    [[nodiscard]] std::size_t size() const { return count_; }
    [[nodiscard]] bool empty() const { return count_ == 0; }
    [[nodiscard]] std::vector<Splat> unpack() const;

  private:
    std::vector<std::uint32_t> words_;
    std::size_t count_ = 0;
};

}  // namespace hsa
