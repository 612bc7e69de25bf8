#pragma once

#include "app/render/canvas.h"
#include "app/views/view.h"

#include <string_view>

namespace splatscope {

// What every view does while what it shows is not there yet.

// Whether the engine is still at work on the session's data.
[[nodiscard]] bool is_coming(const ViewContext& context);
// Whether the look lane's answers are of the attention on screen.
[[nodiscard]] bool is_current(const ViewContext& context);
// How exact numbers are that are read off the attention of a snapshot.
[[nodiscard]] hsa::Mark mark_of_attention(const hsa::Snapshot& snapshot);
// The whole view: what is being computed or what went wrong, or, once there is nothing more to
// come, `otherwise`, a sentence that says what to do. `drawn` waits while something is coming.
void draw_nothing(Canvas& canvas, const ViewContext& context, Drawn& drawn,
                  std::string_view otherwise = {});

}  // namespace splatscope
