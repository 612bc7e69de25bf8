#pragma once

#include "app/render/canvas.h"

#include <cstddef>

namespace splatscope {

// What is to be shown beside the lanes.
struct TimelineParts {
    std::size_t curves = 1;
    bool flags = false;  // notes of the user, above the plot
    bool card = false;   // what happened in the selected cycles, at the right
};

// Where the parts of the timeline stand. In a low panel the curves become lower and then give way,
// the words of the shapes too: the lanes are the last to go. The card gives way in a narrow one.
struct TimelineLayout {
    Rect plot;                  // lanes and curves, above the axis
    Rect card;                  // empty where there is none
    float flags_y = 0.0F;       // middle of the row of flags
    float lanes_end = 0.0F;     // y
    float lane = 0.0F;          // height of one
    float mark_size = 0.0F;     // of an event's shape
    bool legend = false;        // above the plot
    std::size_t curves = 0;     // that there is room for
    bool curve_values = false;  // room for a second line of words beside the curve

    [[nodiscard]] float lane_y(std::size_t level) const {
        return plot.min.y + lane * (static_cast<float>(level) + 0.5F);
    }
    // Where the quiet dots of `adjust` stand: below the lane's line.
    [[nodiscard]] float dot_y(std::size_t level) const;
    // Where a curve stands, one below the other between the lanes and the axis.
    [[nodiscard]] Rect curve(std::size_t index) const;
};

[[nodiscard]] TimelineLayout timeline_layout(const Rect& bounds, std::size_t lanes,
                                             const TimelineParts& parts = {});

}  // namespace splatscope
