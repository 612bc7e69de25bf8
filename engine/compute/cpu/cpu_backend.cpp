#include "engine/compute/cpu/cpu_backend.h"

#include "engine/compute/cpu/cpu_splats.h"
#include "engine/compute/cpu/tile_lanes.h"
#include "engine/compute/formulas.h"
#include "engine/compute/log_sums.h"
#include "engine/core/parallel.h"

#include <Eigen/Core>
#include <fmt/core.h>
#include <hwy/targets.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <thread>
#include <vector>

namespace hsa {
namespace {

using RowMajor = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

// Products are formed for a multiple of this many rows (the last ones zero): Eigen then treats
// every row alike, and a token's row has the same bits wherever it stands in its tile.
constexpr std::size_t kRowsOfProduct = 8;

std::size_t round_up(std::size_t count, std::size_t to) { return (count + to - 1) / to * to; }

// The buffers of one tile; log kernels are left in ell [rows, stride].
struct Tile {
    TileShape shape;
    RowMajor x;                         // [rows, d], relative to the origin, scaled
    RowMajor ell;                       // [rows, stride]
    RowMajor half_square;               // [rows, stride], diagonal splats only
    std::vector<float> square;          // [rows]
    std::vector<std::uint8_t> flagged;  // [rows]

    explicit Tile(const CpuSplats& bound) {
        const auto rows = static_cast<Eigen::Index>(kKernelTile);
        shape.splats = bound.splats();
        shape.stride = bound.stride();
        x.setZero(rows, static_cast<Eigen::Index>(bound.dimension()));
        ell.setZero(rows, static_cast<Eigen::Index>(shape.stride));
        if (!bound.spherical()) half_square.setZero(rows, static_cast<Eigen::Index>(shape.stride));
        square.assign(kKernelTile, 0.0F);
        flagged.assign(kKernelTile, 0);
    }

    void compute(const CpuSplats& bound, MatrixView<const float> from) {
        shape.rows = from.rows;
        const auto k = static_cast<Eigen::Index>(shape.splats);
        const auto used = static_cast<Eigen::Index>(round_up(from.rows, kRowsOfProduct));
        for (std::size_t i = 0; i < from.rows; ++i)
            square[i] = centre_row(from.row(i).data(), bound.origin().data(), bound.scale(),
                                   bound.dimension(), x.row(static_cast<Eigen::Index>(i)).data());
        for (auto i = static_cast<Eigen::Index>(from.rows); i < used; ++i) x.row(i).setZero();
        ell.topLeftCorner(used, k).noalias() = x.topRows(used) * map(bound.linear());
        SquareTerms terms;
        terms.offset = bound.offset().data();
        if (bound.spherical()) {
            terms.half_precision = bound.half_precision().data();
            terms.square = square.data();
        } else {
            x.topRows(used) = x.topRows(used).cwiseAbs2().eval();
            half_square.topLeftCorner(used, k).noalias() = x.topRows(used) * map(bound.quadratic());
            terms.half_square = half_square.data();
        }
        finish_log_kernel(shape, terms, ell.data(), flagged.data());
        for (std::size_t i = 0; i < from.rows; ++i)
            if (flagged[i] != 0) from_differences(bound, from.row(i).data(), i);
    }

    static Eigen::Map<const RowMajor> map(const Matrix<float>& m) {
        return {m.data(), static_cast<Eigen::Index>(m.rows()), static_cast<Eigen::Index>(m.cols())};
    }

    void from_differences(const CpuSplats& bound, const float* token, std::size_t i) {
        float* row = ell.data() + i * shape.stride;
        for (std::size_t s = 0; s < shape.splats; ++s)
            if (std::isnan(row[s])) row[s] = bound.log_kernel(token, s);
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

    // Calls task(tile, index) with the log kernels of every tile. Buffers are made once a chunk.
    template <class Task>
    static void for_tiles(const CpuSplats& bound, MatrixView<const float> x, const Task& task) {
        parallel_blocks(x.rows, kChunkRows, [&](std::size_t begin, std::size_t end) {
            Tile tile(bound);
            for (std::size_t first = begin; first < end; first += kKernelTile) {
                tile.compute(bound, x.block(first, std::min(end, first + kKernelTile)));
                task(tile, first / kKernelTile);
            }
        });
    }

    void do_log_kernel(const BoundSplats& splats, MatrixView<const float> x,
                       MatrixView<float> out) override {
        for_tiles(dynamic_cast<const CpuSplats&>(splats), x, [&](const Tile& tile, std::size_t t) {
            for (std::size_t i = 0; i < tile.shape.rows; ++i)
                std::copy_n(tile.ell.data() + i * tile.shape.stride, tile.shape.splats,
                            out.row(t * kKernelTile + i).begin());
        });
    }

    void do_tile_exponentials(const BoundSplats& splats, MatrixView<const float> x,
                              MatrixView<float> out, MatrixView<float> most,
                              MatrixView<double> sums) override {
        for_tiles(dynamic_cast<const CpuSplats&>(splats), x, [&](const Tile& tile, std::size_t t) {
            exp_of_tile(tile.shape, tile.ell.data(), nullptr, most.row(t).data(),
                        sums.row(t).data(), out.row(t * kKernelTile).data(), out.stride);
        });
    }

    std::vector<double> do_log_mass(const BoundSplats& splats, MatrixView<const float> x,
                                    std::span<const float> log_row_weight,
                                    const Work& work) override {
        const std::size_t tiles = (x.rows + kKernelTile - 1) / kKernelTile;
        Matrix<float> most(tiles, splats.splats());
        Matrix<double> sums(tiles, splats.splats());
        for_tiles(dynamic_cast<const CpuSplats&>(splats), x, [&](const Tile& tile, std::size_t t) {
            work.check();
            const float* add = log_row_weight.empty() ? nullptr : &log_row_weight[t * kKernelTile];
            exp_of_tile(tile.shape, tile.ell.data(), add, most.row(t).data(), sums.row(t).data(),
                        nullptr, 0);
        });
        return join_tiles(most, sums).logs();
    }
};

}  // namespace

std::unique_ptr<Backend> make_cpu_backend() { return std::make_unique<CpuBackend>(); }

}  // namespace hsa
