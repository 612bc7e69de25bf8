#pragma once

#include "app/render/canvas.h"
#include "app/views/map_pixels.h"
#include "app/views/view.h"

#include <optional>
#include <string>

namespace splatscope {

// The range of the colours, dragged on their bar: near an end that end moves, between them both do.
// A click goes to the next scale, a double click back to the scale's own range, Ctrl+click keeps
// the range shown for every map, or lets it go.
class RangeDrag {
  public:
    // `bar` as it was drawn last; colours of that range; `now` in seconds. Sends the command when
    // the drag ends.
    void move(const Pointer& pointer, const Rect& bar, bool upright, const MapDesk& desk,
              const AttentionColours& colours, double now, Drawn& drawn);
    // The desk with the range that the drag has come to.
    [[nodiscard]] MapDesk previewed(const MapDesk& desk) const;
    // The range that the bar's ends stand for while a drag lasts.
    [[nodiscard]] const std::optional<AttentionColours>& started() const { return started_; }

  private:
    std::optional<AttentionColours> started_;
    enum class Grip { low, both, high } grip_ = Grip::both;
    double low_ = 0.0, high_ = 0.0;  // times uniform
    bool moved_ = false;
    bool twice_ = false;             // the press is the second of a double click ...
    std::optional<MapScale> scale_;  // ... whose first changed this scale, ...
    double clicked_ = 0.0;           // ... then
};

// The colours over a bar whose ends are those of `ends`.
[[nodiscard]] ColourTable table_between(const AttentionColours& colours,
                                        const AttentionColours& ends);

}  // namespace splatscope
