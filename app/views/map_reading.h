#pragma once

#include "engine/attention/picture.h"
#include "engine/model/dataset.h"
#include "engine/model/selection.h"

#include <optional>
#include <string>
#include <string_view>

namespace splatscope {

// One pixel of a picture as tokens and a number.
struct MapReading {
    hsa::Block block;
    double mean = 0.0;  // of A over the block, or its largest
    hsa::Statistic statistic = hsa::Statistic::mean;
    std::size_t row = 0, column = 0;  // of the pixel
};

// The pixel over (row, column), real token positions; nothing outside the picture. `step` is tokens
// a row of the factors: 1, or more while only sampled rows are there.
[[nodiscard]] std::optional<MapReading> reading_at(const hsa::Picture& picture, double row,
                                                   double column, double step);

// Two lines: the rows and the columns of a block, ranges and words.
[[nodiscard]] std::string tokens_text(const hsa::Block& block, const hsa::Dataset& dataset);

// The lines of the tooltip: rows, columns (ranges and words), the mean, times uniform, as it is in
// the picture, the level.
[[nodiscard]] std::string reading_text(const MapReading& reading, const hsa::Dataset& dataset,
                                       std::string_view level, hsa::Mark mark);

// A bright square away from the diagonal to try first: the largest mean of squares of 1/48 of the
// picture that lie at least three squares off it. Nothing for a small picture or one without
// contrast (less than three times uniform, 1 / `columns`).
[[nodiscard]] std::optional<MapReading> brightest_block(const hsa::Picture& picture, double step,
                                                        double columns);

}  // namespace splatscope
