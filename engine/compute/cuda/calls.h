#pragma once

#include <cstddef>
#include <cstdint>

// What the CUDA side offers to C++: plain numbers and pointers, so that no header of CUDA is seen
// outside this folder and the .cu files need no more than C++17. Pointers are of the card unless
// they say host. Every function returns null, or what CUDA said went wrong.
namespace hsa::cuda {

using Problem = const char*;

// As CUDA counts them, 1000 major + 10 minor: what the driver offers (0: there is none) and what
// this program was linked with.
struct Versions {
    int driver = 0;
    int runtime = 0;
};
struct Device {
    char name[256] = {};
};
struct Room {
    std::uint64_t bytes = 0;
    std::uint64_t free_bytes = 0;
};
// memory.cu; versions are told without a driver, too.
void tell_versions(Versions& versions);
Problem count_devices(int& count);
Problem use(int index);  // what the calling thread calls from now on is for this one
Problem describe(int index, Device& device);                   // and use it
Problem room(Room& room);                                      // of the one in use
Problem allocate(void** made, std::size_t bytes, bool* full);  // full: there is no room for it
Problem release(void* memory);
Problem copy_to(void* card, const void* host, std::size_t bytes);
Problem copy_from(void* host, const void* card, std::size_t bytes);
// Rows of `bytes` that lie `pitch` apart on the host, one after the other on the card.
Problem copy_rows_to(void* card, const void* host, std::size_t bytes, std::size_t pitch,
                     std::size_t rows);
Problem copy_rows_from(void* host, const void* card, std::size_t bytes, std::size_t pitch,
                       std::size_t rows);

// A stream of copies that kernels do not wait for, nor it for them: rows travel while the card
// computes with those before.
Problem open_stream(void** made);
Problem close_stream(void* stream);
// copy_rows_to() there, into memory that no kernel uses yet; they have arrived when it returns.
Problem copy_rows_aside(void* card, const void* host, std::size_t bytes, std::size_t pitch,
                        std::size_t rows, void* stream);

// Results that travel on such a stream, into memory of the host that the card may write, once the
// event that was recorded before has come; a null stream is that of the kernels.
Problem allocate_host(void** made, std::size_t bytes);
Problem release_host(void* memory);
Problem open_event(void** made);
Problem close_event(void* event);
Problem record(void* event, void* stream);
Problem wait_on_card(void* stream, void* event);  // what is begun there later waits
Problem wait_on_host(void* event);
Problem copy_from_aside(void* host, const void* card, std::size_t bytes, void* stream);

// CardForms (card/on_card.h) on the card; rate is null where they are mixed.
struct SplatForms {
    const float* centre = nullptr;
    const float* rate = nullptr;
    const double* form = nullptr;
    const std::uint32_t* places = nullptr;
    const double* half = nullptr;
    std::size_t splats = 0;
    std::size_t dimension = 0;
};
// log_kernel.cu: ell of x [rows, dimension] into columns [first, first + splats) of rows of
// `stride` numbers.
Problem log_kernel(const float* x, std::size_t rows, const SplatForms& splats, float* ell,
                   std::size_t stride, std::size_t first);

// exponentials.cu: Card::exponentials; log_row_weight may be null.
Problem exponentials(float* ell, std::size_t rows, std::size_t splats, const float* log_row_weight,
                     std::size_t tile, float* most, double* sums);

// What one of two kinds has of the values of the other, its terms, by weights exp(ell + add): the
// largest of these logits, the sum of exp(logit - most) and the mean of the values, of each chunk
// of `chunk` terms by itself. Where most_before is given, it goes on from there (one chunk).
struct MeansOf {
    const float* add = nullptr;  // [terms] or null
    std::size_t chunk = 1;
    const float* values = nullptr;  // [terms, columns]
    std::size_t columns = 0;
    const float* most_before = nullptr;
    const float* sum_before = nullptr;
    float* most = nullptr;  // [chunks, numbers]; not most_before
    float* sum = nullptr;   // [chunks, numbers]; not sum_before
    float* mean = nullptr;  // [chunks, numbers, columns]
};
// online_means.cu: of splats over the rows x [rows, dimension] of keys ...
Problem key_means(const float* x, std::size_t rows, const SplatForms& splats, const MeansOf& of);
// ... and of the rows that ask over splats.
Problem query_means(const float* x, std::size_t rows, const SplatForms& splats, const MeansOf& of);

// One mean of those of chunks, by their sums: joined_most, joined_sum [numbers], joined [numbers,
// columns].
Problem join_means(const float* most, const float* sum, const float* mean, std::size_t chunks,
                   std::size_t numbers, std::size_t columns, float* joined_most, double* joined_sum,
                   float* joined);

// best.cu: of each row of ell [rows, columns] the `wanted` largest ell + shift, ties to the lower
// column; most and sum of exp(ell + shift - most) over all columns where they are not null.
struct BestOf {
    std::uint32_t* column = nullptr;  // [rows, wanted], rising
    float* log_kernel = nullptr;      // [rows, wanted]
    float* most = nullptr;            // [rows]
    float* sum = nullptr;             // [rows]
};
Problem best_columns(const float* ell, std::size_t rows, std::size_t columns, const float* shift,
                     std::size_t wanted, const BestOf& best);

// cells.cu: out [rows, keys] = p [rows, columns] k^T with k [keys, columns].
Problem cells(const float* p, std::size_t rows, const float* k, std::size_t keys,
              std::size_t columns, float* out);

}  // namespace hsa::cuda
