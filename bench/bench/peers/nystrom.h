#pragma once

#include "engine/core/matrix.h"
#include "engine/fit/head.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace hsa_bench {

enum class NystromForm : std::uint8_t {
    softmax,  // softmax(Q L_k^T) softmax(L_q L_k^T)^+ softmax(L_q K^T) (Nystromformer, Xiong et al.
              // 2021)
    kernel    // exp(Q L_k^T) exp(L_q L_k^T)^+ exp(L_q K^T), rows divided by their sums afterwards
};

// Attention through landmarks, the means of k-means of the queries and of the keys. The inverse has
// a ridge, chosen when rows are asked for; all in float64.
class Nystrom {
  public:
    Nystrom(const hsa::Head& head, std::span<const std::uint32_t> rows, std::size_t landmarks,
            NystromForm form, std::uint64_t seed);
    // Rows [rows.size(), n], divided by their sums: entries may be negative. Singular values s
    // count as s / (s^2 + (ridge s_max)^2). A row whose sum is not positive is 1 / n everywhere.
    [[nodiscard]] hsa::Matrix<float> rows(double ridge) const;

  private:
    hsa::Matrix<double> left_;      // [b, k] F V
    hsa::Matrix<double> right_;     // [k, n] U^T B
    std::vector<double> singular_;  // [k]
};

// (1 - floor) max(A, 0) / its row's sum + floor / n: what a KL needs of rows with negative entries.
[[nodiscard]] hsa::Matrix<float> positive_rows(const hsa::Matrix<float>& rows, double floor);

}  // namespace hsa_bench
