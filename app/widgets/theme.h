#pragma once

#include "app/render/canvas.h"

#include <cstddef>
#include <cstdint>

namespace splatscope {

enum class ThemeName : std::uint8_t { dark, light, contrast };

// The roles of colour; every theme fills all of them (experience.md "Look").
struct Theme {
    Colour background, panel, raised, text, secondary, lines, accent, warning, error, good;
    bool is_dark = true;
};

[[nodiscard]] const Theme& theme(ThemeName name);
// The light one on white, for paper.
[[nodiscard]] const Theme& paper_theme();

// The colour of a level, finest first, the same in every view: Okabe-Ito in the order orange, sky
// blue, bluish green, reddish purple, then the others; grey beyond.
[[nodiscard]] Colour level_colour(std::size_t level);
[[nodiscard]] Colour background_splat_colour();
// A data colour dark enough for words on a light panel; on dark panels the colour itself.
[[nodiscard]] Colour text_colour(const Theme& theme, Colour data);
// Up to eight classes (labels, sections), repeated beyond; the same palette in another order, so
// that few classes and few levels share no colour.
[[nodiscard]] Colour class_colour(std::size_t index);

inline constexpr float kTextSize = 15.0F;
inline constexpr float kSmallTextSize = 13.0F;

}  // namespace splatscope
