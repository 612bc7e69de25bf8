#include "app/views/map_reading.h"

#include "app/views/view_names.h"
#include "app/widgets/numbers.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <vector>

namespace splatscope {
namespace {

// Index of the pixel that holds a position of the factors; nothing outside.
std::optional<std::size_t> pixel_of_position(const std::vector<std::size_t>& edges, double at) {
    if (edges.size() < 2 || !(at >= static_cast<double>(edges.front())) ||
        at >= static_cast<double>(edges.back()))
        return std::nullopt;
    const auto after = std::upper_bound(edges.begin(), edges.end(), static_cast<std::size_t>(at));
    return static_cast<std::size_t>(after - edges.begin()) - 1;
}

hsa::Range tokens_between(std::size_t begin, std::size_t end, double step) {
    const auto at = [step](std::size_t edge) {
        return static_cast<std::size_t>(std::llround(static_cast<double>(edge) * step));
    };
    return {at(begin), std::max(at(end), at(begin) + 1)};
}

std::string side(const char* verb, const hsa::Range& tokens, const hsa::Dataset& dataset) {
    const bool words = has_words(dataset);
    std::string line;
    if (tokens.size() == 1) {
        line = fmt::format("{} {}", verb, count_text(tokens.begin));
        if (words) line += fmt::format("  “{}”", dataset.token_text(tokens.begin));
    } else {
        line = fmt::format("{}s {}", verb, range_text(tokens));
        if (words) line += fmt::format("  “{}”", words_of(dataset, tokens));
    }
    const std::string title = section_title(dataset, tokens.begin);
    if (!title.empty()) line += "  · " + title;
    return line;
}

}  // namespace

std::optional<MapReading> reading_at(const hsa::Picture& picture, double row, double column,
                                     double step) {
    const auto r = pixel_of_position(picture.row_edges, row / step);
    const auto c = pixel_of_position(picture.column_edges, column / step);
    if (!r || !c) return std::nullopt;
    MapReading reading;
    reading.block.rows = tokens_between(picture.row_edges[*r], picture.row_edges[*r + 1], step);
    reading.block.columns =
        tokens_between(picture.column_edges[*c], picture.column_edges[*c + 1], step);
    reading.mean = static_cast<double>(picture.mean(*r, *c));
    reading.statistic = picture.request.statistic;
    reading.row = *r;
    reading.column = *c;
    return reading;
}

std::string tokens_text(const hsa::Block& block, const hsa::Dataset& dataset) {
    return side("row", block.rows, dataset) + "\n" + side("column", block.columns, dataset);
}

std::string reading_text(const MapReading& reading, const hsa::Dataset& dataset,
                         std::string_view level, hsa::Mark mark) {
    const hsa::Block& block = reading.block;
    const bool cell = block.rows.size() == 1 && block.columns.size() == 1;
    std::string text = tokens_text(block, dataset) + "\n";
    const bool most = reading.statistic == hsa::Statistic::most;
    text += fmt::format("{}{} = {} (raw {})\n",
                        cell                       ? "attention "
                        : !most                    ? "mean attention "
                        : mark == hsa::Mark::exact ? "largest attention "
                                                   : "no attention above ",
                        number_text(reading.mean),
                        uniform_text(reading.mean * static_cast<double>(dataset.size())),
                        static_cast<float>(reading.mean));
    text += level.empty() ? std::string("all levels") : fmt::format("level {} only", level);
    if (mark != hsa::Mark::exact) text += fmt::format(" · {}", hsa::name_of(mark));
    return text;
}

std::optional<MapReading> brightest_block(const hsa::Picture& picture, double step,
                                          double columns) {
    constexpr std::size_t kSquares = 48;
    const std::size_t height = picture.mean.rows(), width = picture.mean.cols();
    if (height < 2 * kSquares || width < 2 * kSquares) return std::nullopt;
    std::vector<double> sums(kSquares * kSquares, 0.0);
    for (std::size_t r = 0; r < height; ++r) {
        const std::span<const float> means = picture.mean.row(r);
        double* out = sums.data() + r * kSquares / height * kSquares;
        for (std::size_t c = 0; c < width; ++c)
            out[c * kSquares / width] += static_cast<double>(means[c]);
    }
    std::size_t best = sums.size();
    for (std::size_t s = 0; s < sums.size(); ++s) {
        const std::size_t r = s / kSquares, c = s % kSquares;
        if (std::max(r, c) - std::min(r, c) < 3 || !std::isfinite(sums[s])) continue;
        if (best == sums.size() || sums[s] > sums[best]) best = s;
    }
    const double pixels = static_cast<double>(height * width) / static_cast<double>(sums.size());
    if (best == sums.size() || !(sums[best] / pixels * columns >= 3.0)) return std::nullopt;
    const auto edge = [](std::size_t square, std::size_t size) {
        return (square * size + kSquares - 1) / kSquares;  // first pixel of the square
    };
    const std::size_t r = best / kSquares, c = best % kSquares;
    MapReading reading;
    reading.mean = sums[best] / pixels;
    reading.block.rows = tokens_between(picture.row_edges[edge(r, height)],
                                        picture.row_edges[edge(r + 1, height)], step);
    reading.block.columns = tokens_between(picture.column_edges[edge(c, width)],
                                           picture.column_edges[edge(c + 1, width)], step);
    return reading;
}

}  // namespace splatscope
