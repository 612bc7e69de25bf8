#include "bench/bench/peers/kl_nmf.h"

#include "engine/attention/divergence.h"
#include "engine/core/products.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace hsa_bench {
namespace {

using hsa::Matrix;

constexpr double kLongest = 8.0;
constexpr double kLonger = 1.2;
constexpr std::size_t kLook = 10;

// T / (W H) in place of `ratio`; the mean KL.
double ratios(const Matrix<float>& target, const Matrix<float>& w, const Matrix<float>& h,
              Matrix<float>& ratio) {
    hsa::multiply(w.view(), h.view(), ratio.view());
    double kl = 0.0;
    for (std::size_t i = 0; i < target.rows(); ++i)
        kl += hsa::divergence_to_ratio(target.row(i), ratio.row(i));
    return kl / static_cast<double>(target.rows());
}

// x <- x o factor^power, rows divided by their sums.
void follow(Matrix<float>& x, const Matrix<float>& factor, double power) {
    for (std::size_t i = 0; i < x.rows(); ++i) {
        double sum = 0.0;
        for (std::size_t s = 0; s < x.cols(); ++s) {
            const auto f = static_cast<double>(factor(i, s));
            const double value =
                static_cast<double>(x(i, s)) * (power > 1.0 ? std::pow(f, power) : f);
            x(i, s) = static_cast<float>(value);
            sum += value;
        }
        if (sum > 0.0)
            for (float& value : x.row(i))
                value = static_cast<float>(static_cast<double>(value) / sum);
    }
}

}  // namespace

KlNmf kl_nmf(const Matrix<float>& target, Matrix<float> w, Matrix<float> h, double rest,
             std::size_t most_rounds) {
    Matrix<float> ratio(target.rows(), target.cols());
    KlNmf best{std::move(w), std::move(h), 0.0, 0};
    best.kl = ratios(target, best.w, best.h, ratio);
    double power = 1.0;
    double looked = best.kl;
    Matrix<float> for_w(best.w.rows(), best.w.cols());
    Matrix<float> for_h(best.h.rows(), best.h.cols());
    Matrix<float> next_ratio(target.rows(), target.cols());
    bool moved = true;
    for (std::size_t round = 1; round <= most_rounds; ++round) {
        if (moved) {
            hsa::multiply_transposed(std::as_const(ratio).view(), std::as_const(best.h).view(),
                                     for_w.view());
            hsa::transposed_multiply(std::as_const(best.w).view(), std::as_const(ratio).view(),
                                     for_h.view());
        }
        KlNmf next{best.w, best.h, 0.0, 0};
        follow(next.w, for_w, power);
        follow(next.h, for_h, power);
        next.kl = ratios(target, next.w, next.h, next_ratio);
        best.rounds = round;
        moved = next.kl <= best.kl;
        if (!moved && power == 1.0) break;  // EM itself gains nothing that single precision shows
        if (moved) {
            next.rounds = round;
            best = std::move(next);
            std::swap(ratio, next_ratio);
            power = std::min(power * kLonger, kLongest);
        } else {
            power = 1.0;
        }
        if (round % kLook == 0) {
            if (looked - best.kl < rest * best.kl) break;
            looked = best.kl;
        }
    }
    return best;
}

}  // namespace hsa_bench
