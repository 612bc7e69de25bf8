#include "app/render/vector_page.h"

#include "app/render/font_face.h"
#include "app/widgets/fonts.h"

namespace splatscope {

Vec2 VectorCanvas::text_size(std::string_view text, const TextStyle& style) const {
    return text_extent(text, style, scale_);
}

float VectorCanvas::baseline(const TextStyle& style) const {
    return font_face(style.font).baseline(style.size * scale_) / scale_;
}

void VectorCanvas::image(const Image& image, const Rect& place) {
    if (!image.pixels || image.pixels->empty()) return;
    draw_pixels({static_cast<int>(image.width), static_cast<int>(image.height), *image.pixels},
                place, image.smooth);
}

void VectorCanvas::texture(std::uint32_t gl_name, const Rect& place) {
    draw_pixels(read_texture(gl_name), place, true);
}

}  // namespace splatscope
