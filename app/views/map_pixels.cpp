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

// What a scale takes from a picture: of the values above zero (of `linear` all), in decades about
// uniform or times uniform; nothing when there are too few.
std::optional<std::pair<double, double>> range_of_values(const MapDesk& desk,
                                                         const hsa::Picture& picture,
                                                         double tokens) {
    constexpr std::size_t kMost = 1U << 16U;
    const bool linear = desk.scale == MapScale::linear;
    const std::size_t size = picture.mean.size();
    const std::size_t stride = size / kMost + 1;
    std::vector<float> values;
    values.reserve(size / stride + 1);
    for (std::size_t i = 0; i < size; i += stride) {
        const float value = picture.mean.data()[i];
        if ((value > 0.0F || (linear && value == 0.0F)) && std::isfinite(value))
            values.push_back(value);
    }
    if (values.size() < 2) return std::nullopt;
    const auto at = [&](double percent) {
        const auto k =
            static_cast<std::ptrdiff_t>(0.01 * percent * static_cast<double>(values.size() - 1));
        std::nth_element(values.begin(), values.begin() + k, values.end());
        return tokens * static_cast<double>(values[static_cast<std::size_t>(k)]);
    };
    const double high = at(desk.trim_high);
    if (linear) return std::pair{0.0, std::max(high, 1e-6)};
    const double low = at(desk.trim_low);
    // To hundredths, so that the bar does not tremble while panning.
    return std::pair{std::floor(std::log10(low) * 100.0) / 100.0,
                     std::ceil(std::log10(high) * 100.0) / 100.0};
}

bool takes_from_picture(const MapDesk& desk) {
    return (desk.scale == MapScale::view || desk.scale == MapScale::linear) &&
           !(desk.low && desk.high);
}

// The ends that were set by hand in place of the scale's.
void set_ends(const MapDesk& desk, AttentionColours& colours) {
    constexpr double kLeastDecades = 0.02;
    const auto end = [&](const std::optional<double>& ratio, double otherwise) {
        if (!ratio) return otherwise;
        if (colours.linear) return *ratio;
        return *ratio > 0.0 ? std::log10(*ratio) : otherwise;
    };
    colours.low = end(desk.low, colours.low);
    colours.high = end(desk.high, colours.high);
    if (desk.scale == MapScale::uniform) {  // uniform attention stays in the middle
        colours.high = std::max({std::abs(colours.low), std::abs(colours.high), kLeastDecades});
        colours.low = -colours.high;
    }
    const double least = colours.linear ? 1e-6 : kLeastDecades;
    colours.high = std::max(colours.high, colours.low + least);
}

}  // namespace

Axis AttentionColours::axis() const {
    if (linear) return {low, high, AxisScale::linear};
    return {low_ratio(), high_ratio(), AxisScale::ratio};
}

ColourTable AttentionColours::table() const {
    ColourTable colours = colour_table(map);
    if (invert) std::reverse(colours.begin(), colours.end());
    return colours;
}

double AttentionColours::low_ratio() const { return linear ? low : std::pow(10.0, low); }
double AttentionColours::high_ratio() const { return linear ? high : std::pow(10.0, high); }

AttentionColours attention_colours(const MapDesk& desk, const Theme& theme,
                                   const hsa::Picture* visible, double tokens) {
    constexpr double kLinearHigh = 16.0;  // while there is nothing to take it from
    AttentionColours colours;
    colours.map = desk.colours;
    colours.invert = desk.invert;
    colours.tokens = tokens;
    colours.zero = mix(theme.panel, theme.secondary, 0.30F);
    colours.hatch_dark = theme.background;
    colours.hatch_light = theme.secondary;
    if (desk.scale == MapScale::uniform) {
        colours.map = ColourMapName::puor;
        colours.low = -kUniformRange;
        colours.high = kUniformRange;
    } else if (desk.scale == MapScale::linear) {
        colours.linear = true;
        colours.low = 0.0;
        colours.high = kLinearHigh;
    }
    if (visible != nullptr && takes_from_picture(desk))
        if (const auto range = range_of_values(desk, *visible, tokens)) {
            colours.low = range->first;
            colours.high = std::max(range->second, range->first + (colours.linear ? 1e-6 : 0.1));
        }
    set_ends(desk, colours);
    return colours;
}

AttentionPixels::AttentionPixels(const AttentionColours& colours)
    : table_(colours.table()),
      zero_(pixel_of(colours.zero)),
      hatch_dark_(pixel_of(colours.hatch_dark)),
      hatch_light_(pixel_of(colours.hatch_light)) {
    first_ = bits_of(colours.low_ratio() / colours.tokens) >> kShift;
    const std::uint32_t last = bits_of(colours.high_ratio() / colours.tokens) >> kShift;
    by_bits_.resize(last - first_ + 1);
    for (std::uint32_t b = 0; b < by_bits_.size(); ++b) {
        // The middle of the values that share these bits.
        const auto value = std::bit_cast<float>(((first_ + b) << kShift) + (1U << (kShift - 1U)));
        const double ratio = static_cast<double>(value) * colours.tokens;
        const double level = colours.linear ? ratio : std::log10(ratio);
        const double t = (level - colours.low) / (colours.high - colours.low);
        by_bits_[b] = static_cast<std::uint8_t>(std::lround(255.0 * std::clamp(t, 0.0, 1.0)));
    }
}

std::uint32_t AttentionPixels::pixel(float mean, std::size_t row, std::size_t column) const {
    const auto bits = std::bit_cast<std::uint32_t>(mean);
    if (bits == 0U || bits == 0x80000000U) return zero_;
    if ((bits & 0x7fffffffU) > kInfinity || (bits & 0x80000000U) != 0U)  // no attention is negative
        return (row + column) / 2 % 2 == 0 ? hatch_dark_ : hatch_light_;
    return table_[step_of(bits)];
}

std::optional<std::uint8_t> AttentionPixels::step(float mean) const {
    const auto bits = std::bit_cast<std::uint32_t>(mean);
    if (bits == 0U || bits == 0x80000000U) return std::uint8_t{0};
    if ((bits & 0x7fffffffU) > kInfinity || (bits & 0x80000000U) != 0U) return std::nullopt;
    return step_of(bits);
}

std::uint8_t AttentionPixels::step_of(std::uint32_t bits) const {
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
    if (!takes_from_picture(desk) || !visible)
        return attention_colours(desk, theme, nullptr, tokens);
    const MapDesk& same = ranged_desk_;
    const bool kept = visible == ranged_ && range_ && tokens == ranged_tokens_ &&
                      same.scale == desk.scale && same.low == desk.low && same.high == desk.high &&
                      same.trim_low == desk.trim_low && same.trim_high == desk.trim_high;
    if (!kept) {
        range_ = attention_colours(desk, theme, visible.get(), tokens);
        ranged_ = visible;
        ranged_desk_ = desk;
        ranged_tokens_ = tokens;
    }
    AttentionColours colours = attention_colours(desk, theme, nullptr, tokens);
    colours.low = range_->low;
    colours.high = range_->high;
    return colours;
}

}  // namespace splatscope
