#include "app/views/map_axes.h"
#include "app/views/map_layout.h"
#include "app/views/map_legend.h"
#include "app/views/map_marks.h"
#include "app/views/map_pixels.h"
#include "app/views/map_reading.h"
#include "app/views/map_viewport.h"
#include "app/views/view.h"
#include "app/views/view_names.h"
#include "app/views/view_waiting.h"
#include "app/widgets/numbers.h"
#include "app/widgets/text_lines.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>

namespace splatscope {
namespace {

constexpr int kQuietFrames = 12;   // without a wheel step, after which a zoom is over
constexpr int kAnswerFrames = 20;  // a sent viewport is shown until the session follows
constexpr double kEase = 0.38;     // of the way a zoom goes each frame
constexpr const char* kHint = "Click a bright block: its splats and words light up";

// A picture with the scale between its rows and tokens (sampled rows stand for several tokens).
struct Held {
    std::shared_ptr<const hsa::Picture> picture;
    double step = 1.0;
    double rows = 0.0;  // of the factors it came from
};

class MapView final : public View {
  public:
    [[nodiscard]] std::string id() const override { return "map"; }
    [[nodiscard]] std::string title() const override { return "Attention map"; }
    [[nodiscard]] Place place() const override { return Place::centre; }
    [[nodiscard]] std::string help() const override {
        return "Every row is a token, every column a token it attends to: the colour is the mean "
               "attention of the pixel's block, as a multiple of uniform attention (1 / n), on a "
               "logarithmic scale. Block means are exact at every zoom.\n"
               "Wheel: zoom at the pointer (Ctrl fine, Shift fast). Drag: pan. Shift+drag: select "
               "a "
               "block. Click: select the block of a pixel, or the cell. Double-click: the whole "
               "map. "
               "The words in colour show one level alone; a click on the colour bar takes the next "
               "scale. Rings: the strongest links of the selected tokens over a tenth of the text.";
    }
    [[nodiscard]] std::vector<std::string> settings() const override {
        return {"map.level", "map.splats", "map.colours", "map.scale", "map.statistic"};
    }
    [[nodiscard]] std::string subtitle(const ViewContext& context) const override;
    [[nodiscard]] Drawn draw(Canvas& canvas, const ViewContext& context,
                             const Pointer& pointer) override;

  private:
    enum class Gesture { none, pan, select };

    void take_pictures(const ViewContext& context, const hsa::PicturePart& part);
    [[nodiscard]] MapViewport viewport_now(const ViewContext& context) const;
    void follow_session(const MapDesk& desk);
    void move(const Pointer& pointer, const MapFrame& frame, const ViewContext& context,
              Drawn& drawn);
    void finish(const ViewContext& context, Drawn& drawn);
    [[nodiscard]] hsa::PictureRequest wanted(const MapFrame& frame, const ViewContext& context,
                                             const hsa::PicturePart& part) const;
    void draw_pixels(Canvas& canvas, const MapFrame& frame, const Held& held,
                     const AttentionColours& colours);
    [[nodiscard]] std::optional<hsa::Block> block_at(Vec2 at, const MapFrame& frame) const;
    [[nodiscard]] hsa::Block drawn_block(const Pointer& pointer, const MapFrame& frame) const;

    PixelCache pixels_;
    KeptLit lit_;
    std::shared_ptr<const hsa::Dataset> dataset_;
    std::optional<Held> shown_, overview_;
    std::optional<hsa::PictureRequest> asked_;
    std::size_t tokens_ = 0;

    Gesture gesture_ = Gesture::none;
    std::optional<MapViewport> moving_;  // shown instead of the desk's while a gesture lasts
    MapViewport start_, target_;
    bool easing_ = false;
    int quiet_frames_ = 0;
    std::optional<MapDesk> sent_;  // the desk when the last viewport was sent
    int sent_frames_ = 0;

    std::shared_ptr<const hsa::Picture> hinted_;
    std::optional<hsa::Block> hint_;
};

std::string block_command(const hsa::Block& block, bool add) {
    return fmt::format("select.block {}{} {}", add ? "add " : "", range_argument(block.rows),
                       range_argument(block.columns));
}

hsa::Range visible_range(const VisibleTokens& range, std::size_t tokens) {
    const auto begin = static_cast<std::size_t>(std::max(0.0, std::floor(range.begin + 1e-6)));
    const auto end = static_cast<std::size_t>(std::max(0.0, std::ceil(range.end - 1e-6)));
    return {std::min(begin, tokens - 1), std::clamp<std::size_t>(end, 1, tokens)};
}

std::string MapView::subtitle(const ViewContext& context) const {
    if (!context.snapshot.dataset || context.snapshot.dataset->size() == 0) return {};
    const std::size_t n = context.snapshot.dataset->size();
    const std::string name = part_name(context);
    const std::string levels = name.empty() ? "all levels" : name + " alone";
    const MapViewport viewport = viewport_now(context);
    std::string what = viewport.is_whole(n)
                           ? fmt::format("{}  ·  rows attend to columns  ·  {} × {}", levels,
                                         count_text(n), count_text(n))
                           : fmt::format("{}  ·  rows {}  ·  columns {}", levels,
                                         range_text(visible_range(viewport.rows, n)),
                                         range_text(visible_range(viewport.columns, n)));
    const std::size_t missing = shown_ ? shown_->picture->missing_rows : 0;
    if (missing == 0) return what;
    return fmt::format("{} of {} pixel rows not computed in {} s (compute.time_limit)  ·  {}",
                       count_text(missing), count_text(shown_->picture->mean.rows()),
                       number_text(context.session.document.compute.time_limit), what);
}

MapViewport MapView::viewport_now(const ViewContext& context) const {
    return moving_ ? *moving_
                   : MapViewport::of(context.session.desk.map, context.snapshot.dataset->size());
}

// Keeps a sent viewport on the screen until the session has it.
void MapView::follow_session(const MapDesk& desk) {
    if (!sent_) return;
    if (desk == *sent_ && ++sent_frames_ <= kAnswerFrames) return;
    sent_.reset();
    if (gesture_ == Gesture::none && quiet_frames_ == 0) moving_.reset();
}

void MapView::take_pictures(const ViewContext& context, const hsa::PicturePart& part) {
    if (!context.look.of || !context.look.of->factors || context.look.of->dataset != dataset_)
        return;
    const auto rows = static_cast<double>(context.look.of->factors->tokens());
    for (const auto& picture : context.look.pictures) {
        if (!picture || picture->request.part != part ||
            picture->request.statistic != context.session.desk.map.statistic)
            continue;
        const Held held{picture, static_cast<double>(tokens_) / rows, rows};
        shown_ = held;
        if (picture->request.rows.size() == context.look.of->factors->tokens() &&
            picture->request.columns.size() == picture->request.rows.size())
            overview_ = held;
    }
    if (overview_ && (overview_->picture->request.part != part ||
                      overview_->picture->request.statistic != context.session.desk.map.statistic))
        overview_.reset();
}

// What the look lane should compute: the visible tokens on whole pixels of the frame, the borders
// on multiples of the tokens a pixel holds, so that panning does not make the picture tremble.
hsa::PictureRequest MapView::wanted(const MapFrame& frame, const ViewContext& context,
                                    const hsa::PicturePart& part) const {
    const std::size_t rows = context.snapshot.factors->tokens();
    const double step = static_cast<double>(tokens_) / static_cast<double>(rows);
    const auto axis = [&](const VisibleTokens& range, float pixels, std::size_t& count) {
        const double shown = std::max(1.0, std::round(static_cast<double>(pixels * context.scale)));
        const auto grain =
            static_cast<std::size_t>(std::max(1.0, std::floor(range.size() / step / shown)));
        hsa::Range tokens = visible_range({range.begin / step, range.end / step}, rows);
        tokens.begin = tokens.begin / grain * grain;
        tokens.end = std::min(rows, (tokens.end + grain - 1) / grain * grain);
        count = std::min(tokens.size(), static_cast<std::size_t>(shown));
        return tokens;
    };
    hsa::PictureRequest request;
    request.rows = axis(frame.viewport.rows, frame.place.height(), request.height);
    request.columns = axis(frame.viewport.columns, frame.place.width(), request.width);
    request.part = part;
    request.statistic = context.session.desk.map.statistic;
    return request;
}

void MapView::draw_pixels(Canvas& canvas, const MapFrame& frame, const Held& held,
                          const AttentionColours& colours) {
    const hsa::Picture& picture = *held.picture;
    const auto at = [&](std::size_t edge) { return static_cast<double>(edge) * held.step; };
    const Rect place{
        {frame.x(at(picture.column_edges.front())), frame.y(at(picture.row_edges.front()))},
        {frame.x(at(picture.column_edges.back())), frame.y(at(picture.row_edges.back()))}};
    constexpr float kLargest = 30000.0F;  // beyond, a pixel of the picture covers the whole frame
    if (!place.overlaps(frame.place) || place.width() > kLargest || place.height() > kLargest)
        return;
    AttentionColours own = colours;
    own.tokens = held.rows;
    canvas.image(pixels_.get(held.picture, own).image, place);
}

std::optional<hsa::Block> MapView::block_at(Vec2 at, const MapFrame& frame) const {
    if (!frame.place.contains(at)) return std::nullopt;
    if (hint_ && block_place(frame, *hint_, 12.0F).contains(at)) return hint_;
    const double row = frame.row_at(at.y), column = frame.column_at(at.x);
    if (shown_)
        if (const auto reading = reading_at(*shown_->picture, row, column, shown_->step))
            return reading->block;
    const auto i = std::min(static_cast<std::size_t>(std::max(row, 0.0)), tokens_ - 1);
    const auto j = std::min(static_cast<std::size_t>(std::max(column, 0.0)), tokens_ - 1);
    return hsa::Block{{i, i + 1}, {j, j + 1}};
}

hsa::Block MapView::drawn_block(const Pointer& pointer, const MapFrame& frame) const {
    const auto range = [this](double a, double b) {
        const double low = std::clamp(std::min(a, b), 0.0, static_cast<double>(tokens_ - 1));
        const double high = std::clamp(std::max(a, b), low, static_cast<double>(tokens_));
        const auto begin = static_cast<std::size_t>(low);
        return hsa::Range{begin, std::max(begin + 1, static_cast<std::size_t>(std::ceil(high)))};
    };
    const Vec2 from = pointer.press_position, to = pointer.position;
    return {range(frame.row_at(from.y), frame.row_at(to.y)),
            range(frame.column_at(from.x), frame.column_at(to.x))};
}

void MapView::finish(const ViewContext& context, Drawn& drawn) {
    easing_ = false;
    quiet_frames_ = 0;
    if (!moving_) return;
    if (moving_->near(MapViewport::of(context.session.desk.map, tokens_), 1e-6)) {
        moving_.reset();
        return;
    }
    drawn.commands.push_back(moving_->command(tokens_));
    sent_ = context.session.desk.map;
    sent_frames_ = 0;
}

// Turns the pointer into a moving viewport or a selection; commands go out when a gesture ends.
void MapView::move(const Pointer& pointer, const MapFrame& frame, const ViewContext& context,
                   Drawn& drawn) {
    const bool pressed_here = frame.place.contains(pointer.press_position);
    const bool any_pressed = pointer.pressed[0] || pointer.pressed[1] || pointer.pressed[2];
    if (any_pressed && pressed_here && gesture_ == Gesture::none) {
        if (quiet_frames_ > 0) finish(context, drawn);
        gesture_ = pointer.pressed[0] && pointer.shift ? Gesture::select : Gesture::pan;
        start_ = frame.viewport;
    }
    if (gesture_ == Gesture::pan) {
        const double cell = frame.token_pixels();
        const auto dx = static_cast<double>(pointer.position.x - pointer.press_position.x);
        const auto dy = static_cast<double>(pointer.position.y - pointer.press_position.y);
        const MapViewport panned = start_.panned(-dx / cell, -dy / cell, tokens_);
        if (!(panned == frame.viewport)) moving_ = panned;
    }
    const bool over = pointer.released[0] || pointer.released[1] || pointer.released[2];
    const bool held = pointer.down[0] || pointer.down[1] || pointer.down[2];
    if (gesture_ != Gesture::none && (over || !held)) {
        const Gesture ended = gesture_;
        gesture_ = Gesture::none;
        if (ended == Gesture::pan && pointer.clicked) moving_.reset();  // it hardly moved
        else if (ended == Gesture::pan) finish(context, drawn);
        if (ended == Gesture::select && !pointer.clicked && over)
            drawn.commands.push_back(block_command(drawn_block(pointer, frame), pointer.ctrl));
    }
    if (pointer.double_clicked && frame.place.contains(pointer.position)) {
        moving_.reset();
        easing_ = false;
        quiet_frames_ = 0;
        drawn.commands.emplace_back("map.view");
    } else if (pointer.clicked && pressed_here) {
        if (const auto block = block_at(pointer.position, frame))
            drawn.commands.push_back(block_command(*block, pointer.ctrl || pointer.shift));
    }
    if (pointer.inside && pointer.wheel != 0.0F && gesture_ == Gesture::none) {
        const double a_step = pointer.ctrl ? 1.05 : pointer.shift ? 1.8 : 1.25;
        const auto x =
            static_cast<double>((pointer.position.x - frame.place.min.x) / frame.place.width());
        const auto y =
            static_cast<double>((pointer.position.y - frame.place.min.y) / frame.place.height());
        if (!easing_) target_ = frame.viewport;
        target_ = target_.zoomed(std::pow(a_step, static_cast<double>(pointer.wheel)),
                                 std::clamp(x, 0.0, 1.0), std::clamp(y, 0.0, 1.0), tokens_);
        if (!moving_) moving_ = frame.viewport;
        easing_ = true;
        quiet_frames_ = 1;
    } else if (quiet_frames_ > 0 && gesture_ == Gesture::none) {
        ++quiet_frames_;
    }
    if (easing_ && moving_) {
        *moving_ = moving_->towards(target_, kEase);
        if (moving_->near(target_, 1e-3)) {
            moving_ = target_;
            easing_ = false;
        }
    }
    if (quiet_frames_ > kQuietFrames) {
        moving_ = target_;
        finish(context, drawn);
    }
    drawn.animating = gesture_ != Gesture::none || quiet_frames_ > 0 || sent_.has_value();
}

Drawn MapView::draw(Canvas& canvas, const ViewContext& context, const Pointer& pointer) {
    Drawn drawn;
    const hsa::Snapshot& snapshot = context.snapshot;
    if (snapshot.dataset != dataset_) {
        // Other data: nothing of the old ones belongs here. (A text keeps its map while vectors
        // load.)
        dataset_ = snapshot.dataset;
        shown_.reset();
        overview_.reset();
        asked_.reset();
        moving_.reset();
        gesture_ = Gesture::none;
    }
    tokens_ = snapshot.dataset ? snapshot.dataset->size() : 0;
    const bool ready = snapshot.factors && snapshot.sums && snapshot.factors->tokens() > 0;
    if (tokens_ == 0 || (!ready && !shown_)) {
        draw_empty_state(canvas, context.theme, nothing_yet(snapshot));
        drawn.waiting = tokens_ > 0 && snapshot.error.empty();
        return drawn;
    }
    const MapDesk& desk = context.session.desk.map;
    const hsa::PicturePart part = map_part(context);
    follow_session(desk);
    take_pictures(context, part);

    const std::vector<Chip> chips = level_chips(context);
    const std::string caption =
        map_caption(context.session.document.attention,
                    shown_ ? shown_->picture->mark : hsa::Mark::exact, desk.statistic);
    MapFrame frame{viewport_now(context), {}};
    MapLayout layout = map_layout(canvas, chips, caption, frame.viewport);
    frame.place = layout.frame;
    if (!context.exporting) {
        move(pointer, frame, context, drawn);
        frame.viewport = viewport_now(context);
        layout = map_layout(canvas, chips, caption, frame.viewport);
        frame.place = layout.frame;
    }

    bool current = false;
    if (ready) {
        const bool fresh =
            is_current(context) && context.look.attention == context.session.document.attention;
        const auto answered = [&](const hsa::PictureRequest& request) {
            return fresh && std::any_of(context.look.pictures.begin(), context.look.pictures.end(),
                                        [&](const auto& p) { return p && p->request == request; });
        };
        const hsa::PictureRequest request = wanted(frame, context, part);
        current = answered(request);
        // While a gesture lasts, what was asked for is awaited: asking anew each frame would starve
        // it.
        if (!asked_ || !drawn.animating || asked_->part != part ||
            asked_->statistic != desk.statistic || answered(*asked_))
            asked_ = request;
        drawn.pictures.push_back(*asked_);
    }
    drawn.waiting = !current && snapshot.error.empty();

    AttentionColours colours =
        pixels_.colours(desk, context.theme, shown_ ? shown_->picture : nullptr,
                        shown_ ? shown_->rows : static_cast<double>(tokens_));
    canvas.rect(frame.place, context.theme.background);
    canvas.push_clip(frame.place);
    if (overview_ && (!shown_ || overview_->picture != shown_->picture))
        draw_pixels(canvas, frame, *overview_, colours);
    if (shown_) draw_pixels(canvas, frame, *shown_, colours);
    canvas.pop_clip();
    if (!shown_) {
        const TextStyle style{context.theme.secondary, Font::text, kTextSize, Align::centre,
                              Align::centre};
        (void)canvas.text(frame.place.centre(), nothing_yet(snapshot), style);
    }

    draw_map_axes(canvas, context.theme, frame, *snapshot.dataset,
                  readable_on(colour_at(colours.map, 0.5)),
                  frame.place.min.x - canvas.bounds().min.x - 2.0F, layout.below);
    const hsa::Selection& selection = context.session.document.selection;
    draw_axis_marks(canvas, context.theme, frame, selection.tokens, lit_.of(context));
    SpecialPixels special;
    if (shown_) {
        const ColouredPicture& coloured = pixels_.get(shown_->picture, colours);
        special = coloured.special;
        if (shown_->step == 1.0)
            draw_cell_values(canvas, frame, *shown_->picture, shown_->rows, *coloured.image.pixels);
    }
    if (context.look.asked && context.look.selection == selection && is_current(context))
        draw_far_links(canvas, context.theme, frame, *context.look.asked);
    if (selection.block) draw_selected_block(canvas, context.theme, frame, *selection.block);

    // The hint of the first minutes: only on the whole map, while nothing is picked.
    const bool hinting = desk.statistic == hsa::Statistic::mean && selection.empty() &&
                         !context.exporting && shown_ && !moving_ &&
                         frame.viewport.is_whole(tokens_) && frame.place.width() >= 280.0F;
    if (hinting && hinted_ != shown_->picture) {
        hinted_ = shown_->picture;
        hint_.reset();
        if (const auto bright = brightest_block(*shown_->picture, shown_->step, shown_->rows))
            hint_ = bright->block;
    } else if (!hinting) {
        hint_.reset();
        hinted_.reset();
    }
    if (hint_) {
        draw_hint(canvas, context.theme, frame, *hint_, kHint);
        drawn.hits.push_back(
            {"bright block", block_place(frame, *hint_, 12.0F), block_command(*hint_, false)});
    }
    const Vec2 centre = frame.place.centre();
    if (const auto block = block_at(centre, frame))
        drawn.hits.push_back({"map cell",
                              {{centre.x - 1, centre.y - 1}, {centre.x + 1, centre.y + 1}},
                              block_command(*block, false)});

    if (gesture_ == Gesture::select && !pointer.clicked) {
        draw_rubber_band(canvas, context.theme, frame, drawn_block(pointer, frame));
    } else if (pointer.inside && !context.exporting && gesture_ == Gesture::none &&
               frame.place.contains(pointer.position)) {
        draw_cross_hairs(canvas, context.theme, frame, pointer.position);
        if (shown_)
            if (const auto reading = reading_at(*shown_->picture, frame.row_at(pointer.position.y),
                                                frame.column_at(pointer.position.x), shown_->step))
                drawn.tooltip = reading_text(*reading, *snapshot.dataset, part_name(context),
                                             shown_->picture->mark);
    }
    draw_map_legend(canvas, context, layout, caption, chips, colours, special, pointer, drawn);

    drawn.lit_tokens = lit_.tokens();
    drawn.axes = {{"rows", frame.viewport.rows.begin, frame.viewport.rows.end},
                  {"columns", frame.viewport.columns.begin, frame.viewport.columns.end}};
    if (shown_) drawn.mark = shown_->picture->mark;
    if (!snapshot.factors_exact && drawn.mark == hsa::Mark::exact)
        drawn.mark = hsa::Mark::approximate;
    return drawn;
}

}  // namespace

std::unique_ptr<View> make_map_view() { return std::make_unique<MapView>(); }

}  // namespace splatscope
