#pragma once

// The per-element mathematics of the kernel, compiled by every backend that runs C++ (maths.md 1). Plain
// functions of numbers: no library, no branch on the machine.

#if defined(__CUDACC__)
#define HSA_EVERYWHERE __host__ __device__ inline
#else
#define HSA_EVERYWHERE inline
#endif

namespace hsa {

// float32 log kernels are held above this, so that differences stay finite (rulings.md "At bind").
constexpr float kLeastLogKernel = -1e30F;

// ell from its expanded terms, product = x . (lambda mu) and offset = -1/2 mu . (lambda mu), with
// square = x . (lambda x): ell = product - square / 2 + offset, never above 0.
HSA_EVERYWHERE float log_kernel_of(float product, float half_square, float offset) {
    const float ell = product - half_square + offset;
    const float not_above = ell < 0.0F ? ell : 0.0F;
    return not_above > kLeastLogKernel ? not_above : kLeastLogKernel;
}

}  // namespace hsa
