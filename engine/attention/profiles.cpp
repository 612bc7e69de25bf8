#include "engine/attention/picture.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <span>

namespace hsa {

void add_profiles(Picture& picture) {
    const std::size_t height = picture.mean.rows(), width = picture.mean.cols();
    const bool most = picture.request.statistic == Statistic::most;
    const auto size_of = [](const std::vector<std::size_t>& edges, std::size_t pixel) {
        return static_cast<double>(edges[pixel + 1] - edges[pixel]);
    };
    picture.row_profile.assign(height, 0.0);
    picture.column_profile.assign(width, 0.0);
    std::vector<double> column_tokens(width, 0.0);
    for (std::size_t r = 0; r < height; ++r) {
        const std::span<const float> means = picture.mean.row(r);
        const double rows = size_of(picture.row_edges, r);
        double sum = 0.0, tokens = 0.0, largest = 0.0;
        for (std::size_t c = 0; c < width; ++c) {
            const auto value = static_cast<double>(means[c]);
            if (std::isnan(value)) continue;
            const double columns = size_of(picture.column_edges, c);
            sum += columns * value;
            tokens += columns;
            largest = std::max(largest, value);
            column_tokens[c] += rows;
            picture.column_profile[c] = most ? std::max(picture.column_profile[c], value)
                                             : picture.column_profile[c] + rows * value;
        }
        picture.row_profile[r] = tokens == 0.0 ? std::numeric_limits<double>::quiet_NaN()
                                 : most        ? largest
                                               : sum / tokens;
    }
    for (std::size_t c = 0; c < width; ++c) {
        if (column_tokens[c] == 0.0)
            picture.column_profile[c] = std::numeric_limits<double>::quiet_NaN();
        else if (!most) picture.column_profile[c] /= column_tokens[c];
    }
}

}  // namespace hsa
