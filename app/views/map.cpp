#include "app/views/map_axes.h"
#include "app/views/map_channels.h"
#include "app/views/map_compare.h"
#include "app/views/map_held.h"
#include "app/views/map_jump_list.h"
#include "app/views/map_layout.h"
#include "app/views/map_legend.h"
#include "app/views/map_marks.h"
#include "app/views/map_minimap.h"
#include "app/views/map_navigator.h"
#include "app/views/map_paint.h"
#include "app/views/map_pixels.h"
#include "app/views/map_profiles.h"
#include "app/views/map_range.h"
#include "app/views/map_reading.h"
#include "app/views/map_triptych.h"
#include "app/views/map_viewport.h"
#include "app/views/view.h"
#include "app/views/view_names.h"
#include "app/views/view_waiting.h"
#include "app/widgets/numbers.h"
#include "app/widgets/text_lines.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace splatscope {
namespace {

constexpr const char* kHint = "Click a bright block: its splats and words light up";

class MapView final : public View {
  public:
    [[nodiscard]] std::string id() const override { return "map"; }
    [[nodiscard]] std::string title() const override { return "Attention map"; }
    [[nodiscard]] Place place() const override { return Place::centre; }
    [[nodiscard]] std::string help() const override;
    [[nodiscard]] std::vector<std::string> settings() const override {
        return {"map.level",   "map.splats",    "map.colours",    "map.scale",
                "map.invert",  "map.statistic", "map.profiles",   "map.minimap",
                "map.compare", "map.blinking",  "map.blink_rate", "map.jumps"};
    }
    [[nodiscard]] std::string subtitle(const ViewContext& context) const override;
    [[nodiscard]] Drawn draw(Canvas& canvas, const ViewContext& context,
                             const Pointer& pointer) override;

  private:
    void take_data(const hsa::Snapshot& snapshot);
    void draw_profiles(Canvas& canvas, const Theme& theme, const MapScene& scene,
                       const AttentionColours& colours, const std::optional<MapReading>& hovered);
    void draw_beside(Canvas& canvas, const ViewContext& context, const MapScene& scene,
                     const Pointer& pointer, Drawn& drawn);
    void move(const Pointer& pointer, const ViewContext& context, MapScene& scene, Drawn& drawn);
    void lay_out(Canvas& canvas, const ViewContext& context, const std::vector<Chip>& chips,
                 const std::string& caption, MapScene& scene) const;
    void ask(const ViewContext& context, const MapScene& scene, Drawn& drawn);
    void draw_hint_of(Canvas& canvas, const ViewContext& context, const MapFrame& frame,
                      Drawn& drawn);
    [[nodiscard]] std::optional<hsa::Block> block_at(Vec2 at, const MapFrame& frame) const;
    [[nodiscard]] std::string tooltip(const MapReading& reading, const ViewContext& context,
                                      const MapScene& scene) const;

    MapPaint paint_;
    MapPictures pictures_;
    std::string beside_of_;  // whose pictures stand side by side
    KeptLit lit_;
    std::shared_ptr<const hsa::Dataset> dataset_;
    std::size_t tokens_ = 0;

    MapNavigator navigator_;
    RangeDrag range_;
    MapTriptych beside_;
    bool on_minimap_ = false;  // a press there lasts

    std::shared_ptr<const hsa::Picture> hinted_;
    std::optional<hsa::Block> hint_;
};

std::string MapView::help() const {
    return "Every row is a token, every column a token it attends to: the colour is the mean "
           "attention of the pixel's block, as a multiple of uniform attention (1 / n), on a "
           "logarithmic scale. Block means are exact at every zoom.\n"
           "Wheel: zoom at the pointer (Ctrl fine, Shift fast). Drag: pan. Shift+drag: select a "
           "block, with Ctrl too take away what lies in it. Click: select the block of a pixel, or "
           "the cell (Shift: beside what else is "
           "selected; Ctrl: take the block away). Double-click: the whole map. "
           "The words in colour show one level alone, RGB several at once. A click on the colour "
           "bar takes the next scale, a drag on it moves the range. Rings: the strongest links of "
           "the selected tokens over a tenth of the text.\n"
           "J lists the strongest blocks, N and Shift+N go from one to the next. B shows the two "
           "sides of a comparison by turns (compare.set), Shift+B the other one. map.profiles "
           "draws the means of rows and columns beside the map.";
}

std::string MapView::subtitle(const ViewContext& context) const {
    if (!context.snapshot.dataset || context.snapshot.dataset->size() == 0) return {};
    const std::size_t n = context.snapshot.dataset->size();
    const std::string name = part_name(context);
    std::string levels = name.empty() ? "all levels" : name + " alone";
    const std::vector<MapChannel> channels = shown_channels(context);
    if (!channels.empty()) {
        levels.clear();
        for (const MapChannel& channel : channels)
            levels += (levels.empty() ? "" : ", ") + channel_name(context, channel);
    } else if (const MapSides sides = map_sides(context); sides.on()) {
        levels += fmt::format("  ·  A: {}, B: {}", sides.first, sides.second);
    }
    const MapViewport viewport = navigator_.viewport(context.session.desk.map, n);
    std::string what = viewport.is_whole(n)
                           ? fmt::format("{}  ·  rows attend to columns  ·  {} × {}", levels,
                                         count_text(n), count_text(n))
                           : fmt::format("{}  ·  rows {}  ·  columns {}", levels,
                                         range_text(visible_range(viewport.rows, n)),
                                         range_text(visible_range(viewport.columns, n)));
    const std::optional<HeldMap>& shown = pictures_.shown();
    const std::size_t missing = shown ? shown->first()->missing_rows : 0;
    if (missing == 0) return what;
    return fmt::format("{} of {} pixel rows not computed in {} s (compute.time_limit)  ·  {}",
                       count_text(missing), count_text(shown->first()->mean.rows()),
                       number_text(context.session.document.compute.time_limit), what);
}

void MapView::take_data(const hsa::Snapshot& snapshot) {
    tokens_ = snapshot.dataset ? snapshot.dataset->size() : 0;
    if (snapshot.dataset == dataset_) return;
    // Other data: nothing of the old ones belongs here. (A text keeps its map while vectors load.)
    dataset_ = snapshot.dataset;
    pictures_.forget();
    navigator_.forget();
    beside_.forget();
}

std::optional<hsa::Block> MapView::block_at(Vec2 at, const MapFrame& frame) const {
    if (!frame.place.contains(at)) return std::nullopt;
    if (hint_ && block_place(frame, *hint_, 12.0F).contains(at)) return hint_;
    const double row = frame.row_at(at.y), column = frame.column_at(at.x);
    const std::optional<HeldMap>& shown = pictures_.shown();
    if (shown)
        if (const auto reading = reading_at(*shown->first(), row, column, shown->step))
            return reading->block;
    const auto i = std::min(static_cast<std::size_t>(std::max(row, 0.0)), tokens_ - 1);
    const auto j = std::min(static_cast<std::size_t>(std::max(column, 0.0)), tokens_ - 1);
    return hsa::Block{{i, i + 1}, {j, j + 1}};
}

void MapView::draw_profiles(Canvas& canvas, const Theme& theme, const MapScene& scene,
                            const AttentionColours& colours,
                            const std::optional<MapReading>& hovered) {
    const std::optional<HeldMap>& shown = pictures_.shown();
    if (!scene.layout.profiles || !shown) return;
    std::vector<MapCurve> curves;
    const bool both = scene.mode() == MapCompare::split || scene.mode() == MapCompare::difference;
    if (scene.mixes(*shown)) {
        constexpr std::array<const char*, kMostChannels> kLetters = {"R", "G", "B"};
        for (std::size_t c = 0; c < scene.channels.size(); ++c) {
            const std::size_t index = scene.channels[c].index;
            curves.push_back(
                {shown->pictures[c].get(), channel_ink(index, theme), kLetters[index]});
        }
    } else if (both && shown->second) {
        curves.push_back({shown->first().get(), theme.text, "A"});
        curves.push_back({shown->second.get(), theme.warning, "B"});
    } else {
        const bool second = scene.mode() == MapCompare::blink && scene.blink.second;
        const auto& picture = second && shown->second ? shown->second : shown->first();
        curves.push_back({picture.get(), theme.text, ""});
    }
    AttentionColours axis = colours;
    if (scene.shows_ratio(*shown))
        axis.low = axis.high = 0.0;  // those of the ratios say nothing about the means
    std::optional<HoveredPixel> pixel;
    if (hovered) pixel = HoveredPixel{hovered->row, hovered->column};
    draw_map_profiles(canvas, theme, scene.frame, *scene.layout.profiles, curves, shown->step,
                      shown->rows, axis, pixel);
}

// Where everything stands for the viewport of the frame.
void MapView::lay_out(Canvas& canvas, const ViewContext& context, const std::vector<Chip>& chips,
                      const std::string& caption, MapScene& scene) const {
    const MapDesk& desk = context.session.desk.map;
    scene.layout = map_layout(canvas, chips, caption, scene.frame.viewport,
                              {desk.profiles, desk.jumps, !scene.channels.empty()});
    scene.frame.place = scene.layout.frame;
    scene.minimap.reset();
    if (desk.minimap && !context.exporting) scene.minimap = minimap_place(scene.frame, tokens_);
}

// What the pointer does to the map: moves it, moves the colours' range, selects.
void MapView::move(const Pointer& pointer, const ViewContext& context, MapScene& scene,
                   Drawn& drawn) {
    const MapDesk& desk = context.session.desk.map;
    const MapFrame& frame = scene.frame;
    if (scene.layout.bar && scene.mode() != MapCompare::difference)
        range_.move(pointer, *scene.layout.bar, scene.layout.beside, desk,
                    paint_.colours(range_.previewed(desk), context.theme, scene, pictures_.shown(),
                                   static_cast<double>(tokens_)),
                    context.now, drawn);
    const bool pressed = pointer.pressed[0];
    if (pressed) on_minimap_ = scene.minimap && scene.minimap->contains(pointer.press_position);
    if (on_minimap_) {
        const bool held = pointer.down[0] && !pointer.released[0];
        if (scene.minimap && (held || pointer.released[0])) {
            const MapViewport there =
                minimap_viewport(frame.viewport, *scene.minimap, pointer.position, tokens_);
            if (held) navigator_.preview(there);
            else navigator_.show(there, desk, tokens_, drawn);
        }
        on_minimap_ = held;
        drawn.animating = held;
        return;
    }
    navigator_.move(pointer, frame, desk, tokens_, drawn);
    if (pointer.clicked && !pointer.double_clicked && frame.place.contains(pointer.press_position))
        if (const auto block = block_at(pointer.position, frame))
            drawn.commands.push_back(pointer.ctrl
                                         ? "select.block remove"
                                         : block_command(*block, pointer.shift ? "add " : ""));
}

// Asks the look lane for what the frame shows; `drawn` waits until it is there.
void MapView::ask(const ViewContext& context, const MapScene& scene, Drawn& drawn) {
    const bool there =
        pictures_.ask(context, scene.wanted, scene.frame, scene.minimap.has_value(), drawn);
    drawn.waiting = !there;
    const MapDesk& desk = context.session.desk.map;
    if ((!desk.jumps && desk.jump == 0) || !context.snapshot.factors_exact) return;
    drawn.strongest = jumps_wanted(desk, *context.snapshot.registry, tokens_);
    drawn.waiting = drawn.waiting || !is_current(context) || !context.look.strongest ||
                    context.look.strongest->wanted != *drawn.strongest;
}

// Both sides and their ratio, all of the same rows and columns.
void MapView::draw_beside(Canvas& canvas, const ViewContext& context, const MapScene& scene,
                          const Pointer& pointer, Drawn& drawn) {
    Rect bounds = canvas.bounds();
    std::vector<MapChip> chips;
    if (!context.exporting) {
        chips = map_chips(context, {}, scene.wanted.sides);
        bounds.min.y += kChipHeight + 8.0F;
    }
    const hsa::PictureRequest request = beside_.arrange(bounds, context, pointer, drawn);
    scene.wanted.add(request, drawn);
    const std::string of = scene.wanted.sides.first + " | " + scene.wanted.sides.second;
    if (std::exchange(beside_of_, of) != of) beside_.forget();
    if (const auto held =
            is_current(context) ? scene.wanted.answered(context.look, request) : std::nullopt)
        beside_.take(held->first(), held->second);
    else drawn.waiting = context.snapshot.error.empty();
    drawn.animating = drawn.waiting;
    const std::string a = "A: " + scene.wanted.sides.first, b = "B: " + scene.wanted.sides.second;
    beside_.draw(canvas, context, {{a, b, "B over A"}, "map side", std::nullopt}, drawn);
    MapLayout layout;
    std::vector<Chip> looks;
    looks.reserve(chips.size());
    for (const MapChip& chip : chips) looks.push_back(chip.chip);
    if (!chips.empty())
        layout.chips =
            chip_places(canvas, looks, {canvas.bounds().min.x + 8.0F, canvas.bounds().min.y + 4.0F},
                        canvas.bounds().width() - 16.0F);
    draw_map_legend(canvas, context, layout, {}, chips, pointer, drawn);
}

std::string MapView::tooltip(const MapReading& reading, const ViewContext& context,
                             const MapScene& scene) const {
    const hsa::Dataset& dataset = *context.snapshot.dataset;
    const auto value = [&](const std::string& name, const hsa::Picture& picture) {
        const auto mean = static_cast<double>(picture.mean(reading.row, reading.column));
        return fmt::format("\n{}: {} = {}", name, number_text(mean),
                           uniform_text(mean * static_cast<double>(dataset.size())));
    };
    const std::optional<HeldMap>& shown = pictures_.shown();
    const bool mixed = scene.mixes(*shown);
    const std::string part =
        mixed ? channel_name(context, scene.channels.front()) : part_name(context);
    std::string text = reading_text(reading, dataset, part, shown->first()->mark);
    for (std::size_t c = 1; mixed && c < scene.channels.size(); ++c)
        text += value(channel_name(context, scene.channels[c]), *shown->pictures[c]);
    if (scene.mode() == MapCompare::off || !shown->second) return text;
    const MapSides& sides = scene.wanted.sides;
    const auto other = static_cast<double>(shown->second->mean(reading.row, reading.column));
    text += value("A, " + sides.first, *shown->first());
    text += value("B, " + sides.second, *shown->second);
    if (reading.mean > 0.0) text += fmt::format("\nB / A = {}", number_text(other / reading.mean));
    return text;
}

// The hint of the first minutes: only on the whole map, while nothing is picked.
void MapView::draw_hint_of(Canvas& canvas, const ViewContext& context, const MapFrame& frame,
                           Drawn& drawn) {
    const std::optional<HeldMap>& shown = pictures_.shown();
    const MapDesk& desk = context.session.desk.map;
    const bool hinting = desk.statistic == hsa::Statistic::mean && desk.channels.empty() &&
                         desk.compare == MapCompare::off && !desk.jumps &&
                         context.session.document.selection.empty() && !context.exporting &&
                         shown && !navigator_.moves() && frame.viewport.is_whole(tokens_) &&
                         frame.place.width() >= 280.0F;
    if (hinting && hinted_ != shown->first()) {
        hinted_ = shown->first();
        hint_.reset();
        if (const auto bright = brightest_block(*shown->first(), shown->step, shown->rows))
            hint_ = bright->block;
    } else if (!hinting) {
        hint_.reset();
        hinted_.reset();
    }
    if (!hint_) return;
    draw_hint(canvas, context.theme, frame, *hint_, kHint);
    drawn.hits.push_back(
        {"bright block", block_place(frame, *hint_, 12.0F), block_command(*hint_)});
}

Drawn MapView::draw(Canvas& canvas, const ViewContext& context, const Pointer& pointer) {
    Drawn drawn;
    const hsa::Snapshot& snapshot = context.snapshot;
    take_data(snapshot);
    const std::optional<HeldMap>& shown = pictures_.shown();
    const bool ready = snapshot.factors && snapshot.sums && snapshot.factors->tokens() > 0;
    if (tokens_ == 0 || (!ready && !shown)) {
        draw_empty_state(canvas, context.theme, drawn, nothing_yet(snapshot));
        drawn.waiting = tokens_ > 0 && snapshot.error.empty();
        return drawn;
    }
    const MapDesk& desk = context.session.desk.map;
    MapScene scene;
    scene.channels = shown_channels(context);
    for (const MapChannel& channel : scene.channels) scene.wanted.parts.push_back(channel.part);
    if (scene.channels.empty()) {
        scene.wanted.parts = {map_part(context)};
        scene.wanted.sides = map_sides(context);
    }
    scene.wanted.statistic = desk.statistic;
    if (ready && scene.mode() == MapCompare::beside) {
        draw_beside(canvas, context, scene, pointer, drawn);
        return drawn;
    }
    if (scene.mode() == MapCompare::blink) {
        scene.blink = blink_state(desk, context.now, context.exporting);
        drawn.next_frame = scene.blink.next;
    }
    navigator_.follow(desk);
    pictures_.take(context, scene.wanted, tokens_);

    const std::vector<MapChip> chips = canvas.shows(Part::legend)
                                           ? map_chips(context, scene.channels, scene.wanted.sides)
                                           : std::vector<MapChip>();
    std::vector<Chip> looks;
    looks.reserve(chips.size());
    for (const MapChip& chip : chips) looks.push_back(chip.chip);
    MapKey key;
    key.caption = scene.mode() == MapCompare::difference
                      ? "B over A: times as much (log)"
                      : map_caption(context.session.document.attention,
                                    shown ? shown->first()->mark : hsa::Mark::exact, desk.statistic,
                                    desk.scale == MapScale::linear);
    scene.frame.viewport = navigator_.viewport(desk, tokens_);
    lay_out(canvas, context, looks, key.caption, scene);
    if (!context.exporting) {
        move(pointer, context, scene, drawn);
        scene.frame.viewport = navigator_.viewport(desk, tokens_);
        lay_out(canvas, context, looks, key.caption, scene);
    }
    const MapFrame& frame = scene.frame;
    if (ready) ask(context, scene, drawn);
    drawn.waiting = (drawn.waiting || !ready) && snapshot.error.empty();

    key.colours = paint_.colours(range_.previewed(desk), context.theme, scene, shown,
                                 static_cast<double>(tokens_));
    key.over = scene.mode() == MapCompare::difference;
    key.ends = range_.started().value_or(key.colours);
    key.channels = scene.channels;
    canvas.rect(frame.place, context.theme.background);
    canvas.push_clip(frame.place);
    const std::optional<HeldMap>& overview = pictures_.overview();
    if (overview && (!shown || overview->first() != shown->first()))
        paint_.draw(canvas, *overview, scene, key.colours);
    if (shown) paint_.draw(canvas, *shown, scene, key.colours);
    canvas.pop_clip();
    if (!shown) {
        const TextStyle style{context.theme.secondary, Font::text, kTextSize, Align::centre,
                              Align::centre};
        (void)canvas.text(frame.place.centre(), nothing_yet(snapshot), style);
    }

    const ColourTable table = key.colours.table();
    const Colour across = scene.channels.empty() ? readable_on(colour_of_pixel(table[128]))
                                                 : Colour{0xff, 0xff, 0xff};
    // The words under the pointer come first: labels of the axes leave them room.
    std::optional<MapReading> hovered;
    const bool over_minimap = scene.minimap && scene.minimap->contains(pointer.position);
    if (pointer.inside && !context.exporting && navigator_.rests() && !over_minimap &&
        !(navigator_.selects() && !pointer.clicked) && frame.place.contains(pointer.position)) {
        if (shown)
            hovered = reading_at(*shown->first(), frame.row_at(pointer.position.y),
                                 frame.column_at(pointer.position.x), shown->step);
        const auto words = [&](const hsa::Range& tokens) {
            return has_words(*snapshot.dataset) ? words_of(*snapshot.dataset, tokens)
                                                : range_text(tokens);
        };
        draw_cross_hairs(canvas, context.theme, frame, pointer.position,
                         hovered ? words(hovered->block.rows) : "",
                         hovered ? words(hovered->block.columns) : "");
        if (hovered) drawn.tooltip = tooltip(*hovered, context, scene);
    }
    draw_map_axes(canvas, context.theme, frame, *snapshot.dataset, across,
                  frame.place.min.x - canvas.bounds().min.x - 2.0F, scene.layout.below);
    const hsa::Selection& selection = context.session.document.selection;
    draw_axis_marks(canvas, context.theme, frame, selection.tokens, lit_.of(context));
    if (shown && !scene.mixes(*shown)) {
        const ColouredPicture& coloured = paint_.coloured(*shown, scene, key.colours);
        key.special = coloured.special;
        if (shown->step == 1.0)
            draw_cell_values(canvas, frame, *coloured.picture, coloured.colours.tokens,
                             *coloured.image.pixels);
    }
    if (context.look.asked && context.look.selection == selection && is_current(context))
        draw_far_links(canvas, context.theme, frame, *context.look.asked);
    if (selection.block) draw_selected_block(canvas, context.theme, frame, *selection.block);
    const hsa::StrongestBlocks* list = nullptr;
    if (drawn.strongest && is_current(context) && context.look.strongest &&
        context.look.strongest->wanted == *drawn.strongest)
        list = context.look.strongest.get();
    if (list != nullptr) draw_jump_marks(canvas, context.theme, frame, *list, desk.jump);
    if (scene.minimap) {
        std::optional<Image> image;
        if (pictures_.small()) image = paint_.image(*pictures_.small(), scene, key.colours);
        draw_minimap(canvas, context.theme, *scene.minimap, image ? &*image : nullptr,
                     frame.viewport, tokens_);
        drawn.hits.push_back({"map minimap", *scene.minimap, ""});
    }
    if (scene.wanted.sides.mode != MapCompare::off)
        draw_side_marks(canvas, context.theme, frame, scene.wanted.sides, scene.blink.second,
                        across, scene.minimap);
    draw_hint_of(canvas, context, frame, drawn);
    const Vec2 centre = frame.place.centre();
    if (const auto block = block_at(centre, frame))
        drawn.hits.push_back({"map cell",
                              {{centre.x - 1, centre.y - 1}, {centre.x + 1, centre.y + 1}},
                              block_command(*block)});

    if (navigator_.selects() && !pointer.clicked)
        draw_rubber_band(canvas, context.theme, frame, drawn_block(pointer, frame, tokens_));
    draw_profiles(canvas, context.theme, scene, key.colours, hovered);
    draw_map_legend(canvas, context, scene.layout, key, chips, pointer, drawn);
    if (scene.layout.list)
        draw_jump_list(canvas, context, *scene.layout.list, list, pointer, drawn);

    drawn.lit_tokens = lit_.tokens();
    drawn.axes = {{"rows", frame.viewport.rows.begin, frame.viewport.rows.end},
                  {"columns", frame.viewport.columns.begin, frame.viewport.columns.end}};
    if (shown) drawn.mark = paint_.read(*shown, scene)->mark;
    if (!snapshot.factors_exact && drawn.mark == hsa::Mark::exact)
        drawn.mark = hsa::Mark::approximate;
    return drawn;
}

}  // namespace

std::unique_ptr<View> make_map_view() { return std::make_unique<MapView>(); }

}  // namespace splatscope
