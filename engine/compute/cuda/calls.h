#pragma once

#include <cstddef>
#include <cstdint>

// What the CUDA side offers to C++: plain numbers and pointers, so that no header of CUDA is seen
// outside this folder and the .cu files need no more than C++17. Pointers are of the card unless
// they say host. Every function returns null, or what CUDA said went wrong.
namespace hsa::cuda {

using Problem = const char*;

struct Device {
    char name[256] = {};
    // Versions as CUDA counts them, 1000 major + 10 minor: what the driver offers (0: there is
    // none) and what this program was linked with.
    int driver = 0;
    int runtime = 0;
};
struct Room {
    std::uint64_t bytes = 0;
    std::uint64_t free_bytes = 0;
};
// memory.cu
Problem describe(Device& device);  // the first one; it becomes the calling thread's
Problem room(Room& room);
Problem allocate(void** made, std::size_t bytes, bool* full);  // full: there is no room for it
Problem release(void* memory);
Problem copy_to(void* card, const void* host, std::size_t bytes);
Problem copy_from(void* host, const void* card, std::size_t bytes);
// Rows of `bytes` that lie `pitch` apart on the host, one after the other on the card.
Problem copy_rows_to(void* card, const void* host, std::size_t bytes, std::size_t pitch,
                     std::size_t rows);
Problem copy_rows_from(void* host, const void* card, std::size_t bytes, std::size_t pitch,
                       std::size_t rows);

// Where ell of some splats goes: columns [first, first + splats) of rows of `stride` numbers.
struct KernelPlace {
    float* ell = nullptr;
    std::size_t stride = 0;
    std::size_t first = 0;
    const float* shift = nullptr;  // [splats], added where it is not null
};
// log_kernel.cu: CardForms (card/card.h) of [rows, dimension] rows.
Problem log_kernel(const float* x, std::size_t rows, std::size_t dimension, const float* centre,
                   const float* rate, std::size_t splats, KernelPlace place);
Problem log_kernel_mixed(const float* x, std::size_t rows, std::size_t dimension,
                         const float* centre, const double* form, const std::uint32_t* places,
                         const double* half, std::size_t splats, KernelPlace place);
Problem fill_kernel(std::size_t rows, float logit, KernelPlace place);

// exponentials.cu: Card::exponentials; log_row_weight may be null.
Problem exponentials(float* ell, std::size_t rows, std::size_t splats, const float* log_row_weight,
                     std::size_t tile, bool as_shares, float* most, double* sums);
// softmax.cu: Card::softmax; far [rows] is 1 where a row is far.
Problem softmax(float* p, std::size_t rows, std::size_t columns, float far_logit,
                std::uint32_t* far);
// product.cu: out [rows, columns] = a [rows, inner] b [inner, columns].
Problem multiply(const float* a, std::size_t rows, std::size_t inner, const float* b,
                 std::size_t columns, float* out);
// out [chunks rows, columns]: of each chunk of `chunk` of the `inner` rows of a and b, a^T b with a
// [inner, rows].
Problem multiply_chunks(const float* a, std::size_t rows, std::size_t inner, const float* b,
                        std::size_t columns, std::size_t chunk, float* out);

}  // namespace hsa::cuda
