#pragma once

#include "app/render/canvas.h"
#include "app/render/gl.h"

#include <list>
#include <string>

struct ImDrawList;

namespace splatscope {

// Textures of images by their key, the least used thrown away beyond a budget.
class TextureCache {
  public:
    // The OpenGL name of the image's texture, made where it is not there.
    std::uint32_t texture(const Image& image);
    // Once a frame: textures that were not used lately are freed.
    void next_frame();

  private:
    struct Entry {
        std::uint64_t key = 0;
        bool smooth = false;
        GlName texture;
        std::uint64_t used = 0;
    };
    std::list<Entry> entries_;
    std::uint64_t frame_ = 0;
};

// A Canvas over a draw list of Dear ImGui: what the window shows and PNG files hold. Everything is
// `scale` times as large on the list as on the canvas, places too: `bounds` times `scale` is where
// it stands in the window.
class ImGuiCanvas : public Canvas {
  public:
    ImGuiCanvas(ImDrawList& list, TextureCache& textures, const Rect& bounds, float scale = 1.0F);

    [[nodiscard]] Rect bounds() const override { return bounds_; }
    void line(Vec2 a, Vec2 b, Colour colour, float width) override;
    void polyline(std::span<const Vec2> points, Colour colour, float width, bool closed) override;
    void polygon(std::span<const Vec2> points, Colour fill) override;
    void rect(const Rect& place, Colour fill, float rounding) override;
    void rect_outline(const Rect& place, Colour colour, float width, float rounding) override;
    void circle(Vec2 centre, float radius, Colour fill) override;
    void circle_outline(Vec2 centre, float radius, Colour colour, float width) override;
    void image(const Image& image, const Rect& place) override;
    void texture(std::uint32_t gl_name, const Rect& place) override;
    void push_clip(const Rect& place) override;
    void pop_clip() override;
    [[nodiscard]] Vec2 text_size(std::string_view text, const TextStyle& style) const override;

  private:
    void draw_text(Vec2 top_left, std::string_view text, const TextStyle& style) override;

    ImDrawList& list_;
    TextureCache& textures_;
    Rect bounds_;
    float scale_;
};

}  // namespace splatscope
