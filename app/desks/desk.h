#pragma once

#include "app/desks/map.h"
#include "app/desks/picture.h"
#include "app/desks/splats.h"
#include "app/desks/table.h"
#include "app/desks/views.h"
#include "app/widgets/theme.h"

#include <cstdint>
#include <set>
#include <string>

namespace splatscope {

// What computes; automatic: the first that can be had, a card before the CPU.
enum class BackendName : std::uint8_t { automatic, cuda, opengl, cpu };

// What dragging with the left button does: orbits or pans, or draws a region to select.
enum class Tool : std::uint8_t { move, rectangle, lasso };

// How it is looked at: saved, not undoable.
struct Desk {
    MapDesk map;
    SplatsDesk splats;
    TreeDesk tree;
    TextDesk text;
    TimelineDesk timeline;
    DistributionsDesk distributions;
    TableDesk table;
    HeadsDesk heads;
    CompareDesk compare;
    PictureDesk picture;
    bool watch = false;  // files that are open are read again when they change
    // Of the machine and not of the work: not in sessions, kept with the user's settings.
    BackendName backend = BackendName::automatic;
    std::uint64_t backend_asked = 0;  // how often it was chosen, the same again too; not saved
    Tool tool = Tool::move;
    ThemeName theme = ThemeName::dark;
    double scale = 1.0;  // of the whole window, 0.75..3
    bool guide = true;   // the first five minutes are shown step by step
    std::set<std::string> closed_views;
    std::string layout;       // ImGui's, taken when saving; empty = the default
    int default_layouts = 0;  // how often the default one was asked for; not saved
    std::string own_file;     // where the session was opened from or saved to; empty = nowhere yet
    bool operator==(const Desk&) const = default;
};

}  // namespace splatscope
