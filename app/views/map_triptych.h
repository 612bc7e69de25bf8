#pragma once

#include "app/views/map_axes.h"
#include "app/views/map_moves.h"
#include "app/views/map_pixels.h"
#include "app/views/map_viewport.h"
#include "app/views/view.h"

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace splatscope {

// Two maps of the same tokens as the attention map shows, side by side, and how many times as much
// the second has as the first. Wheel, drag and double click move all three and the map; a click
// selects the block of a pixel.
class MapTriptych {
  public:
    // Where the three stand, moved by the pointer; returns the pictures to ask for.
    [[nodiscard]] hsa::PictureRequest arrange(const Rect& bounds, const ViewContext& context,
                                              const Pointer& pointer, Drawn& drawn);
    // Both of one request.
    void take(const std::shared_ptr<const hsa::Picture>& first,
              const std::shared_ptr<const hsa::Picture>& second);
    [[nodiscard]] bool shows(const hsa::PictureRequest& request) const {
        return second_ && second_->request == request;
    }
    void forget() { first_ = second_ = ratio_ = nullptr; }

    struct Words {
        std::array<std::string_view, 3> titles;
        std::string_view hits;  // before the number of a map in the name of its place
        // Of the third's colours, each way; nothing: as far as its pixels reach, a tenfold at most.
        std::optional<double> decades;
    };
    // What was taken last, as `arrange` placed it.
    void draw(Canvas& canvas, const ViewContext& context, const Words& words, Drawn& drawn);
    // What the pixel at a place says: its tokens, in the words of both where `second` has others,
    // and both means. Empty outside the maps.
    [[nodiscard]] std::string reading(Vec2 at, const hsa::Dataset& first,
                                      const hsa::Dataset* second, const Words& words) const;

  private:
    void move(const ViewContext& context, const Pointer& pointer, Drawn& drawn);

    std::array<MapFrame, 3> frames_;
    std::shared_ptr<const hsa::Picture> first_, second_, ratio_;
    double reach_ = 1.0;  // decades that the ratio's pixels reach
    PixelCache pixels_;
    MapMoves moves_;
};

}  // namespace splatscope
