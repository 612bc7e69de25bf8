#pragma once

// The per-element mathematics of the kernel, compiled by every backend that runs C++ (maths.md 1).
// Plain functions of numbers: no library, no branch on the machine.

#if defined(__CUDACC__)
#define HSA_EVERYWHERE __host__ __device__ inline
#else
#define HSA_EVERYWHERE inline
#endif

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>

namespace hsa {

// float32 log kernels are held above this, so that differences stay finite (rulings.md "At bind").
constexpr float kLeastLogKernel = -1e30F;

// The expanded square ell = x . (lambda mu) - size, size = 1/2 x . (lambda x) + 1/2 mu . (lambda
// mu), loses digits where ell is small beside its terms. It is kept while size <= kMildTerms, or
// while ell <= kCancelledShare size (fewer than three bits cancelled) and the terms are far from
// the end of float32; elsewhere ell is formed from differences in float64.
constexpr float kMildTerms = 32.0F;
constexpr float kCancelledShare = -0.125F;
constexpr float kHugeTerms = 1e36F;

HSA_EVERYWHERE bool keeps_digits(float size, float ell) {
    return size <= kMildTerms || (ell <= kCancelledShare * size && size <= kHugeTerms);
}

// -ell = |t|^2 with t = W (x - centre) formed in float32 as W x - W centre: each t is wrong by
// about 6e-8 (gain |t| + reach), reach = |W centre| and gain the square root of the covariance's
// condition where the forms W mix axes (1 where they do not). So -ell is wrong by twice that times
// |t|. It is kept where this is below 6e-8 kTrusted max(1, -ell): up to mild and from safe on.
constexpr double kTrusted = 128.0;

struct TrustedSquares {
    float mild = 0.0F;
    float safe = 0.0F;
};

inline TrustedSquares trusted_squares(double gain, double reach) {
    const auto most = static_cast<double>(std::numeric_limits<float>::max());
    TrustedSquares trusted;
    if (2.0 * (gain + reach) <= kTrusted) {  // everywhere
        trusted.mild = std::numeric_limits<float>::infinity();
        return trusted;
    }
    const double half = 0.5 * kTrusted;
    const double root = (std::sqrt(reach * reach + 4.0 * gain * half) - reach) / (2.0 * gain);
    trusted.mild = static_cast<float>(std::min(root * root, 1.0));
    const double least = gain < half ? reach / (half - gain) : most;
    trusted.safe = static_cast<float>(std::clamp(least * least, 1.0, most));
    return trusted;
}

HSA_EVERYWHERE float held_log_kernel(double ell) {
    const double not_above = ell < 0.0 ? ell : 0.0;
    return not_above > static_cast<double>(kLeastLogKernel) ? static_cast<float>(not_above)
                                                            : kLeastLogKernel;
}

}  // namespace hsa
