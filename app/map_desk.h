#pragma once

#include "app/session.h"
#include "engine/attention/strongest_blocks.h"
#include "engine/model/selection.h"
#include "engine/model/splat_registry.h"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace splatscope {

// What the settings of the map mean for the data that are open: shared by commands and the view.

// Which splats the map shows: map.splats where there are some of them, else those of map.level.
[[nodiscard]] hsa::PicturePart part_of(const MapDesk& desk, const hsa::SplatRegistry& registry);

inline constexpr std::string_view kSplatPrefix = "splat:";  // of a splat among map.channels
inline constexpr std::size_t kMostChannels = 3;
// One of red, green and blue.
struct MapChannel {
    std::string word;  // as map.channels has it
    hsa::PicturePart part;
    std::size_t index = 0;  // 0 red, 1 green, 2 blue
};
// Those of map.channels that the registry has: none where fewer than two are named.
[[nodiscard]] std::vector<MapChannel> channels_of(const MapDesk& desk,
                                                  const hsa::SplatRegistry& registry);
// The part that a level's name or splat:ID stands for. Throws Error for neither.
[[nodiscard]] hsa::PicturePart channel_part(std::string_view word,
                                            const hsa::SplatRegistry& registry);

// The whole tokens that the map shows of n.
[[nodiscard]] hsa::Block shown_block(const MapDesk& desk, std::size_t tokens);
// What the list of strongest blocks is of: what is shown, or, once one of them was gone to, what
// was shown before.
[[nodiscard]] hsa::StrongestWanted jumps_wanted(const MapDesk& desk,
                                                const hsa::SplatRegistry& registry,
                                                std::size_t tokens);
// Shows block `number` (from 1) of the list with as much around it on each side; 0 goes back to
// what the list is of. Throws Error when the list has no such block.
void go_to_jump(MapDesk& desk, const hsa::StrongestBlocks& list, std::size_t number,
                std::size_t tokens);
// Another view of the map than that of a jump.
void show_on_map(MapDesk& desk, double row_begin, double row_end, double column_begin,
                 double column_end);

}  // namespace splatscope
