#pragma once

#include "app/views/view.h"

#include <string>
#include <vector>

namespace splatscope {

// What can be done to the selection by hand with one click.
struct SurgeryChoice {
    std::string id;       // "split"
    std::string words;    // "Split 17"
    std::string command;  // "splats.split 17"
    std::string says;     // for the pointer over it
};

// One splat is split, or removed where it is not the only one of its level; two of one level are
// merged; selected tokens become a splat. None for splats that were fitted to a head.
[[nodiscard]] std::vector<SurgeryChoice> surgery_choices(const ViewContext& context);

// The choices as buttons at the upper left, where handles are shown (view.splats.handles).
void draw_surgery(Canvas& canvas, const ViewContext& context, const Pointer& pointer, Drawn& drawn,
                  std::vector<Rect>& plates);

}  // namespace splatscope
