#pragma once

#include "app/widgets/colour_map.h"
#include "engine/attention/picture.h"
#include "engine/attention/strongest_blocks.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <string>

namespace splatscope {

// uniform: diverging, above/below; linear: from nothing, not by the logarithm.
enum class MapScale : std::uint8_t { fixed, view, uniform, linear };
// How the second side is shown in the map; both sides have the same rows and columns.
enum class MapCompare : std::uint8_t { off, split, difference, blink, beside };
enum class MapSide : std::uint8_t { first, second };
struct MapDesk {
    // Visible tokens; an empty range is the whole. Real numbers, so that panning is smooth.
    double row_begin = 0.0, row_end = 0.0, column_begin = 0.0, column_end = 0.0;
    ColourMapName colours = ColourMapName::viridis;
    MapScale scale = MapScale::fixed;
    std::string level;                   // empty = all
    std::set<hsa::SplatId> splats = {};  // these alone; empty = those of the level
    hsa::Statistic statistic = hsa::Statistic::mean;
    bool profiles = false;      // of rows and columns, beside the map
    std::string channels = {};  // levels or splat:ID as red, green and blue, by commas
    bool invert = false;
    // Ends of the colours, times uniform; nothing: those of the scale.
    std::optional<double> low = std::nullopt, high = std::nullopt;
    double trim_low = 2.0, trim_high = 99.5;  // percent, of the scales view and linear
    bool minimap = true;
    MapCompare compare = MapCompare::off;
    MapSide side = MapSide::first;  // shown while a blink rests, and in pictures
    bool blinking = true;
    double blink_rate = 1.0;  // sides a second
    bool jumps = false;       // the list of the strongest blocks
    hsa::StrengthBy jumps_by = hsa::StrengthBy::value;
    std::size_t jumps_apart = 2;  // from the diagonal, in blocks
    std::size_t jump = 0;         // the block that was gone to, from 1; 0 = none
    std::string jumps_from = {};  // what the list was of then, R0:R1,C0:C1
    bool operator==(const MapDesk&) const = default;
};

}  // namespace splatscope
