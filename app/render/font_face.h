#pragma once

#include "app/render/canvas.h"

#include <span>

struct FT_FaceRec_;

namespace splatscope {

// A font of the program that has glyphs another one lacks, drawn `scale` times as large beside it.
struct StandIn {
    const char* file;
    float scale;
    bool with_hangul = true;  // else its syllables are left to the next: it lacks most of them
};
inline constexpr char32_t kFirstSyllable = 0xac00, kLastSyllable = 0xd7a3;  // of Hangul
[[nodiscard]] const char* font_file(Font role);                             // as embedded
// What stands in for it, best first: only those that the build found.
[[nodiscard]] std::span<const StandIn> stand_ins(Font role);

// A font of the program as FreeType reads it, for files that keep letters as letters. Belongs to
// one thread; stays for the length of the program.
class FontFace {
  public:
    explicit FontFace(const char* file, float scale = 1.0F);
    FontFace(const FontFace&) = delete;
    FontFace& operator=(const FontFace&) = delete;
    FontFace(FontFace&&) = delete;
    FontFace& operator=(FontFace&&) = delete;
    ~FontFace() = default;

    // A style's size is the height of a line; files count in ems.
    [[nodiscard]] float em(float size) const { return size * em_; }
    // From the top of a line down to where the letters stand, as the window places them.
    [[nodiscard]] float baseline(float size) const;
    [[nodiscard]] FT_FaceRec_* freetype() const { return face_; }
    [[nodiscard]] const char* file() const { return file_; }  // as embedded

  private:
    const char* file_;
    FT_FaceRec_* face_ = nullptr;
    float em_ = 1.0F;
    float ascent_ = 1.0F;
};

[[nodiscard]] const FontFace& font_face(Font role);
// The first of the font and its stand-ins that has the letter; the font itself where none has.
[[nodiscard]] const FontFace& face_with(Font role, char32_t letter);

}  // namespace splatscope
