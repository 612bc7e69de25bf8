#pragma once

#include "app/views/view.h"

#include <cstddef>
#include <memory>
#include <optional>
#include <string>

namespace splatscope {

// The weights of the levels as an equaliser: a fader a level, as far to the right as its share of
// attention is meant to be. While one is dragged the other views follow (Drawn::preview); letting
// go is one edit, Esc puts it back. The others keep their proportions.
class TreeFaders {
  public:
    // One fader along `track`, whose knob is at the level's share.
    void draw(Canvas& canvas, const ViewContext& context, const Pointer& pointer, std::size_t level,
              const Rect& track, Drawn& drawn);
    // True while one is held: nothing else is meant then.
    [[nodiscard]] bool holds() const { return held_.has_value(); }
    void drop() { held_.reset(); }

  private:
    void move(const ViewContext& context, const Pointer& pointer, std::size_t level,
              const Rect& track, Drawn& drawn);

    std::optional<std::size_t> held_;
    double share_ = 0.0;  // where the knob was left, ...
    // ... and stays until there are other splats.
    std::shared_ptr<const hsa::SplatRegistry> left_of_;
    std::size_t left_level_ = 0;
};

// The line that gives a level a share of attention below 1; nothing where no other has a weight.
[[nodiscard]] std::optional<std::string> weighing_line(const hsa::Hierarchy& hierarchy,
                                                       std::size_t level, double share);

}  // namespace splatscope
