#include "engine/compute/cpu/cpu_backend.h"

#include "engine/compute/cpu/cpu_splats.h"
#include "engine/compute/cpu/group_lanes.h"
#include "engine/compute/log_sums.h"
#include "engine/core/parallel.h"

#include <fmt/core.h>
#include <hwy/targets.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <thread>
#include <vector>

namespace hsa {
namespace {

// The buffers of one tile of tokens.
struct Tile {
    Matrix<float> turned;  // [d, tile] in the order of group_lanes.h
    Matrix<float> square;  // [tile]
    Matrix<float> ell;     // [group, tile]: one group at a time
    Matrix<float> scratch;

    explicit Tile(const CpuSplats& bound)
        : turned(std::max<std::size_t>(bound.dimension(), 1), kKernelTile),
          square(1, kKernelTile),
          ell(kGroupSplats, kKernelTile) {
        std::size_t most = 0;
        for (const SplatGroup& group : bound.groups()) most = std::max(most, scratch_rows(group));
        scratch = Matrix<float>(most, kKernelTile);
    }

    void turn(const CpuSplats& bound, MatrixView<const float> from) {
        turn_tile(from, bound.origin().data(), bound.scale(), turned.data(), square.data());
    }

    // The log kernels of a group at the tokens that were turned.
    void compute(const CpuSplats& bound, const SplatGroup& group, MatrixView<const float> from) {
        if (!group_log_kernel(group, turned.data(), square.data(), from.cols, from.rows,
                              scratch.data(), ell.data()))
            return;
        for (std::size_t s = 0; s < group.count; ++s)
            for (std::size_t i = 0; i < from.rows; ++i)
                if (std::isnan(ell(s, i)))
                    ell(s, i) = bound.log_kernel(from.row(i).data(), group.first + s);
    }
};

class CpuBackend : public Backend {
  private:
    [[nodiscard]] BackendInfo do_info() const override {
        BackendInfo info;
        info.name = "cpu";
        const unsigned cores = std::max(1U, std::thread::hardware_concurrency());
        info.device = fmt::format(
            "{}, {} thread{}", hwy::TargetName(hwy::SupportedTargets() & -hwy::SupportedTargets()),
            cores, cores == 1 ? "" : "s");
        info.memory_bytes = static_cast<std::uint64_t>(sysconf(_SC_PHYS_PAGES)) *
                            static_cast<std::uint64_t>(sysconf(_SC_PAGE_SIZE));
        return info;
    }

    [[nodiscard]] std::shared_ptr<const BoundSplats> do_bind(const SplatColumns& splats) override {
        return std::make_shared<CpuSplats>(splats);
    }

    static const float* weights_of(std::span<const float> log_row_weight, std::size_t tile) {
        return log_row_weight.empty() ? nullptr : &log_row_weight[tile * kKernelTile];
    }

    // Calls task(group, tile's buffers, rows, index of the tile) with the log kernels of every
    // group and tile. Buffers are made once a chunk.
    template <class Task>
    static void for_groups(const CpuSplats& bound, MatrixView<const float> x, const Task& task) {
        parallel_blocks(x.rows, kChunkRows, [&](std::size_t begin, std::size_t end) {
            Tile tile(bound);
            for (std::size_t first = begin; first < end; first += kKernelTile) {
                const auto from = x.block(first, std::min(end, first + kKernelTile));
                tile.turn(bound, from);
                for (const SplatGroup& group : bound.groups()) {
                    tile.compute(bound, group, from);
                    task(group, tile.ell.data(), from.rows, first / kKernelTile);
                }
            }
        });
    }

    void do_log_kernel(const BoundSplats& splats, MatrixView<const float> x,
                       MatrixView<float> out) override {
        for_groups(dynamic_cast<const CpuSplats&>(splats), x,
                   [&](const SplatGroup& group, const float* ell, std::size_t rows, std::size_t t) {
                       write_group(group.count, rows, ell, &out(t * kKernelTile, group.first),
                                   out.stride);
                   });
    }

    void do_tile_exponentials(const BoundSplats& splats, MatrixView<const float> x,
                              std::span<const float> log_row_weight, MatrixView<float> out,
                              MatrixView<float> most, MatrixView<double> sums) override {
        for_groups(dynamic_cast<const CpuSplats&>(splats), x,
                   [&](const SplatGroup& group, float* ell, std::size_t rows, std::size_t t) {
                       exp_of_group(group.count, rows, weights_of(log_row_weight, t), ell,
                                    &most(t, group.first), &sums(t, group.first));
                       write_group(group.count, rows, ell, &out(t * kKernelTile, group.first),
                                   out.stride);
                   });
    }

    std::vector<double> do_log_mass(const BoundSplats& splats, MatrixView<const float> x,
                                    std::span<const float> log_row_weight,
                                    const Work& work) override {
        const std::size_t tiles = (x.rows + kKernelTile - 1) / kKernelTile;
        Matrix<float> most(tiles, splats.splats());
        Matrix<double> sums(tiles, splats.splats());
        for_groups(dynamic_cast<const CpuSplats&>(splats), x,
                   [&](const SplatGroup& group, float* ell, std::size_t rows, std::size_t t) {
                       work.check();
                       exp_of_group(group.count, rows, weights_of(log_row_weight, t), ell,
                                    &most(t, group.first), &sums(t, group.first));
                   });
        return join_tiles(most, sums).logs();
    }
};

}  // namespace

std::unique_ptr<Backend> make_cpu_backend() { return std::make_unique<CpuBackend>(); }

}  // namespace hsa
