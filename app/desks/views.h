#pragma once

#include "engine/model/splat_registry.h"

#include <cstddef>
#include <cstdint>
#include <set>
#include <string>

namespace splatscope {

enum class TreeForm : std::uint8_t { icicle, nodelink, lineage };
// Whose lines the lineage draws; automatic: all that there is room for, those with events first.
enum class LineageLines : std::uint8_t { automatic, all, events, selected };
struct TreeDesk {
    TreeForm form = TreeForm::icicle;
    std::string colour = "level";  // or a splat measure: "usage", "information", ...
    std::set<hsa::SplatId> collapsed;
    LineageLines lines = LineageLines::automatic;
    std::string find;  // splats whose names hold it are marked, others step back; empty = none
    bool operator==(const TreeDesk&) const = default;
};

enum class TextTint : std::uint8_t { from, to, splat, level, measure };
struct TextDesk {
    TextTint tint = TextTint::from;
    std::string measure = "received";  // a number of tokens
    bool hover = true;
    std::size_t arcs = 0;
    bool heat = false;
    double scroll = 0.0;  // first visible line
    bool operator==(const TextDesk&) const = default;
};

// What a lane of the timeline holds, and which measures it draws below them; all: those that fit.
enum class TimelineLanes : std::uint8_t { level, kind };
enum class TimelineCurve : std::uint8_t { row_kl, objective, entropy, information, splats, all };
struct TimelineDesk {
    double begin = 0.0, end = 0.0;  // visible cycles; empty = all
    double speed = 4.0;             // cycles a second when playing the past
    bool refused = false;           // refused trials drawn too
    TimelineLanes lanes = TimelineLanes::level;
    TimelineCurve curve = TimelineCurve::row_kl;
    std::size_t range_begin = 0, range_end = 0;  // selected cycles, half open; empty = none
    bool operator==(const TimelineDesk&) const = default;
};

struct CompareDesk {
    // Visible tokens of a second side that has others than the map; an empty range is the whole.
    double row_begin = 0.0, row_end = 0.0, column_begin = 0.0, column_end = 0.0;
    bool operator==(const CompareDesk&) const = default;
};

struct HeadsDesk {
    bool fits = false;  // splats are fitted to every head
    bool operator==(const HeadsDesk&) const = default;
};

struct DistributionsDesk {
    std::string property = "splat.usage";  // "splat.<name>" or "token.<name>"
    std::string against;                   // another of the same kind, upwards; empty = counts
    bool logarithmic = false;
    bool operator==(const DistributionsDesk&) const = default;
};

}  // namespace splatscope
