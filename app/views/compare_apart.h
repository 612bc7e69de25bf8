#pragma once

#include "app/views/map_moves.h"
#include "app/views/map_pixels.h"
#include "app/views/view.h"

#include <memory>
#include <string>

namespace splatscope {

// The maps of two sides that have different tokens, side by side, each with its own axes, words and
// zoom: nothing links a token of the one with one of the other.
class MapsApart {
  public:
    // Draws both and asks for their pictures; returns whether all that is shown is there.
    [[nodiscard]] bool draw(Canvas& canvas, const ViewContext& context, const Pointer& pointer,
                            Drawn& drawn);

  private:
    struct Side {
        MapFrame frame;
        MapMoves moves;
        std::shared_ptr<const hsa::Picture> picture;
        std::shared_ptr<const hsa::Factors> of;  // the factors of the picture
        PixelCache pixels;
    };
    void draw_side(Canvas& canvas, const ViewContext& context, const Pointer& pointer,
                   const hsa::Dataset& dataset, const std::string& name, Side& side, Drawn& drawn);

    Side first_, second_;
};

}  // namespace splatscope
