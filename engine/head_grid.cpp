#include "engine/head_grid.h"

#include "engine/core/error.h"
#include "engine/core/parallel.h"
#include "engine/embed/head.h"
#include "engine/model/heads.h"

#include <algorithm>
#include <cstdint>
#include <thread>

namespace hsa {
namespace {

constexpr std::size_t kAllRows = 2048;      // tokens up to which every row is computed
constexpr std::size_t kRowsOfAPixel = 4;    // beyond
constexpr std::size_t kRowsTogether = 128;  // of exact attention held at once

// The tokens of pixel p.
Range tokens_of(std::size_t pixel, std::size_t pixels, std::size_t tokens) {
    return {pixel * tokens / pixels, (pixel + 1) * tokens / pixels};
}

// Rows that stand for those of a pixel.
std::vector<std::uint32_t> rows_of(const Range& tokens, std::size_t all) {
    std::vector<std::uint32_t> rows;
    const std::size_t count =
        all <= kAllRows ? tokens.size() : std::min(tokens.size(), kRowsOfAPixel);
    for (std::size_t r = 0; r < count; ++r)
        rows.push_back(
            static_cast<std::uint32_t>(tokens.begin + (2 * r + 1) * tokens.size() / (2 * count)));
    return rows;
}

Matrix<float> mean_cells(const Target& target, std::size_t pixels) {
    const std::size_t n = target.size();
    Matrix<float> cells(pixels, pixels);
    for (std::size_t p = 0; p < pixels; ++p) {
        const std::vector<std::uint32_t> rows = rows_of(tokens_of(p, pixels, n), n);
        std::vector<double> sums(pixels);
        for (std::size_t first = 0; first < rows.size(); first += kRowsTogether) {
            const std::size_t count = std::min(kRowsTogether, rows.size() - first);
            Matrix<float> exact = Matrix<float>::unwritten(count, n);
            target.rows(std::span(rows).subspan(first, count), exact.view());
            for (std::size_t r = 0; r < count; ++r)
                for (std::size_t q = 0; q < pixels; ++q) {
                    const Range columns = tokens_of(q, pixels, n);
                    float sum = 0.0F;
                    for (std::size_t j = columns.begin; j < columns.end; ++j) sum += exact(r, j);
                    sums[q] += static_cast<double>(sum);
                }
        }
        for (std::size_t q = 0; q < pixels; ++q) {
            const auto cell = static_cast<double>(rows.size() * tokens_of(q, pixels, n).size());
            cells(p, q) = static_cast<float>(sums[q] / std::max(cell, 1.0));
        }
    }
    return cells;
}

HeadThumbnail thumbnail_of(const Dataset& dataset, HeadIndex at, const HeadGridRequest& request,
                           std::size_t pixels) {
    const std::shared_ptr<const Target> target =
        head_target(dataset, dataset.heads ? dataset.heads->rows(at.layer, at.head) : dataset.head,
                    request.reading);
    HeadThumbnail made;
    made.at = at;
    made.numbers = head_numbers(*target);
    made.cells = mean_cells(*target, pixels);
    return made;
}

HeadFit fit_of(Backend& backend, const HeadGridRequest& request, std::size_t index,
               const Work& work) {
    HeadFit made;
    try {
        const FittedHead fitted = fit_head(backend, request.request, request.dataset, index, work);
        const FitReport& report = fitted.distilled.fit.report;
        made.form = fitted.distilled.fit.registry.form;
        made.splats = fitted.distilled.fit.registry.size();
        made.row_kl = report.reached.loss.kl;
        made.output_error = report.reached.output_error();
        made.on_drawn = report.on_drawn;
        if (fitted.factors->near && fitted.factors->tokens() > 0)
            made.pairs = fitted.factors->near->set.pairs() / fitted.factors->tokens();
    } catch (const Error& error) {
        made.error = error.what();
    }
    return made;
}

// The next heads without a fit, one a thread, of one layer.
void fit_some(Backend& backend, const HeadGridRequest& request, HeadGrid& grid, const Work& work) {
    std::vector<std::size_t> next;
    const std::size_t threads = std::max(1U, std::thread::hardware_concurrency());
    for (std::size_t h = 0; h < grid.thumbnails.size() && next.size() < threads; ++h) {
        if (grid.thumbnails[h].fit) continue;
        if (!next.empty() && grid.thumbnails[h].at.layer != grid.thumbnails[next[0]].at.layer)
            break;
        next.push_back(h);
    }
    if (next.empty()) return;
    const HeadIndex at = grid.thumbnails[next[0]].at;
    if (request.dataset->heads) (void)request.dataset->heads->rows(at.layer, at.head);
    const Work quiet{work.stop, {}};
    parallel_for(next.size(), [&](std::size_t i) {
        grid.thumbnails[next[i]].fit = fit_of(backend, request, next[i], quiet);
    });
    grid.fitted += next.size();
}

bool same_heads(const HeadGridRequest& a, const HeadGridRequest& b) {
    const bool same_data = a.dataset->heads ? a.dataset->heads == b.dataset->heads
                                            : a.dataset->head == b.dataset->head;
    return same_data && a.reading == b.reading && a.pixels == b.pixels;
}

bool same_fits(const Request& a, const Request& b) {
    return a.init == b.init && a.splats == b.splats && a.attention == b.attention &&
           a.first_settings == b.first_settings && a.compute == b.compute;
}

void forget_fits(HeadGrid& grid) {
    for (HeadThumbnail& thumbnail : grid.thumbnails) thumbnail.fit.reset();
    grid.fitted = 0;
}

}  // namespace

std::shared_ptr<const HeadGrid> head_grid(Backend& backend, const HeadGridRequest& request,
                                          const HeadGrid* previous, const Work& work) {
    const Dataset& dataset = *request.dataset;
    const std::size_t count = head_count(dataset);
    if (count == 0)
        fail(
            "{} holds no heads of a model: open a text with embed.method model, or a .npz with "
            "'queries' and 'keys'.",
            dataset.source);
    auto grid = std::make_shared<HeadGrid>();
    if (previous != nullptr && same_heads(previous->of, request)) {
        *grid = *previous;
        if (!same_fits(grid->of.request, request.request)) forget_fits(*grid);
        grid->of = request;
    } else {
        grid->of = request;
        const std::shared_ptr<const Dataset> seen =
            dataset.heads ? dataset.heads->tokens() : nullptr;
        grid->tokens = seen ? seen->size() : dataset.size();
        grid->layers = dataset.heads ? dataset.heads->layers() : 1;
        grid->heads = count / grid->layers;
        grid->all_rows = grid->tokens <= kAllRows;
        const std::size_t pixels = std::min(request.pixels, grid->tokens);
        grid->rows_a_pixel =
            pixels == 0 ? 0 : rows_of(tokens_of(0, pixels, grid->tokens), grid->tokens).size();
        grid->thumbnails.resize(count);
        for_layers(dataset, [&](std::size_t begin, std::size_t end) {
            parallel_for(end - begin, [&](std::size_t h) {
                work.check();
                grid->thumbnails[begin + h] =
                    thumbnail_of(dataset, head_at(dataset, begin + h), request, pixels);
            });
        });
        return grid;
    }
    if (request.fits) fit_some(backend, request, *grid, work);
    return grid;
}

}  // namespace hsa
