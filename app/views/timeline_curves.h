#pragma once

#include "app/session.h"
#include "app/views/timeline_layout.h"
#include "app/views/view.h"
#include "app/widgets/axis.h"
#include "engine/model/measures.h"

#include <functional>
#include <string>
#include <vector>

namespace splatscope {

// A measure over the cycles, below the lanes.
struct TimelineMeasure {
    std::string name;
    Colour colour;
    std::function<double(const hsa::CycleMeasures&)> value;  // NaN where not measured
};

// Those that the session asks for, the most important first.
[[nodiscard]] std::vector<TimelineMeasure> timeline_measures(const ViewContext& context);

// Each in its strip, with its name and its first and last value at the left.
void draw_curves(Canvas& canvas, const ViewContext& context, const TimelineLayout& layout,
                 const Axis& cycles, const std::vector<TimelineMeasure>& measures);

}  // namespace splatscope
