#pragma once

#include "engine/adapt/adam.h"
#include "engine/adapt/controller.h"
#include "engine/adapt/level_attention.h"
#include "engine/adapt/rows.h"

#include <cstdint>
#include <map>
#include <span>
#include <vector>

namespace hsa {

// ln pi_s + ell_s of each row: [r, k], with pi the level's weights divided by their sum.
[[nodiscard]] Matrix<float> coverage_logits(Backend& backend, const LevelSplats& splats,
                                            double temperature, MatrixView<const float> x);

// What one level's part of a cycle without a target looks at: the pool, whose one half proposes and
// the other judges, and the rows V.
class LevelCoverage {
  public:
    LevelCoverage(Backend& backend, const AdaptInput& input, const RowSets& rows, std::size_t level,
                  std::int32_t cycle);

    // Minus the mean log-coverage of V.
    [[nodiscard]] double probe_loss(const LevelSplats& splats) const;
    // Log-coverage of the pool's rows: [pool].
    [[nodiscard]] std::vector<double> pool_coverage(const LevelSplats& splats) const;
    // ell of one splat at the pool's rows: [pool].
    [[nodiscard]] std::vector<float> pool_kernel(const Splat& splat) const;
    // P(s|i) of the mixture on the pool: [pool, k].
    [[nodiscard]] Matrix<float> responsibilities(const LevelSplats& splats) const;
    // Their means over the pool: [k].
    [[nodiscard]] std::vector<double> usage(const LevelSplats& splats) const;
    // The splats after ten Adam steps of their centres towards the tokens they answer for. Widths
    // and weights stay: coverage alone would let them grow without end.
    [[nodiscard]] LevelSplats step(LevelSplats splats, double rate,
                                   std::map<SplatId, AdamMoments>& moments) const;

    [[nodiscard]] const Matrix<float>& pool() const { return pool_; }
    [[nodiscard]] std::uint32_t token(std::size_t place) const { return tokens_[place]; }
    [[nodiscard]] std::span<const std::size_t> proposing() const { return halves_.one; }
    [[nodiscard]] std::span<const std::size_t> judging() const { return halves_.other; }

  private:
    Backend& backend_;
    const AdaptInput& input_;
    std::uint64_t seed_;
    std::int32_t cycle_;
    std::vector<std::uint32_t> tokens_;
    std::vector<std::uint32_t> free_;
    Halves halves_;
    Matrix<float> pool_;
    Matrix<float> probe_;
    StepScale scale_;
    MatrixView<const float> x_;
};

}  // namespace hsa
