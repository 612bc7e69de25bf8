#pragma once

#include <cstdint>

namespace hsa {

// Bytes as the card says they are now; 0 = it does not say.
struct CardMemory {
    std::uint64_t total = 0;
    std::uint64_t free = 0;  // for this program: with what its own blocks hold

    [[nodiscard]] bool known() const { return total > 0 || free > 0; }
    bool operator==(const CardMemory&) const = default;
};

// A backend with a card of its own says how full that is, as long as it computes there.
class SaysCardMemory {
  public:
    virtual ~SaysCardMemory() = default;
    [[nodiscard]] virtual CardMemory card_memory() const = 0;
};

}  // namespace hsa
