#pragma once

#include "app/views/timeline_axis.h"
#include "app/views/timeline_layout.h"
#include "app/views/tree_lineage_layout.h"
#include "app/views/view.h"

#include <memory>
#include <string>
#include <vector>

namespace splatscope {

// The Hierarchy as lineage: every splat that there was as a line over the timeline's cycles, a fork
// where it split, a join where it was merged, + where it was born, x where it died, in the colour
// of its level. Where not all have room those without events are folded away, then the smaller
// families.
class TreeLineage {
  public:
    void draw(Canvas& canvas, const ViewContext& context, const Pointer& pointer, Drawn& drawn);

  private:
    struct Frame {
        TimelineLayout layout;   // its plot and the row of flags
        std::vector<float> top;  // of each group
        float lane = 0.0F;       // height of one
    };
    struct Mark {
        std::size_t event = 0;
        hsa::EventKind kind = hsa::EventKind::mitosis;
        Vec2 place;
        bool lit = false;
    };

    void lay_out(const ViewContext& context, float height);
    [[nodiscard]] Frame frame_of(const Rect& bounds, bool flags) const;
    [[nodiscard]] float y_of(const Frame& frame, const LineageLine& line) const;
    void draw_groups(Canvas& canvas, const ViewContext& context, const Frame& frame) const;
    void draw_lines(Canvas& canvas, const ViewContext& context, const Frame& frame,
                    const Axis& cycles, const Pointer& pointer, Drawn& drawn);
    void draw_names(Canvas& canvas, const ViewContext& context, const Frame& frame,
                    const Axis& cycles) const;
    [[nodiscard]] bool is_lit(hsa::SplatId id) const { return family_.count(id) > 0; }
    [[nodiscard]] std::string tooltip_of(const ViewContext& context, const hsa::Life& life) const;
    void react(const ViewContext& context, const Pointer& pointer, const Frame& frame,
               const Axis& cycles, const LineageLine* under, const Mark* mark, Drawn& drawn);

    TimelineAxis axis_;
    // What the lanes were made of.
    std::shared_ptr<const hsa::History> history_;
    std::vector<hsa::SplatId> selected_;
    std::vector<std::string> levels_;
    LineageLines wish_ = LineageLines::automatic;
    float height_ = 0.0F;

    hsa::Lineage lineage_;
    LineageLanes lanes_;
    std::set<hsa::SplatId> family_;  // of the selected splats
    bool only_quiet_ = false;        // of what is folded away none had an event
};

}  // namespace splatscope
