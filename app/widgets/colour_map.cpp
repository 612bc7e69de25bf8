#include "app/widgets/colour_map.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <span>

namespace splatscope {
namespace {

// Knots of the published maps (matplotlib, CC0; PuOr: ColorBrewer), equally spaced; between them the
// colours are linear, within 3/255 of the full tables.
constexpr std::array<unsigned, 33> kViridis = {
    0x440154, 0x470d60, 0x48186a, 0x482374, 0x472d7b, 0x453781, 0x424086, 0x3e4989, 0x3b528b,
    0x375b8d, 0x33638d, 0x2f6b8e, 0x2c728e, 0x297a8e, 0x26828e, 0x23898e, 0x21918c, 0x1f978b,
    0x1f9f88, 0x21a685, 0x27ad81, 0x31b57b, 0x3dbc74, 0x4cc26c, 0x5cc863, 0x6ece58, 0x81d34d,
    0x95d840, 0xaadc32, 0xc0df25, 0xd5e21a, 0xeae51a, 0xfde725};
constexpr std::array<unsigned, 65> kCividis = {
    0x00224e, 0x002554, 0x00285b, 0x002b62, 0x002e6a, 0x003070, 0x053371, 0x123570, 0x1a386f,
    0x213b6e, 0x273e6e, 0x2d416d, 0x32436d, 0x36466c, 0x3b496c, 0x3f4c6c, 0x434e6c, 0x47516c,
    0x4b546c, 0x4f576c, 0x535a6d, 0x565c6d, 0x5a5f6e, 0x5e626e, 0x61656f, 0x656870, 0x686a71,
    0x6c6d72, 0x6f7073, 0x727374, 0x767676, 0x797977, 0x7d7c78, 0x7f7e78, 0x838179, 0x878478,
    0x8b8778, 0x8f8a78, 0x928d78, 0x969077, 0x9a9376, 0x9e9676, 0xa29975, 0xa69c74, 0xaaa073,
    0xaea371, 0xb3a670, 0xb7a96e, 0xbbad6d, 0xbfb06b, 0xc3b369, 0xc7b767, 0xccba64, 0xd0be62,
    0xd4c15f, 0xd9c55c, 0xddc858, 0xe1cc55, 0xe6d051, 0xead34c, 0xefd748, 0xf3db42, 0xf8df3c,
    0xfde334, 0xfee838};
constexpr std::array<unsigned, 25> kMagma = {
    0x000004, 0x060518, 0x100b2d, 0x1d1147, 0x2c115f, 0x3f0f72, 0x51127c, 0x601880, 0x721f81,
    0x832681, 0x932b80, 0xa5317e, 0xb73779, 0xc73d73, 0xd8456c, 0xe55064, 0xf1605d, 0xf8745c,
    0xfb8761, 0xfd9b6b, 0xfeae77, 0xfec287, 0xfed799, 0xfde9aa, 0xfcfdbf};
constexpr std::array<unsigned, 65> kPuOr = {
    0x2d004b, 0x330655, 0x390c5e, 0x3f1268, 0x451871, 0x4c1f7b, 0x522584, 0x582e8c, 0x5f3a91,
    0x664697, 0x6d529c, 0x745ea2, 0x7b6aa8, 0x8275ad, 0x8a7eb3, 0x9287b9, 0x9990bf, 0xa198c5,
    0xa9a1cb, 0xb1aad1, 0xb7b1d5, 0xbdb9d9, 0xc3c0dd, 0xc9c8e1, 0xcfcfe5, 0xd5d6e9, 0xdadcec,
    0xdfe1ee, 0xe4e5f0, 0xe9eaf2, 0xeeeef3, 0xf3f3f5, 0xf7f7f6, 0xf8f4ee, 0xf9f0e4, 0xfaedda,
    0xfbe9cf, 0xfce5c5, 0xfde2bb, 0xfeddaf, 0xfed7a2, 0xfed095, 0xfdca88, 0xfdc47b, 0xfdbd6e,
    0xfcb761, 0xf8ae55, 0xf3a649, 0xef9e3c, 0xea9530, 0xe68d23, 0xe18417, 0xdb7d12, 0xd47610,
    0xcd700e, 0xc6690c, 0xbe630a, 0xb75c07, 0xb05606, 0xa85206, 0xa04d07, 0x974907, 0x8f4407,
    0x874008, 0x7f3b08};
constexpr std::array<unsigned, 17> kTwilight = {
    0xe2d9e2, 0xd6d7dd, 0xc2ced4, 0xaac2cc, 0x93b4c6, 0x80a5c3, 0x7196c1, 0x6786be, 0x6275ba,
    0x5f64b5, 0x5e51ad, 0x5d3da1, 0x592a8f, 0x511b77, 0x45135c, 0x381145, 0x2f1436};
constexpr std::array<unsigned, 2> kGrey = {0x101010, 0xf4f4f4};

constexpr int kSteps = 256;

std::span<const unsigned> knots(ColourMapName map) {
    switch (map) {
        case ColourMapName::viridis: return kViridis;
        case ColourMapName::cividis: return kCividis;
        case ColourMapName::magma: return kMagma;
        case ColourMapName::grey: return kGrey;
        case ColourMapName::puor: return kPuOr;
        case ColourMapName::twilight: return kTwilight;
    }
    return kViridis;
}

Colour unpack(unsigned rgb) {
    return {static_cast<std::uint8_t>(rgb >> 16U), static_cast<std::uint8_t>(rgb >> 8U),
            static_cast<std::uint8_t>(rgb), 255};
}

using Steps = std::array<Colour, kSteps>;

Steps steps_of(ColourMapName map) {
    const std::span<const unsigned> table = knots(map);
    Steps steps;
    for (int s = 0; s < kSteps; ++s) {
        const double place = static_cast<double>(s) / (kSteps - 1) * static_cast<double>(table.size() - 1);
        const auto below = std::min(static_cast<std::size_t>(place), table.size() - 2);
        steps[static_cast<std::size_t>(s)] =
            mix(unpack(table[below]), unpack(table[below + 1]), static_cast<float>(place - static_cast<double>(below)));
    }
    return steps;
}

}  // namespace

Colour colour_at(ColourMapName map, double t) {
    static const std::array<Steps, 6> tables = {
        steps_of(ColourMapName::viridis), steps_of(ColourMapName::cividis), steps_of(ColourMapName::magma),
        steps_of(ColourMapName::grey), steps_of(ColourMapName::puor), steps_of(ColourMapName::twilight)};
    const double clamped = t > 0.0 ? std::min(t, 1.0) : 0.0;
    return tables.at(static_cast<std::size_t>(map))[static_cast<std::size_t>(std::lround(clamped * (kSteps - 1)))];
}

const char* name_of(ColourMapName map) {
    switch (map) {
        case ColourMapName::viridis: return "viridis";
        case ColourMapName::cividis: return "cividis";
        case ColourMapName::magma: return "magma";
        case ColourMapName::grey: return "grey";
        case ColourMapName::puor: return "puor";
        case ColourMapName::twilight: return "twilight";
    }
    return "";
}

}  // namespace splatscope
