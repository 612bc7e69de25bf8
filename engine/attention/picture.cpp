#include "engine/attention/picture.h"

#include "engine/attention/bound_picture.h"
#include "engine/attention/causal_picture.h"
#include "engine/attention/cells.h"
#include "engine/attention/finish.h"
#include "engine/attention/near_sums.h"
#include "engine/attention/rectangles.h"
#include "engine/attention/sums.h"
#include "engine/compute/backend.h"
#include "engine/core/error.h"
#include "engine/core/parallel.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <span>

namespace hsa {
namespace {

constexpr std::size_t kSnapFrom = 256;  // tokens a pixel from which edges are multiples of 64
constexpr std::size_t kFinishedRowsAtOnce = 16;
constexpr std::size_t kPixelRows = 64;  // rows of pixels a task

std::vector<std::size_t> pixel_edges(Range tokens, std::size_t pixels, std::size_t n) {
    std::vector<std::size_t> edges(pixels + 1);
    const bool snap = tokens.size() >= kSnapFrom * pixels;
    for (std::size_t e = 0; e <= pixels; ++e) {
        std::size_t edge = tokens.begin + tokens.size() * e / pixels;
        if (snap && edge != n)
            edge = std::min(n, (edge + kTileTokens / 2) / kTileTokens * kTileTokens);
        edges[e] = edge;
    }
    return edges;
}

// Mean of the factor's rows over each pixel, for the given columns only: [pixels, columns].
Matrix<float> pixel_means(const FactorMatrix& factor, const Matrix<double>& prefix,
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

std::vector<std::size_t> columns_of(const Factors& factors, const PicturePart& part) {
    std::vector<std::size_t> columns;
    for (std::size_t c = 0; c < factors.columns(); ++c) {
        const bool named = part.splats.empty()
                               ? part.level == kAllLevels || factors.level[c] == part.level
                               : std::find(part.splats.begin(), part.splats.end(),
                                           factors.ids[c]) != part.splats.end();
        if (named) columns.push_back(c);
    }
    return columns;
}

// Adds finished rows [begin, end) to the pixels of one row of the picture, or takes them into its
// largest values: pixels [width].
void add_columns(const Matrix<float>& rows, std::size_t begin, std::size_t end,
                 const std::vector<std::size_t>& edges, Statistic statistic,
                 std::span<double> pixels) {
    for (std::size_t i = begin; i < end; ++i)
        for (std::size_t c = 0; c < pixels.size(); ++c)
            for (std::size_t j = edges[c]; j < edges[c + 1]; ++j) {
                const auto value = static_cast<double>(rows(i, j));
                pixels[c] =
                    statistic == Statistic::mean ? pixels[c] + value : std::max(pixels[c], value);
            }
}

// From finished rows, formed a few at a time: after a row step A no longer factors, and the largest
// of a pixel's cells never did.
void finished_picture(const Factors& factors, const AttentionSettings& settings, Picture& picture,
                      const Work& work) {
    const std::size_t height = picture.mean.rows();
    const std::size_t width = picture.mean.cols();
    const std::vector<std::size_t>& edges = picture.row_edges;
    const std::size_t tokens_a_pixel = (edges[height] - edges[0] + height - 1) / height;
    const std::size_t pixels_a_task =
        std::max<std::size_t>(1, kFinishedRowsAtOnce / tokens_a_pixel);
    parallel_blocks(height, pixels_a_task, [&](std::size_t first_pixel, std::size_t last_pixel) {
        if (leave_out(picture, first_pixel, last_pixel, work)) return;
        Matrix<double> sums(last_pixel - first_pixel, width, 0.0);
        Matrix<float> rows(kFinishedRowsAtOnce, factors.tokens());
        std::size_t pixel = first_pixel;
        for (std::size_t first = edges[first_pixel]; first < edges[last_pixel];
             first += kFinishedRowsAtOnce) {
            work.check();
            const std::size_t last = std::min(edges[last_pixel], first + kFinishedRowsAtOnce);
            std::vector<std::uint32_t> tokens(last - first);
            std::iota(tokens.begin(), tokens.end(), static_cast<std::uint32_t>(first));
            attention_rows(factors, tokens, settings, rows.view().block(0, tokens.size()));
            for (std::size_t i = first; i < last;) {
                while (edges[pixel + 1] <= i) ++pixel;
                const std::size_t end = std::min(last, edges[pixel + 1]);
                add_columns(rows, i - first, end - first, picture.column_edges,
                            picture.request.statistic, sums.row(pixel - first_pixel));
                i = end;
            }
        }
        for (std::size_t r = first_pixel; r < last_pixel; ++r)
            for (std::size_t c = 0; c < width; ++c) {
                const std::size_t cells =
                    picture.request.statistic == Statistic::most
                        ? 1
                        : (edges[r + 1] - edges[r]) *
                              (picture.column_edges[c + 1] - picture.column_edges[c]);
                picture.mean(r, c) =
                    static_cast<float>(sums(r - first_pixel, c) / static_cast<double>(cells));
            }
    });
}

void product_picture(const Factors& factors, const TileSums& sums,
                     const std::vector<std::size_t>& columns, Picture& picture, const Work& work,
                     Backend* backend) {
    const Range all{0, factors.tokens()};
    if (rectangles_on_card(backend, sums.owner, {&factors.p, &sums.p, &picture.row_edges, all},
                           {&factors.k, &sums.k, &picture.column_edges, all}, columns,
                           picture.mean.view(), work))
        return;
    const Matrix<float> p = pixel_means(factors.p, sums.p, picture.row_edges, columns);
    const Matrix<float> k = pixel_means(factors.k, sums.k, picture.column_edges, columns);
    work.check();
    if (backend != nullptr) backend->cells(p.view(), k.view(), picture.mean.view(), work);
    else cells_on_cpu(p.view(), k.view(), picture.mean.view(), work);
}

void fill_picture(const Factors& factors, const TileSums& sums, const AttentionSettings& settings,
                  const Work& work, Picture& picture, Backend* backend) {
    const std::size_t n = factors.tokens();
    const PictureRequest& request = picture.request;
    const bool steps = has_row_steps(settings);
    const bool single_cells =
        picture.mean.rows() == request.rows.size() && picture.mean.cols() == request.columns.size();
    const bool most = request.statistic == Statistic::most && !single_cells;
    if ((steps || most) && request.part.whole() && (n <= kFinishedRowsUpTo || single_cells)) {
        finished_picture(factors, settings, picture, work);
        return;
    }
    if (steps) picture.mark = Mark::approximate;

    const std::vector<std::size_t> columns = columns_of(factors, request.part);
    if (most) {
        if (!steps && picture.mark == Mark::exact) picture.mark = Mark::bound;
        bound_picture(factors, columns, picture, work);
        return;
    }
    if (factors.causal) causal_picture(factors, sums, columns, picture, work, backend);
    else product_picture(factors, sums, columns, picture, work, backend);
    add_near_picture(factors, columns, picture, work);
}

}  // namespace

bool leave_out(Picture& picture, std::size_t begin, std::size_t end, const Work& work) {
    if (begin == 0 || !work.late()) return false;
    for (std::size_t r = begin; r < end; ++r)
        std::fill(picture.mean.row(r).begin(), picture.mean.row(r).end(),
                  std::numeric_limits<float>::quiet_NaN());
    return true;
}

Picture attention_picture(const Factors& factors, const TileSums& sums,
                          const PictureRequest& request, const AttentionSettings& settings,
                          const Work& work, Backend* backend) {
    const std::size_t n = factors.tokens();
    if (request.rows.empty() || request.columns.empty() || request.rows.end > n ||
        request.columns.end > n || request.height == 0 || request.width == 0)
        fault("a picture of rows {}:{}, columns {}:{} of {} tokens on {} x {} pixels",
              request.rows.begin, request.rows.end, request.columns.begin, request.columns.end, n,
              request.width, request.height);
    Picture picture;
    picture.request = request;
    picture.mark = factors.mark;
    const std::size_t height = std::min(request.height, request.rows.size());
    const std::size_t width = std::min(request.width, request.columns.size());
    picture.row_edges = pixel_edges(request.rows, height, n);
    picture.column_edges = pixel_edges(request.columns, width, n);
    picture.mean = Matrix<float>(height, width);
    fill_picture(factors, sums, settings, work, picture, backend);
    for (std::size_t r = 0; r < height; ++r)
        if (std::isnan(picture.mean(r, 0))) ++picture.missing_rows;
    add_profiles(picture);
    return picture;
}

}  // namespace hsa
