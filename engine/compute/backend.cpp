#include "engine/compute/backend.h"

#include "engine/compute/cpu/cpu_backend.h"
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
        splats.beta.size() != k)
        fault("splats of different shapes were bound: {} centres, {} variances, {} betas", k,
              splats.variance.rows, splats.beta.size());
    if (!(splats.temperature > 0.0)) fault("the temperature {} is not positive", splats.temperature);
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

std::vector<double> Backend::log_mass(const BoundSplats& splats, MatrixView<const float> x,
                                      std::span<const float> log_row_weight, const Work& work) {
    if (!log_row_weight.empty() && log_row_weight.size() != x.rows)
        fault("{} row weights for {} rows", log_row_weight.size(), x.rows);
    return do_log_mass(splats, x, log_row_weight, work);
}

// Each chunk keeps its own maximum and sum; chunks are joined two by two in a fixed tree.
std::vector<double> Backend::do_log_mass(const BoundSplats& splats, MatrixView<const float> x,
                                         std::span<const float> log_row_weight, const Work& work) {
    const std::size_t k = splats.splats();
    constexpr double kNothing = -std::numeric_limits<double>::infinity();
    const std::size_t chunks = (x.rows + kChunkRows - 1) / kChunkRows;
    if (chunks == 0) return std::vector<double>(k, kNothing);
    Matrix<double> logs(chunks, k, kNothing);
    Matrix<float> ell(std::min(x.rows, kChunkRows), k);
    for (std::size_t chunk = 0; chunk < chunks; ++chunk) {
        work.check();
        const std::size_t begin = chunk * kChunkRows;
        const std::size_t end = std::min(x.rows, begin + kChunkRows);
        const MatrixView<float> block = ell.view().block(0, end - begin);
        do_log_kernel(splats, x.block(begin, end), block);
        std::vector<float> most(k, -std::numeric_limits<float>::infinity());
        for (std::size_t i = 0; i < block.rows; ++i) {
            const float add = log_row_weight.empty() ? 0.0F : log_row_weight[begin + i];
            for (std::size_t s = 0; s < k; ++s) {
                block(i, s) += add;
                most[s] = std::max(most[s], block(i, s));
            }
        }
        std::vector<double> sums(k, 0.0);
        for (std::size_t i = 0; i < block.rows; ++i) add_exp_shifted(block.row(i), most, sums);
        for (std::size_t s = 0; s < k; ++s)
            logs(chunk, s) = static_cast<double>(most[s]) + std::log(sums[s]);
    }
    for (std::size_t step = 1; step < chunks; step *= 2)
        for (std::size_t left = 0; left + step < chunks; left += 2 * step)
            for (std::size_t s = 0; s < k; ++s) {
                const double a = std::max(logs(left, s), logs(left + step, s));
                const double b = std::min(logs(left, s), logs(left + step, s));
                logs(left, s) = a == kNothing ? a : a + std::log1p(std::exp(b - a));
            }
    return {logs.row(0).begin(), logs.row(0).end()};
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
