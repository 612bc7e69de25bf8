#pragma once

#include "app/render/canvas.h"

struct FT_FaceRec_;

namespace splatscope {

// A font of the program as FreeType reads it, for files that keep letters as letters. Belongs to
// one thread; stays for the length of the program.
class FontFace {
  public:
    explicit FontFace(Font role);
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

  private:
    FT_FaceRec_* face_ = nullptr;
    float em_ = 1.0F;
    float ascent_ = 1.0F;
};

[[nodiscard]] const FontFace& font_face(Font role);

}  // namespace splatscope
