#include "engine/attention/target_picture.h"

#include "engine/core/error.h"
#include "engine/core/parallel.h"

#include <algorithm>
#include <cstdint>
#include <span>

namespace hsa {
namespace {

constexpr std::size_t kMostCells = std::size_t{1} << 26U;
constexpr std::size_t kRowsTogether = 64;

std::vector<std::size_t> edges_of(const Range& tokens, std::size_t pixels) {
    std::vector<std::size_t> edges;
    for (std::size_t p = 0; p <= pixels; ++p)
        edges.push_back(tokens.begin + p * tokens.size() / std::max<std::size_t>(pixels, 1));
    return edges;
}

// So many of the tokens [begin, end), evenly spread.
std::vector<std::uint32_t> some_rows(std::size_t begin, std::size_t end, std::size_t most) {
    const std::size_t size = end - begin;
    const std::size_t count = std::min(size, most);
    std::vector<std::uint32_t> rows;
    for (std::size_t r = 0; r < count; ++r)
        rows.push_back(static_cast<std::uint32_t>(begin + (2 * r + 1) * size / (2 * count)));
    return rows;
}

}  // namespace

Picture target_picture(const Target& target, const PictureRequest& request, const Work& work) {
    if (request.statistic != Statistic::mean) fault("A target's picture is of means alone.");
    Picture picture;
    picture.request = request;
    picture.row_edges = edges_of(request.rows, request.height);
    picture.column_edges = edges_of(request.columns, request.width);
    picture.mean = Matrix<float>(request.height, request.width);
    const std::size_t n = target.size();
    const std::size_t most = std::max<std::size_t>(
        1, kMostCells / std::max<std::size_t>(1, n * std::max<std::size_t>(1, request.height)));
    if (request.rows.size() > most * request.height) picture.mark = Mark::approximate;
    parallel_for(request.height, [&](std::size_t p) {
        work.check();
        const std::vector<std::uint32_t> rows =
            some_rows(picture.row_edges[p], picture.row_edges[p + 1], most);
        std::vector<double> sums(request.width);
        for (std::size_t first = 0; first < rows.size(); first += kRowsTogether) {
            const std::size_t count = std::min(kRowsTogether, rows.size() - first);
            Matrix<float> exact = Matrix<float>::unwritten(count, n);
            target.rows(std::span(rows).subspan(first, count), exact.view());
            for (std::size_t r = 0; r < count; ++r)
                for (std::size_t q = 0; q < request.width; ++q) {
                    float sum = 0.0F;
                    for (std::size_t j = picture.column_edges[q]; j < picture.column_edges[q + 1];
                         ++j)
                        sum += exact(r, j);
                    sums[q] += static_cast<double>(sum);
                }
        }
        for (std::size_t q = 0; q < request.width; ++q) {
            const auto cells = static_cast<double>(
                rows.size() * (picture.column_edges[q + 1] - picture.column_edges[q]));
            picture.mean(p, q) = static_cast<float>(sums[q] / std::max(cells, 1.0));
        }
    });
    add_profiles(picture);
    return picture;
}

}  // namespace hsa
