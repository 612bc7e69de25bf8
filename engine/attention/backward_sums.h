#pragma once

#include "engine/compute/backend.h"
#include "engine/core/matrix.h"
#include "engine/core/work.h"
#include "engine/model/factors.h"

#include <algorithm>
#include <cstddef>
#include <span>
#include <vector>

namespace hsa {

// Rows of one product within a chunk of a sum: fixed, so that its bits depend on nothing else.
inline constexpr std::size_t kGradientTile = 128;

// Calls task(first, last) for the tiles of [begin, end).
template <class Task>
void for_gradient_tiles(std::size_t begin, std::size_t end, const Task& task) {
    for (std::size_t first = begin; first < end; first += kGradientTile)
        task(first, std::min(end, first + kGradientTile));
}

[[nodiscard]] Matrix<double> widened(MatrixView<const float> from);

// The sums over all tokens that lead from dL/dO to every column (maths.md 5), in float64:
//   U = K V, B = P^T dO, r_i = dO_i . O_i;  Z_s = B_s . U_s - sum_i P(s|i) r_i  (= dL/d ln w)
//   g_is = dL/dell = P (dO_i . U_s - r_i) + K (Z_s + V_i . B_s - U_s . B_s)
// Keeps n + c (2 v + 2) numbers; what it is made from must outlive it.
class BackwardSums {
  public:
    // values and d_outputs are [n, v]. The sums are the card's where `backend` has one for it.
    BackwardSums(const Factors& factors, MatrixView<const float> values,
                 MatrixView<const float> d_outputs, const Work& work, Backend* backend = nullptr);
    ~BackwardSums() = default;
    BackwardSums(const BackwardSums&) = delete;  // values_ may look into centred_
    BackwardSums& operator=(const BackwardSums&) = delete;

    // Z: [c].
    [[nodiscard]] const std::vector<double>& log_weight() const { return log_weight_; }

    // Some columns of the factors with their rows of U and B.
    struct Columns {
        std::vector<std::size_t> index;
        Matrix<double> u;  // [columns, v]
        Matrix<double> b;  // [columns, v]
    };
    [[nodiscard]] Columns columns(std::vector<std::size_t> index) const;
    // g of some columns at tokens [begin, end): [end - begin, columns].
    [[nodiscard]] Matrix<double> g(const Columns& columns, std::size_t begin,
                                   std::size_t end) const;
    // What a card makes of g of some columns, beside [n, q] and lever [e, columns]; false: none
    // did.
    struct ByCard {
        Matrix<double> moments;  // [columns, q]
        Matrix<float> pulled;    // [n, e]
    };
    [[nodiscard]] bool slopes(const Columns& columns, MatrixView<const float> beside,
                              MatrixView<const float> lever, ByCard& out) const;
    // dV = K B: [n, v].
    [[nodiscard]] Matrix<float> d_values() const;

    [[nodiscard]] bool has_card() const { return backend_ != nullptr; }
    [[nodiscard]] std::size_t tokens() const { return factors_.tokens(); }

  private:
    [[nodiscard]] std::vector<double> sum_of(const FactorMatrix& factor,
                                             MatrixView<const float> rows) const;
    [[nodiscard]] std::vector<double> sum_up();  // what splats draw of r: [c]
    [[nodiscard]] bool sum_up_on_card(std::vector<double>& drawn);
    void draw(std::size_t first, std::size_t last, std::span<double> out);

    const Factors& factors_;
    MatrixView<const float> values_;
    MatrixView<const float> d_out_;
    const Work& work_;
    Backend* backend_;                // or null
    Matrix<float> centred_;           // behind values_, where a card sums up
    Matrix<double> u_;                // [c, v]
    Matrix<double> b_;                // [c, v]
    std::vector<double> along_;       // [n] r_i
    std::vector<double> both_;        // [c] U_s . B_s
    std::vector<double> log_weight_;  // [c] Z
};

}  // namespace hsa
