#include "app/views/timeline_axis.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>

namespace splatscope {

Axis TimelineAxis::visible(const ViewContext& context, const Pointer& pointer, const Rect& plot,
                           Drawn& drawn) {
    constexpr double kLeastWidth = 1.0;  // a cycle
    const TimelineDesk& desk = context.session.desk.timeline;
    const double last = std::max(10.0, static_cast<double>(context.snapshot.history->last()) + 0.5);
    Axis axis{-0.5, last, AxisScale::integer};
    if (desk.end > desk.begin) {
        axis.low = desk.begin;
        axis.high = desk.end;
    }
    if (held_ && !context.exporting) axis = *held_;
    const bool panning = pointer.down[1] || pointer.down[2];
    const double width = axis.high - axis.low;
    if (panning && pointer.moved.x != 0.0F) {
        const double by =
            -static_cast<double>(pointer.moved.x) / static_cast<double>(plot.width()) * width;
        axis.low += by;
        axis.high += by;
        held_ = axis;
    }
    if (pointer.inside && pointer.wheel != 0.0F) {
        const double speed = pointer.ctrl ? 0.25 : pointer.shift ? 3.0 : 1.0;
        const double factor = std::max(std::pow(1.2, -speed * static_cast<double>(pointer.wheel)),
                                       kLeastWidth / width);
        const double at =
            axis.value(static_cast<double>((pointer.position.x - plot.min.x) / plot.width()));
        axis.low = at + (axis.low - at) * factor;
        axis.high = at + (axis.high - at) * factor;
        if (axis.high - axis.low >= last + 0.5) axis = {-0.5, last, AxisScale::integer};
        held_ = axis;
    }
    if (held_ && !panning) {
        const bool all = held_->low <= -0.5 && held_->high >= last;
        drawn.commands.push_back(fmt::format("set timeline.begin {}", all ? 0.0 : held_->low));
        drawn.commands.push_back(fmt::format("set timeline.end {}", all ? 0.0 : held_->high));
        held_.reset();
    }
    return axis;
}

}  // namespace splatscope
