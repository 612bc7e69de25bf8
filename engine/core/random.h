#pragma once

#include <cstdint>
#include <initializer_list>

namespace hsa {

// A hash of its arguments with all 64 bits well mixed: the counter-based source of every random
// number, so that a draw depends on what it is for and never on what was drawn before it.
[[nodiscard]] std::uint64_t random_bits(std::initializer_list<std::uint64_t> counters);

// A short stream that starts at such a hash: {seed, cycle, level, purpose, index}.
class Random {
  public:
    explicit Random(std::initializer_list<std::uint64_t> counters);

    [[nodiscard]] std::uint64_t bits();
    // In [0, 1), 53 bits.
    [[nodiscard]] double uniform();
    // Standard normal (Box-Muller).
    [[nodiscard]] double normal();
    // In [0, count), unbiased; count > 0.
    [[nodiscard]] std::uint64_t below(std::uint64_t count);

  private:
    std::uint64_t state_;
};

}  // namespace hsa
