#pragma once

#include "app/render/canvas.h"
#include "app/views/view.h"
#include "engine/explain/flow.h"

namespace splatscope {

// The height of the table below; 0 where the text has no parts that splats could follow.
[[nodiscard]] float agreement_height(const hsa::Flow& flow);

// How the levels part the text: a row a level, a column for phrases, sentences, paragraphs,
// sections as the data have them, and for the heads of words. Colours and numbers say the adjusted
// mutual information, of heads the lift; tooltips say the rest.
void draw_agreement_table(Canvas& canvas, const ViewContext& context, const hsa::Flow& flow,
                          const Rect& bounds, const Pointer& pointer, Drawn& drawn);

}  // namespace splatscope
