#include "app/views/map_triptych.h"

#include "app/views/map_compare.h"
#include "app/views/map_reading.h"
#include "app/views/view_names.h"
#include "app/widgets/colour_bar.h"
#include "app/widgets/numbers.h"
#include "app/widgets/text_lines.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <vector>

namespace splatscope {
namespace {

constexpr float kTitles = 20.0F;  // above the maps
constexpr float kLegend = 44.0F;  // below them, under the labels of columns
constexpr float kLabels = 78.0F;  // left of the first
constexpr float kUnder = 30.0F;   // labels of columns
constexpr float kApart = 12.0F;

}  // namespace

void MapTriptych::take(const std::shared_ptr<const hsa::Picture>& first,
                       const std::shared_ptr<const hsa::Picture>& second) {
    if (first_ == first && second_ == second) return;
    first_ = first;
    second_ = second;
    ratio_ = std::make_shared<const hsa::Picture>(ratio_picture(*first, *second));
    reach_ = ratio_reach(*ratio_);
}

void MapTriptych::move(const ViewContext& context, const Pointer& pointer, Drawn& drawn) {
    const std::size_t n = context.snapshot.dataset->size();
    moves_.move(frames_, pointer, n, "map.view", drawn);
    if (!pointer.clicked || pointer.double_clicked || !second_) return;
    for (const MapFrame& frame : frames_)
        if (frame.place.contains(pointer.position))
            if (const auto reading = reading_at(*second_, frame.row_at(pointer.position.y),
                                                frame.column_at(pointer.position.x), 1.0))
                drawn.commands.push_back(fmt::format("select.block {} {}",
                                                     range_argument(reading->block.rows),
                                                     range_argument(reading->block.columns)));
}

std::string MapTriptych::reading(Vec2 at, const hsa::Dataset& first, const hsa::Dataset* second,
                                 const Words& words) const {
    if (!first_ || !second_) return {};
    for (const MapFrame& frame : frames_) {
        if (!frame.place.contains(at)) continue;
        const double row = frame.row_at(at.y);
        const double column = frame.column_at(at.x);
        const auto one = reading_at(*first_, row, column, 1.0);
        const auto other = reading_at(*second_, row, column, 1.0);
        if (!one || !other) return {};
        std::string text = tokens_text(one->block, first) + "\n";
        if (second != nullptr)
            text +=
                fmt::format("in {}:\n{}\n", words.titles[1], tokens_text(other->block, *second));
        const auto n = static_cast<double>(first.size());
        text += fmt::format("{}: {} = {}\n{}: {} = {}", words.titles[0], number_text(one->mean),
                            uniform_text(one->mean * n), words.titles[1], number_text(other->mean),
                            uniform_text(other->mean * n));
        if (one->mean > 0.0)
            text += fmt::format("\n{}: {} times", words.titles[2],
                                number_text(other->mean / one->mean));
        return text;
    }
    return {};
}

hsa::PictureRequest MapTriptych::arrange(const Rect& bounds, const ViewContext& context,
                                         const Pointer& pointer, Drawn& drawn) {
    const std::size_t n = context.snapshot.dataset->size();
    const MapViewport viewport = MapViewport::of(context.session.desk.map, n);
    const float room = (bounds.width() - kLabels - 8.0F - 2.0F * kApart) / 3.0F;
    const float height = bounds.height() - kTitles - kUnder - kLegend;
    const float side = std::max(8.0F, std::min(room, height));
    const float top = bounds.min.y + kTitles + std::max(0.0F, 0.4F * (height - side));
    for (std::size_t m = 0; m < 3; ++m) {
        const float left = bounds.min.x + kLabels + static_cast<float>(m) * (side + kApart);
        frames_[m] = {viewport, {{left, top}, {left + side, top + side}}};
    }
    if (!context.exporting) move(context, pointer, drawn);

    return picture_of(frames_[0], context.scale, n);
}

void MapTriptych::draw(Canvas& canvas, const ViewContext& context, const Words& words,
                       Drawn& drawn) {
    const Theme& theme = context.theme;
    const std::size_t n = context.snapshot.dataset->size();
    const AttentionColours colours =
        pixels_.colours(context.session.desk.map, theme, second_, static_cast<double>(n));
    AttentionColours apart = colours;
    apart.map = ColourMapName::puor;
    apart.invert = apart.linear = false;
    apart.high = words.decades.value_or(reach_);
    apart.low = -apart.high;
    apart.tokens = 1.0;
    const std::array<std::shared_ptr<const hsa::Picture>, 3> shown = {first_, second_, ratio_};
    const float side = frames_[0].place.width();
    const TextStyle title{theme.text, Font::text, kSmallTextSize, Align::centre, Align::end};
    for (std::size_t m = 0; m < 3; ++m) {
        const MapFrame& frame = frames_[m];
        canvas.rect(frame.place, theme.background);
        if (shown[m]) {
            const hsa::Picture& picture = *shown[m];
            const auto at = [](std::size_t edge) { return static_cast<double>(edge); };
            const Rect place{
                {frame.x(at(picture.column_edges.front())), frame.y(at(picture.row_edges.front()))},
                {frame.x(at(picture.column_edges.back())), frame.y(at(picture.row_edges.back()))}};
            canvas.push_clip(frame.place);
            if (place.width() < 30000.0F)
                canvas.image(pixels_.get(shown[m], m == 2 ? apart : colours).image, place);
            canvas.pop_clip();
        }
        canvas.rect_outline(frame.place, theme.lines);
        (void)canvas.label({frame.place.centre().x, frame.place.min.y - 4.0F},
                           canvas.fit(words.titles[m], title, side), title);
        drawn.hits.push_back({fmt::format("{} {}", words.hits, m), frame.place, ""});
    }
    draw_map_axes(canvas, theme, frames_[0], *context.snapshot.dataset,
                  readable_on(colour_at(colours.map, 0.5)), kLabels - 4.0F, kUnder);
    const float bar_top = frames_[0].place.max.y + kUnder + 4.0F;
    // A bar gives way to the words that say what its numbers are.
    const auto bar = [&](const MapFrame& frame, const ColourTable& table, const Axis& axis,
                         std::string_view caption, float room) {
        constexpr float kShortest = 90.0F;
        const TextStyle words{{}, Font::text, kSmallTextSize};
        const float beside = room - canvas.text_size(caption, words).x - 12.0F;
        const float left = frame.place.min.x;
        const float width = std::min({200.0F, side, beside < kShortest ? side : beside});
        draw_colour_bar(canvas, theme, {{left, bar_top}, {left + width, bar_top + 8.0F}}, table,
                        axis, beside < kShortest ? "" : caption);
    };
    bar(frames_[0], colours.table(), colours.axis(),
        colours.linear ? "attention / uniform" : "attention / uniform (log)",
        frames_[2].place.min.x - frames_[0].place.min.x - 12.0F);
    bar(frames_[2], apart.table(),
        {std::pow(10.0, apart.low), std::pow(10.0, apart.high), AxisScale::logarithmic},
        "times as much (log)", side);
    const MapViewport viewport = frames_[0].viewport;
    drawn.axes = {{"rows", viewport.rows.begin, viewport.rows.end},
                  {"columns", viewport.columns.begin, viewport.columns.end}};
    if (ratio_) drawn.mark = ratio_->mark;
}

}  // namespace splatscope
