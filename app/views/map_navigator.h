#pragma once

#include "app/views/map_viewport.h"
#include "app/views/view.h"
#include "engine/model/selection.h"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace splatscope {

// The tokens that the map shows of n, each way.
[[nodiscard]] hsa::Range visible_range(const VisibleTokens& range, std::size_t tokens);

// Turns the pointer into a moving viewport; a command goes out when a gesture ends.
class MapNavigator {
  public:
    // What is shown now: the desk's, or where a gesture is.
    [[nodiscard]] MapViewport viewport(const MapDesk& desk, std::size_t tokens) const;
    // Other data: no gesture goes on.
    void forget();
    // Keeps a sent viewport on the screen until the session has it.
    void follow(const MapDesk& desk);
    // Pans, zooms and shows the whole; a block that was drawn by hand is selected.
    void move(const Pointer& pointer, const MapFrame& frame, const MapDesk& desk,
              std::size_t tokens, Drawn& drawn);
    // Shows a viewport; `show` sends it, too.
    void preview(const MapViewport& viewport) { moving_ = viewport; }
    void show(const MapViewport& viewport, const MapDesk& desk, std::size_t tokens, Drawn& drawn);

    [[nodiscard]] bool moves() const { return moving_.has_value(); }
    [[nodiscard]] bool rests() const { return gesture_ == Gesture::none; }
    [[nodiscard]] bool selects() const { return gesture_ == Gesture::select; }

  private:
    enum class Gesture { none, pan, select };
    void finish(const MapDesk& desk, std::size_t tokens, Drawn& drawn);
    void zoom(const Pointer& pointer, const MapFrame& frame, std::size_t tokens);

    Gesture gesture_ = Gesture::none;
    std::optional<MapViewport> moving_;  // shown instead of the desk's while a gesture lasts
    MapViewport start_, target_;
    bool easing_ = false;
    int quiet_frames_ = 0;
    std::optional<MapDesk> sent_;  // the desk when the last viewport was sent
    int sent_frames_ = 0;
};

// The tokens between press and pointer, at least one each way.
[[nodiscard]] hsa::Block drawn_block(const Pointer& pointer, const MapFrame& frame,
                                     std::size_t tokens);
// The command that selects a block; how: "add " or "remove ", as the commands take it.
[[nodiscard]] std::string block_command(const hsa::Block& block, std::string_view how = "");

}  // namespace splatscope
