#pragma once

#include "app/setting_list/setting_limits.h"

namespace splatscope {

// The attention map and its second side.
template <class K, class Visitor>
void visit_map(K& desk, Visitor& visitor) {
    visitor("map.colours", desk.map.colours, Limits{}, "colour map of the attention map");
    visitor("map.scale", desk.map.scale, Limits{},
            "fixed: -1.5 .. 1.2 decades about uniform; view: of what is visible; uniform: "
            "diverging about uniform");
    visitor("map.level", desk.map.level, Limits{},
            "show the part of one level only; empty = all levels");
    visitor("map.splats", desk.map.splats, Limits{},
            "show the parts of these splats only, by id; empty = those of map.level");
    visitor(
        "map.statistic", desk.map.statistic, Limits{},
        "mean of a pixel's cells, or most: the largest of them (above 4,096 tokens a bound that "
        "none exceeds)");
    visitor("map.profiles", desk.map.profiles, Limits{},
            "the mean of every shown row and column beside the map, and the row and column under "
            "the pointer");
    visitor("map.channels", desk.map.channels, Limits{},
            "two or three levels, or splat:ID, shown as red, green and blue: NAME,NAME,NAME; empty "
            "= one map (map.mix)");
    visitor("map.invert", desk.map.invert, Limits{}, "turn the colour map around");
    visitor("map.low", desk.map.low, Limits{0, 1e12},
            "attention over uniform at the first colour, in every map; auto = of map.scale");
    visitor("map.high", desk.map.high, Limits{0, 1e12},
            "attention over uniform at the last colour; auto = of map.scale");
    visitor("map.trim_low", desk.map.trim_low, Limits{0, 49},
            "percent of the darkest pixels beyond the first colour, with map.scale view");
    visitor("map.trim_high", desk.map.trim_high, Limits{51, 100},
            "percent of the pixels up to the last colour, with map.scale view and linear");
    visitor("map.minimap", desk.map.minimap, Limits{},
            "the whole map small in a corner while a part is shown; pictures leave it out");
    visitor("map.compare", desk.map.compare, Limits{},
            "how the second side (compare.set) is shown: split at the diagonal, difference (times "
            "as much), blink, beside each other; off");
    visitor("map.side", desk.map.side, Limits{},
            "which side a blink shows while it rests, and in pictures");
    visitor("map.blinking", desk.map.blinking, Limits{}, "the sides alternate by themselves");
    visitor("map.blink_rate", desk.map.blink_rate, Limits{0.1, 10},
            "sides a second that a blink shows");
    visitor("map.jumps", desk.map.jumps, Limits{},
            "list the strongest blocks of what the map shows beside it");
    visitor("map.jumps_by", desk.map.jumps_by, Limits{},
            "what makes a block strong: value; uniform: over what uniform attention to the tokens "
            "that rows see would give it; lift: over what its rows and columns have otherwise");
    visitor("map.jumps_apart", desk.map.jumps_apart, Limits{0, 1000},
            "listed blocks lie so many blocks off the diagonal, 1 = they do not touch it; 0 = "
            "anywhere");
    visitor("map.jump", desk.map.jump, Limits{0, 1000},
            "the listed block that was gone to, from 1 (map.go); 0 = none");
    visitor("map.jumps_from", desk.map.jumps_from, Limits{},
            "what that list is of, R0:R1,C0:C1; empty = what is shown");
    visitor("map.row_begin", desk.map.row_begin, Limits{}, "first visible row");
    visitor("map.row_end", desk.map.row_end, Limits{}, "end of the visible rows; 0 = all");
    visitor("map.column_begin", desk.map.column_begin, Limits{}, "first visible column");
    visitor("map.column_end", desk.map.column_end, Limits{}, "end of the visible columns; 0 = all");
    visitor("compare.row_begin", desk.compare.row_begin, Limits{},
            "first visible row of a second side that has other tokens");
    visitor("compare.row_end", desk.compare.row_end, Limits{}, "end of its visible rows; 0 = all");
    visitor("compare.column_begin", desk.compare.column_begin, Limits{},
            "first visible column of a second side that has other tokens");
    visitor("compare.column_end", desk.compare.column_end, Limits{},
            "end of its visible columns; 0 = all");
}

}  // namespace splatscope
