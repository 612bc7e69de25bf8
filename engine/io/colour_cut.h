#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <set>
#include <unordered_map>
#include <utility>
#include <vector>

namespace hsa {

struct PaletteColour {
    std::uint8_t r = 0, g = 0, b = 0;
    bool operator==(const PaletteColour&) const = default;
};

// Counts the colours of pictures and chooses few that stand for them: the colours themselves where
// they are no more than wanted, else the means of boxes that are cut where they spread most
// (Heckbert, "Color image quantization for frame buffer display", 1982). The order in which the
// same pixels come does not matter.
class ColourCut {
  public:
    // Colours as 0xRRGGBB.
    void count(std::uint32_t rgb, std::uint64_t times = 1);
    // At most `most` colours (1 .. 256), at least one; the same counts give the same.
    [[nodiscard]] std::vector<PaletteColour> palette(std::size_t most) const;

  private:
    struct Cell {
        std::uint64_t count = 0;
        std::array<std::uint64_t, 3> sum{};
    };
    static constexpr std::size_t kExact = 256;
    std::set<std::uint32_t> exact_;  // of the first 257 colours
    std::vector<Cell> cells_ = std::vector<Cell>(std::size_t{1} << 15U);  // by five bits a channel
};

// The colour of a palette that is nearest, remembered for each colour asked for.
class NearestColour {
  public:
    explicit NearestColour(std::vector<PaletteColour> palette) : palette_(std::move(palette)) {}
    [[nodiscard]] std::uint8_t operator()(std::uint32_t rgb);

  private:
    std::vector<PaletteColour> palette_;
    std::unordered_map<std::uint32_t, std::uint8_t> known_;
};

}  // namespace hsa
