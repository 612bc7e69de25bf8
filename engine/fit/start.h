#pragma once

#include "engine/compute/backend.h"
#include "engine/core/work.h"
#include "engine/fit/head.h"
#include "engine/model/splat_registry.h"

#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <utility>
#include <vector>

namespace hsa {

struct StartOptions {
    std::size_t splats = 64;  // at most; fewer where fewer keys differ, at most n / 2
    CovarianceKind kind = CovarianceKind::diagonal;  // or spherical
    bool background = true;
    std::uint64_t seed = 1;
};

// The keys that are not masked in cells by k-means, in float64.
struct KeyCells {
    std::shared_ptr<const Matrix<float>> keys;  // [n, d]
    std::vector<std::uint32_t> label;           // [n]
    Matrix<double> mean;                        // [k, d]
    std::vector<double> variance;               // [d] within cells, over all; > 0

    [[nodiscard]] std::size_t size() const { return mean.rows(); }
};
[[nodiscard]] KeyCells key_cells(const Head& head, const StartOptions& options, const Work& work);

// Splats of the form shared from the cells. A splat of precision kappa + l, the same on all axes,
// has exp(q . b) on the query side, up to what all splats have in common, and exp(k . b - l |k|^2 /
// 2) on the key side, b = precision times centre. The cell's mean m makes the first right and m
// plus the mean query the second, which the first does not see, since it is the same for all: b is
// both added. l is the best of {1/4, 1/2, 1, 2} by KL on the exact rows; ln w from a few rounds of
// w <- w gamma / P there.
[[nodiscard]] SplatRegistry shared_start(Backend& backend, const Head& head, const ExactRows& exact,
                                         const StartOptions& options, const Work& work);

// Of several starts the one of least KL on the exact rows; of equal ones the first.
class BestStart {
  public:
    void offer(Backend& backend, const Head& head, const ExactRows& exact, SplatRegistry registry,
               const Work& work);
    [[nodiscard]] SplatRegistry take() { return std::move(best_); }

  private:
    SplatRegistry best_;
    double kl_ = std::numeric_limits<double>::infinity();
};

// A registry without splats: one level, the head's dimension, kappa 1 in the form shared and 0 in
// paired.
[[nodiscard]] SplatRegistry empty_registry(const Head& head, Form form);
// Gives the registry a background whose mean P on the rows is 1e-3 (rulings.md "Background").
void add_background(Backend& backend, const Head& head, const ExactRows& exact,
                    SplatRegistry& registry, const Work& work);

}  // namespace hsa
