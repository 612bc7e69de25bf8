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
struct AttentionColours {
    ColourMapName map = ColourMapName::viridis;
    double low = -1.5;    // L at the map's first colour
    double high = 1.2;    // L at its last
    double tokens = 1.0;  // n
    Colour zero, hatch_dark, hatch_light;

    bool operator==(const AttentionColours&) const = default;
    // For the drawn bar: attention over uniform attention.
    [[nodiscard]] Axis axis() const;
};

// The range of a scale (defaults.md "Colour of the map"): fixed -1.5 .. 1.2; view: the picture's
// own 2 .. 99.5 % of values above zero; uniform: diverging, 0 in the middle.
[[nodiscard]] AttentionColours attention_colours(const MapDesk& desk, const Theme& theme,
                                                 const hsa::Picture* visible, double tokens);

// Colours of a picture. Values are looked up by their exponent and ten bits of their mantissa
// (a step of 0.0004 in L), so a million pixels take a few milliseconds.
class AttentionPixels {
  public:
    explicit AttentionPixels(const AttentionColours& colours);
    [[nodiscard]] std::uint32_t pixel(float mean, std::size_t row, std::size_t column) const;
    [[nodiscard]] Image image(const hsa::Picture& picture) const;

  private:
    std::vector<std::uint32_t> by_bits_;  // colours of the values between the two ends
    std::uint32_t first_ = 0;             // bits of the lowest value in the table
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
    std::optional<AttentionColours> range_;  // low and high of `ranged_` on the scale `view`
};

}  // namespace splatscope
