#pragma once

#include "app/render/canvas.h"
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
                                      hsa::Statistic statistic = hsa::Statistic::mean);

// Which splats the map shows: map.splats where there are some of them, else map.level; and their
// name, empty where all are shown.
[[nodiscard]] hsa::PicturePart map_part(const ViewContext& context);
[[nodiscard]] std::string part_name(const ViewContext& context);

// Beside splats shown alone: back to all. Else all levels, then each by name in its colour; none
// before there are splats.
[[nodiscard]] std::vector<Chip> level_chips(const ViewContext& context);

// Below the map: the colour bar, the looks of zero and of "not a number" where they occur, and the
// chips of the levels. Adds their hits; sends the command of one that was clicked.
void draw_map_legend(Canvas& canvas, const ViewContext& context, const MapLayout& layout,
                     const std::string& caption, const std::vector<Chip>& chips,
                     const AttentionColours& colours, const SpecialPixels& special,
                     const Pointer& pointer, Drawn& drawn);

}  // namespace splatscope
