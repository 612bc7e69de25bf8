#pragma once

#include "app/render/canvas.h"
#include "app/views/map_viewport.h"
#include "app/views/view.h"
#include "engine/attention/picture.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace splatscope {

// The attention shown (A) and what it is compared with (B).
struct MapSides {
    MapCompare mode = MapCompare::off;
    std::string first, second;          // "cycle 12", "the target"
    std::optional<std::int32_t> cycle;  // B is of this cycle; else it is the target
    std::string problem;                // why there is no B, a sentence; empty where there is one
    [[nodiscard]] bool on() const { return mode != MapCompare::off && problem.empty(); }
};
// By map.compare and compare.set. Nothing set: cycle 0, of the first cycle the target.
[[nodiscard]] MapSides map_sides(const ViewContext& context);
// Adds what B needs to what the view wants.
void want_second(const MapSides& sides, const hsa::PictureRequest& request, Drawn& drawn);
// B's picture of the request, where the look lane has it.
[[nodiscard]] std::shared_ptr<const hsa::Picture> second_of(const MapSides& sides,
                                                            const hsa::LookResult& look,
                                                            const hsa::PictureRequest& request);
// Which side a blink shows, and in how many seconds the other; nothing while it rests.
struct BlinkState {
    bool second = false;
    double next = 0.0;
};
[[nodiscard]] BlinkState blink_state(const MapDesk& desk, double time, bool exporting);

// Below the diagonal (rows after their columns) and on it the first picture's pixels, above it the
// second's; a pixel lies where its middle does.
[[nodiscard]] hsa::Picture split_picture(const hsa::Picture& first, const hsa::Picture& second);
// The second map over the first: means are b / a of each pixel, 1 where both are zero.
[[nodiscard]] hsa::Picture ratio_picture(const hsa::Picture& first, const hsa::Picture& second);

// How far such ratios reach from 1, in decades: all but one pixel in 200, a fiftieth at least, a
// tenfold at most.
[[nodiscard]] double ratio_reach(const hsa::Picture& ratio);

// The picture that stands for both, made again only for another pair.
class ComparedPictures {
  public:
    [[nodiscard]] std::shared_ptr<const hsa::Picture> get(
        MapCompare mode, bool second_side, const std::shared_ptr<const hsa::Picture>& first,
        const std::shared_ptr<const hsa::Picture>& second);

  private:
    struct Entry {
        MapCompare mode = MapCompare::off;
        std::shared_ptr<const hsa::Picture> first, second, both;
    };
    std::vector<Entry> entries_;  // the newest first
};

// Which side is where, on the map itself: it says so in every mode.
void draw_side_marks(Canvas& canvas, const Theme& theme, const MapFrame& frame,
                     const MapSides& sides, bool second_shown, Colour across,
                     const std::optional<Rect>& minimap);

}  // namespace splatscope
