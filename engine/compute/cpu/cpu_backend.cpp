#include "engine/compute/cpu/cpu_backend.h"

#include "engine/compute/cpu/cpu_forward.h"
#include "engine/compute/cpu/cpu_splats.h"
#include "engine/compute/cpu/cpu_tile.h"
#include "engine/compute/cpu/group_lanes.h"
#include "engine/compute/cpu/whitenings.h"
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

constexpr std::size_t kKeptWhitenings = std::size_t{256} << 20U;  // bytes

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
        return std::make_shared<CpuSplats>(splats, whitenings_.of(splats));
    }

    static const float* weights_of(std::span<const float> log_row_weight, std::size_t tile) {
        return log_row_weight.empty() ? nullptr : &log_row_weight[tile * kKernelTile];
    }

    // Calls task(group, tile's buffers, rows, index of the tile) with the log kernels of every
    // group and tile. Buffers are made once a chunk.
    template <class Task>
    static void for_groups(const CpuSplats& bound, MatrixView<const float> x, const Task& task) {
        parallel_blocks(x.rows, kChunkRows, [&](std::size_t begin, std::size_t end) {
            CpuTile tile(bound);
            Matrix<float> ell(kGroupSplats, kKernelTile);
            for (std::size_t first = begin; first < end; first += kKernelTile) {
                const auto from = x.block(first, std::min(end, first + kKernelTile));
                tile.turn(bound, from);
                for (const SplatGroup& group : bound.groups()) {
                    tile.compute(bound, {&group, 1}, from, ell.data());
                    task(group, ell.data(), from.rows, first / kKernelTile);
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

    KeySums do_key_sums(const BoundSplats& splats, MatrixView<const float> x,
                        std::span<const float> log_row_weight, MatrixView<const float> values,
                        const Work& work) override {
        return cpu_key_sums(dynamic_cast<const CpuSplats&>(splats), x, log_row_weight, values,
                            work);
    }

    std::vector<std::uint32_t> do_outputs(std::span<const QueryColumns> parts,
                                          MatrixView<float> out, const Work& work) override {
        return cpu_outputs(parts, out, work);
    }

    Whitenings whitenings_{kKeptWhitenings};
};

}  // namespace

std::unique_ptr<Backend> make_cpu_backend() { return std::make_unique<CpuBackend>(); }

}  // namespace hsa
