#include "engine/compute/cuda/launch.cuh"
#include "engine/compute/cuda/product.cuh"
#include "engine/compute/cuda/row_calls.h"

// Sums over many terms of one operand times another, whole chunks of terms added up in float64; and
// the slopes of keys, which are such sums over rows.
namespace hsa::cuda {
namespace {

// Terms [begin, begin + kSide) below `end` of numbers [first, first + kSide): neighbours in memory
// are read by neighbours. Where seen is given a number x becomes (1 - x), for a term that sees it.
__device__ void fill_operand(const TermsOf& from, std::size_t begin, std::size_t end,
                             std::size_t first, const std::uint32_t* seen, bool from_one,
                             Tile& to) {
    for (int at = lane_of_block(); at < kSide * kSide; at += kThreads * kThreads) {
        const bool along_terms = from.term_step == 1;
        const int term = along_terms ? at % kSide : at / kSide;
        const int number = along_terms ? at / kSide : at % kSide;
        const std::size_t t = begin + static_cast<std::size_t>(term);
        const std::size_t n = first + static_cast<std::size_t>(number);
        float value = 0.0F;
        if (t < end && n < from.numbers) {
            value = from.data[t * from.term_step + n * from.number_step];
            if (from_one) value = (seen == nullptr || n < seen[t] ? 1.0F : 0.0F) - value;
        }
        to[term][number] = value;
    }
}

__device__ void add_terms(const TermsOf& left_of, const TermsOf& right_of, std::size_t begin,
                          std::size_t end, const std::uint32_t* seen, bool from_one, Tile& left,
                          Tile& right, Part& sum) {
    for (std::size_t term = begin; term < end; term += kSide) {
        fill_operand(left_of, term, end, static_cast<std::size_t>(blockIdx.y) * kSide, seen,
                     from_one, left);
        fill_operand(right_of, term, end, static_cast<std::size_t>(blockIdx.x) * kSide, nullptr,
                     false, right);
        __syncthreads();
        add_product(left, right, sum);
        __syncthreads();
    }
}

__global__ void __launch_bounds__(kThreads* kThreads)
    sums_block(TermsOf left_of, TermsOf right_of, std::size_t terms, std::size_t chunk,
               bool goes_on, double* out) {
    __shared__ Tile left;
    __shared__ Tile right;
    const std::size_t first_row = static_cast<std::size_t>(blockIdx.y) * kSide;
    const std::size_t first_column = static_cast<std::size_t>(blockIdx.x) * kSide;
    double total[kPieces][4] = {};
    for (std::size_t begin = 0; begin < terms; begin += chunk) {
        Part sum = {};
        add_terms(left_of, right_of, begin, begin + chunk < terms ? begin + chunk : terms, nullptr,
                  false, left, right, sum);
        for_part(first_row, left_of.numbers, first_column, right_of.numbers,
                 [&](int piece, int e, std::size_t row, std::size_t column) {
                     double& own = total[piece][e];
                     if (goes_on && begin == 0) own = out[row * right_of.numbers + column];
                     own += static_cast<double>(sum[piece][e]);
                 });
    }
    for_part(first_row, left_of.numbers, first_column, right_of.numbers,
             [&](int piece, int e, std::size_t row, std::size_t column) {
                 out[row * right_of.numbers + column] = total[piece][e];
             });
}

__global__ void __launch_bounds__(kThreads* kThreads)
    slopes_block(TermsOf ratio, TermsOf share, std::size_t rows, const std::uint32_t* seen,
                 const float* keys, float* out) {
    __shared__ Tile left;
    __shared__ Tile right;
    Part sum = {};
    add_terms(ratio, share, 0, rows, seen, true, left, right, sum);
    for_part(static_cast<std::size_t>(blockIdx.y) * kSide, ratio.numbers,
             static_cast<std::size_t>(blockIdx.x) * kSide, share.numbers,
             [&](int piece, int e, std::size_t column, std::size_t splat) {
                 const std::size_t place = column * share.numbers + splat;
                 out[place] = keys[place] * sum[piece][e];
             });
}

}  // namespace

Problem term_sums(const TermsOf& left, const TermsOf& right, std::size_t terms, std::size_t chunk,
                  bool goes_on, double* out) {
    return launch(sums_block, dim3(groups(right.numbers, kSide), groups(left.numbers, kSide)),
                  dim3(kThreads, kThreads), left, right, terms, chunk, goes_on, out);
}

Problem key_slopes(const float* ratio, std::size_t rows, std::size_t columns, const float* share,
                   std::size_t splats, const std::uint32_t* seen, const float* keys, float* out) {
    const TermsOf left{ratio, columns, columns, 1};
    const TermsOf right{share, splats, splats, 1};
    return launch(slopes_block, dim3(groups(splats, kSide), groups(columns, kSide)),
                  dim3(kThreads, kThreads), left, right, rows, seen, keys, out);
}

}  // namespace hsa::cuda
