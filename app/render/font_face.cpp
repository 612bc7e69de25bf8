#include "app/render/font_face.h"

#include "app/embedded.h"
#include "engine/core/error.h"

#include <ft2build.h>
#include FT_FREETYPE_H

#include <array>
#include <cmath>

namespace splatscope {
namespace {

constexpr std::array<const char*, 4> kFiles = {
    "fonts/Roboto-Regular.ttf", "fonts/Roboto-Bold.ttf", "fonts/Inconsolata-Medium.ttf",
    "fonts/fontawesome-webfont.ttf"};  // in the order of Font

FT_Library library() {
    static FT_Library made = [] {
        FT_Library fresh = nullptr;
        if (FT_Init_FreeType(&fresh) != 0) hsa::fault("FreeType does not start");
        return fresh;
    }();
    return made;
}

}  // namespace

FontFace::FontFace(Font role) {
    const char* file = kFiles[static_cast<std::size_t>(role)];
    const std::span<const std::byte> bytes = embedded(file);
    if (FT_New_Memory_Face(library(), reinterpret_cast<const FT_Byte*>(bytes.data()),
                           static_cast<FT_Long>(bytes.size()), 0, &face_) != 0)
        hsa::fault("{} is no font that FreeType reads", file);
    const auto line = static_cast<float>(face_->ascender - face_->descender);
    em_ = static_cast<float>(face_->units_per_EM) / line;
    ascent_ = static_cast<float>(face_->ascender) / line;
}

float FontFace::baseline(float size) const { return std::ceil(ascent_ * size); }

const FontFace& font_face(Font role) {
    static const std::array<FontFace, 4> faces = {FontFace(Font::text), FontFace(Font::bold),
                                                  FontFace(Font::mono), FontFace(Font::icons)};
    return faces[static_cast<std::size_t>(role)];
}

}  // namespace splatscope
