#pragma once

#include "engine/attention/factors.h"

#include <span>

namespace hsa {

// Turns the factors of all tokens into causal ones: P of row i from the c_s of tokens 0 .. i, and
// the weights that A is formed with (maths.md 2 "causal"). For any row, causal A is the plain row
// up to its own token divided by its sum, so both follow from the plain factors in O(n c). Rows
// whose plain attention lies so far in the future that single precision kept nothing of the rest
// are formed anew from the tokens before them: those are segments of their own. Rows before the
// first token that is not masked are zero. Applies options.splats_per_token to the causal P.
void make_causal(Backend& backend, const SplatRegistry& registry, const Coordinates& coordinates,
                 const FactorOptions& options, Factors& factors, const Work& work);

// out[c] = sum over i in rows, j in columns, j <= i of weight_is k_js, in float64: whole tiles from
// the stored sums, so any block costs O((rows of the block on the diagonal / 64 + 128) c).
void causal_block_sums(const Factors& factors, const TileSums& sums, Range rows, Range columns,
                       std::span<double> out);

// What tile_sums adds for causal factors.
void add_causal_sums(const Factors& factors, TileSums& sums, const Work& work);

}  // namespace hsa
