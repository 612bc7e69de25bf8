#pragma once

#include "engine/fit/head.h"

#include <cstddef>
#include <cstdint>
#include <span>

namespace hsa_bench {

// Rows of local attention with a compressed rest, [rows.size(), n]: `window` tokens around the own
// one exactly, all others through the mean key of their chunk, one of `chunks` equal stretches, in
// one normaliser: a chunk weighs its tokens outside the window times exp(q . mean), shared equally
// by them. window + chunks columns a row.
[[nodiscard]] hsa::Matrix<float> window_chunk_rows(const hsa::Head& head,
                                                   std::span<const std::uint32_t> rows,
                                                   std::size_t window, std::size_t chunks);

}  // namespace hsa_bench
