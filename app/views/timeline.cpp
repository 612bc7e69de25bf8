#include "app/views/timeline_layout.h"
#include "app/views/timeline_marks.h"
#include "app/views/view.h"
#include "app/views/view_names.h"
#include "app/views/view_waiting.h"
#include "app/widgets/axis.h"
#include "app/widgets/numbers.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <optional>

namespace splatscope {
namespace {

constexpr float kLeastCounted = 7.0F;  // size of a shape with a number beside it

// Shapes as they are drawn: where, and in which lane.
struct Mark {
    LaneMark lane;
    Vec2 place;

    [[nodiscard]] Rect target() const {
        const float half = std::max(0.5F * height, 6.0F);
        return {{place.x - half, place.y - half},
                {place.x - 0.5F * height + lane.width + 1.0F, place.y + half}};
    }
    [[nodiscard]] bool is_quiet() const { return lane.kind == hsa::EventKind::adjust; }
    float height = 0.0F;
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
        return "Cycles of adaptation from left to right, one lane a level; each shape is an "
               "accepted event (fork mitosis, join merge, + birth, "
               "x death, triangle repair, diamond a level, dot by hand), hollow grey ones are "
               "refused trials when they are "
               "shown; a number beside a shape counts the events it stands for.\nThe curve is the "
               "row-KL of attention against the "
               "target, in nats, on rows that no decision sees.\nClick an event to see why it "
               "happened; click elsewhere or drag the marker to go to "
               "that cycle; wheel zooms, right drag pans.";
    }
    [[nodiscard]] Place place() const override { return Place::bottom; }
    [[nodiscard]] std::vector<std::string> settings() const override {
        return {"timeline.refused", "timeline.speed"};
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
        std::string text = "events by level, curve: held-out row-KL in nats";
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
        const TimelineLayout layout =
            timeline_layout(canvas.bounds(), levels_over_time(snapshot).size());
        const Axis cycles = visible(context, pointer, layout.plot, drawn);
        if (layout.legend && canvas.shows(Part::legend)) draw_legend(canvas, context, layout);
        draw_lanes(canvas, context, layout);
        draw_axis_below(canvas, context.theme, layout.plot, cycles, true);
        canvas.label({layout.plot.min.x - 8.0F, layout.plot.max.y + 8.0F}, "cycle",
                     {context.theme.secondary, Font::text, kSmallTextSize, Align::end});
        if (layout.curve) draw_curve(canvas, context, layout, cycles);
        const std::vector<Mark> marks = place_marks(canvas, context, layout, cycles);
        draw_marks(canvas, context, marks, drawn);
        draw_cursor(canvas, context, layout.plot, cycles, drawn);
        react(context, pointer, layout.plot, cycles, marks, drawn);
        if (snapshot.history->cycles.size() < 2) draw_invitation(canvas, context, layout);
        drawn.axes.push_back({"cycle", cycles.low, cycles.high});
        return drawn;
    }

  private:
    static float x_of(const Rect& plot, const Axis& cycles, double cycle) {
        return plot.min.x + plot.width() * static_cast<float>(cycles.place(cycle));
    }

    // The visible cycles: the desk's, or all; moved by wheel and right drag.
    Axis visible(const ViewContext& context, const Pointer& pointer, const Rect& plot,
                 Drawn& drawn) {
        const TimelineDesk& desk = context.session.desk.timeline;
        const double last =
            std::max(10.0, static_cast<double>(context.snapshot.history->last()) + 0.5);
        Axis axis{-0.5, last, AxisScale::integer};
        if (desk.end > desk.begin) {
            axis.low = desk.begin;
            axis.high = desk.end;
        }
        if (held_ && !context.exporting) axis = *held_;
        const bool panning = pointer.down[1] || pointer.down[2];
        const double width = axis.high - axis.low;
        if (panning && pointer.moved.x != 0.0F) {
            const double by =
                -static_cast<double>(pointer.moved.x) / static_cast<double>(plot.width()) * width;
            axis.low += by;
            axis.high += by;
            held_ = axis;
        }
        if (pointer.inside && pointer.wheel != 0.0F) {
            const double factor = std::pow(1.2, -static_cast<double>(pointer.wheel));
            const double at =
                axis.value(static_cast<double>((pointer.position.x - plot.min.x) / plot.width()));
            axis.low = at + (axis.low - at) * factor;
            axis.high = at + (axis.high - at) * factor;
            if (axis.high - axis.low >= last + 0.5) axis = {-0.5, last, AxisScale::integer};
            held_ = axis;
        }
        if (held_ && !panning) {
            const bool all = held_->low <= -0.5 && held_->high >= last;
            drawn.commands.push_back(fmt::format("set timeline.begin {}", all ? 0.0 : held_->low));
            drawn.commands.push_back(fmt::format("set timeline.end {}", all ? 0.0 : held_->high));
            held_.reset();
        }
        return axis;
    }

    // Whether the history has an accepted event with this shape.
    static bool has(const hsa::Snapshot& snapshot, Marker shape) {
        if (!snapshot.history) return false;
        for (const auto& cycle : snapshot.history->cycles)
            for (const hsa::Event& event : cycle->events)
                if (event.accepted && marker_of(event.kind) == shape) return true;
        return false;
    }

    // What the shapes mean, from the right; the rarer ones only where there are some.
    static void draw_legend(Canvas& canvas, const ViewContext& context,
                            const TimelineLayout& layout) {
        std::vector<std::pair<Marker, std::string>> entries = {{Marker::fork, "mitosis"},
                                                               {Marker::join, "merge"},
                                                               {Marker::plus, "birth"},
                                                               {Marker::cross, "death"},
                                                               {Marker::dot, "adjust"}};
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
        for (const auto& [shape, name] : entries) {
            if (shape != Marker::ring)
                canvas.marker(shape, {x, y}, shape == Marker::dot ? 6.0F : 9.0F,
                              context.theme.secondary, 1.5F);
            x = canvas.text({x + 9.0F, y}, name, style).max.x + 19.0F;
        }
    }

    static void draw_lanes(Canvas& canvas, const ViewContext& context,
                           const TimelineLayout& layout) {
        const std::vector<HistoryLevel> levels = levels_over_time(context.snapshot);
        for (std::size_t l = 0; l < levels.size(); ++l) {
            const float y = layout.lane_y(l);
            canvas.line({layout.plot.min.x, y}, {layout.plot.max.x, y}, context.theme.lines, 1.0F);
            const TextStyle style{text_colour(context.theme, levels[l].colour(context.theme)),
                                  Font::text, kSmallTextSize, Align::end, Align::centre};
            canvas.label({layout.plot.min.x - 8.0F, y},
                         canvas.fit(levels[l].name, style,
                                    layout.plot.min.x - canvas.bounds().min.x - 14.0F),
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

    static void draw_curve(Canvas& canvas, const ViewContext& context, const TimelineLayout& layout,
                           const Axis& cycles) {
        const Rect plot{{layout.plot.min.x, layout.lanes_end + 4.0F}, layout.plot.max};
        const auto& all = context.snapshot.history->cycles;
        double low = std::numeric_limits<double>::infinity();
        double high = -low;
        for (const auto& cycle : all) {
            if (!std::isfinite(cycle->measures.row_kl)) continue;
            low = std::min(low, cycle->measures.row_kl);
            high = std::max(high, cycle->measures.row_kl);
        }
        const float first = layout.curve_values ? plot.min.y : plot.centre().y - 7.0F;
        const bool measured = high >= low;
        canvas.label({plot.min.x - 8.0F, first}, measured ? "row-KL" : "no target",
                     {measured ? context.theme.warning : context.theme.secondary, Font::text,
                      kSmallTextSize, Align::end, Align::start});
        if (!measured) return;
        const std::string values =
            all.size() > 1 ? fmt::format("{} \u2192 {}", number_text(all.front()->measures.row_kl),
                                         number_text(all.back()->measures.row_kl))
                           : number_text(all.front()->measures.row_kl);
        if (layout.curve_values)
            canvas.label({plot.min.x - 8.0F, first + 17.0F}, values,
                         {context.theme.secondary, Font::mono, 12.0F, Align::end, Align::start});
        const double span = high > low ? high - low : 1.0;
        std::vector<Vec2> line;
        for (const auto& cycle : all) {
            if (!std::isfinite(cycle->measures.row_kl)) continue;
            const float y =
                plot.max.y - 4.0F -
                (plot.height() - 10.0F) * static_cast<float>((cycle->measures.row_kl - low) / span);
            line.push_back({x_of(plot, cycles, cycle->number), y});
        }
        canvas.push_clip(plot);
        if (line.size() > 1) canvas.polyline(line, context.theme.warning, 1.5F, false);
        if (line.size() == 1) canvas.circle(line.front(), 2.5F, context.theme.warning);
        canvas.pop_clip();
    }

    static std::vector<Mark> place_marks(const Canvas& canvas, const ViewContext& context,
                                         const TimelineLayout& layout, const Axis& cycles) {
        const bool refused = context.session.desk.timeline.refused;
        const std::vector<HistoryLevel> names = levels_over_time(context.snapshot);
        const std::size_t levels = names.size();
        std::vector<std::vector<LaneEvent>> shapes(levels);
        std::vector<std::vector<LaneEvent>> dots(levels);
        std::size_t index = 0;
        for (const auto& cycle : context.snapshot.history->cycles) {
            const float x = x_of(layout.plot, cycles, cycle->number);
            const bool in_sight = x >= layout.plot.min.x && x <= layout.plot.max.x;
            for (const hsa::Event& event : cycle->events) {
                const std::size_t here = index++;
                const bool unseen = event.kind == hsa::EventKind::initialise ||
                                    event.kind == hsa::EventKind::open ||
                                    (!event.accepted && !refused);
                if (unseen || !in_sight) continue;
                const auto its = std::find_if(
                    names.begin(), names.end(),
                    [&](const HistoryLevel& level) { return level.name == event.level_name; });
                if (its == names.end()) continue;
                auto& lane = event.kind == hsa::EventKind::adjust ? dots : shapes;
                lane[static_cast<std::size_t>(its - names.begin())].push_back(
                    {here, event.kind, event.accepted, cycle->number, x});
            }
        }
        const auto width = [&](const std::string& count) {
            return canvas.text_size(count, count_style({})).x;
        };
        constexpr float kDot = 5.0F;
        const auto none = [](const std::string&) { return 0.0F; };
        std::vector<Mark> marks;
        for (std::size_t l = 0; l < levels; ++l) {
            for (LaneMark& mark : fold_lane(dots[l], kDot, none))
                marks.push_back({mark, {mark.x, layout.dot_y(l)}, kDot});
            for (LaneMark& mark : fold_lane(shapes[l], layout.mark_size, width))
                marks.push_back({mark, {mark.x, layout.lane_y(l)}, layout.mark_size});
        }
        return marks;
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
                                      : context.theme.text;
            canvas.marker(marker_of(mark.lane.kind), mark.place, mark.height + 0.5F, colour, 1.6F);
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

    void react(const ViewContext& context, const Pointer& pointer, const Rect& plot,
               const Axis& cycles, const std::vector<Mark>& marks, Drawn& drawn) {
        if (!pointer.inside && !scrubbing_) return;
        // Above the lanes the pointer always takes the cycle's marker.
        const Mark* under = nullptr;
        for (const Mark& mark : marks)
            if (pointer.position.y >= plot.min.y && mark.target().contains(pointer.position) &&
                (under == nullptr || under->is_quiet() || !mark.is_quiet()))
                under = &mark;
        const double at =
            cycles.value(static_cast<double>((pointer.position.x - plot.min.x) / plot.width()));
        const auto cycle = static_cast<std::int32_t>(std::clamp(
            std::round(at), 0.0, static_cast<double>(context.session.document.timeline.last)));
        if (pointer.pressed[0] && under == nullptr) scrubbing_ = true;
        if (scrubbing_) {
            if (cycle != context.session.document.timeline.cursor)
                drawn.commands.push_back(fmt::format("adapt.goto {}", cycle));
            drawn.animating = true;
            if (!pointer.down[0]) scrubbing_ = false;
            return;
        }
        if (under != nullptr) {
            drawn.tooltip = tooltip_of(context, *under);
            const char* how = pointer.shift ? "add " : pointer.ctrl ? "remove " : "";
            if (pointer.clicked)
                drawn.commands.push_back(
                    fmt::format("select.event {}{}", how, next_of(context, *under)));
        } else if (plot.contains(pointer.position) && cycle <= context.snapshot.history->last()) {
            const hsa::CycleMeasures& m =
                context.snapshot.history->cycles[static_cast<std::size_t>(cycle)]->measures;
            std::size_t splats = 0;
            for (const std::size_t count : m.splats) splats += count;
            drawn.tooltip =
                fmt::format("cycle {}\n{} splats, row-KL {} nats", cycle, splats,
                            std::isfinite(m.row_kl) ? number_text(m.row_kl) : "not measured");
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

    std::optional<Axis> held_;
    bool scrubbing_ = false;
};

}  // namespace

std::unique_ptr<View> make_timeline_view() { return std::make_unique<TimelineView>(); }

}  // namespace splatscope
