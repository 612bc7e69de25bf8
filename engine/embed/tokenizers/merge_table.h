#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace hsa {

// What a pair of pieces becomes, and how early it was learnt.
class MergeTable {
  public:
    struct Merge {
        std::uint64_t pair = kFree;
        std::uint32_t rank = 0;
        std::uint32_t id = 0;
    };

    explicit MergeTable(std::size_t expected) {
        std::size_t slots = 16;
        while (slots < 2 * expected + 2) slots *= 2;
        slots_.resize(slots);
    }
    // A pair that is there already takes the later rank. No more than `expected` may be put.
    void put(std::uint32_t left, std::uint32_t right, std::uint32_t rank, std::uint32_t id) {
        slots_[place_of(key_of(left, right))] = {key_of(left, right), rank, id};
    }
    // Null where the pair is never merged.
    [[nodiscard]] const Merge* find(std::uint32_t left, std::uint32_t right) const {
        const Merge& found = slots_[place_of(key_of(left, right))];
        return found.pair == kFree ? nullptr : &found;
    }

  private:
    static constexpr std::uint64_t kFree = ~std::uint64_t{0};

    static std::uint64_t key_of(std::uint32_t left, std::uint32_t right) {
        return (std::uint64_t{left} << 32U) | right;
    }
    [[nodiscard]] std::size_t place_of(std::uint64_t key) const {
        std::uint64_t mixed = key * 0x9e3779b97f4a7c15U;
        mixed ^= mixed >> 29U;
        std::size_t place = static_cast<std::size_t>(mixed) & (slots_.size() - 1);
        while (slots_[place].pair != kFree && slots_[place].pair != key)
            place = (place + 1) & (slots_.size() - 1);
        return place;
    }

    std::vector<Merge> slots_;  // a power of two of them, at most half of them taken
};

}  // namespace hsa
