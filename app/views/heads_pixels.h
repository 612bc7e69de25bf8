#pragma once

#include "app/render/canvas.h"
#include "app/widgets/colour_map.h"
#include "engine/core/matrix.h"

#include <cstdint>

namespace splatscope {

// The colour scale of one head: log10 of attention over uniform, from a low to a high share of its
// own cells, so that every head shows what structure it has.
struct HeadRange {
    double low = 0.0;
    double high = 1.0;
};
// 2 .. 99.5 % of the cells above zero of [pixels, pixels]; a head that is flat to a thousandth has
// a range of a tenth of a decade about its value.
[[nodiscard]] HeadRange head_range(hsa::MatrixView<const float> cells, std::size_t tokens);

// `key` names the content.
[[nodiscard]] Image head_image(hsa::MatrixView<const float> cells, std::size_t tokens,
                               ColourMapName map, std::uint64_t key);

}  // namespace splatscope
