#include "app/views/map_channels.h"

#include "app/views/view_names.h"
#include "engine/core/hash.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>
#include <utility>

namespace splatscope {
namespace {

constexpr std::size_t kKept = 3;
constexpr std::array<std::string_view, kMostChannels> kLetters = {"R", "G", "B"};

Image finished(std::vector<std::uint32_t> values, std::size_t width, std::size_t height) {
    Image image;
    image.width = width;
    image.height = height;
    image.key =
        hsa::hash_values(std::span<const std::uint32_t>(values), width * 0x9e3779b97f4a7c15ULL);
    image.pixels = std::make_shared<const std::vector<std::uint32_t>>(std::move(values));
    return image;
}

struct Disc {
    Vec2 centre;  // 0..1 of the picture
    std::size_t index = 0;
};
constexpr float kRadius = 0.29F;

// Two beside each other, or three about the middle.
std::vector<Disc> discs_of(std::span<const MapChannel> channels) {
    constexpr std::array<Vec2, 3> kThree = {Vec2{0.5F, 0.31F}, Vec2{0.31F, 0.66F},
                                            Vec2{0.69F, 0.66F}};
    constexpr std::array<Vec2, 2> kTwo = {Vec2{0.32F, 0.5F}, Vec2{0.68F, 0.5F}};
    std::vector<Disc> discs;
    for (std::size_t c = 0; c < channels.size(); ++c)
        discs.push_back({channels.size() == 2 ? kTwo[c] : kThree[c], channels[c].index});
    return discs;
}

}  // namespace

std::vector<MapChannel> shown_channels(const ViewContext& context) {
    if (!context.snapshot.registry) return {};
    return channels_of(context.session.desk.map, *context.snapshot.registry);
}

std::string channel_name(const ViewContext& context, const MapChannel& channel) {
    return channel.part.splats.empty() ? channel.word
                                       : splat_name(context.snapshot, channel.part.splats.front());
}

Colour channel_ink(std::size_t index, const Theme& theme) {
    // Lighter than the channels, so that blue is read on a dark panel.
    constexpr std::array<Colour, kMostChannels> kDark = {
        Colour{0xff, 0x6b, 0x6b}, Colour{0x5d, 0xdb, 0x5d}, Colour{0x7d, 0x9b, 0xff}};
    constexpr std::array<Colour, kMostChannels> kLight = {
        Colour{0xb8, 0x10, 0x10}, Colour{0x0d, 0x6e, 0x1c}, Colour{0x1d, 0x35, 0xd0}};
    return (theme.is_dark ? kDark : kLight)[std::min(index, kMostChannels - 1)];
}

Image mixed_image(std::span<const MapChannel> channels, const ChannelPictures& pictures,
                  const AttentionColours& colours) {
    const AttentionPixels steps(colours);
    const std::size_t height = pictures.front()->mean.rows();
    const std::size_t width = pictures.front()->mean.cols();
    std::vector<std::uint32_t> values(height * width, 0xff000000U);
    for (std::size_t c = 0; c < channels.size(); ++c) {
        const hsa::Picture& picture = *pictures[c];
        const auto shift = static_cast<std::uint32_t>(8 * channels[c].index);
        for (std::size_t e = 0; e < values.size(); ++e)
            if (const auto step = steps.step(picture.mean.data()[e]))
                values[e] |= static_cast<std::uint32_t>(*step) << shift;
    }
    for (std::size_t c = 0; c < channels.size(); ++c) {
        const hsa::Picture& picture = *pictures[c];
        if (picture.missing_rows == 0) continue;
        for (std::size_t r = 0; r < height; ++r)
            for (std::size_t x = 0; x < width; ++x)
                if (std::isnan(picture.mean(r, x)))
                    values[r * width + x] = steps.pixel(picture.mean(r, x), r, x);
    }
    return finished(std::move(values), width, height);
}

const Image& MixCache::get(std::span<const MapChannel> channels, const ChannelPictures& pictures,
                           const AttentionColours& colours) {
    std::vector<std::size_t> indices;
    for (const MapChannel& channel : channels) indices.push_back(channel.index);
    const auto found = std::find_if(entries_.begin(), entries_.end(), [&](const Entry& entry) {
        return entry.pictures == pictures && entry.indices == indices && entry.colours == colours;
    });
    if (found != entries_.end()) {
        std::rotate(entries_.begin(), found, found + 1);
        return entries_.front().image;
    }
    if (entries_.size() == kKept) entries_.pop_back();
    Image image = mixed_image(channels, pictures, colours);
    entries_.insert(entries_.begin(),
                    Entry{pictures, std::move(indices), colours, std::move(image)});
    return entries_.front().image;
}

void draw_channel_bars(Canvas& canvas, const Rect& bar, bool upright,
                       std::span<const MapChannel> channels) {
    constexpr std::size_t kSteps = 256;
    const auto count = static_cast<float>(channels.size());
    for (std::size_t c = 0; c < channels.size(); ++c) {
        std::vector<std::uint32_t> values(kSteps, 0xff000000U);
        for (std::size_t s = 0; s < kSteps; ++s)
            values[upright ? kSteps - 1 - s : s] |= static_cast<std::uint32_t>(s)
                                                    << (8 * channels[c].index);
        const float from = static_cast<float>(c) / count, to = static_cast<float>(c + 1) / count;
        const Rect place = upright ? Rect{{bar.min.x + from * bar.width(), bar.min.y},
                                          {bar.min.x + to * bar.width(), bar.max.y}}
                                   : Rect{{bar.min.x, bar.min.y + from * bar.height()},
                                          {bar.max.x, bar.min.y + to * bar.height()}};
        canvas.image(finished(std::move(values), upright ? 1 : kSteps, upright ? kSteps : 1),
                     place);
    }
}

void draw_channel_discs(Canvas& canvas, Vec2 top_left, std::span<const MapChannel> channels) {
    constexpr std::size_t kPixels = 192;
    const std::vector<Disc> discs = discs_of(channels);
    std::vector<std::uint32_t> values(kPixels * kPixels, 0);
    for (std::size_t y = 0; y < kPixels; ++y)
        for (std::size_t x = 0; x < kPixels; ++x) {
            const Vec2 at{(static_cast<float>(x) + 0.5F) / static_cast<float>(kPixels),
                          (static_cast<float>(y) + 0.5F) / static_cast<float>(kPixels)};
            std::uint32_t& value = values[y * kPixels + x];
            for (const Disc& disc : discs)
                if (std::hypot(at.x - disc.centre.x, at.y - disc.centre.y) < kRadius)
                    value |= 0xff000000U | 0xffU << (8 * disc.index);
        }
    Image image = finished(std::move(values), kPixels, kPixels);
    image.smooth = true;
    canvas.image(image, {top_left, {top_left.x + kDiscs, top_left.y + kDiscs}});
    // Their letters, away from where they lie over one another.
    for (const Disc& disc : discs) {
        const Vec2 away{disc.centre.x - 0.5F, disc.centre.y - 0.5F};
        const Vec2 at{top_left.x + kDiscs * (disc.centre.x + 0.45F * away.x),
                      top_left.y + kDiscs * (disc.centre.y + 0.45F * away.y)};
        const Colour ink = disc.index == 1 ? Colour{0, 0, 0} : Colour{255, 255, 255};
        (void)canvas.label(at, kLetters[disc.index],
                           {ink, Font::bold, kSmallTextSize, Align::centre, Align::centre});
    }
}

}  // namespace splatscope
