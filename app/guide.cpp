#include "app/guide.h"

namespace splatscope {

GuideStep guide_step(const Session& session, const hsa::Snapshot& snapshot, bool saved) {
    const hsa::Selection& selection = session.document.selection;
    if (session.document.sources.empty()) return {1, "Open a text, or one of the samples."};
    const bool has_cycles = snapshot.history && snapshot.history->last() > 0;
    if (!has_cycles) {
        if (selection.empty())
            return {2,
                    "Click the bright block of the map: its splats and its words light up, and the "
                    "inspector sums them to its value."};
        return {3, "Space runs cycles of adaptation; events appear on the timeline."};
    }
    if (!selection.event && !saved)
        return {4, "Click an event on the timeline: why it happened, and what it changed."};
    if (!saved) return {5, "F12 saves this as a picture; the notice says where."};
    return {kGuideSteps + 1, "That was the tour: Help shows it again."};
}

}  // namespace splatscope
