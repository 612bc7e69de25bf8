#include "engine/attention/causal_picture.h"

#include "engine/attention/causal_factors.h"
#include "engine/attention/rectangles.h"
#include "engine/attention/sums.h"
#include "engine/compute/backend.h"
#include "engine/core/parallel.h"

#include <algorithm>

namespace hsa {
namespace {

constexpr std::size_t kPixelRows = 64;  // rows of pixels a task

// Sums of the factor's rows over the tokens of each pixel that are in `within`, over all tokens of
// the pixel: [pixels, columns].
Matrix<float> means_within(const FactorMatrix& factor, const Matrix<double>& prefix,
                           const std::vector<std::size_t>& edges, Range within,
                           const std::vector<std::size_t>& columns) {
    const std::size_t pixels = edges.size() - 1;
    Matrix<float> means(pixels, columns.size());
    parallel_blocks(pixels, kPixelRows, [&](std::size_t begin, std::size_t end) {
        std::vector<double> sums(factor.cols());
        for (std::size_t pixel = begin; pixel < end; ++pixel) {
            const Range tokens{std::max(edges[pixel], within.begin),
                               std::min(edges[pixel + 1], within.end)};
            if (tokens.empty()) continue;
            range_sum(factor, prefix, tokens, sums);
            const auto count = static_cast<double>(edges[pixel + 1] - edges[pixel]);
            for (std::size_t c = 0; c < columns.size(); ++c)
                means(pixel, c) = static_cast<float>(sums[columns[c]] / count);
        }
    });
    return means;
}

// Pixels some of whose cells are seen and some are not, exactly; those in the future are zero.
void mend_diagonal(const Factors& factors, const TileSums& sums,
                   const std::vector<std::size_t>& columns, Picture& picture, const Work& work) {
    const std::vector<std::size_t>& down = picture.row_edges;
    const std::vector<std::size_t>& across = picture.column_edges;
    parallel_for(picture.mean.rows(), [&](std::size_t r) {
        if (leave_out(picture, r, r + 1, work)) return;
        const Range rows{down[r], down[r + 1]};
        std::vector<double> parts(factors.columns());
        for (std::size_t c = 0; c < picture.mean.cols(); ++c) {
            const Range tokens{across[c], across[c + 1]};
            if (tokens.end <= rows.begin + 1) continue;  // every row sees the whole pixel
            if (tokens.begin >= rows.end) {
                picture.mean(r, c) = 0.0F;
                continue;
            }
            causal_block_sums(factors, sums, rows, tokens, parts);
            double sum = 0.0;
            for (const std::size_t column : columns) sum += parts[column];
            picture.mean(r, c) = static_cast<float>(
                sum / (static_cast<double>(rows.size()) * static_cast<double>(tokens.size())));
        }
    });
}

}  // namespace

void causal_picture(const Factors& factors, const TileSums& sums,
                    const std::vector<std::size_t>& columns, Picture& picture, const Work& work,
                    Backend* backend) {
    const std::vector<CausalSegment>& segments = factors.causal->segments;
    std::fill_n(picture.mean.data(), picture.mean.size(), 0.0F);
    Matrix<float> product(picture.mean.rows(), picture.mean.cols());
    for (std::size_t index = 0; index < segments.size(); ++index) {
        work.check();
        const CausalSegment& segment = segments[index];
        const Matrix<double>& prefix =
            index + 1 == segments.size() ? sums.k : sums.segment_k[index];
        const Range seen{0, segment.rows.end};
        const FactorMatrix& keys = factors.keys_of(segment);
        if (!rectangles_on_card(
                backend, sums.owner,
                {&factors.causal->weight, &sums.p, &picture.row_edges, segment.rows},
                {&keys, &prefix, &picture.column_edges, seen}, columns, product.view(), work)) {
            const Matrix<float> weight = means_within(factors.causal->weight, sums.p,
                                                      picture.row_edges, segment.rows, columns);
            const Matrix<float> k = means_within(keys, prefix, picture.column_edges, seen, columns);
            // Rows that time leaves out are left out when the diagonal is mended.
            const Work whole{work.stop, {}};
            if (backend != nullptr) backend->cells(weight.view(), k.view(), product.view(), whole);
            else cells_on_cpu(weight.view(), k.view(), product.view(), whole);
        }
        for (std::size_t e = 0; e < product.size(); ++e)
            picture.mean.data()[e] += product.data()[e];
    }
    work.check();
    mend_diagonal(factors, sums, columns, picture, work);
}

}  // namespace hsa
