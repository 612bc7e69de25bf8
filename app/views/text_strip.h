#pragma once

#include "app/render/canvas.h"
#include "app/views/text_tint.h"
#include "app/widgets/theme.h"
#include "engine/core/range.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace splatscope {

// The whole document in one strip: every row of pixels has the tint of its tokens, with the signs
// of the splats or levels that they stand for; the part on the screen is framed, selected and lit
// tokens are marked.
class TextStrip {
  public:
    void draw(Canvas& canvas, const Theme& theme, const Rect& place, const Tinting& tinting,
              std::size_t tokens, float scale);
    void draw_marks(Canvas& canvas, const Theme& theme, const Rect& place, std::size_t tokens,
                    std::span<const hsa::Range> selected, std::span<const std::uint32_t> lit,
                    hsa::Range visible) const;

  private:
    // A sign and the height at which it stands, as a share of the strip's.
    struct PlacedSign {
        float at = 0.0F;
        Sign sign;
    };
    void place_signs(const Tinting& tinting, std::size_t tokens, float height);

    Image image_;
    std::vector<PlacedSign> signs_;
    float signed_height_ = 0.0F;
    std::uint64_t tint_key_ = 0;
};

}  // namespace splatscope
