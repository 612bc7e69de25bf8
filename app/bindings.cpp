#include "app/bindings.h"

#include "app/commands/table.h"

#include <array>

namespace splatscope {
namespace {

struct Gesture {
    const char* what;
    const char* command;
    const char* help;
};

constexpr std::array<Gesture, 14> kGestures = {{
    {"left drag", "camera.set, map.view", "orbits in 3-D, pans elsewhere"},
    {"right drag, middle drag", "camera.set, map.view", "pans"},
    {"wheel", "camera.set, map.view", "zooms at the pointer (Ctrl fine, Shift fast), or scrolls"},
    {"double-click", "camera.set, camera.frame, map.view",
     "makes a thing the middle; beside things, shows everything"},
    {"click", "select.tokens, select.splats, select.block, select.event", "selects"},
    {"Shift+click", "select.* add", "adds to the selection"},
    {"Ctrl+click", "select.* remove", "takes away from the selection"},
    {"Shift+drag", "select.tokens, select.splats, select.block",
     "selects a rectangle or a stretch, as tool.rectangle does for every drag"},
    {"Shift+Ctrl+drag", "select.tokens, select.splats, select.block remove",
     "selects inside a free line in 3-D, as tool.lasso does for every drag; on the map takes away "
     "what lies in the block"},
    {"arrows", "", "in the view with the focus: to the next thing; with Ctrl by a small step"},
    {"Enter, Alt+Enter", "",
     "clicks there, or clicks twice; with Shift adds, with Ctrl takes away"},
    {"Page Up, Page Down", "", "the wheel there: zooms or scrolls"},
    {"Alt+arrows", "", "drags from there: orbits in 3-D, pans elsewhere"},
    {"Shift+arrows", "", "drags as Shift+drag does: selects; with Ctrl as Shift+Ctrl+drag"},
}};

}  // namespace

std::vector<Binding> bindings(const Keys& keys) {
    std::vector<Binding> rows;
    for (const CommandRow& row : command_table())
        if (const std::string own = keys.of(row); !own.empty())
            rows.push_back({own, row.name, row.help});
    for (const Gesture& gesture : kGestures)
        rows.push_back({gesture.what, gesture.command, gesture.help});
    return rows;
}

}  // namespace splatscope
