#pragma once

#include "app/render/canvas.h"
#include "app/views/map_channels.h"
#include "app/views/map_compare.h"
#include "app/views/map_layout.h"
#include "app/views/map_pixels.h"
#include "app/views/view.h"
#include "app/widgets/chips.h"
#include "engine/attention/picture.h"
#include "engine/model/mark.h"
#include "engine/model/settings.h"

#include <string>
#include <vector>

namespace splatscope {

// What the colours mean: attention / uniform (of Statistic::most the largest in a pixel), and the
// row steps it is shown after, or before where the picture could not apply them.
[[nodiscard]] std::string map_caption(const hsa::AttentionSettings& settings, hsa::Mark mark,
                                      hsa::Statistic statistic = hsa::Statistic::mean,
                                      bool linear = false);

// Which splats the map shows: map.splats where there are some of them, else map.level; and their
// name, empty where all are shown.
[[nodiscard]] hsa::PicturePart map_part(const ViewContext& context);
[[nodiscard]] std::string part_name(const ViewContext& context);

// A chip that sends a command, or a list's first shows what is on.
struct MapChip {
    Chip chip;
    std::string hit, command, tooltip;
};
// Beside splats shown alone: back to all. Mixed channels: back to all, and each, which takes the
// next level. Else all levels, then each by name in its colour; none before there are splats. In
// the window a mix is offered; a comparison that is on has its mode, and a blink its rest.
[[nodiscard]] std::vector<MapChip> map_chips(const ViewContext& context,
                                             const std::vector<MapChannel>& channels,
                                             const MapSides& sides);

// What the legend says beside the chips.
struct MapKey {
    std::string caption;
    AttentionColours colours;
    AttentionColours ends;  // of the bar: `colours`, but for a drag on it
    SpecialPixels special;
    std::vector<MapChannel> channels;
    bool over = false;  // of one side over the other: 1 is the same, not uniform attention
};
// Below the map or at its right: the colour bar (of channels one each, and what they mix to), the
// looks of zero and of "not a number" where they occur, and the chips. Adds their hits; sends the
// command of a chip that was clicked.
void draw_map_legend(Canvas& canvas, const ViewContext& context, const MapLayout& layout,
                     const MapKey& key, const std::vector<MapChip>& chips, const Pointer& pointer,
                     Drawn& drawn);

}  // namespace splatscope
