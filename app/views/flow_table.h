#pragma once

#include "app/render/canvas.h"
#include "app/views/view.h"
#include "engine/core/matrix.h"
#include "engine/core/range.h"
#include "engine/explain/flow.h"

#include <string>
#include <string_view>
#include <vector>

namespace splatscope {

// From whom to whom, as a table of cells: a row's shares sum to 1.
struct FlowTable {
    std::string title;
    std::vector<std::string> names;  // of rows and columns
    std::vector<Colour> colours;     // of the names; empty: that of the text
    std::vector<hsa::Range> tokens;  // of each; empty: a click selects nothing
    hsa::Matrix<double> share;       // [names, names]
    hsa::Matrix<double> ratio;       // share over what uniform attention gives
};

// Of the parts of the text, or of the levels.
[[nodiscard]] FlowTable table_of_parts(const hsa::Flow& flow);
[[nodiscard]] FlowTable table_of_levels(const hsa::Flow& flow, const Theme& theme);

// The least height in which the table can be read, its colour bar included.
[[nodiscard]] float least_table_height(std::size_t rows);

// Rows from above, columns numbered; colours say how much more (purple) or less (orange) than
// uniform attention, shares are written into cells that are wide enough. The selection is outlined
// in the accent. Returns where it ends below.
float draw_flow_table(Canvas& canvas, const ViewContext& context, const FlowTable& table,
                      const Rect& bounds, const Pointer& pointer, Drawn& drawn);

}  // namespace splatscope
