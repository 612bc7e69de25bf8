#pragma once

#include <cstddef>
#include <cstdint>

namespace hsa {

// Inner loops of the CPU backend over one tile of tokens, for the widest instructions of the
// machine. Rows of a tile are tokens, columns splats. Buffers of a tile have a stride of a multiple
// of kTileLanes elements, so that a vector never reaches beyond its row.
inline constexpr std::size_t kTileLanes = 64;

struct TileShape {
    std::size_t rows = 0;
    std::size_t splats = 0;
    std::size_t stride = 0;
};

// to[a] = (from[a] - origin[a]) * scale; returns sum_a to[a]^2, in an order that does not depend on
// where the row lies in memory.
float centre_row(const float* from, const float* origin, float scale, std::size_t d, float* to);

// Terms of the expanded square (maths.md 1): half_square is either a buffer [rows, stride] or, when
// that is null, half_precision[s] * square[i].
struct SquareTerms {
    const float* half_square = nullptr;
    const float* half_precision = nullptr;  // [stride]
    const float* square = nullptr;          // [rows]
    const float* offset = nullptr;          // [stride], <= 0
};

// ell: the products x . (lambda mu) on entry, log kernels on return. Where the terms cancel so far
// that float32 has too few digits left, the entry becomes NaN and flagged[i] is set: the caller
// computes it from differences.
void finish_log_kernel(const TileShape& shape, const SquareTerms& terms, float* ell,
                       std::uint8_t* flagged);

// most[s] = max_i (ell[i,s] + add[i]), out[i,s] = exp(ell[i,s] + add[i] - most[s]), sums[s] = sum_i
// out, in float64. add (null: zeros) is [rows]; out (null: not wanted) has its own stride; it may
// be ell.
void exp_of_tile(const TileShape& shape, const float* ell, const float* add, float* most,
                 double* sums, float* out, std::size_t out_stride);

}  // namespace hsa
