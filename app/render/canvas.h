#pragma once

#include "app/render/visual_order.h"

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace splatscope {

struct Vec2 {
    float x = 0.0F;
    float y = 0.0F;
    bool operator==(const Vec2&) const = default;
};

// Corner to corner, y downwards, in logical pixels.
struct Rect {
    Vec2 min;
    Vec2 max;

    [[nodiscard]] float width() const { return max.x - min.x; }
    [[nodiscard]] float height() const { return max.y - min.y; }
    [[nodiscard]] Vec2 centre() const { return {0.5F * (min.x + max.x), 0.5F * (min.y + max.y)}; }
    [[nodiscard]] bool contains(Vec2 p) const {
        return p.x >= min.x && p.x < max.x && p.y >= min.y && p.y < max.y;
    }
    [[nodiscard]] bool overlaps(const Rect& other) const {
        return min.x < other.max.x && other.min.x < max.x && min.y < other.max.y &&
               other.min.y < max.y;
    }
    bool operator==(const Rect&) const = default;
};
[[nodiscard]] constexpr Vec2 scaled(Vec2 v, float by) { return {v.x * by, v.y * by}; }
[[nodiscard]] constexpr Rect scaled(const Rect& place, float by) {
    return {scaled(place.min, by), scaled(place.max, by)};
}

struct Colour {
    std::uint8_t r = 0, g = 0, b = 0, a = 255;
    [[nodiscard]] Colour with_alpha(float alpha) const;
    bool operator==(const Colour&) const = default;
};
[[nodiscard]] Colour mix(Colour from, Colour to, float t);

enum class Font : std::uint8_t { text, bold, mono, icons };
enum class Align : std::uint8_t { start, centre, end };
// Event shapes and points; drawn from lines and polygons, so every canvas draws them alike.
enum class Marker : std::uint8_t {
    circle,
    square,
    diamond,
    triangle,
    wedge,  // a triangle on its point
    filled_plus,
    star,
    plus,
    cross,
    fork,
    join,
    dot,
    ring
};

struct TextStyle {
    Colour colour;
    Font font = Font::text;
    float size = 15.0F;
    Align horizontal = Align::start;  // which part of the text stands at the position
    Align vertical = Align::start;
    // Drawn around the letters, so that they read on any picture; none while its alpha is 0.
    Colour halo = {0, 0, 0, 0};
    Direction direction = Direction::by_letters;
};

// What a picture is written as.
enum class PictureFormat : std::uint8_t { png, svg, pdf };
// What lies behind a picture: the theme's panel, white paper with the light theme on it, or
// nothing.
enum class Ground : std::uint8_t { theme, white, transparent };
// What a picture may be asked to leave out. Notes: the line beside the title, the mark, remarks on
// the picture itself.
enum class Part : std::uint8_t { title, legend, bar, notes, axes };
class Parts {
  public:
    void add(Part part) { bits_ |= bit(part); }
    [[nodiscard]] bool has(Part part) const { return (bits_ & bit(part)) != 0; }
    [[nodiscard]] bool empty() const { return bits_ == 0; }
    bool operator==(const Parts&) const = default;

  private:
    static constexpr std::uint32_t bit(Part part) { return 1U << static_cast<std::uint32_t>(part); }
    std::uint32_t bits_ = 0;
};

struct PlacedText {
    Rect place;
    std::string text;
};

// Pixels to draw: RGBA8, rows from the top. `key` names the content: a canvas may keep a texture by
// it and must take new pixels when it differs.
struct Image {
    std::uint64_t key = 0;
    std::size_t width = 0;
    std::size_t height = 0;
    std::shared_ptr<const std::vector<std::uint32_t>> pixels;
    bool smooth = false;  // linear filtering; false keeps cells crisp
};

// Where views draw their data, axes and labels. Two forms: the window's draw list (and so PNG),
// and vector files. Every text rectangle is recorded for the overlap test. Texts are given as they
// are written; a canvas puts Arabic and Hebrew in the order and form in which they are read.
class Canvas {
  public:
    virtual ~Canvas() = default;

    [[nodiscard]] virtual Rect bounds() const = 0;
    virtual void line(Vec2 a, Vec2 b, Colour colour, float width = 1.0F) = 0;
    virtual void polyline(std::span<const Vec2> points, Colour colour, float width,
                          bool closed = false) = 0;
    virtual void polygon(std::span<const Vec2> points, Colour fill) = 0;  // convex
    virtual void rect(const Rect& place, Colour fill, float rounding = 0.0F) = 0;
    virtual void rect_outline(const Rect& place, Colour colour, float width = 1.0F,
                              float rounding = 0.0F) = 0;
    virtual void circle(Vec2 centre, float radius, Colour fill) = 0;
    virtual void circle_outline(Vec2 centre, float radius, Colour colour, float width = 1.0F) = 0;
    virtual void image(const Image& image, const Rect& place) = 0;
    // A texture of the OpenGL context in use (the 3-D picture); upright when its row 0 is the
    // bottom.
    virtual void texture(std::uint32_t gl_name, const Rect& place) = 0;
    virtual void push_clip(const Rect& place) = 0;
    virtual void pop_clip() = 0;
    [[nodiscard]] virtual Vec2 text_size(std::string_view text, const TextStyle& style) const = 0;

    // Draws and records a text; returns where it stands.
    Rect text(Vec2 position, std::string_view text, const TextStyle& style);
    // Whether `label` would draw the text there.
    [[nodiscard]] bool has_room(Vec2 position, std::string_view text, const TextStyle& style) const;
    // Draws the text only where it overlaps no text drawn before (and lies within the bounds):
    // fewer labels, not smaller ones. False when it was left out.
    bool label(Vec2 position, std::string_view text, const TextStyle& style);
    // The longest start of the text that fits `width`, with an ellipsis where it was cut.
    [[nodiscard]] std::string fit(std::string_view text, const TextStyle& style, float width) const;
    void marker(Marker shape, Vec2 centre, float size, Colour colour, float width = 1.5F);

    [[nodiscard]] const std::vector<PlacedText>& texts() const { return texts_; }

    // Who draws a part asks first; the shared bars and axes do so themselves.
    void leave_out(Parts parts) { left_out_ = parts; }
    [[nodiscard]] bool shows(Part part) const { return !left_out_.has(part); }

  private:
    virtual void draw_text(Vec2 top_left, std::string_view text, const TextStyle& style) = 0;
    [[nodiscard]] Rect placed(Vec2 position, std::string_view text, const TextStyle& style) const;

    std::vector<PlacedText> texts_;
    Parts left_out_;
};

}  // namespace splatscope
