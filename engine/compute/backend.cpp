#include "engine/compute/backend.h"

#include "engine/compute/cpu/cpu_backend.h"
#include "engine/compute/log_sums.h"
#include "engine/core/error.h"
#include "engine/core/exponential.h"
#include "engine/core/parallel.h"
#include "engine/core/products.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

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

KeySums Backend::key_sums(const BoundSplats& splats, MatrixView<const float> x,
                          std::span<const float> log_row_weight, MatrixView<const float> values,
                          const Work& work) {
    if ((!log_row_weight.empty() && log_row_weight.size() != x.rows) ||
        x.cols != splats.dimension() || values.rows != x.rows)
        fault("sums over {} x {} keys with {} x {} values, {} row weights and splats of {}", x.rows,
              x.cols, values.rows, values.cols, log_row_weight.size(), splats.dimension());
    return do_key_sums(splats, x, log_row_weight, values, work);
}

std::vector<std::uint32_t> Backend::outputs(std::span<const QueryColumns> parts,
                                            MatrixView<float> out, const Work& work) {
    for (const QueryColumns& part : parts) {
        const std::size_t k = part.splats ? part.splats->splats() : 1;
        if (part.shift.size() != k || part.means.rows != k || part.means.cols != out.cols ||
            (part.splats && (part.x.rows != out.rows || part.x.cols != part.splats->dimension())))
            fault("outputs of {} x {} from {} splats with {} shifts and {} x {} means", out.rows,
                  out.cols, k, part.shift.size(), part.means.rows, part.means.cols);
    }
    if (out.rows == 0) return {};
    return do_outputs(parts, out, work);
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

KeySums Backend::do_key_sums(const BoundSplats& splats, MatrixView<const float> x,
                             std::span<const float> log_row_weight, MatrixView<const float> values,
                             const Work& work) {
    const std::size_t k = splats.splats();
    Matrix<float> ell(kChunkRows, k);
    Matrix<float> product(k, values.cols);
    return sum_over_keys(
        x.rows, k, values.cols, [&](std::size_t begin, std::size_t end, std::span<KeySums> out) {
            for (KeySums& sums : out) {
                work.check();
                const std::size_t last = std::min(end, begin + kChunkRows);
                const auto block = ell.view().block(0, last - begin);
                do_log_kernel(splats, x.block(begin, last), block);
                sums = KeySums(k, values.cols);
                for (std::size_t i = 0; i < block.rows; ++i) {
                    const float add = log_row_weight.empty() ? 0.0F : log_row_weight[begin + i];
                    for (std::size_t s = 0; s < k; ++s) {
                        block(i, s) += add;
                        sums.mass.most[s] = std::max(sums.mass.most[s], block(i, s));
                    }
                }
                for (std::size_t i = 0; i < block.rows; ++i) {
                    exp_shifted(block.row(i), sums.mass.most);
                    for (std::size_t s = 0; s < k; ++s)
                        sums.mass.sum[s] += static_cast<double>(block(i, s));
                }
                // Shares of the sums first: products of large values stay in their range.
                for (std::size_t i = 0; i < block.rows; ++i)
                    for (std::size_t s = 0; s < k; ++s)
                        block(i, s) =
                            static_cast<float>(static_cast<double>(block(i, s)) / sums.mass.sum[s]);
                transposed_multiply(MatrixView<const float>(block), values.block(begin, last),
                                    product.view());
                for (std::size_t s = 0; s < k; ++s)
                    for (std::size_t c = 0; c < values.cols; ++c)
                        sums.values(s, c) = static_cast<double>(product(s, c)) * sums.mass.sum[s];
                begin = last;
            }
        });
}

std::vector<std::uint32_t> Backend::do_outputs(std::span<const QueryColumns> parts,
                                               MatrixView<float> out, const Work& work) {
    std::size_t k = 0;
    for (const QueryColumns& part : parts) k += part.shift.size();
    std::vector<std::uint32_t> far;
    Matrix<float> p(kChunkRows, k);
    Matrix<float> means(k, out.cols);
    for (std::size_t begin = 0; begin < out.rows; begin += kChunkRows) {
        work.check();
        const std::size_t end = std::min(out.rows, begin + kChunkRows);
        std::size_t first = 0;
        for (const QueryColumns& part : parts) {
            const std::size_t width = part.shift.size();
            const MatrixView<float> ell{p.data() + first, end - begin, width, k};
            if (part.splats) do_log_kernel(*part.splats, part.x.block(begin, end), ell);
            for (std::size_t i = 0; i < ell.rows; ++i)
                for (std::size_t s = 0; s < width; ++s)
                    ell(i, s) = (part.splats ? ell(i, s) : 0.0F) + part.shift[s];
            for (std::size_t s = 0; s < width; ++s)
                std::copy_n(part.means.row(s).begin(), out.cols, means.row(first + s).begin());
            first += width;
        }
        for (std::size_t i = begin; i < end; ++i) {
            const std::span<float> row = p.row(i - begin);
            if (!(*std::max_element(row.begin(), row.end()) >= kFarLogit))
                far.push_back(static_cast<std::uint32_t>(i));
            softmax(row);
        }
        multiply(std::as_const(p).view().block(0, end - begin), means.view(),
                 out.block(begin, end));
    }
    return far;
}

std::vector<BackendEntry> backends() {
    return {{"cpu", [](bool) { return make_cpu_backend(); }}};
}

std::unique_ptr<Backend> make_backend(const std::string& name, std::vector<std::string>& notes,
                                      std::span<const BackendEntry> offered) {
    std::vector<BackendEntry> all(offered.begin(), offered.end());
    for (const BackendEntry& entry : backends()) all.push_back(entry);
    std::string known;
    for (const BackendEntry& entry : all) {
        known += (known.empty() ? "" : ", ") + entry.name;
        if (name != "auto" && name != entry.name) continue;
        try {
            return entry.make(name == entry.name);
        } catch (const Error& reason) {
            if (name != "auto") throw;
            notes.push_back(fmt::format("{} was passed over: {}", entry.name, reason.what()));
        }
    }
    fail("There is no backend '{}' in this build: it has {}, or auto.", name, known);
}

}  // namespace hsa
