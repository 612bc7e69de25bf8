#include "engine/attention/bound_picture.h"

#include "engine/core/parallel.h"
#include "engine/core/products.h"

#include <algorithm>
#include <span>

namespace hsa {
namespace {

constexpr std::size_t kPixelRows = 64;  // rows of pixels a task

// The largest of the factor's rows in each pixel, of some columns: [pixels, columns]. Only tokens
// in `within` count; a pixel without any has zeros.
Matrix<float> pixel_most(const FactorMatrix& factor, Range within,
                         const std::vector<std::size_t>& edges,
                         const std::vector<std::size_t>& columns) {
    Matrix<float> most(edges.size() - 1, columns.size());
    parallel_for(most.rows(), [&](std::size_t pixel) {
        const std::span<float> out = most.row(pixel);
        const std::size_t end = std::min(edges[pixel + 1], within.end);
        for (std::size_t i = std::max(edges[pixel], within.begin); i < end; ++i) {
            const FactorRow row = factor.row(i);
            for (std::size_t c = 0; c < out.size(); ++c) out[c] = std::max(out[c], row[columns[c]]);
        }
    });
    return most;
}

// Exact pairs of a row of pixels: where they replace the product they may exceed its bound, else
// they come on top of it.
void take_exact(const NearPairs& near, Picture& picture, std::size_t pixel_row) {
    const std::vector<std::size_t>& edges = picture.column_edges;
    const std::span<float> row = picture.mean.row(pixel_row);
    std::vector<float> most(row.size(), 0.0F);
    for (std::size_t i = picture.row_edges[pixel_row]; i < picture.row_edges[pixel_row + 1]; ++i) {
        const Range pairs = near.set.pairs_of(i, {edges.front(), edges.back()});
        std::size_t pixel = 0;
        for (std::size_t e = pairs.begin; e < pairs.end; ++e) {
            while (near.set.columns[e] >= edges[pixel + 1]) ++pixel;
            most[pixel] = std::max(most[pixel], near.exact[e]);
        }
    }
    for (std::size_t c = 0; c < row.size(); ++c)
        row[c] = near.replaces ? std::max(row[c], most[c]) : row[c] + most[c];
}

}  // namespace

void bound_picture(const Factors& factors, const std::vector<std::size_t>& columns,
                   Picture& picture, const Work& work) {
    const std::size_t height = picture.mean.rows();
    for (const CausalSegment& segment : factors.segments()) {
        const Matrix<float> p =
            pixel_most(factors.row_weights(), segment.rows, picture.row_edges, columns);
        work.check();
        const Matrix<float> k = pixel_most(factors.keys_of(segment), {0, segment.rows.end},
                                           picture.column_edges, columns);
        work.check();
        parallel_blocks(height, kPixelRows, [&](std::size_t begin, std::size_t end) {
            Matrix<float> bound(end - begin, picture.mean.cols());
            multiply_transposed(p.view().block(begin, end), k.view(), bound.view());
            for (std::size_t r = begin; r < end; ++r)
                for (std::size_t c = 0; c < bound.cols(); ++c)
                    picture.mean(r, c) = std::max(picture.mean(r, c), bound(r - begin, c));
        });
    }
    const bool all = columns.size() == factors.columns();
    parallel_for(height, [&](std::size_t r) {
        if (factors.near && all) take_exact(*factors.near, picture, r);
        if (!factors.causal) return;
        for (std::size_t c = 0; c < picture.mean.cols(); ++c)
            if (picture.column_edges[c] >= picture.row_edges[r + 1]) picture.mean(r, c) = 0.0F;
    });
}

}  // namespace hsa
