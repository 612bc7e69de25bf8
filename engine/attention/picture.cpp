#include "engine/attention/picture.h"

#include "engine/attention/cells.h"
#include "engine/attention/sums.h"
#include "engine/core/error.h"
#include "engine/core/parallel.h"
#include "engine/core/products.h"

#include <algorithm>
#include <cmath>

namespace hsa {
namespace {

constexpr std::size_t kSnapFrom = 256;          // tokens a pixel from which edges are multiples of 64
constexpr std::size_t kFinishedRowsUpTo = 4096; // tokens up to which finished rows can be averaged
constexpr std::size_t kPixelRows = 64;          // rows of pixels a task

std::vector<std::size_t> pixel_edges(Range tokens, std::size_t pixels, std::size_t n) {
    std::vector<std::size_t> edges(pixels + 1);
    const bool snap = tokens.size() >= kSnapFrom * pixels;
    for (std::size_t e = 0; e <= pixels; ++e) {
        std::size_t edge = tokens.begin + tokens.size() * e / pixels;
        if (snap && edge != n) edge = std::min(n, (edge + kTileTokens / 2) / kTileTokens * kTileTokens);
        edges[e] = edge;
    }
    return edges;
}

// Mean of the factor's rows over each pixel, for the given columns only: [pixels, columns].
Matrix<float> pixel_means(const Matrix<float>& factor, const Matrix<double>& prefix,
                          const std::vector<std::size_t>& edges,
                          const std::vector<std::size_t>& columns) {
    const std::size_t pixels = edges.size() - 1;
    Matrix<float> means(pixels, columns.size());
    parallel_blocks(pixels, kPixelRows, [&](std::size_t begin, std::size_t end) {
        std::vector<double> sums(factor.cols());
        for (std::size_t p = begin; p < end; ++p) {
            const Range tokens{edges[p], edges[p + 1]};
            range_sum(factor, prefix, tokens, sums);
            const double share = 1.0 / static_cast<double>(std::max<std::size_t>(tokens.size(), 1));
            for (std::size_t c = 0; c < columns.size(); ++c)
                means(p, c) = static_cast<float>(sums[columns[c]] * share);
        }
    });
    return means;
}

std::vector<std::size_t> columns_of(const Factors& factors, std::uint16_t level) {
    std::vector<std::size_t> columns;
    for (std::size_t c = 0; c < factors.columns(); ++c)
        if (level == kAllLevels || factors.level[c] == level) columns.push_back(c);
    return columns;
}

// Means of finished rows: after top-k or threshold A no longer factors, so rows are formed one by one.
void finished_picture(const Factors& factors, const AttentionSettings& settings, Picture& picture,
                      const Work& work) {
    const std::size_t width = picture.mean.cols();
    const std::size_t n = factors.tokens();
    parallel_for(picture.mean.rows(), [&](std::size_t r) {
        work.check();
        std::vector<double> sums(width, 0.0);
        Matrix<float> row(1, n);
        for (std::size_t i = picture.row_edges[r]; i < picture.row_edges[r + 1]; ++i) {
            const auto index = static_cast<std::uint32_t>(i);
            attention_rows(factors, std::span(&index, 1), settings, row.view());
            for (std::size_t c = 0; c < width; ++c)
                for (std::size_t j = picture.column_edges[c]; j < picture.column_edges[c + 1]; ++j)
                    sums[c] += static_cast<double>(row(0, j));
        }
        for (std::size_t c = 0; c < width; ++c) {
            const auto cells = static_cast<double>(
                (picture.row_edges[r + 1] - picture.row_edges[r]) *
                (picture.column_edges[c + 1] - picture.column_edges[c]));
            picture.mean(r, c) = static_cast<float>(sums[c] / std::max(cells, 1.0));
        }
    });
}

}  // namespace

Picture attention_picture(const Factors& factors, const TileSums& sums,
                          const PictureRequest& request, const AttentionSettings& settings,
                          const Work& work) {
    const std::size_t n = factors.tokens();
    if (request.rows.empty() || request.columns.empty() || request.rows.end > n ||
        request.columns.end > n || request.height == 0 || request.width == 0)
        fault("a picture of rows {}:{}, columns {}:{} of {} tokens on {} x {} pixels",
              request.rows.begin, request.rows.end, request.columns.begin, request.columns.end, n,
              request.width, request.height);
    Picture picture;
    picture.request = request;
    const std::size_t height = std::min(request.height, request.rows.size());
    const std::size_t width = std::min(request.width, request.columns.size());
    picture.row_edges = pixel_edges(request.rows, height, n);
    picture.column_edges = pixel_edges(request.columns, width, n);
    picture.mean = Matrix<float>(height, width);

    const bool selective = settings.top_k > 0 || settings.threshold > 0.0;
    const bool single_cells = height == request.rows.size() && width == request.columns.size();
    if (selective && request.level == kAllLevels && (n <= kFinishedRowsUpTo || single_cells)) {
        finished_picture(factors, settings, picture, work);
        return picture;
    }
    if (selective) picture.mark = Mark::approximate;

    const std::vector<std::size_t> columns = columns_of(factors, request.level);
    const Matrix<float> p = pixel_means(factors.p, sums.p, picture.row_edges, columns);
    const Matrix<float> k = pixel_means(factors.k, sums.k, picture.column_edges, columns);
    work.check();
    parallel_blocks(height, kPixelRows, [&](std::size_t begin, std::size_t end) {
        multiply_transposed(p.view().block(begin, end), k.view(), picture.mean.view().block(begin, end));
    });
    return picture;
}

}  // namespace hsa
