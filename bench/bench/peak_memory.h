#pragma once

#include <cstddef>

namespace hsa_bench {

// Memory that a part of the process needs at most beyond what the process held when it began, as
// the kernel counts it.
class PeakMemory {
  public:
    PeakMemory();
    // Bytes; 0 where the system does not say.
    [[nodiscard]] std::size_t bytes() const;

  private:
    std::size_t before_ = 0;
};

}  // namespace hsa_bench
