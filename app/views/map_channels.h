#pragma once

#include "app/map_desk.h"
#include "app/render/canvas.h"
#include "app/views/map_pixels.h"
#include "app/views/view.h"
#include "engine/attention/picture.h"

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace splatscope {

// Two or three levels (or splats) at once, as red, green and blue.

// The pictures of the channels of the session; none while one map is shown.
[[nodiscard]] std::vector<MapChannel> shown_channels(const ViewContext& context);
// "Token"; of a splat its name.
[[nodiscard]] std::string channel_name(const ViewContext& context, const MapChannel& channel);
// What stands for red, green or blue as a word or a curve.
[[nodiscard]] Colour channel_ink(std::size_t index, const Theme& theme);

using ChannelPictures = std::vector<std::shared_ptr<const hsa::Picture>>;  // one a channel

// Red is 255 times the place of the first picture's value in the range of the colours, 0 for zero;
// green and blue alike; channels that are not there are 0. Hatched where one is no number.
[[nodiscard]] Image mixed_image(std::span<const MapChannel> channels,
                                const ChannelPictures& pictures, const AttentionColours& colours);

// The last mixes shown, made again only for other pictures or colours.
class MixCache {
  public:
    [[nodiscard]] const Image& get(std::span<const MapChannel> channels,
                                   const ChannelPictures& pictures,
                                   const AttentionColours& colours);

  private:
    struct Entry {
        ChannelPictures pictures;
        std::vector<std::size_t> indices;
        AttentionColours colours;
        Image image;
    };
    std::vector<Entry> entries_;
};

// A bar a channel from nothing to its colour over `bar`, on the axis of the colours.
void draw_channel_bars(Canvas& canvas, const Rect& bar, bool upright,
                       std::span<const MapChannel> channels);
// Discs of the channels that lie over one another, with what they mix to; 64 pixels wide and high.
inline constexpr float kDiscs = 64.0F;
void draw_channel_discs(Canvas& canvas, Vec2 top_left, std::span<const MapChannel> channels);

}  // namespace splatscope
