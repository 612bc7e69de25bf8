#include "app/views/tree_lineage.h"

#include "app/views/timeline_notes.h"
#include "app/views/view_names.h"
#include "app/widgets/numbers.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <set>

namespace splatscope {
namespace {

constexpr float kLeft = 74.0F;
constexpr float kNames = 132.0F;      // of the splats that are there, at the right
constexpr float kWithNames = 420.0F;  // width from which they are written
constexpr float kRight = 14.0F;
constexpr float kNote = 18.0F;  // the line of words above
constexpr float kCursor = 16.0F;
constexpr float kFlags = 18.0F;
constexpr float kAxis = 22.0F;
constexpr float kMostLane = 20.0F;
constexpr float kGoodLane = 8.0F;  // from which lines can be followed
constexpr float kLeastLane = 1.5F;
constexpr float kGroup = 17.0F;  // at least, for its name
constexpr float kBetween = 8.0F;

float x_of(const Rect& plot, const Axis& cycles, double cycle) {
    return plot.min.x + plot.width() * static_cast<float>(cycles.place(cycle));
}

// The lanes' height that these groups leave room for.
float lane_height(const LineageLanes& lanes, float height) {
    for (float lane = kMostLane; lane > kLeastLane; lane -= 0.5F) {
        float sum = 0.0F;
        for (const LineageGroup& group : lanes.groups)
            sum += std::max(kGroup, lane * static_cast<float>(group.lanes)) + kBetween;
        if (sum - kBetween <= height) return lane;
    }
    return kLeastLane;
}

// From a lane to another within the last steps before the cycle, without corners.
void draw_branch(Canvas& canvas, Vec2 from, Vec2 to, Colour colour, float width) {
    constexpr int kSteps = 8;
    std::vector<Vec2> points;
    for (int i = 0; i <= kSteps; ++i) {
        const float t = static_cast<float>(i) / static_cast<float>(kSteps);
        const float s = t * t * (3.0F - 2.0F * t);
        points.push_back({from.x + t * (to.x - from.x), from.y + s * (to.y - from.y)});
    }
    canvas.polyline(points, colour, width, false);
}

std::string list_of(const std::vector<hsa::SplatId>& ids) {
    std::string text;
    for (std::size_t i = 0; i < ids.size(); ++i)
        text += fmt::format("{}{}", i == 0 ? "" : i + 1 == ids.size() ? " and " : ", ", ids[i]);
    return text;
}

std::vector<std::string> level_names(const hsa::Snapshot& snapshot) {
    std::vector<std::string> names;
    for (const HistoryLevel& level : levels_over_time(snapshot)) names.push_back(level.name);
    return names;
}

}  // namespace

void TreeLineage::lay_out(const ViewContext& context, float height) {
    const hsa::Snapshot& snapshot = context.snapshot;
    const std::vector<hsa::SplatId>& selected = context.session.document.selection.splats;
    const LineageLines wish = context.session.desk.tree.lines;
    std::vector<std::string> levels = level_names(snapshot);
    const bool same_history = history_ == snapshot.history && levels_ == levels;
    if (same_history && selected_ == selected && wish_ == wish && height_ == height) return;
    if (!same_history) lineage_ = hsa::lineage_of(*snapshot.history);
    history_ = snapshot.history;
    selected_ = selected;
    levels_ = std::move(levels);
    wish_ = wish;
    height_ = height;
    family_ = families_of(lineage_, selected_);
    const auto fits = [&](const std::set<hsa::SplatId>& shown) {
        return lane_height(lineage_lanes(lineage_, levels_, shown), height) >= kGoodLane;
    };
    std::set<hsa::SplatId> shown;
    for (const hsa::Life& life : lineage_.lives) shown.insert(life.id);
    const std::set<hsa::SplatId> eventful = with_events(lineage_);
    if (wish == LineageLines::events) shown = eventful;
    if (wish == LineageLines::selected && !family_.empty()) shown = family_;
    if (wish == LineageLines::automatic && !fits(shown)) {
        shown = eventful;
        shown.insert(family_.begin(), family_.end());
        if (!fits(shown)) shown = largest_families(lineage_, selected_, fits);
    }
    lanes_ = lineage_lanes(lineage_, levels_, shown);
    only_quiet_ = std::includes(shown.begin(), shown.end(), eventful.begin(), eventful.end());
}

TreeLineage::Frame TreeLineage::frame_of(const Rect& bounds, bool flags) const {
    Frame frame;
    const float top = bounds.min.y + kNote + (flags ? kFlags : 0.0F) + kCursor;
    const float right = bounds.width() >= kWithNames ? kNames : kRight;
    frame.layout.plot = {{bounds.min.x + kLeft, top},
                         {std::max(bounds.max.x - right, bounds.min.x + kLeft + 40.0F),
                          std::max(bounds.max.y - kAxis, top + 1.0F)}};
    frame.layout.flags_y = bounds.min.y + kNote + 0.5F * kFlags;
    frame.lane = lane_height(lanes_, frame.layout.plot.height() - 6.0F);
    float y = top + 3.0F;
    for (const LineageGroup& group : lanes_.groups) {
        frame.top.push_back(y);
        y += std::max(kGroup, frame.lane * static_cast<float>(group.lanes)) + kBetween;
    }
    return frame;
}

float TreeLineage::y_of(const Frame& frame, const LineageLine& line) const {
    const LineageGroup& group = lanes_.groups[line.group];
    const float height = frame.lane * static_cast<float>(group.lanes);
    const float top = frame.top[line.group] + 0.5F * std::max(kGroup - height, 0.0F);
    return top + frame.lane * (static_cast<float>(line.lane) + 0.5F);
}

void TreeLineage::draw_groups(Canvas& canvas, const ViewContext& context,
                              const Frame& frame) const {
    const Rect& plot = frame.layout.plot;
    for (std::size_t g = 0; g < lanes_.groups.size(); ++g) {
        const LineageGroup& group = lanes_.groups[g];
        const float height = std::max(kGroup, frame.lane * static_cast<float>(group.lanes));
        if (g > 0)
            canvas.line({plot.min.x, frame.top[g] - 0.5F * kBetween},
                        {plot.max.x, frame.top[g] - 0.5F * kBetween}, context.theme.lines, 1.0F);
        const Colour colour = colour_of_level(context.snapshot, group.level, context.theme);
        const TextStyle name{text_colour(context.theme, colour), Font::text, kSmallTextSize,
                             Align::end, Align::centre};
        const bool two = group.folded > 0 && height >= 2.0F * kGroup;
        const float middle = frame.top[g] + 0.5F * height - (two ? 8.0F : 0.0F);
        if (middle > plot.max.y) return;
        const float room = plot.min.x - canvas.bounds().min.x - 12.0F;
        canvas.label({plot.min.x - 8.0F, middle}, canvas.fit(group.level, name, room), name);
        if (!two) continue;
        const TextStyle quiet{context.theme.secondary, Font::text, 12.0F, Align::end,
                              Align::centre};
        canvas.label({plot.min.x - 8.0F, middle + 16.0F},
                     canvas.fit(fmt::format("{} folded", group.folded), quiet, room), quiet);
    }
}

void TreeLineage::draw_lines(Canvas& canvas, const ViewContext& context, const Frame& frame,
                             const Axis& cycles, const Pointer& pointer, Drawn& drawn) {
    const Rect& plot = frame.layout.plot;
    const double last = context.snapshot.history->last();
    const float step = plot.width() / static_cast<float>(cycles.high - cycles.low);
    const float turn = std::min(0.8F * step, 16.0F);  // before a cycle, of what branches there
    const float mark_size = std::clamp(frame.lane - 1.0F, 0.0F, 10.0F);
    const bool any_lit = !family_.empty();
    const float slack = std::max(0.5F * frame.lane, 3.0F);
    const LineageLine* under = nullptr;
    std::vector<Mark> marks;
    std::set<std::size_t> known;  // the events that have one
    const auto& picked = context.session.document.selection;
    canvas.push_clip({{plot.min.x - 6.0F, plot.min.y}, {plot.max.x + 6.0F, plot.max.y}});
    const auto draw_one = [&](const LineageLine& line, bool lit) {
        const hsa::Life& life = *line.life;
        const float y = y_of(frame, line);
        if (y > plot.max.y) return;
        Colour colour = colour_of_level(context.snapshot, life.level, context.theme);
        if (any_lit && !lit) colour = mix(colour, context.theme.panel, 0.7F);
        const bool chosen = std::binary_search(picked.splats.begin(), picked.splats.end(), life.id);
        const float width = std::min(std::max(0.35F * frame.lane, 1.0F), chosen ? 4.0F
                                                                         : lit  ? 2.5F
                                                                                : 1.6F);
        const float begin = x_of(plot, cycles, life.began.cycle);
        const float end = x_of(plot, cycles, life.ended ? life.ended->cycle : last);
        // Where the line goes on in another lane it leaves its own a little earlier.
        float stop = end;
        if (life.ended)
            for (const hsa::SplatId other : life.ended->others)
                if (const LineageLine* to = lanes_.find(other);
                    to != nullptr && (to->lane != line.lane || to->group != line.group)) {
                    const bool goes_on = std::any_of(
                        life.ended->others.begin(), life.ended->others.end(), [&](hsa::SplatId id) {
                            const LineageLine* same = lanes_.find(id);
                            return same != nullptr && same->lane == line.lane &&
                                   same->group == line.group;
                        });
                    const float leave = std::max(end - turn, begin);
                    if (!goes_on) stop = leave;
                    draw_branch(canvas, {leave, y}, {end, y_of(frame, *to)}, colour, width);
                }
        if (chosen)
            canvas.line({begin, y}, {stop, y}, context.theme.accent.with_alpha(0.5F), width + 4.0F);
        canvas.line({begin, y}, {stop, y}, colour, width);
        const auto add_mark = [&](const hsa::LifeEnd& at, float x) {
            if (!at.event || x < plot.min.x - 1.0F || x > plot.max.x + 1.0F) return;
            if (known.insert(*at.event).second)
                marks.push_back({*at.event, at.kind, {x, y}, !any_lit || lit});
        };
        // A merge is marked where it goes on, a split where it parts.
        const bool passes = !life.began.others.empty();
        if (!passes || life.began.others.size() > 1) add_mark(life.began, begin);
        if (life.ended && life.ended->others.size() != 1) add_mark(*life.ended, end);
        const Rect place{{std::max(begin, plot.min.x), y - slack},
                         {std::min(std::max(end, begin + 3.0F), plot.max.x), y + slack}};
        if (place.max.x <= place.min.x) return;
        drawn.hits.push_back(
            {fmt::format("splat {}", life.id), place, fmt::format("select.splats {}", life.id)});
        if (pointer.inside && place.contains(pointer.position) &&
            (under == nullptr ||
             std::abs(pointer.position.y - y) < std::abs(pointer.position.y - y_of(frame, *under))))
            under = &line;
    };
    for (const bool lit : {false, true})
        for (const LineageLine& line : lanes_.lines)
            if (is_lit(line.life->id) == lit) draw_one(line, lit);
    const Mark* mark_under = nullptr;
    for (const Mark& mark : marks) {
        const bool selected = picked.event == mark.event;
        if (selected) {
            drawn.lit_events.push_back(mark.event);
            canvas.circle(mark.place, 0.5F * mark_size + 4.0F,
                          context.theme.accent.with_alpha(0.3F));
            canvas.circle_outline(mark.place, 0.5F * mark_size + 4.0F, context.theme.accent, 1.5F);
        }
        if (mark_size < 4.0F && !selected) continue;
        const Colour colour =
            mark.lit ? context.theme.text : mix(context.theme.text, context.theme.panel, 0.7F);
        canvas.circle(mark.place, 0.5F * mark_size + 1.0F, context.theme.panel);
        canvas.marker(marker_of(mark.kind), mark.place, mark_size, colour, 1.5F);
        const float half = std::max(0.5F * mark_size, 5.0F);
        const Rect place{{mark.place.x - half, mark.place.y - half},
                         {mark.place.x + half, mark.place.y + half}};
        drawn.hits.push_back({fmt::format("event {}", mark.event), place,
                              fmt::format("select.event {}", mark.event)});
        if (pointer.inside && place.contains(pointer.position)) mark_under = &mark;
    }
    canvas.pop_clip();
    for (const LineageLine& line : lanes_.lines)
        if (std::binary_search(picked.splats.begin(), picked.splats.end(), line.life->id))
            drawn.lit_splats.push_back(line.life->id);
    react(context, pointer, frame, cycles, under, mark_under, drawn);
}

// At the right the splats that are there at the last cycle, those of the selected family first; the
// selected ones that are gone where their lines end.
void TreeLineage::draw_names(Canvas& canvas, const ViewContext& context, const Frame& frame,
                             const Axis& cycles) const {
    const Rect& plot = frame.layout.plot;
    const hsa::Snapshot& snapshot = context.snapshot;
    const auto& picked = context.session.document.selection.splats;
    for (const bool lit : {true, false})
        for (const LineageLine& line : lanes_.lines) {
            const hsa::Life& life = *line.life;
            if (is_lit(life.id) != lit) continue;
            const float y = y_of(frame, line);
            if (y > plot.max.y) continue;
            TextStyle style{lit ? context.theme.text : context.theme.secondary, Font::text, 12.0F,
                            Align::start, Align::centre};
            if (!family_.empty() && !lit) style.colour = style.colour.with_alpha(0.6F);
            if (!life.ended) {
                if (plot.max.x + 60.0F > canvas.bounds().max.x) continue;
                canvas.label({plot.max.x + 8.0F, y},
                             canvas.fit(splat_name(snapshot, life.id), style,
                                        canvas.bounds().max.x - plot.max.x - 12.0F),
                             style);
                continue;
            }
            if (!std::binary_search(picked.begin(), picked.end(), life.id)) continue;
            style.halo = context.theme.panel;
            const float x = x_of(plot, cycles, life.ended->cycle);
            if (x > plot.min.x && x < plot.max.x)
                canvas.label({x + 10.0F, y - 8.0F}, fmt::format("splat {}", life.id), style);
        }
}

std::string TreeLineage::tooltip_of(const ViewContext& context, const hsa::Life& life) const {
    const hsa::Snapshot& snapshot = context.snapshot;
    const bool there = snapshot.registry->find(life.id).has_value();
    std::string text = fmt::format("splat {} of {}", life.id, life.level);
    if (there) text += "\n" + splat_name(snapshot, life.id);
    text += life.began.event
                ? fmt::format("\ncycle {}: {}", life.began.cycle, hsa::name_of(life.began.kind))
                : "\nthere from the start";
    if (!life.began.others.empty()) text += " of " + list_of(life.began.others);
    if (life.ended) {
        text += fmt::format("\ncycle {}: {}", life.ended->cycle, hsa::name_of(life.ended->kind));
        if (!life.ended->others.empty()) text += " into " + list_of(life.ended->others);
    }
    const std::size_t before = lineage_.ancestors(life.id).size();
    const std::size_t after = lineage_.descendants(life.id).size();
    if (before + after > 0)
        text += fmt::format("\n{}, {}", counted(before, "ancestor"), counted(after, "descendant"));
    if (!there)
        text += fmt::format("\nnot there in cycle {}: a click selects its event", snapshot.cycle);
    return text;
}

void TreeLineage::react(const ViewContext& context, const Pointer& pointer, const Frame& frame,
                        const Axis& cycles, const LineageLine* under, const Mark* mark,
                        Drawn& drawn) {
    if (!pointer.inside) return;
    const Rect& plot = frame.layout.plot;
    const char* how = pointer.shift ? "add " : pointer.ctrl ? "remove " : "";
    if (mark != nullptr) {
        const hsa::Event& event = context.snapshot.history->event(mark->event);
        drawn.tooltip =
            fmt::format("cycle {}  {}\n{}", event.cycle, hsa::name_of(event.kind), event.text);
        if (pointer.clicked)
            drawn.commands.push_back(fmt::format("select.event {}{}", how, mark->event));
        return;
    }
    if (under != nullptr) {
        const hsa::Life& life = *under->life;
        drawn.tooltip = tooltip_of(context, life);
        if (!pointer.clicked) return;
        if (context.snapshot.registry->find(life.id)) {
            drawn.commands.push_back(fmt::format("select.splats {}{}", how, life.id));
            return;
        }
        const auto event = life.ended && life.ended->event ? life.ended->event : life.began.event;
        if (event) drawn.commands.push_back(fmt::format("select.event {}{}", how, *event));
        return;
    }
    if (!plot.contains(pointer.position)) return;
    const double at =
        cycles.value(static_cast<double>((pointer.position.x - plot.min.x) / plot.width()));
    const auto cycle = static_cast<std::int32_t>(std::clamp(
        std::round(at), 0.0, static_cast<double>(context.session.document.timeline.last)));
    drawn.tooltip = fmt::format("cycle {}\nclick goes there", cycle);
    if (pointer.clicked) drawn.commands.push_back(fmt::format("adapt.goto {}", cycle));
}

void TreeLineage::draw(Canvas& canvas, const ViewContext& context, const Pointer& pointer,
                       Drawn& drawn) {
    const Rect bounds = canvas.bounds();
    const bool flags = !context.session.document.timeline.marks.empty();
    const float above = kNote + (flags ? kFlags : 0.0F) + kCursor;
    lay_out(context, std::max(bounds.height() - above - kAxis - 6.0F, 20.0F));
    const Frame frame = frame_of(bounds, flags);
    const Rect& plot = frame.layout.plot;
    const Axis cycles = axis_.visible(context, pointer, plot, drawn);
    draw_axis_below(canvas, context.theme, plot, cycles, true);
    canvas.label({plot.min.x - 8.0F, plot.max.y + 8.0F}, "cycle",
                 {context.theme.secondary, Font::text, kSmallTextSize, Align::end});
    const TimelineDesk& desk = context.session.desk.timeline;
    if (desk.range_begin < desk.range_end)
        draw_range_band(canvas, context, frame.layout, cycles, {desk.range_begin, desk.range_end});
    const std::size_t folded = lanes_.folded();
    const TextStyle note{context.theme.secondary, Font::text, 12.0F, Align::start, Align::centre};
    std::string words =
        folded == 0 ? fmt::format("{} over {}", counted(lanes_.lines.size(), "splat"),
                                  counted(context.snapshot.history->cycles.size() - 1, "cycle"))
                    : fmt::format("{} of {}; {}{} folded away", count_text(lanes_.lines.size()),
                                  counted(lineage_.lives.size(), "splat"), count_text(folded),
                                  only_quiet_ ? " without events" : "");
    const float room = bounds.width() - 12.0F;
    if (folded > 0 && canvas.text_size(words, note).x > room)
        words = fmt::format("{} folded away", count_text(folded));
    canvas.text({bounds.min.x + 6.0F, bounds.min.y + 9.0F}, canvas.fit(words, note, room), note);
    draw_flags(canvas, context, frame.layout, cycles, pointer, drawn);
    draw_groups(canvas, context, frame);
    draw_lines(canvas, context, frame, cycles, pointer, drawn);
    draw_names(canvas, context, frame, cycles);
    const float x = x_of(plot, cycles, context.snapshot.cycle);
    if (x >= plot.min.x - 1.0F && x <= plot.max.x + 1.0F) {
        canvas.line({x, plot.min.y - 6.0F}, {x, plot.max.y}, context.theme.accent, 1.5F);
        canvas.polygon(
            std::array<Vec2, 3>{Vec2{x - 6.0F, plot.min.y - 14.0F},
                                Vec2{x + 6.0F, plot.min.y - 14.0F}, Vec2{x, plot.min.y - 5.0F}},
            context.theme.accent);
    }
    drawn.axes.push_back({"cycle", cycles.low, cycles.high});
}

}  // namespace splatscope
