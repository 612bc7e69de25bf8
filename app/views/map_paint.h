#pragma once

#include "app/views/map_channels.h"
#include "app/views/map_compare.h"
#include "app/views/map_held.h"
#include "app/views/map_layout.h"
#include "app/views/map_pixels.h"
#include "app/views/map_viewport.h"
#include "app/widgets/theme.h"
#include "engine/attention/picture.h"

#include <memory>
#include <optional>
#include <vector>

namespace splatscope {

// What is drawn in a frame of the map, found once at its beginning.
struct MapScene {
    std::vector<MapChannel> channels;
    MapWanted wanted;
    BlinkState blink;
    MapFrame frame;
    MapLayout layout;
    std::optional<Rect> minimap;

    [[nodiscard]] MapCompare mode() const {
        return wanted.sides.on() ? wanted.sides.mode : MapCompare::off;
    }
    [[nodiscard]] bool mixes(const HeldMap& held) const {
        return held.pictures.size() > 1 && held.pictures.size() == channels.size();
    }
    [[nodiscard]] bool shows_ratio(const HeldMap& held) const {
        return mode() == MapCompare::difference && held.second;
    }
};

// Held pictures as pixels: kept while pictures and colours stay.
class MapPaint {
  public:
    // The picture that stands for a held map: of a comparison that of both sides.
    [[nodiscard]] std::shared_ptr<const hsa::Picture> read(const HeldMap& held,
                                                           const MapScene& scene);
    // Of what is held, where something is; of a difference those of the ratio.
    [[nodiscard]] AttentionColours colours(const MapDesk& desk, const Theme& theme,
                                           const MapScene& scene,
                                           const std::optional<HeldMap>& shown, double tokens);
    [[nodiscard]] Image image(const HeldMap& held, const MapScene& scene,
                              const AttentionColours& colours);
    // The pixels of `read` with its special values; not of mixed channels.
    [[nodiscard]] const ColouredPicture& coloured(const HeldMap& held, const MapScene& scene,
                                                  const AttentionColours& colours);
    void draw(Canvas& canvas, const HeldMap& held, const MapScene& scene,
              const AttentionColours& colours);

  private:
    PixelCache pixels_;
    MixCache mixes_;
    ComparedPictures compared_;
    std::shared_ptr<const hsa::Picture> reach_of_;
    double reach_ = 1.0;  // decades that the ratios of `reach_of_` reach
};

}  // namespace splatscope
