#pragma once

#include "app/views/view.h"
#include "app/widgets/axis.h"

#include <optional>

namespace splatscope {

// The cycles that the timeline and the lineage show: those of the desk, or all; moved by the wheel
// at the pointer (Ctrl fine, Shift fast) and by right drag, never fewer than one.
class TimelineAxis {
  public:
    // What a gesture moved leaves as a command in `drawn` once it is over.
    [[nodiscard]] Axis visible(const ViewContext& context, const Pointer& pointer, const Rect& plot,
                               Drawn& drawn);

  private:
    std::optional<Axis> held_;
};

}  // namespace splatscope
