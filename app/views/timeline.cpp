#include "app/views/view.h"
#include "app/views/view_names.h"
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

constexpr float kLeft = 116.0F;
constexpr float kRight = 24.0F;
constexpr float kLegend = 22.0F;
constexpr float kCurve = 56.0F;       // where there is room for it
constexpr float kLeastCurve = 34.0F;  // its two lines of words
constexpr float kLane = 16.0F;        // a level's name
constexpr float kMarkerSize = 11.0F;

// One event as it is drawn.
struct Mark {
    std::size_t index = 0;  // in the flat list
    const hsa::Event* event = nullptr;
    Vec2 place;
};

class TimelineView : public View {
  public:
    [[nodiscard]] std::string id() const override { return "timeline"; }
    [[nodiscard]] std::string title() const override { return "Timeline"; }
    [[nodiscard]] std::string help() const override {
        return "Cycles of adaptation from left to right, one lane a level; each shape is an "
               "accepted event (fork mitosis, join merge, + birth, "
               "x death, dot by hand), hollow grey ones are refused trials when they are "
               "shown.\nThe curve is the row-KL of attention against the "
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
        return text;
    }

    [[nodiscard]] Drawn draw(Canvas& canvas, const ViewContext& context,
                             const Pointer& pointer) override {
        Drawn drawn;
        const hsa::Snapshot& snapshot = context.snapshot;
        if (!snapshot.history || snapshot.history->cycles.empty() || !snapshot.registry) {
            draw_empty_state(canvas, context.theme, nothing_yet(snapshot));
            drawn.waiting = !context.session.document.sources.empty() && snapshot.error.empty();
            return drawn;
        }
        const Rect bounds = canvas.bounds();
        const Rect plot = {{bounds.min.x + kLeft, bounds.min.y + kLegend},
                           {bounds.max.x - kRight, bounds.max.y - 36.0F}};
        const Axis cycles = visible(context, pointer, plot, drawn);
        draw_legend(canvas, context);
        const float lanes = kLane * static_cast<float>(snapshot.registry->hierarchy.size());
        const float lanes_end = plot.max.y - std::clamp(plot.height() - lanes, kLeastCurve, kCurve);
        draw_lanes(canvas, context, plot, lanes_end);
        draw_axis_below(canvas, context.theme, {plot.min, {plot.max.x, plot.max.y}}, cycles, true,
                        "cycle");
        draw_curve(canvas, context, {{plot.min.x, lanes_end + 4.0F}, plot.max}, cycles);
        const std::vector<Mark> marks = place_marks(context, plot, lanes_end, cycles);
        draw_marks(canvas, context, marks, drawn);
        draw_cursor(canvas, context, plot, cycles);
        react(context, pointer, plot, cycles, marks, drawn);
        if (snapshot.history->cycles.size() < 2) {
            const TextStyle style{context.theme.secondary, Font::text, kSmallTextSize, Align::start,
                                  Align::centre};
            canvas.label({plot.min.x + 70.0F, 0.5F * (plot.min.y + lanes_end)},
                         "No cycle has run: press Space or . to let the splats adapt.", style);
        }
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

    static void draw_legend(Canvas& canvas, const ViewContext& context) {
        constexpr std::array<std::pair<hsa::EventKind, const char*>, 4> kKinds = {
            {{hsa::EventKind::mitosis, "mitosis"},
             {hsa::EventKind::merge, "merge"},
             {hsa::EventKind::birth, "birth"},
             {hsa::EventKind::death, "death"}}};
        const TextStyle style{context.theme.secondary, Font::text, kSmallTextSize, Align::start,
                              Align::centre};
        float x = canvas.bounds().max.x - 380.0F;
        const float y = canvas.bounds().min.y + 10.0F;
        for (const auto& [kind, name] : kKinds) {
            canvas.marker(marker_of(kind), {x, y}, kMarkerSize, context.theme.text);
            x = canvas.text({x + 10.0F, y}, name, style).max.x + 22.0F;
        }
        canvas.marker(Marker::dot, {x, y}, kMarkerSize, context.theme.text);
        canvas.text({x + 8.0F, y}, "adjust", style);
    }

    static float lane_y(const Rect& plot, float lanes_end, std::size_t level, std::size_t levels) {
        return plot.min.y + (lanes_end - plot.min.y) * (static_cast<float>(level) + 0.5F) /
                                static_cast<float>(levels);
    }

    static void draw_lanes(Canvas& canvas, const ViewContext& context, const Rect& plot,
                           float lanes_end) {
        const hsa::Hierarchy& hierarchy = context.snapshot.registry->hierarchy;
        for (std::size_t l = 0; l < hierarchy.size(); ++l) {
            const float y = lane_y(plot, lanes_end, l, hierarchy.size());
            canvas.line({plot.min.x, y}, {plot.max.x, y}, context.theme.lines, 1.0F);
            const TextStyle style{level_colour(l), Font::text, kSmallTextSize, Align::end,
                                  Align::centre};
            canvas.label({plot.min.x - 8.0F, y},
                         canvas.fit(hierarchy.levels[l].name, style, kLeft - 14.0F), style);
        }
    }

    static void draw_curve(Canvas& canvas, const ViewContext& context, const Rect& plot,
                           const Axis& cycles) {
        const auto& all = context.snapshot.history->cycles;
        double low = std::numeric_limits<double>::infinity();
        double high = -low;
        for (const auto& cycle : all) {
            if (!std::isfinite(cycle->measures.row_kl)) continue;
            low = std::min(low, cycle->measures.row_kl);
            high = std::max(high, cycle->measures.row_kl);
        }
        const TextStyle name{context.theme.warning, Font::text, kSmallTextSize, Align::end,
                             Align::start};
        if (!(high >= low)) {
            canvas.text(
                {plot.min.x - 8.0F, plot.min.y}, "no target",
                {context.theme.secondary, Font::text, kSmallTextSize, Align::end, Align::start});
            return;
        }
        canvas.text({plot.min.x - 8.0F, plot.min.y}, "row-KL", name);
        const std::string values =
            all.size() > 1 ? fmt::format("{} \u2192 {}", number_text(all.front()->measures.row_kl),
                                         number_text(all.back()->measures.row_kl))
                           : number_text(all.front()->measures.row_kl);
        canvas.text({plot.min.x - 8.0F, plot.min.y + 17.0F}, values,
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

    static std::vector<Mark> place_marks(const ViewContext& context, const Rect& plot,
                                         float lanes_end, const Axis& cycles) {
        const bool refused = context.session.desk.timeline.refused;
        const std::size_t levels = context.snapshot.registry->hierarchy.size();
        std::vector<Mark> marks;
        std::size_t index = 0;
        for (const auto& cycle : context.snapshot.history->cycles) {
            std::vector<std::size_t> in_lane(levels, 0);
            for (const hsa::Event& event : cycle->events) {
                const std::size_t here = index++;
                const bool quiet =
                    event.kind == hsa::EventKind::initialise || event.kind == hsa::EventKind::open;
                if (quiet || (!event.accepted && !refused) || event.level >= levels) continue;
                // Several events of one cycle and level stand beside one another.
                const float shift = event.kind == hsa::EventKind::adjust
                                        ? 0.0F
                                        : 13.0F * static_cast<float>(in_lane[event.level]++);
                const float x = x_of(plot, cycles, cycle->number) + shift;
                if (x < plot.min.x || x > plot.max.x) continue;
                const float y = lane_y(plot, lanes_end, event.level, levels) +
                                (event.kind == hsa::EventKind::adjust ? 9.0F : 0.0F);
                marks.push_back({here, &event, {x, y}});
            }
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
        for (const Mark& mark : marks) {
            const bool adjust = mark.event->kind == hsa::EventKind::adjust;
            const bool is_lit = lit(mark.index);
            if (is_lit) {
                canvas.circle(mark.place, 10.0F, context.theme.accent.with_alpha(0.28F));
                canvas.circle_outline(mark.place, 10.0F, context.theme.accent, 1.5F);
                drawn.lit_events.push_back(mark.index);
            }
            const Colour colour = !mark.event->accepted ? context.theme.secondary.with_alpha(0.6F)
                                                        : context.theme.text;
            canvas.marker(marker_of(mark.event->kind), mark.place, adjust ? 5.0F : kMarkerSize,
                          colour, 1.6F);
            drawn.hits.push_back({fmt::format("event {}", mark.index),
                                  {{mark.place.x - 6.0F, mark.place.y - 6.0F},
                                   {mark.place.x + 6.0F, mark.place.y + 6.0F}},
                                  fmt::format("select.event {}", mark.index)});
        }
    }

    static void draw_cursor(Canvas& canvas, const ViewContext& context, const Rect& plot,
                            const Axis& cycles) {
        const float x = x_of(plot, cycles, context.snapshot.cycle);
        if (x < plot.min.x - 1.0F || x > plot.max.x + 1.0F) return;
        canvas.line({x, plot.min.y - 6.0F}, {x, plot.max.y}, context.theme.accent, 1.5F);
        canvas.polygon(
            std::array<Vec2, 3>{Vec2{x - 6.0F, plot.min.y - 14.0F},
                                Vec2{x + 6.0F, plot.min.y - 14.0F}, Vec2{x, plot.min.y - 5.0F}},
            context.theme.accent);
    }

    void react(const ViewContext& context, const Pointer& pointer, const Rect& plot,
               const Axis& cycles, const std::vector<Mark>& marks, Drawn& drawn) {
        if (!pointer.inside && !scrubbing_) return;
        const Mark* under = nullptr;
        for (const Mark& mark : marks)
            if (std::hypot(mark.place.x - pointer.position.x, mark.place.y - pointer.position.y) <
                    8.0F &&
                (under == nullptr || mark.event->kind != hsa::EventKind::adjust))
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
            drawn.tooltip = fmt::format(
                "cycle {}  {}  {}\n{}", under->event->cycle, hsa::name_of(under->event->kind),
                under->event->accepted ? "accepted" : "refused", under->event->text);
            const char* how = pointer.shift ? "add " : pointer.ctrl ? "remove " : "";
            if (pointer.clicked)
                drawn.commands.push_back(fmt::format("select.event {}{}", how, under->index));
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

    std::optional<Axis> held_;
    bool scrubbing_ = false;
};

}  // namespace

std::unique_ptr<View> make_timeline_view() { return std::make_unique<TimelineView>(); }

}  // namespace splatscope
