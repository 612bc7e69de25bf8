#pragma once

#include "app/views/map_channels.h"
#include "app/views/map_compare.h"
#include "app/views/map_viewport.h"
#include "app/views/view.h"
#include "engine/attention/picture.h"

#include <memory>
#include <optional>
#include <span>
#include <vector>

namespace splatscope {

// Pictures of one part of the map, with the scale between their rows and tokens (sampled rows stand
// for several tokens).
struct HeldMap {
    ChannelPictures pictures;  // one, or one a channel
    std::shared_ptr<const hsa::Picture> second;
    double step = 1.0;
    double rows = 0.0;  // of the factors they came from

    [[nodiscard]] const std::shared_ptr<const hsa::Picture>& first() const {
        return pictures.front();
    }
};

// What a view of the map asks of the look lane: the same rows and columns of every part.
struct MapWanted {
    std::vector<hsa::PicturePart> parts;
    hsa::Statistic statistic = hsa::Statistic::mean;
    MapSides sides;

    // Adds a picture of every part, and the second side's.
    void add(const hsa::PictureRequest& request, Drawn& drawn) const;
    // All of them, where the look lane has them all.
    [[nodiscard]] std::optional<HeldMap> answered(const hsa::LookResult& look,
                                                  const hsa::PictureRequest& request) const;
    [[nodiscard]] bool is_of(const HeldMap& held) const;
};

// What was asked for and what came: the newest picture of the part in view, one of the whole below
// it, and a small one of the whole.
class MapPictures {
  public:
    void forget();
    // Takes what the look lane has of earlier requests. `tokens` of the data.
    void take(const ViewContext& context, const MapWanted& wanted, std::size_t tokens);
    // Asks for what the frame shows, and for the small one; true when it is there. While
    // `drawn.animating` what was asked for is awaited: asking anew each frame would starve it.
    [[nodiscard]] bool ask(const ViewContext& context, const MapWanted& wanted,
                           const MapFrame& frame, bool minimap, Drawn& drawn);

    [[nodiscard]] const std::optional<HeldMap>& shown() const { return shown_; }
    [[nodiscard]] const std::optional<HeldMap>& overview() const { return overview_; }
    [[nodiscard]] const std::optional<HeldMap>& small() const { return small_; }

  private:
    std::optional<HeldMap> shown_, overview_, small_;
    std::optional<hsa::PictureRequest> asked_;
    std::vector<hsa::PictureRequest> before_;  // asked for, the newest first
};

// The visible tokens on whole pixels of the frame, the borders on multiples of the tokens a pixel
// holds, so that panning does not make the picture tremble. `rows` of the factors stand for
// `tokens`.
[[nodiscard]] hsa::PictureRequest request_of_frame(const MapFrame& frame, std::size_t rows,
                                                   std::size_t tokens, float scale);

}  // namespace splatscope
