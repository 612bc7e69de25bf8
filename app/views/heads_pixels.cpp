#include "app/views/heads_pixels.h"

#include "app/widgets/colour_bar.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <vector>

namespace splatscope {

HeadRange head_range(hsa::MatrixView<const float> cells, std::size_t tokens) {
    constexpr double kLow = 0.02;
    constexpr double kHigh = 0.995;
    std::vector<double> logs;
    for (std::size_t r = 0; r < cells.rows; ++r)
        for (const float cell : cells.row(r))
            if (cell > 0.0F)
                logs.push_back(std::log10(static_cast<double>(cell) * static_cast<double>(tokens)));
    if (logs.empty()) return {};
    std::sort(logs.begin(), logs.end());
    const auto at = [&](double share) {
        return logs[static_cast<std::size_t>(share * static_cast<double>(logs.size() - 1))];
    };
    HeadRange range{at(kLow), at(kHigh)};
    if (range.high - range.low < 1e-3) {
        const double middle = 0.5 * (range.low + range.high);
        range = {middle - 0.05, middle + 0.05};
    }
    return range;
}

Image head_image(hsa::MatrixView<const float> cells, std::size_t tokens, ColourMapName map,
                 std::uint64_t key) {
    const HeadRange range = head_range(cells, tokens);
    const ColourTable table = colour_table(map);
    auto pixels = std::make_shared<std::vector<std::uint32_t>>();
    pixels->reserve(cells.rows * cells.cols);
    for (std::size_t r = 0; r < cells.rows; ++r)
        for (const float cell : cells.row(r)) {
            const double value =
                cell > 0.0F ? (std::log10(static_cast<double>(cell) * static_cast<double>(tokens)) -
                               range.low) /
                                  (range.high - range.low)
                            : 0.0;
            pixels->push_back(
                table[static_cast<std::size_t>(std::clamp(std::lround(255.0 * value), 0L, 255L))]);
        }
    return {key, cells.cols, cells.rows, pixels, false};
}

}  // namespace splatscope
