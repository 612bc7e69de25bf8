#include "engine/compute/backend.h"

#include "engine/compute/cpu/cpu_backend.h"
#include "engine/compute/log_sums.h"
#include "engine/core/error.h"
#include "engine/core/exponential.h"
#include "engine/core/parallel.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace hsa {

std::shared_ptr<const BoundSplats> Backend::bind(const SplatColumns& splats) {
    const std::size_t k = splats.centre.rows;
    if (splats.variance.rows != k || splats.variance.cols != splats.centre.cols ||
        splats.beta.size() != k || splats.kind.size() != k || splats.shape.size() != k)
        fault("splats of different shapes were bound: {} centres, {} variances, {} betas", k,
              splats.variance.rows, splats.beta.size());
    if (!(splats.temperature > 0.0))
        fault("the temperature {} is not positive", splats.temperature);
    return do_bind(splats);
}

void Backend::log_kernel(const BoundSplats& splats, MatrixView<const float> x,
                         MatrixView<float> out) {
    if (x.cols != splats.dimension() || out.rows != x.rows || out.cols != splats.splats())
        fault("log kernel of {} x {} rows with splats of {} dimensions", x.rows, x.cols,
              splats.dimension());
    if (out.empty()) return;
    do_log_kernel(splats, x, out);
}

void Backend::tile_exponentials(const BoundSplats& splats, MatrixView<const float> x,
                                std::span<const float> log_row_weight, MatrixView<float> out,
                                MatrixView<float> most, MatrixView<double> sums) {
    const std::size_t tiles = (x.rows + kKernelTile - 1) / kKernelTile;
    const std::size_t k = splats.splats();
    if (x.cols != splats.dimension() || out.rows != x.rows || out.cols != k || most.rows != tiles ||
        most.cols != k || sums.rows != tiles || sums.cols != k)
        fault("exponentials of {} x {} rows with {} splats of {} dimensions into {} tiles", x.rows,
              x.cols, k, splats.dimension(), most.rows);
    if (!log_row_weight.empty() && log_row_weight.size() != x.rows)
        fault("{} row weights for {} rows", log_row_weight.size(), x.rows);
    if (out.empty()) return;
    do_tile_exponentials(splats, x, log_row_weight, out, most, sums);
}

std::vector<double> Backend::log_mass(const BoundSplats& splats, MatrixView<const float> x,
                                      std::span<const float> log_row_weight, const Work& work) {
    if (!log_row_weight.empty() && log_row_weight.size() != x.rows)
        fault("{} row weights for {} rows", log_row_weight.size(), x.rows);
    if (x.cols != splats.dimension())
        fault("log mass of rows of {} dimensions with splats of {}", x.cols, splats.dimension());
    return do_log_mass(splats, x, log_row_weight, work);
}

void Backend::do_tile_exponentials(const BoundSplats& splats, MatrixView<const float> x,
                                   std::span<const float> log_row_weight, MatrixView<float> out,
                                   MatrixView<float> most, MatrixView<double> sums) {
    do_log_kernel(splats, x, out);
    parallel_for(most.rows, [&](std::size_t t) {
        const auto ell = out.block(t * kKernelTile, std::min(x.rows, (t + 1) * kKernelTile));
        for (std::size_t i = 0; i < ell.rows && !log_row_weight.empty(); ++i)
            for (float& value : ell.row(i)) value += log_row_weight[t * kKernelTile + i];
        const std::span<float> greatest = most.row(t);
        std::copy_n(ell.row(0).begin(), ell.cols, greatest.begin());
        for (std::size_t i = 1; i < ell.rows; ++i)
            for (std::size_t s = 0; s < ell.cols; ++s)
                greatest[s] = std::max(greatest[s], ell(i, s));
        std::fill(sums.row(t).begin(), sums.row(t).end(), 0.0);
        for (std::size_t i = 0; i < ell.rows; ++i) {
            exp_shifted(ell.row(i), greatest);
            for (std::size_t s = 0; s < ell.cols; ++s) sums(t, s) += static_cast<double>(ell(i, s));
        }
    });
}

// Tile by tile in the order of the rows, joined in the same fixed tree as everywhere.
std::vector<double> Backend::do_log_mass(const BoundSplats& splats, MatrixView<const float> x,
                                         std::span<const float> log_row_weight, const Work& work) {
    const std::size_t k = splats.splats();
    const std::size_t tiles = (x.rows + kKernelTile - 1) / kKernelTile;
    Matrix<float> most(tiles, k, -std::numeric_limits<float>::max());
    Matrix<double> sums(tiles, k, 0.0);
    Matrix<float> ell(kKernelTile, k);
    for (std::size_t t = 0; t < tiles; ++t) {
        work.check();
        const std::size_t begin = t * kKernelTile;
        const auto block = ell.view().block(0, std::min(x.rows - begin, kKernelTile));
        do_log_kernel(splats, x.block(begin, begin + block.rows), block);
        for (std::size_t i = 0; i < block.rows; ++i) {
            const float add = log_row_weight.empty() ? 0.0F : log_row_weight[begin + i];
            for (std::size_t s = 0; s < k; ++s) {
                block(i, s) += add;
                most(t, s) = std::max(most(t, s), block(i, s));
            }
        }
        for (std::size_t i = 0; i < block.rows; ++i)
            add_exp_shifted(block.row(i), most.row(t), sums.row(t));
    }
    return join_tiles(most, sums).logs();
}

std::vector<BackendEntry> backends() { return {{"cpu", make_cpu_backend}}; }

std::unique_ptr<Backend> make_backend(const std::string& name, std::vector<std::string>& notes) {
    std::string known;
    for (const BackendEntry& entry : backends()) {
        known += (known.empty() ? "" : ", ") + entry.name;
        if (name != "auto" && name != entry.name) continue;
        try {
            return entry.make();
        } catch (const Error& reason) {
            if (name != "auto") throw;
            notes.push_back(fmt::format("{} was passed over: {}", entry.name, reason.what()));
        }
    }
    fail("There is no backend '{}' in this build: it has {}, or auto.", name, known);
}

}  // namespace hsa
