#pragma once

#include "app/render/canvas.h"
#include "app/render/gl.h"

#include <memory>
#include <string>
#include <string_view>

namespace splatscope {

// One picture as a vector file: lines, areas and letters stay what they are, pixels (the map, the
// 3-D scene) become images inside. The same calls give the same bytes.
class VectorPage {
  public:
    virtual ~VectorPage() = default;
    // Draws onto the page, everything `scale` times as large as on the canvas, places too. It must
    // not outlive the page.
    [[nodiscard]] virtual std::unique_ptr<Canvas> canvas(const Rect& bounds, float scale) = 0;
    // The bytes of the file; nothing may be drawn any more.
    [[nodiscard]] virtual std::string finish() = 0;
};

// What a file tells beside its picture.
struct PageNotes {
    std::string title;
    std::string key;   // under it the file keeps ...
    std::string text;  // ... this (engine/io/vector_picture.h)
};

// How large a page is, in pixels, and how large one of them is on paper.
struct PageSize {
    double width = 0.0;
    double height = 0.0;
    double points = 1.0;  // 1/72 inch; an SVG names millimetres where it is another number
};

// Letters stay text that can be searched, and come with the glyphs they need, in an SVG as fonts
// inside it where the build can make them (font_subset), else by the names of ours; the width of
// each text is written beside it.
[[nodiscard]] std::unique_ptr<VectorPage> make_svg_page(PageSize size, PageNotes notes);
[[nodiscard]] std::unique_ptr<VectorPage> make_pdf_page(PageSize size, const PageNotes& notes);

// What both kinds of canvas share: text measured as the window measures it, so that a picture has
// one layout whatever file it becomes, and textures read back as pixels.
class VectorCanvas : public Canvas {
  public:
    VectorCanvas(const Rect& bounds, float scale) : bounds_(bounds), scale_(scale) {}

    [[nodiscard]] Rect bounds() const override { return bounds_; }
    [[nodiscard]] Vec2 text_size(std::string_view text, const TextStyle& style) const override;
    void image(const Image& image, const Rect& place) override;
    void texture(std::uint32_t gl_name, const Rect& place) override;

  protected:
    [[nodiscard]] float scale() const { return scale_; }
    // From the top of a text of that style to its baseline.
    [[nodiscard]] float baseline(const TextStyle& style) const;

  private:
    // Colours not multiplied by alpha, rows from the top.
    virtual void draw_pixels(const Pixels& pixels, const Rect& place, bool smooth) = 0;

    Rect bounds_;
    float scale_;
};

}  // namespace splatscope
