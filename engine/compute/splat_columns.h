#pragma once

#include "engine/core/matrix.h"
#include "engine/model/splat_registry.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace hsa {

enum class Side : std::uint8_t { query, key };

// The splats of one level (or any subset of one level) as a backend takes them. Rows are splats.
// ell_s(x) = -1/2 (beta_s / temperature) (x - centre)^T Sigma_s^-1 (x - centre)   (maths.md 1)
struct SplatColumns {
    MatrixView<const float> centre;             // [k, d]
    std::span<const CovarianceKind> kind;       // [k]
    MatrixView<const float> variance;           // [k, d], > 0
    std::span<const std::vector<float>> shape;  // [k] (model/covariance.h)
    std::span<const float> beta;                // [k], > 0
    double temperature = 1.0;

    [[nodiscard]] CovarianceView covariance(std::size_t splat) const {
        return {kind[splat], variance.row(splat), shape[splat]};
    }
};

// Splats brought into a backend's own form: centred, scaled by a power of two, precisions instead
// of variances. Made by Backend::bind, used by the same backend only, immutable.
class BoundSplats {
  public:
    virtual ~BoundSplats() = default;
    [[nodiscard]] virtual std::size_t splats() const = 0;
    [[nodiscard]] virtual std::size_t dimension() const = 0;
};

// Splats with the rows that ask them and what their keys left: the columns of P and rows of U that
// outputs are made of.
struct QueryColumns {
    const BoundSplats* splats = nullptr;
    MatrixView<const float> x;      // [m, d]
    std::span<const float> shift;   // [k] ln w_s + c_s; -infinity where a splat is not heard
    MatrixView<const float> means;  // [k, v] U_s / mass_s
};

// The splats of one level among all that rows are scored by.
struct ScoredColumns {
    const BoundSplats* splats = nullptr;
    MatrixView<const float> x;            // [m, d]
    std::span<const std::size_t> column;  // [k], rising: the column of each in a row of scores
};

// What Backend::best_splats() writes of m rows: w columns each, rising, with their ell.
struct BestColumns {
    MatrixView<std::uint32_t> column;  // [m, w]
    MatrixView<float> log_kernel;      // [m, w]
    std::span<double> log_total;       // [m] ln sum exp(ell + shift) over all columns, or empty
};

}  // namespace hsa
