#pragma once

#include "app/render/canvas.h"
#include "app/widgets/theme.h"

#include <cstddef>
#include <string>
#include <vector>

namespace splatscope {

// How the numbers of an axis are spread: evenly, by their logarithm (low > 0), evenly with marks at
// whole numbers only (cycles, token positions), or as attention against uniform (by the logarithm,
// written 1/10, 1/3, uniform, ×3, ×10).
enum class AxisScale : std::uint8_t { linear, logarithmic, integer, ratio };

struct Axis {
    double low = 0.0;
    double high = 1.0;
    AxisScale scale = AxisScale::linear;

    // 0 at low, 1 at high; beyond them outside 0..1. A logarithmic axis has no place for value <=
    // 0: NaN.
    [[nodiscard]] double place(double value) const;
    [[nodiscard]] double value(double place) const;
};

struct Tick {
    double value = 0.0;
    std::string label;  // empty for a small mark between labelled ones
};

// The one function for marks of every axis: at most `most` labelled marks (at least 2 where they
// exist) at 1, 2 or 5 times a power of ten (whole numbers; powers of ten; 1, 3, 10, 30), rising,
// all inside [low, high]. Every label has as many decimals as the step needs. Nothing for an axis
// that is empty, reversed or not finite.
[[nodiscard]] std::vector<Tick> ticks(const Axis& axis, std::size_t most);

// Marks and labels (nothing where the picture leaves axes out) along the lower edge of `plot`, with
// faint lines through the plot when `grid`. Labels that would overlap earlier text are left out.
// `title` stands at the right end, below.
void draw_axis_below(Canvas& canvas, const Theme& theme, const Rect& plot, const Axis& axis,
                     bool grid, std::string_view title = {});
// The same along the left edge, labels to the left of it; `title` above the plot's top left corner.
void draw_axis_left(Canvas& canvas, const Theme& theme, const Rect& plot, const Axis& axis,
                    bool grid, std::string_view title = {});

}  // namespace splatscope
