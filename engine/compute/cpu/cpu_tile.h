#pragma once

#include "engine/compute/cpu/cpu_splats.h"
#include "engine/compute/cpu/group_lanes.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>

namespace hsa {

// A tile of tokens as the products take it.
struct CpuTile {
    Matrix<float> turned;  // [d, tile] in the order of group_lanes.h
    Matrix<float> square;  // [tile]
    Matrix<float> scratch;

    explicit CpuTile(const CpuSplats& bound)
        : turned(std::max<std::size_t>(bound.dimension(), 1), kKernelTile), square(1, kKernelTile) {
        std::size_t most = 0;
        for (const SplatGroup& group : bound.groups()) most = std::max(most, scratch_rows(group));
        scratch = Matrix<float>(most, kKernelTile);
    }

    void turn(const CpuSplats& bound, MatrixView<const float> from) {
        turn_tile(from, bound.origin().data(), bound.scale(), turned.data(), square.data());
    }

    // The log kernels of neighbouring groups at the tokens that were turned: ell [splats, tile],
    // with kGroupSplats more rows behind them that may change. Part by part of the tile, so that it
    // stays in the nearest cache from group to group.
    void compute(const CpuSplats& bound, std::span<const SplatGroup> groups,
                 MatrixView<const float> from, float* ell) {
        for (std::size_t first = 0; first < from.rows; first += kPart) {
            const auto part = from.block(first, std::min(from.rows, first + kPart));
            float* to = ell + first;
            for (const SplatGroup& group : groups) {
                compute_part(bound, group, part, first, to);
                to += group.count * kKernelTile;
            }
        }
    }

  private:
    static constexpr std::size_t kPart = 64;  // tokens

    void compute_part(const CpuSplats& bound, const SplatGroup& group, MatrixView<const float> from,
                      std::size_t first, float* ell) {
        if (!group_log_kernel(group, turned.data() + first * from.cols, square.data() + first,
                              from.cols, from.rows, scratch.data(), ell))
            return;
        for (std::size_t s = 0; s < group.count; ++s, ell += kKernelTile)
            for (std::size_t i = 0; i < from.rows; ++i)
                if (std::isnan(ell[i]))
                    ell[i] = bound.log_kernel(from.row(i).data(), group.first + s);
    }
};

}  // namespace hsa
