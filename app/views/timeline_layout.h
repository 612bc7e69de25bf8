#pragma once

#include "app/render/canvas.h"

#include <cstddef>

namespace splatscope {

// Where the parts of the timeline stand. In a low panel the curve becomes lower and then gives way,
// the words of the shapes too: the lanes are the last to go.
struct TimelineLayout {
    Rect plot;               // lanes and curve, above the axis
    float lanes_end = 0.0F;  // y
    float lane = 0.0F;       // height of one
    float mark_size = 0.0F;  // of an event's shape
    bool legend = false;     // above the plot
    bool curve = false;
    bool curve_values = false;  // room for a second line of words beside the curve

    [[nodiscard]] float lane_y(std::size_t level) const {
        return plot.min.y + lane * (static_cast<float>(level) + 0.5F);
    }
    // Where the quiet dots of `adjust` stand: below the lane's line.
    [[nodiscard]] float dot_y(std::size_t level) const;
};

[[nodiscard]] TimelineLayout timeline_layout(const Rect& bounds, std::size_t levels);

}  // namespace splatscope
