#include "app/widgets/colour_map.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <span>

namespace splatscope {
namespace {

// Equally spaced knots fitted to the published maps (viridis, cividis, magma, twilight: matplotlib,
// CC0; PuOr: ColorBrewer); between them the colours are linear. No step is further than 2/255 from
// the map.
constexpr std::array<unsigned, 25> kViridis = {
    0x440154, 0x471164, 0x481f71, 0x472d7b, 0x443a83, 0x404688, 0x3b528b, 0x355d8d, 0x30688e,
    0x2c728e, 0x287c8e, 0x24868e, 0x21908d, 0x1e9a8a, 0x20a486, 0x27ae81, 0x35b779, 0x47c06f,
    0x5cc963, 0x75d055, 0x8fd744, 0xabdc32, 0xc7e01f, 0xe3e417, 0xfee724};
constexpr std::array<unsigned, 65> kCividis = {
    0x00224e, 0x002554, 0x00285b, 0x002b62, 0x002e6a, 0x003070, 0x043371, 0x123570, 0x1a386f,
    0x213b6e, 0x273e6e, 0x2c416d, 0x32436d, 0x36466c, 0x3b496c, 0x3f4c6c, 0x434e6c, 0x47516c,
    0x4b546c, 0x4f566c, 0x53596d, 0x565c6d, 0x5a5f6e, 0x5d626e, 0x60646f, 0x646770, 0x676a71,
    0x6b6d72, 0x6f7073, 0x727374, 0x757576, 0x787977, 0x7d7b78, 0x7f7e78, 0x838179, 0x878478,
    0x8b8778, 0x908a78, 0x938d78, 0x969077, 0x9a9376, 0x9e9676, 0xa29a75, 0xa69d74, 0xaaa073,
    0xaea371, 0xb3a670, 0xb7aa6e, 0xbbad6d, 0xbfb06b, 0xc3b369, 0xc7b767, 0xccba64, 0xd0be62,
    0xd4c15e, 0xd9c55c, 0xddc858, 0xe1cc55, 0xe6d051, 0xead34c, 0xefd748, 0xf3db42, 0xf8df3c,
    0xfde334, 0xfee838};
constexpr std::array<unsigned, 17> kMagma = {
    0x000003, 0x090721, 0x1c1246, 0x350f6c, 0x51117d, 0x691c81, 0x822682, 0x9c2e80, 0xb6377a,
    0xd04070, 0xe75063, 0xf5695b, 0xfc8760, 0xfea570, 0xfec387, 0xfde0a1, 0xfcfdbf};
constexpr std::array<unsigned, 25> kPuOr = {
    0x7f3b08, 0x944707, 0xab5306, 0xbe6209, 0xd1740f, 0xe38618, 0xee9d3c, 0xfbb45c, 0xfec57e,
    0xfed6a2, 0xfde5c2, 0xfaeddc, 0xf7f7f7, 0xeaebf2, 0xdddfed, 0xcfcfe5, 0xbfbbda, 0xaea7cf,
    0x998fbf, 0x8478af, 0x715aa0, 0x5f3892, 0x4d1f7f, 0x3d1164, 0x2d004b};
constexpr std::array<unsigned, 25> kTwilight = {
    0xe3dae3, 0xd2d5da, 0xb2c6ce, 0x94b5c6, 0x7ba1c2, 0x6a8cbf, 0x6175bb, 0x5f5eb3, 0x5e43a6,
    0x5a2a90, 0x4e176f, 0x3b104a, 0x2f1336, 0x3e113c, 0x581648, 0x751e50, 0x8e2b50, 0xa24050,
    0xb35752, 0xbe6f5a, 0xc6896c, 0xcca489, 0xd4bdac, 0xddd1d0, 0xe3dae4};
constexpr std::array<unsigned, 2> kGrey = {0x000000, 0xffffff};

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
        const double place =
            static_cast<double>(s) / (kSteps - 1) * static_cast<double>(table.size() - 1);
        const auto below = std::min(static_cast<std::size_t>(place), table.size() - 2);
        steps[static_cast<std::size_t>(s)] =
            mix(unpack(table[below]), unpack(table[below + 1]),
                static_cast<float>(place - static_cast<double>(below)));
    }
    return steps;
}

}  // namespace

Colour colour_at(ColourMapName map, double t) {
    static const std::array<Steps, 6> tables = {
        steps_of(ColourMapName::viridis), steps_of(ColourMapName::cividis),
        steps_of(ColourMapName::magma),   steps_of(ColourMapName::grey),
        steps_of(ColourMapName::puor),    steps_of(ColourMapName::twilight)};
    const double clamped = t > 0.0 ? std::min(t, 1.0) : 0.0;
    return tables.at(static_cast<std::size_t>(
        map))[static_cast<std::size_t>(std::lround(clamped * (kSteps - 1)))];
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
