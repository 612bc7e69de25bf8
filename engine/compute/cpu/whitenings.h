#pragma once

#include "engine/compute/backend.h"
#include "engine/model/whitening.h"

#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <unordered_map>
#include <vector>

namespace hsa {

// Factorised covariances that are kept from bind to bind: steps and trials of adaptation bind the
// same shapes over and over, and an event changes one or two of them. Spherical and diagonal ones
// are not kept, they cost nothing. What was used least lately goes first.
class Whitenings {
  public:
    explicit Whitenings(std::size_t most_bytes) : most_bytes_(most_bytes) {}

    // Of every splat, [k]: the same bits whether kept or made. From any thread. Throws Error for a
    // covariance that is not positive definite.
    [[nodiscard]] std::vector<std::shared_ptr<const Whitening>> of(const SplatColumns& splats);

    // Factorisations made so far, of those that are kept.
    [[nodiscard]] std::size_t made() const;
    [[nodiscard]] std::size_t bytes() const;

  private:
    struct Kept {
        std::uint64_t hash = 0;
        CovarianceKind kind = CovarianceKind::full;
        std::vector<float> variance, shape;
        std::shared_ptr<const Whitening> whitening;
        std::size_t bytes = 0;
    };
    using Order = std::list<Kept>;  // used last first

    [[nodiscard]] std::shared_ptr<const Whitening> find(std::uint64_t hash,
                                                        const CovarianceView& covariance);
    void keep(std::uint64_t hash, const CovarianceView& covariance,
              std::shared_ptr<const Whitening> whitening);

    mutable std::mutex mutex_;
    Order order_;
    std::unordered_map<std::uint64_t, Order::iterator> places_;
    std::size_t most_bytes_;
    std::size_t bytes_ = 0;
    std::size_t made_ = 0;
};

}  // namespace hsa
