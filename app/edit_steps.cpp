#include "app/edit_steps.h"

#include <algorithm>

namespace splatscope {

void EditSteps::note(std::uint64_t step, const std::vector<hsa::HistoryEntry>& before,
                     const std::vector<hsa::HistoryEntry>& now) {
    const auto own = std::mismatch(now.begin(), now.end(), before.begin(), before.end()).first;
    if (std::any_of(own, now.end(), [](const auto& entry) { return entry.edit.has_value(); }))
        steps_.push_back({step, {static_cast<std::size_t>(own - now.begin()), now.size()}});
}

void EditSteps::evaluated(const UndoHistory& undo) {
    std::erase_if(steps_, [&](const Step& step) { return !undo.can_redo(step.number); });
}

std::uint64_t EditSteps::step_of(std::size_t entry) const {
    const auto step = std::find_if(steps_.rbegin(), steps_.rend(), [&](const Step& each) {
        return each.entries.begin <= entry && entry < each.entries.end;
    });
    return step == steps_.rend() ? 0 : step->number;
}

void EditSteps::forget_from(std::uint64_t step) {
    std::erase_if(steps_, [&](const Step& each) { return each.number >= step; });
}

}  // namespace splatscope
