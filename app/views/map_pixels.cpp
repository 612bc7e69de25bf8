#include "app/views/map_pixels.h"

#include "app/widgets/theme.h"
#include "engine/core/hash.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <span>
#include <utility>

namespace splatscope {
namespace {

constexpr std::uint32_t kShift = 13;              // mantissa bits left out: 23 - 10
constexpr std::uint32_t kInfinity = 0x7f800000U;  // bits; NaN is above
constexpr std::size_t kKept = 3;                  // pictures whose pixels are kept
constexpr double kUniformRange = 1.5;             // decades about uniform on the diverging scale

std::uint32_t bits_of(double value) {
    const auto low = static_cast<double>(std::bit_cast<float>(0x00800000U));
    return std::bit_cast<std::uint32_t>(static_cast<float>(std::clamp(value, low, 3.0e38)));
}

// 2 and 99.5 % of L over the picture's values above zero; nothing when there are too few.
std::optional<std::pair<double, double>> range_of_values(const hsa::Picture& picture,
                                                         double tokens) {
    constexpr std::size_t kMost = 1U << 16U;
    const std::size_t size = picture.mean.size();
    const std::size_t stride = size / kMost + 1;
    std::vector<float> values;
    values.reserve(size / stride + 1);
    for (std::size_t i = 0; i < size; i += stride) {
        const float value = picture.mean.data()[i];
        if (value > 0.0F && std::isfinite(value)) values.push_back(value);
    }
    if (values.size() < 2) return std::nullopt;
    const auto at = [&](double share) {
        const auto k = static_cast<std::ptrdiff_t>(share * static_cast<double>(values.size() - 1));
        std::nth_element(values.begin(), values.begin() + k, values.end());
        return std::log10(tokens * static_cast<double>(values[static_cast<std::size_t>(k)]));
    };
    const double low = at(0.02);
    const double high = at(0.995);
    // To hundredths, so that the bar does not tremble while panning.
    return std::pair{std::floor(low * 100.0) / 100.0, std::ceil(high * 100.0) / 100.0};
}

}  // namespace

Axis AttentionColours::axis() const {
    return {std::pow(10.0, low), std::pow(10.0, high), AxisScale::ratio};
}

AttentionColours attention_colours(const MapDesk& desk, const Theme& theme,
                                   const hsa::Picture* visible, double tokens) {
    AttentionColours colours;
    colours.map = desk.colours;
    colours.tokens = tokens;
    colours.zero = mix(theme.panel, theme.secondary, 0.30F);
    colours.hatch_dark = theme.background;
    colours.hatch_light = theme.secondary;
    if (desk.scale == MapScale::uniform) {
        colours.map = ColourMapName::puor;
        colours.low = -kUniformRange;
        colours.high = kUniformRange;
    } else if (desk.scale == MapScale::view && visible != nullptr) {
        if (const auto range = range_of_values(*visible, tokens)) {
            colours.low = range->first;
            colours.high = std::max(range->second, range->first + 0.1);
        }
    }
    return colours;
}

AttentionPixels::AttentionPixels(const AttentionColours& colours)
    : zero_(pixel_of(colours.zero)),
      hatch_dark_(pixel_of(colours.hatch_dark)),
      hatch_light_(pixel_of(colours.hatch_light)) {
    const ColourTable table = colour_table(colours.map);
    first_ = bits_of(std::pow(10.0, colours.low) / colours.tokens) >> kShift;
    const std::uint32_t last = bits_of(std::pow(10.0, colours.high) / colours.tokens) >> kShift;
    by_bits_.resize(last - first_ + 1);
    for (std::uint32_t b = 0; b < by_bits_.size(); ++b) {
        // The middle of the values that share these bits.
        const auto value = std::bit_cast<float>(((first_ + b) << kShift) + (1U << (kShift - 1U)));
        const double level = std::log10(static_cast<double>(value) * colours.tokens);
        const double t = (level - colours.low) / (colours.high - colours.low);
        const auto index = static_cast<std::size_t>(std::lround(255.0 * std::clamp(t, 0.0, 1.0)));
        by_bits_[b] = table[index];
    }
}

std::uint32_t AttentionPixels::pixel(float mean, std::size_t row, std::size_t column) const {
    const auto bits = std::bit_cast<std::uint32_t>(mean);
    if (bits == 0U || bits == 0x80000000U) return zero_;
    if ((bits & 0x7fffffffU) > kInfinity || (bits & 0x80000000U) != 0U)  // no attention is negative
        return (row + column) / 2 % 2 == 0 ? hatch_dark_ : hatch_light_;
    const std::uint32_t index = bits >> kShift;
    if (index <= first_) return by_bits_.front();
    return by_bits_[std::min<std::size_t>(index - first_, by_bits_.size() - 1)];
}

Image AttentionPixels::image(const hsa::Picture& picture) const {
    Image image;
    image.height = picture.mean.rows();
    image.width = picture.mean.cols();
    auto pixels = std::make_shared<std::vector<std::uint32_t>>(picture.mean.size());
    for (std::size_t r = 0; r < image.height; ++r) {
        const std::span<const float> means = picture.mean.row(r);
        std::uint32_t* out = pixels->data() + r * image.width;
        for (std::size_t c = 0; c < image.width; ++c) out[c] = pixel(means[c], r, c);
    }
    image.key = hsa::hash_values(std::span<const std::uint32_t>(*pixels),
                                 image.width * 0x9e3779b97f4a7c15ULL);
    image.pixels = std::move(pixels);
    return image;
}

SpecialPixels special_pixels(const hsa::Picture& picture) {
    SpecialPixels found;
    for (std::size_t i = 0; i < picture.mean.size(); ++i) {
        const float value = picture.mean.data()[i];
        found.zero = found.zero || value == 0.0F;
        found.not_a_number = found.not_a_number || !(value >= 0.0F);
    }
    return found;
}

const ColouredPicture& PixelCache::get(const std::shared_ptr<const hsa::Picture>& picture,
                                       const AttentionColours& colours) {
    ++clock_;
    for (Entry& entry : entries_) {
        if (entry.coloured->picture != picture || !(entry.coloured->colours == colours)) continue;
        entry.used = clock_;
        return *entry.coloured;
    }
    if (entries_.size() == kKept)
        entries_.erase(
            std::min_element(entries_.begin(), entries_.end(),
                             [](const Entry& a, const Entry& b) { return a.used < b.used; }));
    auto coloured = std::make_unique<ColouredPicture>();
    coloured->picture = picture;
    coloured->colours = colours;
    coloured->image = AttentionPixels(colours).image(*picture);
    coloured->special = special_pixels(*picture);
    entries_.push_back({std::move(coloured), clock_});
    return *entries_.back().coloured;
}

AttentionColours PixelCache::colours(const MapDesk& desk, const Theme& theme,
                                     const std::shared_ptr<const hsa::Picture>& visible,
                                     double tokens) {
    if (desk.scale != MapScale::view || !visible)
        return attention_colours(desk, theme, nullptr, tokens);
    if (visible != ranged_ || !range_) {
        range_ = attention_colours(desk, theme, visible.get(), tokens);
        ranged_ = visible;
    }
    MapDesk fixed = desk;
    fixed.scale = MapScale::fixed;
    AttentionColours colours = attention_colours(fixed, theme, nullptr, tokens);
    colours.low = range_->low;
    colours.high = range_->high;
    return colours;
}

}  // namespace splatscope
