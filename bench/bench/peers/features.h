#pragma once

#include "engine/core/matrix.h"

namespace hsa_bench {

// Rows of the attention of positive features, A_ij = sum_s phi_s(q_i) psi_s(k_j) / (sum over j of
// the same), [b, n], from the features' logarithms, log_phi [b, k] and log_psi [k, n]. What a row
// of log_phi has in common does not count. Written as A = P K like splats, P = softmax_s(ln phi_s +
// c_s), K = exp(ln psi_s - c_s), c_s = LSE_j ln psi_s: nothing overflows.
[[nodiscard]] hsa::Matrix<float> rows_of_features(hsa::Matrix<float> log_phi,
                                                  hsa::Matrix<float> log_psi);

// scores(i, j) = a_i . b_j, [a.rows, b.rows].
[[nodiscard]] hsa::Matrix<float> scores(const hsa::Matrix<float>& a, const hsa::Matrix<float>& b);
// softmax over j of the same.
[[nodiscard]] hsa::Matrix<float> softmax_scores(const hsa::Matrix<float>& a,
                                                const hsa::Matrix<float>& b);

}  // namespace hsa_bench
