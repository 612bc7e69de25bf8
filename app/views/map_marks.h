#pragma once

#include "app/render/canvas.h"
#include "app/views/map_axes.h"
#include "app/views/map_viewport.h"
#include "app/views/view.h"
#include "app/widgets/theme.h"
#include "engine/attention/picture.h"
#include "engine/explain/ask.h"
#include "engine/model/selection.h"

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

namespace splatscope {

// Where a block stands on the frame, at least `smallest` pixels wide and high.
[[nodiscard]] Rect block_place(const MapFrame& frame, const hsa::Block& block, float smallest);

// The outline of the selected block, in the accent; clipped to the frame.
void draw_selected_block(Canvas& canvas, const Theme& theme, const MapFrame& frame,
                         const hsa::Block& block);
// Tokens to mark on the axes: what the selection lights; where only tokens are selected, what
// attends to them on the rows and what they attend to on the columns. Nothing of older data.
[[nodiscard]] LitAxes lit_axes(const ViewContext& context);
// What the axes mark: what is linked, or, where `asked` is set, the answers in it; without either
// nothing.
struct LitSource {
    std::shared_ptr<const hsa::Linked> linked;
    std::shared_ptr<const hsa::Asked> asked;
    bool operator==(const LitSource&) const = default;
};
// lit_axes, made again only for another source.
class KeptLit {
  public:
    [[nodiscard]] const LitAxes& of(const ViewContext& context);
    // What it last gave: the tokens of rows and columns, sorted, each once.
    [[nodiscard]] const LitTokens& tokens() const { return tokens_; }

  private:
    LitSource source_;
    LitAxes axes_;
    LitTokens tokens_;
};
// Rings on the cells of far links, a few pixels wide at every zoom.
void draw_far_links(Canvas& canvas, const Theme& theme, const MapFrame& frame,
                    const hsa::Asked& asked);
// A block that is being drawn by hand, with its size.
void draw_rubber_band(Canvas& canvas, const Theme& theme, const MapFrame& frame,
                      const hsa::Block& block);
// Points at a block worth a click.
void draw_hint(Canvas& canvas, const Theme& theme, const MapFrame& frame, const hsa::Block& block,
               std::string_view sentence);
// Hairs from the pointer to both axes, with the words of the row at the left and of the column
// below (nothing where they are empty).
void draw_cross_hairs(Canvas& canvas, const Theme& theme, const MapFrame& frame, Vec2 at,
                      std::string_view row, std::string_view column);
// Attention against uniform written into cells that are wide enough;
// `pixels` are the colours of the picture, so that the numbers can be read on them.
void draw_cell_values(Canvas& canvas, const MapFrame& frame, const hsa::Picture& picture,
                      double tokens, const std::vector<std::uint32_t>& pixels);

}  // namespace splatscope
