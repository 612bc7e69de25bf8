#include "app/views/table_bar.h"
#include "app/views/table_columns.h"
#include "app/views/table_frame.h"
#include "app/views/table_marks.h"
#include "app/views/view.h"
#include "app/views/view_names.h"
#include "app/views/view_waiting.h"
#include "app/widgets/numbers.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

namespace splatscope {
namespace {

constexpr float kEdge = 8.0F;
constexpr float kHeader = 38.0F;     // names of columns and their units
constexpr float kLowHeader = 22.0F;  // names alone
constexpr float kTall = 180.0F;      // a view with room for the units
constexpr float kFoot = 20.0F;       // which rows these are
constexpr float kBar = 10.0F;        // the strip for scrolling
constexpr double kWheelRows = 3.0;
constexpr int kQuietFrames = 12;  // after the last step, when scrolling is over

class TableView final : public View {
  public:
    [[nodiscard]] std::string id() const override { return "table"; }
    [[nodiscard]] std::string title() const override { return "Table"; }
    [[nodiscard]] Place place() const override { return Place::bottom; }
    [[nodiscard]] bool scrolls() const override { return true; }
    [[nodiscard]] std::string help() const override {
        return "Every splat, token or event as a row, with all that is known of it; what is "
               "selected has a bar and a ground in the accent, what the selection lights up a thin "
               "bar.\nClick: select. Shift+click: add. Ctrl+click: take away. Drag: several rows. "
               "Click a column's name: sort by it, once more the other way, once more not. Click "
               "the filter to write an expression. Wheel: scroll; with Shift: columns. table.copy "
               "and table.save give the listed rows as .csv, table.select selects them.";
    }
    [[nodiscard]] std::vector<std::string> settings() const override {
        return {"table.rows",         "table.splats.sort",   "table.splats.filter",
                "table.tokens.sort",  "table.tokens.filter", "table.events.sort",
                "table.events.filter"};
    }
    [[nodiscard]] std::string subtitle(const ViewContext& context) const override;
    [[nodiscard]] Drawn draw(Canvas& canvas, const ViewContext& context,
                             const Pointer& pointer) override;

  private:
    enum class Gesture { none, rows, strip };

    void draw_rows(Canvas& canvas, const ViewContext& context, const Pointer& pointer,
                   const TablePlaces& places, Drawn& drawn);
    void measure(const Canvas& canvas);
    [[nodiscard]] TablePlaces place_all(const Canvas& canvas, const ViewContext& context,
                                        float top);
    void follow_session(const ViewContext& context);
    void reveal_selection(const ViewContext& context, std::size_t room);
    void scroll(const ViewContext& context, const Pointer& pointer, const TablePlaces& places,
                Drawn& drawn);
    void pick(const ViewContext& context, const Pointer& pointer, const TablePlaces& places,
              Drawn& drawn);
    [[nodiscard]] std::size_t row_at(const TablePlaces& places, float y) const;

    const hsa::Listing* listing_ = nullptr;  // of this frame
    std::weak_ptr<const hsa::Snapshot> measured_of_;
    hsa::Things measured_things_ = hsa::Things::splats;
    std::vector<TableColumn> columns_;

    double scroll_ = 0.0, desk_scroll_ = -1.0;
    int quiet_frames_ = 0;  // since the last step of scrolling; 0 = at rest
    std::optional<hsa::Selection> seen_;
    bool reveal_ = false;
    bool own_pick_ = false;  // the next change of the selection was made here

    Gesture gesture_ = Gesture::none;
    std::size_t drag_from_ = 0, drag_to_ = 0;  // in the listing
};

std::string TableView::subtitle(const ViewContext& context) const {
    const hsa::Listing* listing = context.look.listing.get();
    if (listing == nullptr || listing->wanted != context.session.desk.table.wanted()) return {};
    const char* thing = hsa::name_of(listing->wanted.things);
    std::string text = listing->wanted.filter.empty()
                           ? counted(listing->count, thing)
                           : fmt::format("{} of {}", count_text(listing->rows.size()),
                                         counted(listing->count, thing));
    if (listing->sorted_by)
        text += fmt::format(" \u00b7 by {}, {}", listing->columns[*listing->sorted_by].name,
                            listing->falling ? "falling" : "rising");
    return text;
}

void TableView::measure(const Canvas& canvas) {
    if (measured_of_.lock() == listing_->of && measured_things_ == listing_->wanted.things) return;
    measured_of_ = listing_->of;
    measured_things_ = listing_->wanted.things;
    columns_ = measured_columns(canvas, *listing_);
}

TablePlaces TableView::place_all(const Canvas& canvas, const ViewContext& context, float top) {
    const Rect bounds = canvas.bounds();
    TablePlaces places;
    const float left = bounds.min.x + 4.0F;
    const float right = bounds.max.x - kBar;
    places.columns =
        placed_columns(columns_, listing_->wanted.things, context.session.desk.table.column,
                       left + kEdge, right - kEdge, listing_->sorted_by);
    const bool units =
        bounds.height() >= kTall &&
        std::any_of(places.columns.shown.begin(), places.columns.shown.end(),
                    [&](const auto& c) { return !listing_->columns[c.column.field].unit.empty(); });
    places.units = units;
    const float header = units ? kHeader : kLowHeader;
    places.header = {{left, top}, {right, top + header}};
    const float bottom = bounds.max.y - kFoot;
    places.room = static_cast<std::size_t>(
        std::max(0.0F, std::floor((bottom - places.header.max.y - 1.0F) / kTableRow)));
    places.rows = {
        {left, places.header.max.y + 1.0F},
        {right, places.header.max.y + 1.0F + kTableRow * static_cast<float>(places.room)}};
    places.foot = bounds.max.y - 0.5F * kFoot;
    places.strip = {{right, places.rows.min.y}, {bounds.max.x, places.rows.max.y}};
    const std::size_t rows = listing_->rows.size();
    const std::size_t last = rows > places.room ? rows - places.room : 0;
    const double wanted =
        std::floor(context.exporting ? context.session.desk.table.scroll : scroll_);
    places.first = static_cast<std::size_t>(std::clamp(wanted, 0.0, static_cast<double>(last)));
    return places;
}

void TableView::follow_session(const ViewContext& context) {
    const double scroll = context.session.desk.table.scroll;
    if (scroll == desk_scroll_) return;
    desk_scroll_ = scroll;
    if (gesture_ == Gesture::none) {
        scroll_ = scroll;
        quiet_frames_ = 0;
    }
}

// A selection made elsewhere comes into view: the first row of it, where none is there.
void TableView::reveal_selection(const ViewContext& context, std::size_t room) {
    const hsa::Selection& selection = context.session.document.selection;
    if (!seen_ || !(*seen_ == selection)) {
        reveal_ = seen_ && !selection.empty() && !own_pick_;
        own_pick_ = false;
        seen_ = selection;
    } else if (context.snapshot.complete || context.snapshot.cancelled) {
        own_pick_ = false;  // what was sent a frame ago was carried out and changed nothing
    }
    if (!reveal_ || listing_->of.get() != &context.snapshot) return;
    reveal_ = false;
    std::optional<std::size_t> first;
    const auto top = static_cast<std::size_t>(std::max(0.0, scroll_));
    for (std::size_t r = 0; r < listing_->rows.size(); ++r) {
        if (state_of(context, *listing_, listing_->rows[r]) != RowState::selected) continue;
        if (r >= top && r < top + room) return;
        if (!first) first = r;
    }
    if (!first) return;
    scroll_ = static_cast<double>(*first - std::min(*first, room / 3));
    quiet_frames_ = 1;
}

void TableView::scroll(const ViewContext& context, const Pointer& pointer,
                       const TablePlaces& places, Drawn& drawn) {
    const std::size_t rows = listing_->rows.size();
    const double last = rows > places.room ? static_cast<double>(rows - places.room) : 0.0;
    if (pointer.pressed[0] && places.strip.contains(pointer.press_position) && last > 0.0)
        gesture_ = Gesture::strip;
    if (gesture_ == Gesture::strip) {
        const float along =
            (pointer.position.y - places.strip.min.y) / std::max(places.strip.height(), 1.0F);
        scroll_ = std::round(std::clamp(static_cast<double>(along), 0.0, 1.0) * last);
        quiet_frames_ = 1;
        if (!pointer.down[0]) gesture_ = Gesture::none;
    } else if (pointer.inside && pointer.wheel != 0.0F && pointer.shift) {
        const std::size_t now = places.columns.scrolled;
        const bool on = pointer.wheel < 0.0F;
        if (on ? places.columns.beyond > 0 : now > 0)
            drawn.commands.push_back(fmt::format("set table.column {}", on ? now + 1 : now - 1));
    } else if (pointer.inside && pointer.wheel != 0.0F) {
        const double step =
            pointer.ctrl ? std::max(1.0, static_cast<double>(places.room) - 1.0) : kWheelRows;
        scroll_ = std::clamp(static_cast<double>(places.first) -
                                 std::round(step * static_cast<double>(pointer.wheel)),
                             0.0, last);
        quiet_frames_ = 1;
    } else if (quiet_frames_ > 0) {
        ++quiet_frames_;
    }
    drawn.animating = quiet_frames_ > 0 || gesture_ != Gesture::none;
    if (quiet_frames_ <= kQuietFrames || gesture_ != Gesture::none) return;
    quiet_frames_ = 0;
    if (const double row = std::clamp(scroll_, 0.0, last); row != context.session.desk.table.scroll)
        drawn.commands.push_back(fmt::format("set table.scroll {}", row));
}

// The row of the listing under a height, the nearest one that is shown.
std::size_t TableView::row_at(const TablePlaces& places, float y) const {
    const auto down = static_cast<std::ptrdiff_t>(std::floor((y - places.rows.min.y) / kTableRow));
    const std::size_t shown = std::min(places.room, listing_->rows.size() - places.first);
    const auto last = static_cast<std::ptrdiff_t>(shown) - 1;
    return places.first + static_cast<std::size_t>(std::clamp<std::ptrdiff_t>(down, 0, last));
}

void TableView::pick(const ViewContext& context, const Pointer& pointer, const TablePlaces& places,
                     Drawn& drawn) {
    if (listing_->rows.empty() || places.room == 0) {
        if (gesture_ == Gesture::rows) gesture_ = Gesture::none;
        return;
    }
    const std::size_t shown = std::min(places.room, listing_->rows.size() - places.first);
    const Rect filled{
        places.rows.min,
        {places.rows.max.x, places.rows.min.y + kTableRow * static_cast<float>(shown)}};
    if (pointer.pressed[0] && filled.contains(pointer.press_position)) {
        gesture_ = Gesture::rows;
        drag_from_ = drag_to_ = row_at(places, pointer.press_position.y);
    }
    if (gesture_ != Gesture::rows) {
        // A click whose press was not seen, as when the table came under the pointer.
        if (!pointer.clicked || !filled.contains(pointer.press_position)) return;
        drag_from_ = drag_to_ = row_at(places, pointer.press_position.y);
    } else if (pointer.down[0] && !pointer.clicked) {
        drag_to_ = row_at(places, pointer.position.y);
        // Beyond the edges the rows move along.
        const float beyond = pointer.position.y < filled.min.y   ? pointer.position.y - filled.min.y
                             : pointer.position.y > filled.max.y ? pointer.position.y - filled.max.y
                                                                 : 0.0F;
        const std::size_t rows = listing_->rows.size();
        const double last = rows > places.room ? static_cast<double>(rows - places.room) : 0.0;
        if (beyond != 0.0F)
            scroll_ = std::clamp(static_cast<double>(places.first) +
                                     std::copysign(std::ceil(std::abs(beyond) / kTableRow), beyond),
                                 0.0, last);
        drawn.animating = true;
        return;
    }
    gesture_ = Gesture::none;
    drag_from_ = std::min(drag_from_, listing_->rows.size() - 1);
    drag_to_ = std::min(drag_to_, listing_->rows.size() - 1);
    if (scroll_ != context.session.desk.table.scroll) quiet_frames_ = 1;
    if (!pointer.released[0] && !pointer.clicked) return;
    std::vector<std::size_t> rows;
    for (std::size_t r = std::min(drag_from_, drag_to_); r <= std::max(drag_from_, drag_to_); ++r)
        rows.push_back(listing_->rows[r]);
    if (drag_to_ < drag_from_) std::reverse(rows.begin(), rows.end());
    own_pick_ = true;
    drawn.commands.push_back(selecting_line(*listing_,
                                            pointer.shift  ? "add "
                                            : pointer.ctrl ? "remove "
                                                           : "",
                                            std::move(rows)));
}

void TableView::draw_rows(Canvas& canvas, const ViewContext& context, const Pointer& pointer,
                          const TablePlaces& places, Drawn& drawn) {
    const Theme& theme = context.theme;
    const hsa::Listing& listing = *listing_;
    const std::size_t end = std::min(places.first + places.room, listing.rows.size());
    const auto accepted = std::find_if(listing.columns.begin(), listing.columns.end(),
                                       [](const auto& field) { return field.name == "accepted"; });
    const bool of_splats = listing.wanted.things == hsa::Things::splats;
    const bool of_events = listing.wanted.things == hsa::Things::events;
    const std::size_t low = std::min(drag_from_, drag_to_), high = std::max(drag_from_, drag_to_);
    for (std::size_t r = places.first; r < end; ++r) {
        const Rect place = places.row(r);
        const std::size_t row = listing.rows[r];
        const RowState state = state_of(context, listing, row);
        const bool dragged = gesture_ == Gesture::rows && r >= low && r <= high;
        const bool over = pointer.inside && place.contains(pointer.position);
        if (r % 2 == 1) canvas.rect(place, theme.raised.with_alpha(0.45F));
        if (state == RowState::selected || dragged)
            canvas.rect(place, theme.accent.with_alpha(0.26F));
        else if (over) canvas.rect(place, theme.raised);
        if (state != RowState::plain)
            canvas.rect({place.min,
                         {place.min.x + (state == RowState::selected ? 4.0F : 1.5F), place.max.y}},
                        theme.accent);
        const bool refused =
            of_events && accepted != listing.columns.end() && accepted->words(row) == "no";
        const Colour colour = refused ? theme.secondary : theme.text;
        for (const PlacedColumn& column : places.columns.shown) {
            const hsa::Field& field = listing.columns[column.column.field];
            std::string text = cell_text(field, row);
            if (of_splats && field.name == "name") text = shared_path(text);
            const float middle = place.centre().y;
            draw_cell(canvas, column, middle, text, colour);
            if (column.column.sign)
                draw_sign(canvas, context, field, text, {column.left + 5.0F, middle});
            if (over && pointer.position.x >= column.left - 4.0F &&
                pointer.position.x < column.right + 4.0F)
                drawn.tooltip = cell_tooltip(field, row);
        }
        drawn.hits.push_back(
            {id_of(listing, row), place, selecting_line(listing, "", std::vector{row})});
    }
}

Drawn TableView::draw(Canvas& canvas, const ViewContext& context, const Pointer& pointer) {
    Drawn drawn;
    const hsa::Snapshot& snapshot = context.snapshot;
    if (!snapshot.dataset) {
        draw_nothing(canvas, context, drawn);
        return drawn;
    }
    const hsa::ListingWanted wanted = context.session.desk.table.wanted();
    drawn.listing = wanted;
    // Until the new rows are there those of before are shown, if they are of the same kind.
    listing_ = context.look.listing.get();
    const bool current = listing_ != nullptr && listing_->wanted == wanted &&
                         listing_->of.get() == &context.snapshot;
    drawn.waiting = !current && snapshot.error.empty();
    const Rect bounds = canvas.bounds();
    canvas.push_clip(bounds);
    const float top = draw_table_bar(canvas, context, pointer, drawn);
    canvas.pop_clip();
    if (listing_ == nullptr || listing_->wanted.things != wanted.things) {
        constexpr float kLeastHeight = 90.0F;  // with the bar above it
        if (canvas.bounds().height() >= kLeastHeight)
            draw_empty_state(canvas, context.theme, drawn, "listing the rows ...");
        return drawn;
    }
    const hsa::Listing& listing = *listing_;
    const std::string thing = hsa::name_of(wanted.things);
    if (listing.columns.empty() || listing.count == 0) {
        const bool waits = drawn.waiting;
        draw_nothing(canvas, context, drawn, fmt::format("There are no {}s here.", thing));
        drawn.waiting = drawn.waiting || waits;
        return drawn;
    }
    if (listing.rows.empty()) {
        draw_no_rows(canvas, context.theme, {{bounds.min.x, top}, bounds.max},
                     listing.filter_fault.empty()
                         ? fmt::format("No {} has {}.", thing, listing.wanted.filter)
                         : "The filter: " + listing.filter_fault);
        return drawn;
    }
    measure(canvas);
    follow_session(context);
    TablePlaces places = place_all(canvas, context, top);
    if (!context.exporting) {
        reveal_selection(context, places.room);
        scroll(context, pointer, places, drawn);
        pick(context, pointer, places, drawn);
        places = place_all(canvas, context, top);
    }
    canvas.push_clip(bounds);
    draw_table_header(canvas, context, pointer, listing, places, drawn);
    draw_rows(canvas, context, pointer, places, drawn);
    if (!context.exporting) draw_table_strip(canvas, context.theme, places, listing.rows.size());
    draw_table_foot(canvas, context, listing, places);
    canvas.pop_clip();
    add_lit(context, listing, drawn);
    drawn.axes = {{"rows", static_cast<double>(places.first),
                   static_cast<double>(std::min(places.first + places.room, listing.rows.size()))}};
    if (wanted.things != hsa::Things::events && listing.of->factors) {
        drawn.mark = listing.of->factors->mark;
        if (!listing.of->factors_exact) drawn.mark = hsa::Mark::approximate;
    }
    return drawn;
}

}  // namespace

std::unique_ptr<View> make_table_view() { return std::make_unique<TableView>(); }

}  // namespace splatscope
