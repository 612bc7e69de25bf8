#include "bench/bench/peers/features.h"

#include "engine/core/exponential.h"
#include "engine/core/products.h"

#include <utility>
#include <vector>

namespace hsa_bench {

using hsa::Matrix;

Matrix<float> rows_of_features(Matrix<float> log_phi, Matrix<float> log_psi) {
    std::vector<float> log_mass(log_psi.rows());
    for (std::size_t s = 0; s < log_psi.rows(); ++s)
        log_mass[s] = static_cast<float>(hsa::softmax(log_psi.row(s)));
    for (std::size_t i = 0; i < log_phi.rows(); ++i) {
        for (std::size_t s = 0; s < log_mass.size(); ++s) log_phi(i, s) += log_mass[s];
        hsa::softmax(log_phi.row(i));
    }
    Matrix<float> a(log_phi.rows(), log_psi.cols());
    hsa::multiply(std::as_const(log_phi).view(), std::as_const(log_psi).view(), a.view());
    return a;
}

Matrix<float> scores(const Matrix<float>& a, const Matrix<float>& b) {
    Matrix<float> out(a.rows(), b.rows());
    hsa::multiply_transposed(a.view(), b.view(), out.view());
    return out;
}

Matrix<float> softmax_scores(const Matrix<float>& a, const Matrix<float>& b) {
    Matrix<float> out = scores(a, b);
    for (std::size_t i = 0; i < out.rows(); ++i) hsa::softmax(out.row(i));
    return out;
}

}  // namespace hsa_bench
