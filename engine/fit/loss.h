#pragma once

#include "engine/attention/kernel_sums.h"
#include "engine/compute/backend.h"
#include "engine/core/work.h"
#include "engine/fit/head.h"
#include "engine/model/splat_registry.h"

#include <vector>

namespace hsa {

// How far A is from T on some rows: the mean of KL(T_i | A_i) and |T V - A V|^2 / |T V|^2.
struct FitLoss {
    double kl = 0.0;
    double output = 0.0;

    [[nodiscard]] double total(double output_weight) const { return kl + output_weight * output; }
};

// The loss and what each parameter does to total(): rows as the registry's splats, log_weight with
// the background last. In the forms token and shared one Gaussian has the slopes of both sides.
struct FitGradient {
    FitLoss loss;
    KernelSlopes key;
    KernelSlopes query;              // paired only
    std::vector<double> log_beta;    // [k]
    std::vector<double> log_weight;  // [c]
    std::vector<double> usage;       // [c] mean P of the rows
    double kappa = 0.0;              // 0 in the form token
    // With a near set; kappa_query, or what is added to all of query_quadratic.
    double kappa_query = 0.0;
    double offset = 0.0;
};

// With R = T / A - 1 - (H - A_i . H_i), H the slopes of the output's part in A, all times the
// number of rows b (maths.md 3; real-heads.md 3), and of each row's factor():
//   dz = -P o (R K) / b,  dell^k = -K o (P^T R) / b,  z the logits of P
// With a near set R is s_i times this outside and 0 inside, s_i = M_i / Z_i: T / (P K) - s_i (1 + H
// - A_i . H_i). Then dz is the slope of the logits before they are normalised, and its row's sum
// that of ln M_i. The near set itself is held.
// In O(b n (k + v) + n k d): three products, sums over tokens in float64 in fixed chunks. Splats
// spherical or diagonal, every level with the same coordinates; throws a fault otherwise.
[[nodiscard]] FitGradient fit_gradient(Backend& backend, const SplatRegistry& registry,
                                       const Head& head, const ExactRows& exact,
                                       double output_weight, const Work& work);

// The loss alone, and of how many of a row's 8 strongest tokens A knows: the mean share.
struct FitMeasures {
    FitLoss loss;
    double top_overlap = 0.0;
    std::size_t rows = 0;

    [[nodiscard]] double output_error() const;  // |T V - A V| / |T V|
};
[[nodiscard]] FitMeasures measure_fit(Backend& backend, const SplatRegistry& registry,
                                      const Head& head, const ExactRows& exact, const Work& work);

}  // namespace hsa
