#include "app/views/text_tint.h"

#include "app/views/view_names.h"
#include "app/widgets/numbers.h"
#include "engine/core/hash.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

namespace splatscope {
namespace {

// The map's fixed range of L = log10(times uniform).
constexpr double kLow = -1.5;
constexpr double kHigh = 1.2;
// The legend leaves out what has no tint.
constexpr double kLegendLow = -0.2;
// Between these the tint comes in: below uniform attention words stay plain.
constexpr double kFadeFrom = -0.15;
constexpr double kFadeTo = 0.95;
constexpr float kStrongest = 0.75F;   // alpha of a strong tint
constexpr std::size_t kSamples = 12;  // tokens looked at for one line of the overview

double level_of(std::size_t index) {
    return kLow + (kHigh - kLow) * static_cast<double>(index) / 255.0;
}

float fade(std::size_t index) {
    const double t = std::clamp((level_of(index) - kFadeFrom) / (kFadeTo - kFadeFrom), 0.0, 1.0);
    return kStrongest * static_cast<float>(t * t * (3.0 - 2.0 * t));
}

}  // namespace

Tinting::Tinting(const ViewContext& context)
    : snapshot_(&context.snapshot), theme_(&context.theme), kind_(context.session.desk.text.tint) {
    table_ = colour_table(context.session.desk.map.colours);
    const std::size_t n = snapshot_->dataset ? snapshot_->dataset->size() : 0;
    const hsa::Linked* linked = context.look.linked.get();
    if (by_attention() && linked != nullptr) {
        const std::vector<float>& tint =
            kind_ == TextTint::from ? linked->tint_from : linked->tint_to;
        if (tint.size() == n) values_ = tint;
    }
    if (by_number() && context.look.text && context.look.of &&
        context.look.of->dataset == snapshot_->dataset &&
        context.look.text->wanted.number == context.session.desk.text.measure)
        numbers_ = context.look.text->numbers;
    if (numbers_ && numbers_->values.size() == n) values_ = numbers_->values;
    level_ = level_of_name(*snapshot_, context.session.desk.map.level);
    const std::array<std::uint64_t, 6> parts = {
        static_cast<std::uint64_t>(kind_),
        reinterpret_cast<std::uintptr_t>(by_attention() || by_number()
                                             ? static_cast<const void*>(values_.data())
                                             : snapshot_->factors.get()),
        level_ && !by_attention() && !by_number() ? *level_ + 1ULL : 0ULL,
        static_cast<std::uint64_t>(context.session.desk.map.colours),
        static_cast<std::uint64_t>(context.session.desk.theme),
        n};
    key_ = hsa::hash_values(std::span<const std::uint64_t>(parts));
}

bool Tinting::empty() const {
    if (by_attention() || by_number()) return values_.empty();
    return !snapshot_->factors || !snapshot_->dataset ||
           snapshot_->factors->tokens() != snapshot_->dataset->size();
}

std::size_t Tinting::table_index(double ratio) const {
    if (!(ratio > 0.0)) return 0;
    const double t = (std::log10(ratio) - kLow) / (kHigh - kLow);
    return static_cast<std::size_t>(std::lround(255.0 * std::clamp(t, 0.0, 1.0)));
}

std::optional<double> Tinting::attention(std::size_t token) const {
    if (!by_attention() || token >= values_.size()) return std::nullopt;
    return static_cast<double>(values_[token]);
}

Tinting Tinting::of_word(std::uint32_t token, std::span<const float> values) const {
    Tinting own = *this;
    own.word_ = token;
    own.values_ = values;
    return own;
}

std::string Tinting::fault() const {
    // Numbers that need attention come with it.
    return by_number() && numbers_ && snapshot_->complete ? numbers_->fault : std::string();
}

std::string Tinting::caption() const {
    if (!numbers_) return {};
    return numbers_->unit.empty() ? numbers_->name : numbers_->name + ", " + numbers_->unit;
}

std::optional<double> Tinting::share(std::size_t token) const {
    if (!by_number() || token >= values_.size()) return std::nullopt;
    const auto value = static_cast<double>(values_[token]);
    if (!std::isfinite(value)) return std::nullopt;
    double low = numbers_->low, high = numbers_->high, at = value;
    if (numbers_->logarithmic) {
        low = std::log(low);
        high = std::log(high);
        at = std::log(at);
    }
    return std::clamp((at - low) / (high - low), 0.0, 1.0);
}

// The whole range is told, so even the lowest number has a little of a tint.
Colour Tinting::number_colour(double share) const {
    const auto index = static_cast<std::size_t>(std::lround(255.0 * share));
    return colour_of_pixel(table_[index]).with_alpha(0.1F + 0.65F * static_cast<float>(share));
}

std::optional<Dominant> Tinting::dominant(std::size_t token) const {
    if (by_attention() || by_number() || empty() || token >= snapshot_->factors->tokens())
        return std::nullopt;
    const hsa::Factors& factors = *snapshot_->factors;
    const hsa::FactorRow p = factors.p.row(token);
    std::array<double, 256> of_level{};
    std::optional<Dominant> best;
    for (std::size_t c = 0; c < p.size(); ++c) {
        const std::uint16_t level = factors.level[c];
        if (level == hsa::kBackgroundLevel) continue;
        if (level < of_level.size()) of_level[level] += static_cast<double>(p[c]);
        if (kind_ == TextTint::splat && level_ && level != *level_) continue;
        const auto share = static_cast<double>(p[c]);
        if (!best || share > best->share) best = Dominant{c, level, share};
    }
    if (kind_ == TextTint::level && best) {
        const auto strongest = std::max_element(of_level.begin(), of_level.end());
        best->level = static_cast<std::uint16_t>(strongest - of_level.begin());
        best->share = *strongest;
    }
    return best;
}

std::optional<Dominant> Tinting::dominant(hsa::Range tokens) const {
    const std::size_t step = std::max<std::size_t>(1, tokens.size() / kSamples);
    std::vector<std::pair<Dominant, std::size_t>> counts;  // how often
    for (std::size_t t = tokens.begin; t < tokens.end; t += step) {
        const auto strongest = dominant(t);
        if (!strongest) continue;
        const auto found = std::find_if(counts.begin(), counts.end(), [&](const auto& entry) {
            return same(entry.first, *strongest);
        });
        if (found == counts.end()) counts.emplace_back(*strongest, 1);
        else ++found->second;
    }
    if (counts.empty()) return std::nullopt;
    return std::max_element(counts.begin(), counts.end(),
                            [](const auto& a, const auto& b) { return a.second < b.second; })
        ->first;
}

bool Tinting::same(const Dominant& a, const Dominant& b) const {
    return kind_ == TextTint::splat ? a.column == b.column : a.level == b.level;
}

Sign Tinting::sign(const Dominant& strongest) const {
    if (kind_ != TextTint::splat) return level_sign(strongest.level);
    // Counted within the level, so that neighbours in a small level differ.
    const hsa::Factors& factors = *snapshot_->factors;
    std::size_t before = 0;
    for (std::size_t c = 0; c < strongest.column; ++c)
        before += factors.level[c] == factors.level[strongest.column];
    return class_sign(before);
}

Colour Tinting::colour(std::size_t token) const {
    if (by_attention()) {
        const auto ratio = attention(token);
        if (!ratio) return {0, 0, 0, 0};
        const std::size_t index = table_index(*ratio);
        return colour_of_pixel(table_[index]).with_alpha(fade(index));
    }
    if (by_number()) {
        const auto at = share(token);
        return at ? number_colour(*at) : Colour{0, 0, 0, 0};
    }
    const auto strongest = dominant(token);
    if (!strongest) return {0, 0, 0, 0};
    if (kind_ == TextTint::splat) {
        const float alpha =
            0.15F + 0.40F * static_cast<float>(std::clamp(2.0 * strongest->share, 0.0, 1.0));
        return sign(*strongest).colour.with_alpha(alpha);
    }
    // A level tints by how far it is ahead of an even share.
    const double even =
        1.0 / static_cast<double>(std::max<std::size_t>(
                  snapshot_->registry ? snapshot_->registry->hierarchy.size() : 1, 1));
    const double ahead = even < 1.0 ? (strongest->share - even) / (1.0 - even) : 1.0;
    const float alpha = 0.08F + 0.55F * static_cast<float>(std::clamp(ahead, 0.0, 1.0));
    return level_colour(strongest->level).with_alpha(alpha);
}

Colour Tinting::strong_colour(hsa::Range tokens) const {
    if (tokens.empty()) return {0, 0, 0, 0};
    if (by_attention()) {
        tokens.end = std::min(tokens.end, values_.size());
        if (tokens.begin >= tokens.end) return {0, 0, 0, 0};
        double sum = 0.0;
        for (std::size_t t = tokens.begin; t < tokens.end; ++t)
            sum += static_cast<double>(values_[t]);
        return colour_of_pixel(table_[table_index(sum / static_cast<double>(tokens.size()))]);
    }
    if (by_number()) {
        double sum = 0.0;
        std::size_t count = 0;
        for (std::size_t t = tokens.begin; t < std::min(tokens.end, values_.size()); ++t)
            if (const auto at = share(t)) {
                sum += *at;
                ++count;
            }
        if (count == 0) return {0, 0, 0, 0};
        const double mean = sum / static_cast<double>(count);
        return colour_of_pixel(table_[static_cast<std::size_t>(std::lround(255.0 * mean))]);
    }
    const auto strongest = dominant(tokens);
    if (!strongest) return {0, 0, 0, 0};
    return mix(theme_->panel, sign(*strongest).colour, 0.7F);
}

std::string Tinting::words(std::size_t token) const {
    if (const auto ratio = attention(token))
        return fmt::format("attention {} {}: {}", kind_ == TextTint::from ? "from" : "to",
                           word_ ? "“" + snapshot_->dataset->token_text(*word_) + "”"
                                 : std::string("the selection"),
                           uniform_text(*ratio));
    if (by_number()) {
        if (!share(token)) return {};
        return fmt::format("{}: {:.4g}{}{}", numbers_->name, static_cast<double>(values_[token]),
                           numbers_->unit.empty() ? "" : " ", numbers_->unit);
    }
    const auto strongest = dominant(token);
    if (!strongest) return {};
    if (kind_ == TextTint::level)
        return fmt::format("{} carries {} of its attention",
                           level_name(*snapshot_, strongest->level),
                           percent_text(strongest->share));
    return fmt::format("{} ({}) carries {} of its attention",
                       splat_name(*snapshot_, snapshot_->factors->ids[strongest->column]),
                       level_name(*snapshot_, strongest->level), percent_text(strongest->share));
}

ColourTable Tinting::legend_table() const {
    ColourTable legend{};
    if (by_number()) {
        for (std::size_t i = 0; i < legend.size(); ++i) {
            const Colour tint = number_colour(static_cast<double>(i) / 255.0);
            legend[i] = pixel_of(
                mix(theme_->panel, {tint.r, tint.g, tint.b}, static_cast<float>(tint.a) / 255.0F));
        }
        return legend;
    }
    for (std::size_t i = 0; i < legend.size(); ++i) {
        const double level = kLegendLow + (kHigh - kLegendLow) * static_cast<double>(i) / 255.0;
        const std::size_t index = table_index(std::pow(10.0, level));
        legend[i] = pixel_of(mix(theme_->panel, colour_of_pixel(table_[index]), fade(index)));
    }
    return legend;
}

Axis Tinting::legend_axis() const {
    if (by_number() && numbers_)
        return {numbers_->low, numbers_->high,
                numbers_->logarithmic ? AxisScale::logarithmic : AxisScale::linear};
    return {std::pow(10.0, kLegendLow), std::pow(10.0, kHigh), AxisScale::ratio};
}

std::uint64_t Tinting::key() const { return key_; }

}  // namespace splatscope
