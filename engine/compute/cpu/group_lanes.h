#pragma once

#include "engine/compute/cpu/splat_group.h"

#include <cstddef>

namespace hsa {

// Inner loops of the CPU backend over one tile of kKernelTile tokens, for the widest instructions
// of the machine. A lane is a token, so that any number of splats fills the vectors; a token's
// numbers do not depend on its place in the tile.

// Turns `rows` tokens [rows, d] of a tile into axes of tokens, relative to the origin and scaled:
// `turned` holds kKernelTile x d numbers in an order that only group_log_kernel knows, square
// [tile] the sums of squares. Missing rows are zero.
void turn_tile(MatrixView<const float> from, const float* origin, float scale, float* turned,
               float* square);

// Rows of kKernelTile numbers that group_log_kernel needs as scratch memory for a group.
[[nodiscard]] std::size_t scratch_rows(const SplatGroup& group);

// ell [count, kKernelTile]: the log kernels of a group at the first `rows` tokens of a turned tile.
// Where float32 has too few digits left the entry is NaN: the caller computes it from differences.
// Returns whether there is such an entry.
bool group_log_kernel(const SplatGroup& group, const float* turned, const float* square,
                      std::size_t d, std::size_t rows, float* scratch, float* ell);

// From ell [count, kKernelTile] of `rows` tokens: most[s] = max_i (ell[s,i] + add[i]), sums[s] =
// sum_i exp(ell[s,i] + add[i] - most[s]) in float64; the exponentials replace ell. add (null:
// zeros) has `rows` elements.
void exp_of_group(std::size_t count, std::size_t rows, const float* add, float* ell, float* most,
                  double* sums);

// out[i, s] = from[s, i] for `rows` tokens: from is [count, kKernelTile].
void write_group(std::size_t count, std::size_t rows, const float* from, float* out,
                 std::size_t out_stride);

}  // namespace hsa
