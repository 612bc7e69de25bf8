#pragma once

#include "app/render/canvas.h"
#include "app/views/distributions_things.h"
#include "app/views/view.h"
#include "app/widgets/axis.h"
#include "engine/explain/tokens.h"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace splatscope {

// Two properties against each other. Splats are the signs of their levels; few tokens are dots,
// many are counted in cells of a few pixels, the brighter the more: none is left out. A drag
// selects what its rectangle holds, a click what is nearest.
class Scatter {
  public:
    struct Of {
        const hsa::Property& across;
        const hsa::Property& upward;  // as many values
        Counted counted = Counted::splats;
        bool logarithmic = false;   // both axes
        std::uint64_t version = 0;  // another one: other values
    };
    void draw(Canvas& canvas, const ViewContext& context, const Pointer& pointer, const Of& of,
              const Rect& plot, Drawn& drawn);
    void drop() { dragging_ = false; }

  private:
    struct Placed {
        std::size_t thing = 0;
        Vec2 at;
    };
    void place(const Of& of, const Rect& plot);
    void draw_things(Canvas& canvas, const ViewContext& context, const Of& of,
                     const std::vector<std::uint8_t>& lit, Drawn& drawn) const;
    void draw_cells(Canvas& canvas, const Theme& theme, const std::vector<std::uint8_t>& lit) const;
    void react(Canvas& canvas, const ViewContext& context, const Pointer& pointer, const Of& of,
               Drawn& drawn);

    // Made again when what it was made of changes.
    std::uint64_t version_ = 0;
    const void* across_values_ = nullptr;
    const void* upward_values_ = nullptr;
    bool logarithmic_ = false;
    Rect plot_;
    Axis across_, upward_;
    std::vector<Placed> placed_;
    std::size_t without_ = 0;  // things that lack one of the values
    bool dragging_ = false;
};

}  // namespace splatscope
