#include "app/views/view.h"

#include "app/widgets/text_lines.h"

#include <algorithm>

namespace splatscope {

void draw_empty_state(Canvas& canvas, const Theme& theme, Drawn& drawn, std::string_view sentence) {
    drawn.empty = true;
    const Rect bounds = canvas.bounds();
    TextStyle style{theme.secondary, Font::text, kTextSize, Align::centre, Align::start};
    const float line_height = kTextSize + 6.0F;
    const float width = std::min(bounds.width() - 32.0F, 420.0F);
    const std::vector<std::string> lines = broken_lines(canvas, sentence, style, width);
    float y = bounds.centre().y - 0.5F * line_height * static_cast<float>(lines.size());
    canvas.push_clip(bounds);
    for (const std::string& line : lines) {
        (void)canvas.text({bounds.centre().x, y}, line, style);
        y += line_height;
    }
    canvas.pop_clip();
}

}  // namespace splatscope
