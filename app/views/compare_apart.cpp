#include "app/views/compare_apart.h"

#include "app/views/map_axes.h"
#include "app/views/map_reading.h"
#include "app/views/view_names.h"
#include "app/views/view_waiting.h"
#include "app/widgets/colour_bar.h"
#include "app/widgets/numbers.h"
#include "app/widgets/text_lines.h"

#include <fmt/core.h>

#include <algorithm>

namespace splatscope {
namespace {

constexpr float kTitle = 20.0F;    // above each map
constexpr float kWords = 78.0F;    // left of each, for the labels of its rows
constexpr float kBelow = 30.0F;    // for those of its columns
constexpr float kBarRoom = 44.0F;  // below both

// Where the newest picture of a side is that shows what was asked for.
std::shared_ptr<const hsa::Picture> find(
    const std::vector<std::shared_ptr<const hsa::Picture>>& pictures,
    const hsa::PictureRequest& request) {
    for (const auto& picture : pictures)
        if (picture && picture->request == request) return picture;
    return nullptr;
}

}  // namespace

void MapsApart::draw_side(Canvas& canvas, const ViewContext& context, const Pointer& pointer,
                          const hsa::Dataset& dataset, const std::string& name, Side& side,
                          Drawn& drawn) {
    const Theme& theme = context.theme;
    const Rect& place = side.frame.place;
    const std::size_t n = dataset.size();
    const AttentionColours colours =
        side.pixels.colours(context.session.desk.map, theme, side.picture, static_cast<double>(n));
    canvas.rect(place, theme.background);
    if (side.picture) {
        const hsa::Picture& picture = *side.picture;
        const auto at = [](std::size_t edge) { return static_cast<double>(edge); };
        const Rect whole{{side.frame.x(at(picture.column_edges.front())),
                          side.frame.y(at(picture.row_edges.front()))},
                         {side.frame.x(at(picture.column_edges.back())),
                          side.frame.y(at(picture.row_edges.back()))}};
        canvas.push_clip(place);
        if (whole.width() < 30000.0F)
            canvas.image(side.pixels.get(side.picture, colours).image, whole);
        canvas.pop_clip();
    }
    canvas.rect_outline(place, theme.lines);
    const TextStyle title{theme.text, Font::text, kSmallTextSize, Align::centre, Align::end};
    const std::string words = fmt::format("{} · {}", name, counted(n, "token"));
    (void)canvas.label({place.centre().x, place.min.y - 4.0F},
                       canvas.fit(words, title, place.width()), title);
    draw_map_axes(canvas, theme, side.frame, dataset, readable_on(colour_at(colours.map, 0.5)),
                  kWords - 4.0F, kBelow);
    if (side.picture && !context.exporting && pointer.inside && place.contains(pointer.position))
        if (const auto reading = reading_at(*side.picture, side.frame.row_at(pointer.position.y),
                                            side.frame.column_at(pointer.position.x), 1.0))
            drawn.tooltip = name + "\n" + reading_text(*reading, dataset, "", side.picture->mark);
}

bool MapsApart::draw(Canvas& canvas, const ViewContext& context, const Pointer& pointer,
                     Drawn& drawn) {
    const hsa::Snapshot& shown = context.snapshot;
    const hsa::Snapshot& other = *context.other->snapshot;
    const std::size_t n = shown.dataset->size();
    const std::size_t m = other.dataset->size();
    MapDesk desk = context.session.desk.map;
    first_.frame.viewport = MapViewport::of(desk, n);
    const CompareDesk& own = context.session.desk.compare;
    desk.row_begin = own.row_begin;
    desk.row_end = own.row_end;
    desk.column_begin = own.column_begin;
    desk.column_end = own.column_end;
    second_.frame.viewport = MapViewport::of(desk, m);

    const Rect bounds = canvas.bounds();
    const float half = 0.5F * bounds.width();
    const float height = bounds.height() - kTitle - kBelow - kBarRoom;
    const float side = std::max(8.0F, std::min(half - kWords - 8.0F, height));
    const float top = bounds.min.y + kTitle + std::max(0.0F, 0.4F * (height - side));
    first_.frame.place = {{bounds.min.x + kWords, top}, {bounds.min.x + kWords + side, top + side}};
    second_.frame.place = {{bounds.min.x + half + kWords, top},
                           {bounds.min.x + half + kWords + side, top + side}};
    if (!context.exporting) {
        first_.moves.move({&first_.frame, 1}, pointer, n, "map.view", drawn);
        second_.moves.move({&second_.frame, 1}, pointer, m, "compare.view", drawn);
    }
    const hsa::PictureRequest first = picture_of(first_.frame, context.scale, n);
    const hsa::PictureRequest second = picture_of(second_.frame, context.scale, m);
    drawn.pictures.push_back(first);
    drawn.others.push_back(second);
    if (is_current(context))
        if (const auto picture = find(context.look.pictures, first)) {
            first_.picture = picture;
            first_.of = shown.factors;
        }
    if (context.look.other && context.look.other->factors == other.factors)
        if (const auto picture = find(context.look.others, second)) {
            second_.picture = picture;
            second_.of = other.factors;
        }
    if (first_.of != shown.factors) first_.picture = nullptr;
    if (second_.of != other.factors) second_.picture = nullptr;

    const std::string& name = shown.dataset->source;
    draw_side(canvas, context, pointer, *shown.dataset, name, first_, drawn);
    draw_side(canvas, context, pointer, *other.dataset, context.other->name, second_, drawn);
    const AttentionColours colours = first_.pixels.colours(context.session.desk.map, context.theme,
                                                           first_.picture, static_cast<double>(n));
    const float bar = top + side + kBelow + 4.0F;
    const float left = first_.frame.place.min.x;
    draw_colour_bar(canvas, context.theme,
                    {{left, bar}, {left + std::min(200.0F, side), bar + 8.0F}}, colours.table(),
                    colours.axis(),
                    colours.linear ? "attention / uniform" : "attention / uniform (log)");
    drawn.axes = {
        {"rows", first_.frame.viewport.rows.begin, first_.frame.viewport.rows.end},
        {"columns", first_.frame.viewport.columns.begin, first_.frame.viewport.columns.end}};
    for (const Side* one : {&first_, &second_})
        if (one->picture && one->picture->mark != hsa::Mark::exact) drawn.mark = one->picture->mark;
    return first_.picture && first_.picture->request == first && second_.picture &&
           second_.picture->request == second;
}

}  // namespace splatscope
