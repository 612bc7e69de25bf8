#include "engine/compute/cuda/block.cuh"
#include "engine/compute/cuda/calls.h"
#include "engine/compute/cuda/launch.cuh"
#include "engine/compute/formulas.h"

namespace hsa::cuda {
namespace {

__device__ float shifted(float ell, const float* shift, std::size_t splat) {
    return shift == nullptr ? ell : ell + shift[splat];
}

// By differences: nothing cancels, and each number is the same sum wherever it stands.
__global__ void log_kernel_block(const float* x, std::size_t rows, std::size_t dimension,
                                 const float* centre, const float* rate, std::size_t splats,
                                 KernelPlace place) {
    __shared__ Panel of_rows;
    __shared__ Panel of_centres;
    __shared__ Panel of_rates;
    const int lane = static_cast<int>(threadIdx.y) * kThreads + static_cast<int>(threadIdx.x);
    const std::size_t first_row = static_cast<std::size_t>(blockIdx.y) * kSide;
    const std::size_t first_splat = static_cast<std::size_t>(blockIdx.x) * kSide;
    float sum[kOwn][kOwn] = {};
    for (std::size_t begin = 0; begin < dimension; begin += kDepth) {
        for (int step = 0; step < kOwn; ++step) {
            const Filled to = along_terms(lane, step);
            const std::size_t axis = begin + static_cast<std::size_t>(to.term);
            const std::size_t row = first_row + static_cast<std::size_t>(to.number);
            const std::size_t splat = first_splat + static_cast<std::size_t>(to.number);
            const bool here = axis < dimension;
            of_rows[to.term][to.number] = here && row < rows ? x[row * dimension + axis] : 0.0F;
            of_centres[to.term][to.number] =
                here && splat < splats ? centre[splat * dimension + axis] : 0.0F;
            of_rates[to.term][to.number] =
                here && splat < splats ? rate[splat * dimension + axis] : 0.0F;
        }
        __syncthreads();
        for (int term = 0; term < kDepth; ++term)
            for (int r = 0; r < kOwn; ++r) {
                const float value = of_rows[term][static_cast<int>(threadIdx.y) + r * kThreads];
                for (int s = 0; s < kOwn; ++s) {
                    const int own = static_cast<int>(threadIdx.x) + s * kThreads;
                    const float t = of_rates[term][own] * (value - of_centres[term][own]);
                    sum[r][s] += t * t;
                }
            }
        __syncthreads();
    }
    for (int r = 0; r < kOwn; ++r)
        for (int s = 0; s < kOwn; ++s) {
            const std::size_t row =
                first_row + threadIdx.y + static_cast<std::size_t>(r) * kThreads;
            const std::size_t splat =
                first_splat + threadIdx.x + static_cast<std::size_t>(s) * kThreads;
            if (row >= rows || splat >= splats) continue;
            place.ell[row * place.stride + place.first + splat] =
                shifted(held_log_kernel(-static_cast<double>(sum[r][s])), place.shift, splat);
        }
}

__global__ void log_kernel_mixed_block(const float* x, std::size_t rows, std::size_t dimension,
                                       const float* centre, const double* form,
                                       const std::uint32_t* places, const double* half,
                                       std::size_t splats, KernelPlace place) {
    const std::size_t splat = blockIdx.x * static_cast<std::size_t>(blockDim.x) + threadIdx.x;
    const std::size_t row = blockIdx.y * static_cast<std::size_t>(blockDim.y) + threadIdx.y;
    if (row >= rows || splat >= splats) return;
    const float* own = x + row * dimension;
    const float* middle = centre + splat * dimension;
    const double* numbers = form + places[4 * splat];
    double sum = 0.0;
    if (places[4 * splat + 1] != 0U) {
        for (std::size_t b = 0; b < dimension; ++b) {
            double t = 0.0;
            for (std::size_t a = 0; a <= b; ++a)
                t += numbers[b * dimension + a] *
                     (static_cast<double>(own[a]) - static_cast<double>(middle[a]));
            sum += t * t;
        }
    } else {
        for (std::size_t a = 0; a < dimension; ++a) {
            const double z =
                numbers[a] * (static_cast<double>(own[a]) - static_cast<double>(middle[a]));
            sum += z * z;
        }
        const double* axis = numbers + dimension;
        for (std::uint32_t r = 0; r < places[4 * splat + 2]; ++r, axis += 1 + dimension) {
            double along = 0.0;
            for (std::size_t a = 0; a < dimension; ++a)
                along += axis[1 + a] * numbers[a] *
                         (static_cast<double>(own[a]) - static_cast<double>(middle[a]));
            sum -= axis[0] * along * along;
        }
    }
    place.ell[row * place.stride + place.first + splat] =
        shifted(held_log_kernel(-half[splat] * sum), place.shift, splat);
}

__global__ void fill_block(std::size_t rows, float logit, KernelPlace place) {
    const std::size_t row = blockIdx.x * static_cast<std::size_t>(blockDim.x) + threadIdx.x;
    if (row < rows) place.ell[row * place.stride + place.first] = logit;
}

}  // namespace

Problem log_kernel(const float* x, std::size_t rows, std::size_t dimension, const float* centre,
                   const float* rate, std::size_t splats, KernelPlace place) {
    return launch(log_kernel_block, dim3(groups(splats, kSide), groups(rows, kSide)),
                  dim3(kThreads, kThreads), x, rows, dimension, centre, rate, splats, place);
}

Problem log_kernel_mixed(const float* x, std::size_t rows, std::size_t dimension,
                         const float* centre, const double* form, const std::uint32_t* places,
                         const double* half, std::size_t splats, KernelPlace place) {
    return launch(log_kernel_mixed_block, dim3(groups(splats, kThreads), groups(rows, kThreads)),
                  dim3(kThreads, kThreads), x, rows, dimension, centre, form, places, half, splats,
                  place);
}

Problem fill_kernel(std::size_t rows, float logit, KernelPlace place) {
    constexpr unsigned kRows = 256;
    return launch(fill_block, dim3(groups(rows, kRows)), dim3(kRows), rows, logit, place);
}

}  // namespace hsa::cuda
