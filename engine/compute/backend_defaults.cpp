// What a backend does where it has nothing better: on its log kernel, and on the CPU.
#include "engine/compute/backend.h"
#include "engine/compute/log_sums.h"
#include "engine/compute/selection_lanes.h"
#include "engine/core/exponential.h"
#include "engine/core/parallel.h"
#include "engine/core/products.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

namespace hsa {
namespace {

constexpr std::size_t kScoredAtOnce = 4 * kChunkRows;  // rows of log kernels that are held
constexpr std::size_t kCellRows = 64;                  // rows of cells a task

// ell of a part into its columns of rows of scores.
void write_scores(const ScoredColumns& part, MatrixView<const float> ell, MatrixView<float> out) {
    for (std::size_t i = 0; i < ell.rows; ++i)
        for (std::size_t s = 0; s < ell.cols; ++s) out(i, part.column[s]) = ell(i, s);
}

// What one thread needs to look at a row.
struct ScoredRow {
    std::vector<float> scores;  // [k], filled up
    SelectionScratch scratch;

    explicit ScoredRow(std::size_t splats)
        : scores(splats + kScoreWord, -std::numeric_limits<float>::infinity()), scratch(splats) {}
};

}  // namespace

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

void Backend::do_best_splats(std::span<const ScoredColumns> parts, std::span<const float> shift,
                             const BestColumns& out, const Work& work) {
    const std::size_t n = out.column.rows;
    const std::size_t k = shift.size();
    // Rows a power of two apart would share a few lines of the caches.
    Matrix<float> memory = Matrix<float>::unwritten(std::min(n, kScoredAtOnce), k + kRowFloats);
    for (std::size_t begin = 0; begin < n; begin += kScoredAtOnce) {
        work.check();
        const std::size_t rows = std::min(n - begin, kScoredAtOnce);
        const MatrixView<float> ell(memory.data(), rows, k, memory.cols());
        for (const ScoredColumns& part : parts) {
            const std::size_t width = part.column.size();
            if (width == 0) continue;
            const auto x = part.x.block(begin, begin + rows);
            const std::size_t first = part.column.front();
            if (part.column.back() - first + 1 == width) {  // side by side: written in place
                do_log_kernel(*part.splats, x, {ell.data + first, rows, width, ell.stride});
                continue;
            }
            Matrix<float> own(rows, width);
            do_log_kernel(*part.splats, x, own.view());
            write_scores(part, std::as_const(own).view(), ell);
        }
        parallel_blocks(rows, kKernelTile, [&](std::size_t from, std::size_t to) {
            ScoredRow row(k);
            const std::span<float> scores = std::span(row.scores).first(k);
            for (std::size_t i = from; i < to; ++i) {
                const std::span<std::uint32_t> best = out.column.row(begin + i);
                add_elements(ell.row(i), shift, scores);
                largest_scores(scores, row.scratch, best);
                if (!out.log_total.empty()) out.log_total[begin + i] = log_sum_exp(scores);
                const std::span<float> kept = out.log_kernel.row(begin + i);
                for (std::size_t b = 0; b < best.size(); ++b) kept[b] = ell(i, best[b]);
            }
        });
    }
}

void Backend::do_cells(MatrixView<const float> p, MatrixView<const float> k, MatrixView<float> out,
                       const Work& work) {
    cells_on_cpu(p, k, out, work);
}

void cells_on_cpu(MatrixView<const float> p, MatrixView<const float> k, MatrixView<float> out,
                  const Work& work) {
    parallel_blocks(out.rows, kCellRows, [&](std::size_t begin, std::size_t end) {
        const auto rows = out.block(begin, end);
        if (begin > 0 && work.late()) {
            for (std::size_t i = 0; i < rows.rows; ++i)
                std::fill(rows.row(i).begin(), rows.row(i).end(),
                          std::numeric_limits<float>::quiet_NaN());
            return;
        }
        multiply_transposed(p.block(begin, end), k, rows);
    });
}

}  // namespace hsa
