#include "app/widgets/theme.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace splatscope {
namespace {

constexpr Colour rgb(unsigned value) {
    return {static_cast<std::uint8_t>(value >> 16U), static_cast<std::uint8_t>(value >> 8U),
            static_cast<std::uint8_t>(value), 255};
}

constexpr Theme kDark = {rgb(0x16181d), rgb(0x1d2027), rgb(0x272b34), rgb(0xe6e8ec),
                         rgb(0x9aa1ad), rgb(0x2c313a), rgb(0x4ea1f3), rgb(0xe0a84a),
                         rgb(0xf07167), rgb(0x6fcf97), true};
constexpr Theme kLight = {rgb(0xf2f3f5), rgb(0xffffff), rgb(0xe8eaee), rgb(0x1b1e24),
                          rgb(0x5a6270), rgb(0xd5d9e0), rgb(0x0d66c2), rgb(0x8c5900),
                          rgb(0xc0392b), rgb(0x18713d), false};
constexpr Theme kContrast = {rgb(0x000000), rgb(0x000000), rgb(0x1a1a1a), rgb(0xffffff),
                             rgb(0xd9d9d9), rgb(0x808080), rgb(0x4cc2ff), rgb(0xffd166),
                             rgb(0xff8a8a), rgb(0x7cfc9a), true};

// Okabe and Ito's palette for colour vision of every kind, in the order of the levels.
constexpr std::array<Colour, 8> kPalette = {rgb(0xe69f00), rgb(0x56b4e9), rgb(0x009e73),
                                            rgb(0xcc79a7), rgb(0xf0e442), rgb(0xd55e00),
                                            rgb(0x0072b2), rgb(0x999999)};
// Classes begin with the colours that the usual four levels leave free.
constexpr std::array<std::size_t, 8> kClassOrder = {4, 5, 6, 3, 2, 1, 0, 7};

// Relative luminance of WCAG 2.1.
double luminance(Colour c) {
    const auto linear = [](std::uint8_t byte) {
        const double value = static_cast<double>(byte) / 255.0;
        return value <= 0.04045 ? value / 12.92 : std::pow((value + 0.055) / 1.055, 2.4);
    };
    return 0.2126 * linear(c.r) + 0.7152 * linear(c.g) + 0.0722 * linear(c.b);
}

double contrast_of(Colour a, Colour b) {
    const auto [low, high] = std::minmax({luminance(a), luminance(b)});
    return (high + 0.05) / (low + 0.05);
}

}  // namespace

const Theme& theme(ThemeName name) {
    switch (name) {
        case ThemeName::light: return kLight;
        case ThemeName::contrast: return kContrast;
        case ThemeName::dark: break;
    }
    return kDark;
}

const Theme& paper_theme() {
    static const Theme paper = [] {
        Theme made = kLight;
        made.background = made.panel = rgb(0xffffff);
        return made;
    }();
    return paper;
}

Colour level_colour(std::size_t level) {
    return kPalette[level < kPalette.size() ? level : kPalette.size() - 1];
}
Colour text_colour(const Theme& theme, Colour data) {
    const double wanted = &theme == &kContrast ? 7.0 : 4.5;
    float towards = theme.is_dark ? 0.0F : 0.4F;
    Colour colour = mix(data, theme.text, towards);
    while (towards < 1.0F && contrast_of(colour, theme.panel) < wanted) {
        towards = std::min(towards + 0.1F, 1.0F);
        colour = mix(data, theme.text, towards);
    }
    return colour;
}
Colour background_splat_colour() { return rgb(0x6b7280); }
Colour class_colour(std::size_t index) { return kPalette[kClassOrder[index % kClassOrder.size()]]; }

}  // namespace splatscope
