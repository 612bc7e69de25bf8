#pragma once

#include "app/document.h"
#include "app/views/view.h"

#include <cstddef>
#include <memory>
#include <optional>
#include <string>

namespace splatscope {

// The weights of the levels as an equaliser: a fader a level, as far to the right as its share of
// attention is meant to be. While one is dragged the other views follow (Drawn::preview); letting
// go is one edit, which they show until its splats are there; Esc puts it back. The others keep
// their proportions.
class TreeFaders {
  public:
    // One fader along `track`, whose knob is at the level's share.
    void draw(Canvas& canvas, const ViewContext& context, const Pointer& pointer, std::size_t level,
              const Rect& track, Drawn& drawn);
    // True while one is held: nothing else is meant then.
    [[nodiscard]] bool holds() const { return held_.has_value(); }
    void drop() {
        held_.reset();
        sent_.reset();
    }

  private:
    struct Sent {
        std::shared_ptr<const hsa::SplatRegistry> of;  // of before
        Timeline timeline;
        std::size_t level = 0;
        std::string line;
        int frames = 0;
        bool taken = false;  // the edit was in the timeline
    };
    [[nodiscard]] bool is_by_hand(std::size_t level) const {
        return held_ == level || (sent_ && sent_->level == level);
    }
    void end_what_was_sent(const ViewContext& context, std::size_t level, Drawn& drawn);
    void move(const ViewContext& context, const Pointer& pointer, std::size_t level,
              const Rect& track, Drawn& drawn);

    std::optional<std::size_t> held_;
    std::optional<Sent> sent_;
    double share_ = 0.0;  // of the drag, or of what was sent
};

// The line that gives a level a share of attention below 1; nothing where no other has a weight.
[[nodiscard]] std::optional<std::string> weighing_line(const hsa::Hierarchy& hierarchy,
                                                       std::size_t level, double share);

}  // namespace splatscope
