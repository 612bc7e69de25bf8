#pragma once

#include "tests/reference/cases.h"

#include <vector>

// O = A V written out in double precision in the parameters that gradients are taken in.
namespace reference {

// Everything the outputs depend on, in double and in the parameters of the gradient.
struct Model {
    std::vector<hsa::CovarianceKind> kind;
    std::vector<std::size_t> level;
    std::vector<std::vector<double>> centre;
    std::vector<std::vector<double>> covariance;
    std::vector<double> log_beta;
    std::vector<double> log_amplitude;
    std::vector<double> log_level_weight;
    double background = 0.0;
    double log_temperature = 0.0;
    std::vector<Matrix<double>> coordinates;
    Matrix<double> values;
    std::vector<bool> masked;  // keys that no row attends to; empty: none
};

[[nodiscard]] Model model_of(const Case& data, const Matrix<float>& values, double temperature);

// sum of d_outputs o O: a loss whose slope in O is d_outputs.
[[nodiscard]] double loss_of(const Model& model, bool background, const Matrix<double>& d_outputs);

}  // namespace reference
