#pragma once

#include "app/views/view.h"

namespace splatscope {

// Above the table: which rows it lists, and the filter. Returns where it ends.
[[nodiscard]] float draw_table_bar(Canvas& canvas, const ViewContext& context,
                                   const Pointer& pointer, Drawn& drawn);

// "set table.scroll 0" where the table is scrolled: before other rows are shown.
void scroll_to_top(const ViewContext& context, Drawn& drawn);

}  // namespace splatscope
