#pragma once

#include "app/history.h"
#include "engine/core/range.h"
#include "engine/engine.h"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace splatscope {

// The steps of undo with edits by hand that no evaluation has gone well with yet, and which entries
// of the timeline are their own.
class EditSteps {
  public:
    // A step replaced these entries of the timeline by those: kept when it brought an edit.
    void note(std::uint64_t step, const std::vector<hsa::HistoryEntry>& before,
              const std::vector<hsa::HistoryEntry>& now);
    // An evaluation of them went well: only those that were undone meanwhile stay.
    void evaluated(const UndoHistory& undo);
    // The newest step whose own this entry is; 0 where there is none.
    [[nodiscard]] std::uint64_t step_of(std::size_t entry) const;
    [[nodiscard]] std::uint64_t newest() const { return steps_.empty() ? 0 : steps_.back().number; }
    // Forgets a step and those after it.
    void forget_from(std::uint64_t step);

  private:
    struct Step {
        std::uint64_t number = 0;
        hsa::Range entries;
    };
    std::vector<Step> steps_;
};

}  // namespace splatscope
