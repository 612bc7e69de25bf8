#include "app/render/canvas.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace splatscope {
namespace {

std::uint8_t byte_of(float value) {
    return static_cast<std::uint8_t>(std::lround(std::clamp(value, 0.0F, 255.0F)));
}

// Bytes of the UTF-8 character that starts at `at`.
std::size_t character_bytes(std::string_view text, std::size_t at) {
    std::size_t end = at + 1;
    while (end < text.size() && (static_cast<unsigned char>(text[end]) & 0xc0U) == 0x80U) ++end;
    return end - at;
}

}  // namespace

Colour Colour::with_alpha(float alpha) const { return {r, g, b, byte_of(alpha * 255.0F)}; }

Colour mix(Colour from, Colour to, float t) {
    const auto blend = [t](std::uint8_t x, std::uint8_t y) {
        return byte_of(static_cast<float>(x) + t * (static_cast<float>(y) - static_cast<float>(x)));
    };
    return {blend(from.r, to.r), blend(from.g, to.g), blend(from.b, to.b), blend(from.a, to.a)};
}

Rect Canvas::placed(Vec2 position, std::string_view text, const TextStyle& style) const {
    const Vec2 size = text_size(text, style);
    const auto shift = [](Align align, float extent) {
        return align == Align::start ? 0.0F : align == Align::centre ? 0.5F * extent : extent;
    };
    // Whole pixels, so that glyphs stay sharp.
    const Vec2 corner = {std::round(position.x - shift(style.horizontal, size.x)),
                         std::round(position.y - shift(style.vertical, size.y))};
    return {corner, {corner.x + size.x, corner.y + size.y}};
}

Rect Canvas::text(Vec2 position, std::string_view text, const TextStyle& style) {
    const Rect place = placed(position, text, style);
    draw_text(place.min, text, style);
    texts_.push_back({place, std::string(text)});
    return place;
}

bool Canvas::has_room(Vec2 position, std::string_view text, const TextStyle& style) const {
    constexpr float kAir = 2.0F;
    const Rect place = placed(position, text, style);
    const Rect inside = bounds();
    if (place.min.x < inside.min.x || place.max.x > inside.max.x || place.min.y < inside.min.y ||
        place.max.y > inside.max.y)
        return false;
    const Rect airy = {{place.min.x - kAir, place.min.y - kAir},
                       {place.max.x + kAir, place.max.y + kAir}};
    return std::none_of(texts_.begin(), texts_.end(),
                        [&](const PlacedText& other) { return other.place.overlaps(airy); });
}

bool Canvas::label(Vec2 position, std::string_view text, const TextStyle& style) {
    if (!has_room(position, text, style)) return false;
    (void)this->text(position, text, style);
    return true;
}

std::string Canvas::fit(std::string_view text, const TextStyle& style, float width) const {
    if (text_size(text, style).x <= width) return std::string(text);
    const std::string ellipsis = "\u2026";
    std::vector<std::size_t> ends = {0};
    for (std::size_t at = 0; at < text.size(); at += character_bytes(text, at))
        ends.push_back(at + character_bytes(text, at));
    std::size_t low = 0;
    std::size_t high = ends.size() - 1;
    while (low < high) {
        const std::size_t middle = (low + high + 1) / 2;
        const std::string start = std::string(text.substr(0, ends[middle])) + ellipsis;
        if (text_size(start, style).x <= width) low = middle;
        else high = middle - 1;
    }
    std::string_view start = text.substr(0, ends[low]);
    while (start.ends_with(' ') || start.ends_with(ellipsis))
        start.remove_suffix(start.ends_with(' ') ? 1 : ellipsis.size());
    return std::string(start) + ellipsis;
}

void Canvas::marker(Marker shape, Vec2 c, float size, Colour colour, float width) {
    const float h = 0.5F * size;
    switch (shape) {
        case Marker::circle: circle(c, h, colour); break;
        case Marker::dot: circle(c, 0.3F * size, colour); break;
        case Marker::ring: circle_outline(c, h, colour, width); break;
        case Marker::square: rect({{c.x - h, c.y - h}, {c.x + h, c.y + h}}, colour); break;
        case Marker::diamond:
            polygon(std::array<Vec2, 4>{Vec2{c.x, c.y - h}, Vec2{c.x + h, c.y}, Vec2{c.x, c.y + h},
                                        Vec2{c.x - h, c.y}},
                    colour);
            break;
        case Marker::triangle:
            polygon(std::array<Vec2, 3>{Vec2{c.x, c.y - h}, Vec2{c.x + h, c.y + 0.8F * h},
                                        Vec2{c.x - h, c.y + 0.8F * h}},
                    colour);
            break;
        case Marker::wedge:
            polygon(std::array<Vec2, 3>{Vec2{c.x, c.y + h}, Vec2{c.x - h, c.y - 0.8F * h},
                                        Vec2{c.x + h, c.y - 0.8F * h}},
                    colour);
            break;
        case Marker::filled_plus: {
            const float arm = 0.34F * h;
            for (const Vec2 half : {Vec2{h, arm}, Vec2{arm, h}})
                polygon(std::array<Vec2, 4>{Vec2{c.x - half.x, c.y - half.y},
                                            Vec2{c.x + half.x, c.y - half.y},
                                            Vec2{c.x + half.x, c.y + half.y},
                                            Vec2{c.x - half.x, c.y + half.y}},
                        colour);
            break;
        }
        case Marker::star:  // of six points
            polygon(std::array<Vec2, 3>{Vec2{c.x, c.y - h}, Vec2{c.x + 0.87F * h, c.y + 0.5F * h},
                                        Vec2{c.x - 0.87F * h, c.y + 0.5F * h}},
                    colour);
            polygon(std::array<Vec2, 3>{Vec2{c.x, c.y + h}, Vec2{c.x - 0.87F * h, c.y - 0.5F * h},
                                        Vec2{c.x + 0.87F * h, c.y - 0.5F * h}},
                    colour);
            break;
        case Marker::plus:
            line({c.x - h, c.y}, {c.x + h, c.y}, colour, width);
            line({c.x, c.y - h}, {c.x, c.y + h}, colour, width);
            break;
        case Marker::cross:
            line({c.x - h, c.y - h}, {c.x + h, c.y + h}, colour, width);
            line({c.x - h, c.y + h}, {c.x + h, c.y - h}, colour, width);
            break;
        case Marker::fork:  // one becomes two
            line({c.x - h, c.y}, {c.x, c.y}, colour, width);
            line({c.x, c.y}, {c.x + h, c.y - h}, colour, width);
            line({c.x, c.y}, {c.x + h, c.y + h}, colour, width);
            break;
        case Marker::join:  // two become one
            line({c.x + h, c.y}, {c.x, c.y}, colour, width);
            line({c.x, c.y}, {c.x - h, c.y - h}, colour, width);
            line({c.x, c.y}, {c.x - h, c.y + h}, colour, width);
            break;
    }
}

}  // namespace splatscope
