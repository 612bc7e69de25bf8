#pragma once

#include "engine/attention/target.h"
#include "engine/core/matrix.h"
#include "engine/core/work.h"
#include "engine/model/factors.h"

#include <cstdint>
#include <span>

namespace hsa {

// What |T_R - P_R C K|_F^2 on rows R is made of, [c, c] each, float64.
struct CoreSums {
    Matrix<double> queries;  // P_R^T P_R
    Matrix<double> keys;     // K K^T
    Matrix<double> cross;    // P_R^T T_R K^T
};

// O(|R| n (d + c) + n c^2); of the target a block of rows at a time, at most 2^24 numbers or 16
// rows.
[[nodiscard]] CoreSums core_sums(const Factors& factors, const Target& target,
                                 std::span<const std::uint32_t> rows, const Work& work);

// T[rows, :] values for values [n, v]: [rows, v], from the same blocks.
[[nodiscard]] Matrix<double> target_outputs(const Target& target,
                                            std::span<const std::uint32_t> rows,
                                            MatrixView<const float> values, const Work& work);

// The normal equations of C = I + E,
//
//     G E H + r E = B - G H,    G = P_R^T P_R, H = K K^T, B = P_R^T T_R K^T,
//
// the minimum of |T_R - P_R C K|_F^2 + r |C - I|_F^2 (maths.md 3 "Near and far"), among the C whose
// rows sum to 1, so that rows of P C K do: E 1 = 0 puts J = 1 - 11^T / c on the right of E, H and
// the right-hand side. With G = U g U^T and J H J = W h W^T every ridge costs two products:
// E = U [U^T (B - G H) J W / (g h + r)] W^T.
class CoreEquations {
  public:
    explicit CoreEquations(const CoreSums& sums);
    // The largest g h: what a ridge is small against.
    [[nodiscard]] double largest() const;
    // C [c, c] for a ridge r > 0; I where nothing is to be solved: largest() is 0.
    [[nodiscard]] Matrix<double> solve(double ridge) const;

  private:
    Matrix<double> left_;    // U
    Matrix<double> right_;   // W
    Matrix<double> wanted_;  // U^T (B - G H) J W
    Matrix<double> scale_;   // [c, c] g h
};

}  // namespace hsa
