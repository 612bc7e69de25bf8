#pragma once

#include "app/setting_list/setting_limits.h"

namespace splatscope {

// The sheet of pictures and the window itself.
template <class K, class Visitor>
void visit_window(K& desk, Visitor& visitor) {
    visitor("picture.format", desk.picture.format, Limits{},
            "what the sheet of pictures (Ctrl+E) writes: png, svg or pdf");
    visitor("picture.unit", desk.picture.unit, Limits{}, "its sizes: pixels, or mm on paper");
    visitor("picture.width", desk.picture.width, Limits{0, 16384},
            "its pixels across; 0 = as many as the view usually has");
    visitor("picture.height", desk.picture.height, Limits{0, 16384},
            "its pixels downwards; 0 = as many as the view usually has");
    visitor("picture.width_mm", desk.picture.width_mm, Limits{5, 2000}, "its width on paper");
    visitor("picture.height_mm", desk.picture.height_mm, Limits{5, 2000}, "its height on paper");
    visitor("picture.dpi", desk.picture.dpi, Limits{36, 2400}, "its dots an inch of paper");
    visitor("picture.finer", desk.picture.finer, Limits{1, 4},
            "pixels of its picture for each that was asked for, each way");
    visitor("picture.background", desk.picture.background, Limits{},
            "what lies behind its picture: the theme's colour, white or nothing");
    visitor("picture.without", desk.picture.without, Limits{},
            "what it leaves out: title, legend, bar, notes, axes, by commas");
    visitor("watch", desk.watch, Limits{},
            "read open files again when they change on the disk, once nobody writes to them any "
            "more (--watch)");
    visitor("tool", desk.tool, Limits{},
            "what dragging does: move orbits or pans; rectangle and lasso select");
    visitor("theme", desk.theme, Limits{}, "dark, light or contrast");
    visitor("scale", desk.scale, Limits{0.75, 3}, "size of everything in the window");
    visitor("guide", desk.guide, Limits{},
            "says at the foot of the window what to try next, for the first five minutes");
    visitor("views.closed", desk.closed_views, Limits{}, "ids of the views that are closed");
}

}  // namespace splatscope
