#include "app/render/font_face.h"

#include "app/embedded.h"
#include "engine/core/error.h"

#include <ft2build.h>
#include FT_FREETYPE_H

#include <array>
#include <cmath>
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace splatscope {
namespace {

constexpr std::array<const char*, 4> kFiles = {
    "fonts/Roboto-Regular.ttf", "fonts/Roboto-Bold.ttf", "fonts/Inconsolata-Medium.ttf",
    "fonts/fontawesome-webfont.ttf"};  // in the order of Font

// Ideographs as large as capitals: the line of that font is high for its letters.
constexpr StandIn kIdeographs = {"fonts/DroidSansFallbackFull.ttf", 1.16F, false};
constexpr StandIn kDevanagari = {"fonts/Lohit-Devanagari.ttf", 1.4F};  // its line is high, too
constexpr std::array<StandIn, 4> kRegular = {
    {{"fonts/DejaVuSans.ttf", 1.0F}, kIdeographs, {"fonts/NanumSquareR.ttf", 1.0F}, kDevanagari}};
constexpr std::array<StandIn, 4> kBold = {{{"fonts/DejaVuSans-Bold.ttf", 1.0F},
                                           kIdeographs,
                                           {"fonts/NanumSquareB.ttf", 1.0F},
                                           kDevanagari}};

// Those of a row that are part of the program.
std::vector<StandIn> found(std::span<const StandIn> row) {
    std::vector<StandIn> fonts;
    for (const StandIn& font : row)
        if (has_embedded(font.file)) fonts.push_back(font);
    return fonts;
}

FT_Library library() {
    static FT_Library made = [] {
        FT_Library fresh = nullptr;
        if (FT_Init_FreeType(&fresh) != 0) hsa::fault("FreeType does not start");
        return fresh;
    }();
    return made;
}

}  // namespace

const char* font_file(Font role) { return kFiles[static_cast<std::size_t>(role)]; }

std::span<const StandIn> stand_ins(Font role) {
    static const std::vector<StandIn> regular = found(kRegular), bold = found(kBold);
    if (role == Font::icons) return {};
    return role == Font::bold ? bold : regular;
}

FontFace::FontFace(const char* file, float scale) : file_(file) {
    const std::span<const std::byte> bytes = embedded(file);
    if (FT_New_Memory_Face(library(), reinterpret_cast<const FT_Byte*>(bytes.data()),
                           static_cast<FT_Long>(bytes.size()), 0, &face_) != 0)
        hsa::fault("{} is no font that FreeType reads", file);
    const auto line = static_cast<float>(face_->ascender - face_->descender);
    em_ = scale * static_cast<float>(face_->units_per_EM) / line;
    ascent_ = static_cast<float>(face_->ascender) / line;
}

float FontFace::baseline(float size) const { return std::ceil(ascent_ * size); }

const FontFace& font_face(Font role) {
    static const std::array<FontFace, 4> faces = {FontFace(kFiles[0]), FontFace(kFiles[1]),
                                                  FontFace(kFiles[2]), FontFace(kFiles[3])};
    return faces[static_cast<std::size_t>(role)];
}

const FontFace& face_with(Font role, char32_t letter) {
    const FontFace& own = font_face(role);
    if (FT_Get_Char_Index(own.freetype(), letter) != 0) return own;
    static std::map<std::string, FontFace, std::less<>> others;
    const bool is_hangul = letter >= kFirstSyllable && letter <= kLastSyllable;
    for (const StandIn& font : stand_ins(role)) {
        if (is_hangul && !font.with_hangul) continue;
        const FontFace& other = others.try_emplace(font.file, font.file, font.scale).first->second;
        if (FT_Get_Char_Index(other.freetype(), letter) != 0) return other;
    }
    return own;
}

}  // namespace splatscope
