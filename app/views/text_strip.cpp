#include "app/views/text_strip.h"

#include "engine/core/hash.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <optional>
#include <vector>

namespace splatscope {
namespace {

constexpr float kSign = 6.0F;
constexpr float kApart = 12.0F;  // from one sign to the next at least

}  // namespace

void TextStrip::draw(Canvas& canvas, const Theme& theme, const Rect& place, const Tinting& tinting,
                     std::size_t tokens, float scale) {
    const auto rows = static_cast<std::size_t>(std::max(1.0F, std::round(place.height() * scale)));
    canvas.rect(place, theme.background, 2.0F);
    if (tinting.empty() || tokens == 0) return;
    if (tint_key_ != tinting.key() || image_.height != rows || signed_height_ != place.height()) {
        signed_height_ = place.height();
        place_signs(tinting, tokens, place.height());
        tint_key_ = tinting.key();
        auto pixels = std::make_shared<std::vector<std::uint32_t>>(rows);
        for (std::size_t r = 0; r < rows; ++r) {
            const std::size_t begin = tokens * r / rows;
            const std::size_t end = std::max(begin + 1, tokens * (r + 1) / rows);
            (*pixels)[r] = pixel_of(tinting.strong_colour({begin, end}));
        }
        image_.width = 1;
        image_.height = rows;
        image_.key = hsa::hash_values(std::span<const std::uint32_t>(*pixels), rows);
        image_.pixels = std::move(pixels);
    }
    canvas.image(image_, place);
    for (const PlacedSign& each : signs_)
        draw_sign(canvas, {place.centre().x, place.min.y + each.at * place.height()},
                  {theme.background, each.sign.shape.value_or(Marker::circle)}, kSign);
}

// The first of those that share a sign; of a step of the strip what most of its tokens have.
void TextStrip::place_signs(const Tinting& tinting, std::size_t tokens, float height) {
    signs_.clear();
    const auto steps = static_cast<std::size_t>(std::max(1.0F, height / kApart));
    std::optional<Dominant> before;
    for (std::size_t s = 0; s < steps; ++s) {
        const std::size_t begin = tokens * s / steps;
        const auto strongest =
            tinting.dominant(hsa::Range{begin, std::max(begin + 1, tokens * (s + 1) / steps)});
        if (strongest && !(before && tinting.same(*strongest, *before)))
            signs_.push_back({(static_cast<float>(s) + 0.5F) / static_cast<float>(steps),
                              tinting.sign(*strongest)});
        before = strongest;
    }
}

void TextStrip::draw_marks(Canvas& canvas, const Theme& theme, const Rect& place,
                           std::size_t tokens, std::span<const hsa::Range> selected,
                           std::span<const std::uint32_t> lit, hsa::Range visible) const {
    if (tokens == 0) return;
    const auto y = [&](std::size_t token) {
        return place.min.y +
               place.height() * static_cast<float>(token) / static_cast<float>(tokens);
    };
    const auto mark = [&](std::size_t begin, std::size_t end, float left, float right,
                          Colour colour) {
        const float top = y(begin);
        const float bottom = std::max(y(end), top + 2.0F);
        canvas.rect({{place.min.x - left, top}, {place.min.x - right, bottom}}, colour);
    };
    // Lit tokens closer than a pixel are one mark.
    const float pixel = static_cast<float>(tokens) / std::max(place.height(), 1.0F);
    for (std::size_t i = 0; i < lit.size();) {
        const std::size_t begin = lit[i];
        std::size_t end = begin + 1;
        for (++i; i < lit.size() && static_cast<float>(lit[i] - end) < pixel; ++i)
            end = lit[i] + 1U;
        mark(begin, end, 3.0F, 1.0F, theme.accent.with_alpha(0.7F));
    }
    for (const hsa::Range& range : selected) mark(range.begin, range.end, 5.0F, 1.0F, theme.accent);
    const float top = y(visible.begin);
    const float bottom = std::max(y(visible.end), top + 6.0F);
    const Rect window{{place.min.x - 1.0F, top}, {place.max.x + 1.0F, bottom}};
    canvas.rect(window, theme.text.with_alpha(0.12F), 2.0F);
    canvas.rect_outline(window, theme.text.with_alpha(0.7F), 1.0F, 2.0F);
}

}  // namespace splatscope
