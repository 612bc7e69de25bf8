#pragma once

#include "app/render/canvas.h"
#include "app/session.h"
#include "app/widgets/axis.h"
#include "app/widgets/colour_bar.h"
#include "engine/attention/picture.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

namespace splatscope {

// How attention becomes colour: L = log10(n x mean) (0 is what uniform attention would give),
// spread over `low`..`high` of a colour map; true zero and "not a number" have looks of their own.
// `linear`: n x mean itself is what is spread.
struct AttentionColours {
    ColourMapName map = ColourMapName::viridis;
    bool invert = false;
    bool linear = false;
    double low = -1.5;    // L at the map's first colour, or n x mean
    double high = 1.2;    // at its last
    double tokens = 1.0;  // n
    Colour zero, hatch_dark, hatch_light;

    bool operator==(const AttentionColours&) const = default;
    // For the drawn bar: attention over uniform attention.
    [[nodiscard]] Axis axis() const;
    // The map's 256 colours, turned around where `invert` says so.
    [[nodiscard]] ColourTable table() const;
    // n x mean at the first and last colour: what map.range takes.
    [[nodiscard]] double low_ratio() const;
    [[nodiscard]] double high_ratio() const;
};

// The range of a scale (defaults.md "Colour of the map"): fixed -1.5 .. 1.2; view: the picture's
// own 2 .. 99.5 % of values above zero (map.trim_low, map.trim_high); uniform: diverging, 0 in the
// middle; linear: from 0 to the picture's own 99.5 %. map.low and map.high take their place.
[[nodiscard]] AttentionColours attention_colours(const MapDesk& desk, const Theme& theme,
                                                 const hsa::Picture* visible, double tokens);

// Colours of a picture. Values are looked up by their exponent and ten bits of their mantissa
// (a step of 0.0004 in L), so a million pixels take a few milliseconds.
class AttentionPixels {
  public:
    explicit AttentionPixels(const AttentionColours& colours);
    [[nodiscard]] std::uint32_t pixel(float mean, std::size_t row, std::size_t column) const;
    // 0 .. 255 on the way from `low` to `high`, 0 for true zero; nothing for what is no number.
    [[nodiscard]] std::optional<std::uint8_t> step(float mean) const;
    [[nodiscard]] Image image(const hsa::Picture& picture) const;

  private:
    [[nodiscard]] std::uint8_t step_of(std::uint32_t bits) const;

    ColourTable table_;
    std::vector<std::uint8_t> by_bits_;  // steps of the values between the two ends
    std::uint32_t first_ = 0;            // bits of the lowest value in the table
    std::uint32_t zero_, hatch_dark_, hatch_light_;
};

// What occurs in a picture beside ordinary numbers: shown in the legend only then.
struct SpecialPixels {
    bool zero = false;
    bool not_a_number = false;
};
[[nodiscard]] SpecialPixels special_pixels(const hsa::Picture& picture);

struct ColouredPicture {
    std::shared_ptr<const hsa::Picture> picture;
    AttentionColours colours;
    Image image;
    SpecialPixels special;
};

// The last pictures shown with their pixels, made again only when a picture or the colours change.
class PixelCache {
  public:
    [[nodiscard]] const ColouredPicture& get(const std::shared_ptr<const hsa::Picture>& picture,
                                             const AttentionColours& colours);
    // As attention_colours; the range of a picture's own values is found once.
    [[nodiscard]] AttentionColours colours(const MapDesk& desk, const Theme& theme,
                                           const std::shared_ptr<const hsa::Picture>& visible,
                                           double tokens);

  private:
    struct Entry {
        std::unique_ptr<ColouredPicture> coloured;
        std::uint64_t used = 0;
    };
    std::vector<Entry> entries_;
    std::uint64_t clock_ = 0;
    std::shared_ptr<const hsa::Picture> ranged_;
    MapDesk ranged_desk_;
    double ranged_tokens_ = 0.0;
    std::optional<AttentionColours> range_;  // of `ranged_`
};

}  // namespace splatscope
