#include "app/views/map_range.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <string>

namespace splatscope {
namespace {

constexpr double kEnd = 0.2;    // of the bar that belongs to an end
constexpr double kTwice = 0.8;  // seconds between the two clicks of a double click, at most
constexpr double kLeast = 1.1;  // times the low end that the high end is at least

// As map.scale names them.
constexpr std::array<const char*, 4> kScales = {"fixed", "view", "uniform", "linear"};

// Three digits, so that a session file can be read.
double rounded(double value) {
    if (!(value > 0.0)) return 0.0;
    const double unit = std::pow(10.0, std::floor(std::log10(value)) - 2.0);
    return std::round(value / unit) * unit;
}

std::string range_command(double low, double high) {
    return fmt::format("map.range {:.6g} {:.6g}", rounded(low), rounded(high));
}

}  // namespace

void RangeDrag::move(const Pointer& pointer, const Rect& bar, bool upright, const MapDesk& desk,
                     const AttentionColours& colours, double now, Drawn& drawn) {
    const Rect place{{bar.min.x - (upright ? 2.0F : 0.0F), bar.min.y - (upright ? 0.0F : 2.0F)},
                     {bar.max.x + (upright ? 40.0F : 0.0F), bar.max.y + (upright ? 0.0F : 18.0F)}};
    const auto along = [&](Vec2 at) {
        return static_cast<double>(upright ? (bar.max.y - at.y) / bar.height()
                                           : (at.x - bar.min.x) / bar.width());
    };
    if (pointer.pressed[0] && !place.contains(pointer.press_position)) scale_.reset();
    if (pointer.pressed[0] && place.contains(pointer.press_position)) {
        started_ = colours;
        const double t = along(pointer.press_position);
        grip_ = t < kEnd ? Grip::low : t > 1.0 - kEnd ? Grip::high : Grip::both;
        low_ = colours.low_ratio();
        high_ = colours.high_ratio();
        moved_ = false;
        twice_ = pointer.double_clicked;
        // Keys press twice at once: what was clicked long before is no first click of theirs.
        if (!twice_ || now - clicked_ > kTwice) scale_.reset();
    }
    if (!started_) return;
    const Axis axis = started_->axis();
    const double from = along(pointer.press_position);
    const double by = along(pointer.position) - from;
    const double low = started_->low_ratio(), high = started_->high_ratio();
    if (!pointer.clicked && pointer.down[0]) {
        moved_ = moved_ || std::abs(by) > 0.01;
        low_ = grip_ == Grip::high ? low : std::max(0.0, axis.value(by));
        high_ = grip_ == Grip::low ? high : axis.value(1.0 + by);
        if (grip_ == Grip::low) low_ = std::min(low_, high_ / kLeast);
        else high_ = std::max(high_, std::max(low_ * kLeast, 1e-9));
        drawn.animating = true;
    }
    if (!pointer.released[0] && pointer.down[0]) return;
    if (moved_ && !pointer.clicked) {
        drawn.commands.push_back(range_command(low_, high_));
    } else if (twice_ || pointer.double_clicked) {
        drawn.commands.emplace_back("map.range");
        if (scale_ && desk.scale != *scale_)
            drawn.commands.push_back(std::string("set map.scale ") +
                                     kScales[static_cast<std::size_t>(*scale_)]);
        scale_.reset();
    } else if (pointer.clicked && pointer.ctrl) {
        drawn.commands.push_back(desk.low && desk.high ? "map.range" : range_command(low, high));
    } else if (pointer.clicked) {
        scale_ = desk.scale;
        clicked_ = now;
        drawn.commands.emplace_back("toggle map.scale");
    }
    started_.reset();
}

MapDesk RangeDrag::previewed(const MapDesk& desk) const {
    MapDesk changed = desk;
    if (started_ && moved_) {
        changed.low = low_;
        changed.high = high_;
    }
    return changed;
}

ColourTable table_between(const AttentionColours& colours, const AttentionColours& ends) {
    const ColourTable whole = colours.table();
    ColourTable table{};
    for (std::size_t i = 0; i < table.size(); ++i) {
        const double t = static_cast<double>(i) / 255.0;
        const double at = ends.low + t * (ends.high - ends.low);
        const double place = (at - colours.low) / (colours.high - colours.low);
        table[i] =
            whole[static_cast<std::size_t>(std::lround(255.0 * std::clamp(place, 0.0, 1.0)))];
    }
    return table;
}

}  // namespace splatscope
