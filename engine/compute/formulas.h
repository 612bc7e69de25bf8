#pragma once

// The per-element mathematics of the kernel, compiled by every backend that runs C++ (maths.md 1).
// Plain functions of numbers: no library, no branch on the machine.

#if defined(__CUDACC__)
#define HSA_EVERYWHERE __host__ __device__ inline
#else
#define HSA_EVERYWHERE inline
#endif

#include <cstddef>

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

HSA_EVERYWHERE float held_log_kernel(double ell) {
    const double not_above = ell < 0.0 ? ell : 0.0;
    return not_above > static_cast<double>(kLeastLogKernel) ? static_cast<float>(not_above)
                                                            : kLeastLogKernel;
}

// ell = -1/2 sum_a rate[a] (x[a] - centre[a])^2 with rate = beta / (temperature variance); a
// spherical splat has one rate (rate_step 0), others one an axis (rate_step 1).
HSA_EVERYWHERE float log_kernel_by_differences(const float* x, const float* centre,
                                               const double* rate, std::size_t rate_step,
                                               std::size_t d) {
    double m = 0.0;
    for (std::size_t a = 0; a < d; ++a) {
        const double delta = static_cast<double>(x[a]) - static_cast<double>(centre[a]);
        m += rate[a * rate_step] * delta * delta;
    }
    return held_log_kernel(-0.5 * m);
}

}  // namespace hsa
