#pragma once

#include "engine/compute/backend.h"
#include "engine/core/matrix.h"

namespace hsa {

// What a backend that computes in float64 gives beside Backend (compute.precision double).
class TwofoldKernels {
  public:
    virtual ~TwofoldKernels() = default;
    // Backend::log_kernel before it is rounded and held: out [m, k].
    virtual void wide_log_kernel(const BoundSplats& splats, MatrixView<const float> x,
                                 MatrixView<double> out) const = 0;
};

// Null for a backend that computes in float32.
[[nodiscard]] inline const TwofoldKernels* twofold_of(const Backend& backend) {
    return dynamic_cast<const TwofoldKernels*>(&backend);
}

}  // namespace hsa
