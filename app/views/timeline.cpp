#include "app/setting_values.h"
#include "app/views/map_pixels.h"
#include "app/views/timeline_axis.h"
#include "app/views/timeline_curves.h"
#include "app/views/timeline_lanes.h"
#include "app/views/timeline_layout.h"
#include "app/views/timeline_marks.h"
#include "app/views/timeline_notes.h"
#include "app/views/timeline_peek.h"
#include "app/views/view.h"
#include "app/views/view_names.h"
#include "app/views/view_waiting.h"
#include "app/widgets/axis.h"
#include "app/widgets/numbers.h"
#include "app/widgets/sign.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <memory>
#include <optional>

namespace splatscope {
namespace {

constexpr float kLeastCounted = 7.0F;  // size of a shape with a number beside it

// Shapes as they are drawn: where, and in which lane.
struct Mark {
    LaneMark lane;
    Vec2 place;
    float height = 0.0F;
    Colour colour = {};                       // of an accepted one that is not quiet
    std::optional<Sign> sign = std::nullopt;  // of its level, where it has none beside it

    [[nodiscard]] Rect target() const {
        const float half = std::max(0.5F * height, 6.0F);
        return {{place.x - half, place.y - half},
                {place.x - 0.5F * height + lane.width + 1.0F, place.y + half}};
    }
    [[nodiscard]] bool is_quiet() const { return lane.kind == hsa::EventKind::adjust; }
};

// z of the shift that brought the cycle's trials about, where one did.
std::optional<double> shift_in(const hsa::Cycle& cycle) {
    for (const hsa::Event& event : cycle.events)
        for (const hsa::Reason& reason : event.decided_by)
            if (hsa::is_structural(event.kind) && reason.name == "shift") return reason.value;
    return std::nullopt;
}

TextStyle count_style(Colour colour) {
    return {colour, Font::mono, 11.0F, Align::start, Align::centre};
}

class TimelineView : public View {
  public:
    [[nodiscard]] std::string id() const override { return "timeline"; }
    [[nodiscard]] std::string title() const override { return "Timeline"; }
    [[nodiscard]] std::string help() const override {
        return "Cycles of adaptation from left to right, one lane a level or a kind of event; each "
               "shape is an accepted event (fork mitosis, join merge, + birth, x death, triangle "
               "repair, diamond a level, dot by hand), hollow grey ones are refused trials when "
               "they are shown; a number beside a shape counts the events it stands for.\nThe "
               "curve is the row-KL of attention against the target, in nats, on rows that no "
               "decision sees, or another measure (timeline.curve).\nClick an event to see why it "
               "happened, rest on it to see attention before and after; click elsewhere or drag "
               "the marker to go to that cycle; a click on a word of the legend goes to the next "
               "event of that kind, running where there is none yet. Shift drag selects cycles and "
               "counts what happened in them; a double click puts a note at a cycle; wheel zooms "
               "(Ctrl fine, Shift fast), right drag pans.";
    }
    [[nodiscard]] Place place() const override { return Place::bottom; }
    [[nodiscard]] std::vector<std::string> settings() const override {
        return {"timeline.lanes", "timeline.curve", "timeline.refused", "timeline.speed"};
    }

    [[nodiscard]] std::string subtitle(const ViewContext& context) const override {
        const hsa::Snapshot& snapshot = context.snapshot;
        if (!snapshot.history || snapshot.history->cycles.empty()) return "";
        const auto& cycles = snapshot.history->cycles;
        double adjust = 0.0;
        double structure = 0.0;
        for (const auto& cycle : cycles) {
            adjust += cycle->measures.gain_adjust;
            structure += cycle->measures.gain_structure;
        }
        const TimelineDesk& desk = context.session.desk.timeline;
        std::string text =
            desk.lanes == TimelineLanes::level ? "events by level" : "events by kind";
        text += desk.curve == TimelineCurve::row_kl ? ", curve: held-out row-KL in nats"
                : desk.curve == TimelineCurve::all  ? ", curves: measures"
                                                    : ", curve: " + to_words(desk.curve);
        if (cycles.size() > 1)
            text += fmt::format(" \u00b7 objective {} by adjust, {} by structure",
                                number_text(adjust), number_text(structure));
        // The last time that the data were others.
        for (std::size_t c = cycles.size(); c-- > 0;) {
            const std::optional<double> z = shift_in(*cycles[c]);
            if (!z) continue;
            text += fmt::format(" \u00b7 data shift at cycle {} (z {})", c, number_text(*z, 1));
            break;
        }
        return text;
    }

    [[nodiscard]] Drawn draw(Canvas& canvas, const ViewContext& context,
                             const Pointer& pointer) override {
        Drawn drawn;
        const hsa::Snapshot& snapshot = context.snapshot;
        if (!snapshot.history || snapshot.history->cycles.empty() || !snapshot.registry) {
            draw_nothing(canvas, context, drawn);
            return drawn;
        }
        const std::vector<TimelineLane> lanes = timeline_lanes(context);
        const std::vector<TimelineMeasure> measures = timeline_measures(context);
        const std::optional<hsa::Range> range = selected_range(context);
        const TimelineLayout layout = timeline_layout(
            canvas.bounds(), lanes.size(),
            {measures.size(), !context.session.document.timeline.marks.empty(), range.has_value()});
        const Axis cycles = axis_.visible(context, pointer, layout.plot, drawn);
        if (range || dragged_)
            draw_range_band(canvas, context, layout, cycles, dragged_ ? *dragged_ : *range);
        if (layout.legend && canvas.shows(Part::legend))
            draw_legend(canvas, context, layout, pointer, drawn);
        draw_lanes(canvas, context, layout, lanes);
        draw_axis_below(canvas, context.theme, layout.plot, cycles, true);
        canvas.label({layout.plot.min.x - 8.0F, layout.plot.max.y + 8.0F}, "cycle",
                     {context.theme.secondary, Font::text, kSmallTextSize, Align::end});
        draw_curves(canvas, context, layout, cycles, measures);
        draw_flags(canvas, context, layout, cycles, pointer, drawn);
        if (range && layout.card.width() > 0.0F)
            draw_range_card(canvas, context, layout.card, range_of(snapshot, *range), pointer,
                            drawn);
        const std::size_t own_places = drawn.hits.size();
        const std::vector<Mark> marks = place_marks(canvas, context, layout, cycles, lanes);
        draw_marks(canvas, context, marks, drawn);
        draw_cursor(canvas, context, layout.plot, cycles, drawn);
        const bool taken =
            std::any_of(drawn.hits.begin(),
                        drawn.hits.begin() + static_cast<std::ptrdiff_t>(own_places),
                        [&](const Hit& hit) { return hit.place.contains(pointer.position); }) ||
            layout.card.contains(pointer.position);
        react(context, pointer, layout, cycles, marks, taken, drawn);
        if (snapshot.history->cycles.size() < 2) draw_invitation(canvas, context, layout);
        drawn.axes.push_back({"cycle", cycles.low, cycles.high});
        return drawn;
    }

  private:
    static float x_of(const Rect& plot, const Axis& cycles, double cycle) {
        return plot.min.x + plot.width() * static_cast<float>(cycles.place(cycle));
    }

    static std::string to_words(TimelineCurve curve) {
        return choice_names<TimelineCurve>().at(static_cast<std::size_t>(curve));
    }

    // The selected cycles that have run.
    static std::optional<hsa::Range> selected_range(const ViewContext& context) {
        const TimelineDesk& desk = context.session.desk.timeline;
        const hsa::Range range{desk.range_begin,
                               std::min(desk.range_end, context.snapshot.history->cycles.size())};
        return range.begin < range.end ? std::optional(range) : std::nullopt;
    }

    // Counted again only when the cycles or the history are others.
    const hsa::CycleRange& range_of(const hsa::Snapshot& snapshot, hsa::Range range) {
        if (counted_of_ != snapshot.history || !(counted_range_ == range)) {
            counted_ = hsa::cycle_range(*snapshot.history, range);
            counted_of_ = snapshot.history;
            counted_range_ = range;
        }
        return counted_;
    }

    // Whether the history has an accepted event with this shape.
    static bool has(const hsa::Snapshot& snapshot, Marker shape) {
        if (!snapshot.history) return false;
        for (const auto& cycle : snapshot.history->cycles)
            for (const hsa::Event& event : cycle->events)
                if (event.accepted && marker_of(event.kind) == shape) return true;
        return false;
    }

    // What the shapes mean, from the right; the rarer ones only where there are some. A click on a
    // kind goes to its next event.
    static void draw_legend(Canvas& canvas, const ViewContext& context,
                            const TimelineLayout& layout, const Pointer& pointer, Drawn& drawn) {
        std::vector<std::pair<Marker, std::string>> entries = {{Marker::fork, "mitosis"},
                                                               {Marker::join, "merge"},
                                                               {Marker::plus, "birth"},
                                                               {Marker::cross, "death"},
                                                               {Marker::dot, "adjust"}};
        const std::size_t runnable = 4;
        if (has(context.snapshot, Marker::diamond)) entries.emplace_back(Marker::diamond, "level");
        if (has(context.snapshot, Marker::triangle))
            entries.emplace_back(Marker::triangle, "repair");
        if (context.session.desk.timeline.refused)
            entries.emplace_back(Marker::ring, "grey: refused");
        const TextStyle style{context.theme.secondary, Font::text, kSmallTextSize, Align::start,
                              Align::centre};
        float width = 0.0F;
        for (const auto& [shape, name] : entries) width += 28.0F + canvas.text_size(name, style).x;
        if (width > layout.plot.width() - 24.0F) return;
        const float y = canvas.bounds().min.y + 9.0F;
        float x = layout.plot.max.x - width + 14.0F;
        for (std::size_t e = 0; e < entries.size(); ++e) {
            const auto& [shape, name] = entries[e];
            if (shape != Marker::ring)
                canvas.marker(shape, {x, y}, shape == Marker::dot ? 6.0F : 9.0F,
                              context.theme.secondary, 1.5F);
            const Rect word = canvas.text({x + 9.0F, y}, name, style);
            if (e < runnable) {
                const Hit hit{
                    "next " + name,
                    {{x - 6.0F, word.min.y - 1.0F}, {word.max.x + 4.0F, word.max.y + 1.0F}},
                    "adapt.next_event " + name};
                drawn.hits.push_back(hit);
                if (pointer.inside && hit.place.contains(pointer.position)) {
                    drawn.tooltip =
                        fmt::format("click: the next {}; where there is none yet, run to it", name);
                    if (pointer.clicked) drawn.commands.push_back(hit.command);
                }
            }
            x = word.max.x + 19.0F;
        }
    }

    static void draw_lanes(Canvas& canvas, const ViewContext& context, const TimelineLayout& layout,
                           const std::vector<TimelineLane>& lanes) {
        for (std::size_t l = 0; l < lanes.size(); ++l) {
            const float y = layout.lane_y(l);
            canvas.line({layout.plot.min.x, y}, {layout.plot.max.x, y}, context.theme.lines, 1.0F);
            const TextStyle style{text_colour(context.theme, lanes[l].colour), Font::text,
                                  kSmallTextSize, Align::end, Align::centre};
            canvas.label(
                {layout.plot.min.x - 8.0F, y},
                canvas.fit(lanes[l].name, style, layout.plot.min.x - canvas.bounds().min.x - 14.0F),
                style);
        }
    }

    // Over nothing else: grid lines stop around the words.
    static void draw_invitation(Canvas& canvas, const ViewContext& context,
                                const TimelineLayout& layout) {
        const TextStyle style{context.theme.secondary, Font::text, kTextSize, Align::centre,
                              Align::centre};
        const std::string words =
            canvas.fit("No cycle has run: press Space or . to let the splats adapt.", style,
                       layout.plot.width() - 24.0F);
        const Vec2 middle = {layout.plot.centre().x, 0.5F * (layout.plot.min.y + layout.lanes_end)};
        const float half = 0.5F * canvas.text_size(words, style).x + 12.0F;
        canvas.rect({{middle.x - half, middle.y - 14.0F}, {middle.x + half, middle.y + 14.0F}},
                    context.theme.panel, 4.0F);
        canvas.label(middle, words, style);
    }

    static std::vector<Mark> place_marks(const Canvas& canvas, const ViewContext& context,
                                         const TimelineLayout& layout, const Axis& cycles,
                                         const std::vector<TimelineLane>& lanes) {
        const bool refused = context.session.desk.timeline.refused;
        std::vector<std::vector<LaneEvent>> shapes(lanes.size());
        std::vector<std::vector<LaneEvent>> dots(lanes.size());
        std::size_t index = 0;
        for (const auto& cycle : context.snapshot.history->cycles) {
            const float x = x_of(layout.plot, cycles, cycle->number);
            const bool in_sight = x >= layout.plot.min.x && x <= layout.plot.max.x;
            for (const hsa::Event& event : cycle->events) {
                const std::size_t here = index++;
                if ((!event.accepted && !refused) || !in_sight) continue;
                const std::optional<std::size_t> lane = lane_of(lanes, event);
                if (!lane) continue;
                (event.kind == hsa::EventKind::adjust ? dots : shapes)[*lane].push_back(
                    {here, event.kind, event.accepted, cycle->number, x});
            }
        }
        const auto width = [&](const std::string& count) {
            return canvas.text_size(count, count_style({})).x;
        };
        constexpr float kDot = 5.0F;
        const auto none = [](const std::string&) { return 0.0F; };
        std::vector<Mark> marks;
        for (std::size_t l = 0; l < lanes.size(); ++l) {
            const bool own_lane = lanes[l].kind.has_value();
            for (LaneMark& mark :
                 own_lane ? one_a_cycle(dots[l], kDot) : fold_lane(dots[l], kDot, none))
                marks.push_back(
                    {mark, {mark.x, own_lane ? layout.lane_y(l) : layout.dot_y(l)}, kDot});
            for (LaneMark& mark : fold_lane(shapes[l], layout.mark_size, width))
                marks.push_back({mark,
                                 {mark.x, layout.lane_y(l)},
                                 layout.mark_size,
                                 context.theme.text,
                                 own_lane ? level_sign_of(context, mark) : std::nullopt});
        }
        return marks;
    }

    // In a lane of one kind marks have the colour and the shape of their level, where it is one.
    static std::optional<Sign> level_sign_of(const ViewContext& context, const LaneMark& mark) {
        const hsa::History& history = *context.snapshot.history;
        const std::string& level = history.event(mark.events.front()).level_name;
        for (const std::size_t event : mark.events)
            if (history.event(event).level_name != level) return std::nullopt;
        return sign_of_level(context.snapshot, level, context.theme);
    }

    static void draw_marks(Canvas& canvas, const ViewContext& context,
                           const std::vector<Mark>& marks, Drawn& drawn) {
        const auto lit = [&](std::size_t index) {
            return context.session.document.selection.event == index ||
                   (context.look.linked &&
                    std::binary_search(context.look.linked->events.begin(),
                                       context.look.linked->events.end(), index));
        };
        const auto is_lit = [&](const Mark& mark) {
            return std::any_of(mark.lane.events.begin(), mark.lane.events.end(), lit);
        };
        for (const Mark& mark : marks) {
            for (const std::size_t event : mark.lane.events)
                if (lit(event)) drawn.lit_events.push_back(event);
            if (!is_lit(mark)) continue;
            const float radius = 0.5F * mark.height + 3.0F;
            canvas.circle(mark.place, radius, context.theme.accent.with_alpha(0.28F));
            canvas.circle_outline(mark.place, radius, context.theme.accent, 1.5F);
        }
        for (const Mark& mark : marks) {
            const Colour colour = !mark.lane.accepted || mark.is_quiet()
                                      ? context.theme.secondary.with_alpha(0.7F)
                                  : mark.sign ? mark.sign->colour
                                              : mark.colour;
            canvas.marker(marker_of(mark.lane.kind), mark.place, mark.height + 0.5F, colour, 1.6F);
            if (mark.sign && mark.sign->shape && mark.height >= kLeastCounted)
                draw_sign(canvas, {mark.place.x, mark.place.y - 0.5F * mark.height - 4.0F},
                          {colour, *mark.sign->shape}, 5.0F);
            // In the lowest lanes numbers would meet those of the next.
            const bool counted = !mark.is_quiet() && mark.height >= kLeastCounted;
            const std::string count = counted ? count_beside(mark.lane) : std::string();
            if (!count.empty())
                canvas.text(
                    {mark.place.x + 0.5F * mark.height + 1.0F, mark.place.y}, count,
                    count_style(is_lit(mark) ? context.theme.text : context.theme.secondary));
            for (const std::size_t event : mark.lane.events)
                drawn.hits.push_back({fmt::format("event {}", event), mark.target(),
                                      fmt::format("select.event {}", next_of(context, mark))});
        }
        std::sort(drawn.lit_events.begin(), drawn.lit_events.end());
    }

    // What a click on a mark selects: its event, or of several the one after the selected one.
    static std::size_t next_of(const ViewContext& context, const Mark& mark) {
        const auto& selected = context.session.document.selection.event;
        if (!selected) return mark.lane.events.front();
        const auto after =
            std::upper_bound(mark.lane.events.begin(), mark.lane.events.end(), *selected);
        return after == mark.lane.events.end() ? mark.lane.events.front() : *after;
    }

    static void draw_cursor(Canvas& canvas, const ViewContext& context, const Rect& plot,
                            const Axis& cycles, Drawn& drawn) {
        const float x = x_of(plot, cycles, context.snapshot.cycle);
        if (x < plot.min.x - 1.0F || x > plot.max.x + 1.0F) return;
        canvas.line({x, plot.min.y - 6.0F}, {x, plot.max.y}, context.theme.accent, 1.5F);
        canvas.polygon(
            std::array<Vec2, 3>{Vec2{x - 6.0F, plot.min.y - 14.0F},
                                Vec2{x + 6.0F, plot.min.y - 14.0F}, Vec2{x, plot.min.y - 5.0F}},
            context.theme.accent);
        drawn.hits.push_back({"cycle marker",
                              {{x - 8.0F, plot.min.y - 15.0F}, {x + 8.0F, plot.min.y}},
                              fmt::format("adapt.goto {}", context.snapshot.cycle)});
    }

    static std::int32_t cycle_at(const Axis& cycles, const Rect& plot, float x, double last) {
        const double at = cycles.value(static_cast<double>((x - plot.min.x) / plot.width()));
        return static_cast<std::int32_t>(std::clamp(std::round(at), 0.0, last));
    }

    // Shift drag: the cycles between the two ends, sent when the button goes up. True while it
    // lasts.
    bool select_cycles(const ViewContext& context, const Pointer& pointer,
                       const TimelineLayout& layout, const Axis& cycles, Drawn& drawn) {
        const Rect& plot = layout.plot;
        if (pointer.pressed[0] && pointer.shift && plot.contains(pointer.position))
            pressed_at_ = pointer.position;
        if (!pressed_at_) return false;
        constexpr float kSlack = 4.0F;
        const bool moved = std::abs(pointer.position.x - pressed_at_->x) > kSlack;
        if (moved || dragged_) {
            const double last = context.snapshot.history->last();
            const std::int32_t a = cycle_at(cycles, plot, pressed_at_->x, last);
            const std::int32_t b = cycle_at(cycles, plot, pointer.position.x, last);
            dragged_ = hsa::Range{static_cast<std::size_t>(std::min(a, b)),
                                  static_cast<std::size_t>(std::max(a, b)) + 1};
        }
        const bool selecting = dragged_.has_value();
        if (!pointer.down[0]) {
            if (dragged_)
                drawn.commands.push_back(
                    fmt::format("timeline.range {}:{}", dragged_->begin, dragged_->end));
            dragged_.reset();
            pressed_at_.reset();
        }
        if (selecting) drawn.animating = true;
        return selecting;
    }

    void react(const ViewContext& context, const Pointer& pointer, const TimelineLayout& layout,
               const Axis& cycles, const std::vector<Mark>& marks, bool taken, Drawn& drawn) {
        if (context.exporting || (!pointer.inside && !scrubbing_ && !pressed_at_)) {
            peek_.leave();
            return;
        }
        const Rect& plot = layout.plot;
        // Above the lanes the pointer always takes the cycle's marker.
        const Mark* under = nullptr;
        for (const Mark& mark : marks)
            if (pointer.position.y >= plot.min.y && mark.target().contains(pointer.position) &&
                (under == nullptr || under->is_quiet() || !mark.is_quiet()))
                under = &mark;
        if (under == nullptr) peek_.leave();
        if (select_cycles(context, pointer, layout, cycles, drawn)) return;
        const std::int32_t cycle =
            cycle_at(cycles, plot, pointer.position.x,
                     static_cast<double>(context.session.document.timeline.last));
        if (pointer.pressed[0] && under == nullptr && !taken && !pointer.shift) scrubbing_ = true;
        if (pointer.double_clicked && under == nullptr && !taken && plot.contains(pointer.position))
            drawn.prompt = fmt::format("timeline.mark {} ", cycle);
        if (scrubbing_) {
            if (cycle != context.session.document.timeline.cursor)
                drawn.commands.push_back(fmt::format("adapt.goto {}", cycle));
            drawn.animating = true;
            if (!pointer.down[0]) scrubbing_ = false;
            return;
        }
        if (under != nullptr) {
            drawn.tooltip = tooltip_of(context, *under);
            peek_.hover(context, next_of(context, *under), drawn);
            const char* how = pointer.shift ? "add " : pointer.ctrl ? "remove " : "";
            if (pointer.clicked)
                drawn.commands.push_back(
                    fmt::format("select.event {}{}", how, next_of(context, *under)));
        } else if (!taken && plot.contains(pointer.position) &&
                   cycle <= context.snapshot.history->last()) {
            const hsa::CycleMeasures& m =
                context.snapshot.history->cycles[static_cast<std::size_t>(cycle)]->measures;
            std::size_t splats = 0;
            for (const std::size_t count : m.splats) splats += count;
            drawn.tooltip =
                fmt::format("cycle {}\n{} splats, row-KL {} nats", cycle, splats,
                            std::isfinite(m.row_kl) ? number_text(m.row_kl) : "not measured");
            const std::optional<hsa::Range> range = selected_range(context);
            const auto here = static_cast<std::size_t>(cycle);
            if (!range || here < range->begin || here >= range->end) return;
            const hsa::CycleRange& counted = range_of(context.snapshot, *range);
            drawn.tooltip +=
                fmt::format("\ncycles {} to {}: {} of {} trials accepted", range->begin,
                            range->end - 1, counted.all.accepted, counted.all.tried);
        }
    }

    static std::string tooltip_of(const ViewContext& context, const Mark& mark) {
        const char* accepted = mark.lane.accepted ? "accepted" : "refused";
        if (mark.lane.events.size() == 1) {
            const hsa::Event& event = context.snapshot.history->event(mark.lane.events.front());
            return fmt::format("cycle {}  {}  {}\n{}", event.cycle, hsa::name_of(event.kind),
                               accepted, event.text);
        }
        const std::string cycles =
            mark.lane.first_cycle == mark.lane.last_cycle
                ? fmt::format("cycle {}", mark.lane.first_cycle)
                : fmt::format("cycles {} to {}", mark.lane.first_cycle, mark.lane.last_cycle);
        return fmt::format(
            "{}  {} \u00d7 {}  {}\na click selects the next of them; the wheel "
            "parts them",
            cycles, mark.lane.events.size(), hsa::name_of(mark.lane.kind), accepted);
    }

    TimelineAxis axis_;
    TimelinePeek peek_;
    bool scrubbing_ = false;
    std::optional<Vec2> pressed_at_;     // with Shift
    std::optional<hsa::Range> dragged_;  // cycles between there and the pointer
    // What range_of counted last.
    hsa::CycleRange counted_;
    hsa::Range counted_range_;
    std::shared_ptr<const hsa::History> counted_of_;
};

}  // namespace

std::unique_ptr<View> make_timeline_view() { return std::make_unique<TimelineView>(); }

}  // namespace splatscope
