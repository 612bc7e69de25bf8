#include "app/views/map_compare.h"

#include "app/widgets/text_lines.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <utility>

namespace splatscope {
namespace {

constexpr std::size_t kKept = 3;

// Words on the panel's colour, inside the frame. `right`, `bottom`: the corner they keep to.
void draw_mark(Canvas& canvas, const Theme& theme, const Rect& frame, const std::string& words,
               bool right, bool bottom) {
    const TextStyle style{theme.text, Font::bold, kSmallTextSize};
    const std::string fitted = canvas.fit(words, style, frame.width() - 24.0F);
    const Vec2 size = canvas.text_size(fitted, style);
    const Vec2 at{right ? frame.max.x - size.x - 12.0F : frame.min.x + 12.0F,
                  bottom ? frame.max.y - size.y - 9.0F : frame.min.y + 9.0F};
    if (!canvas.has_room(at, fitted, style)) return;
    canvas.rect({{at.x - 7.0F, at.y - 4.0F}, {at.x + size.x + 7.0F, at.y + size.y + 4.0F}},
                theme.panel.with_alpha(0.9F), 4.0F);
    (void)canvas.label(at, fitted, style);
}

}  // namespace

MapSides map_sides(const ViewContext& context) {
    MapSides sides;
    sides.mode = context.session.desk.map.compare;
    if (sides.mode == MapCompare::off || !context.snapshot.factors || !context.snapshot.history)
        return {};
    const hsa::Snapshot& snapshot = context.snapshot;
    sides.first = fmt::format("cycle {}", snapshot.cycle);
    const auto target = [&] {
        if (context.session.desk.map.statistic != hsa::Statistic::mean)
            sides.problem = "A target is known by its means alone: set map.statistic mean";
        else if (snapshot.target) sides.second = "the target";
        else
            sides.problem = "There is no target to compare with: compare.set cycle N names a cycle";
    };
    const auto cycle = [&](std::int32_t number) {
        sides.cycle = number;
        sides.second = fmt::format("cycle {}", number);
    };
    if (!snapshot.factors_exact) {
        sides.problem = "Comparing waits for the attention of every token";
        return sides;
    }
    const Compare& compare = context.session.document.compare;
    switch (compare.kind) {
        case CompareKind::none:
            if (snapshot.cycle > 0) cycle(0);
            else target();
            break;
        case CompareKind::cycle: {
            std::int32_t number = -1;
            const std::string& text = compare.argument;
            (void)std::from_chars(text.data(), text.data() + text.size(), number);
            if (number < 0 || number > snapshot.history->last())
                sides.problem = fmt::format("There is no cycle {} to compare with", text);
            else cycle(number);
            break;
        }
        case CompareKind::target: target(); break;
        case CompareKind::file:
        case CompareKind::branch:
        case CompareKind::head:
            sides.problem =
                "The map is held against a cycle or the target: compare.set cycle N, compare.set "
                "target; explain.compare answers for the rest";
            break;
    }
    if (!sides.cycle && sides.problem.empty() &&
        context.session.document.target.source == hsa::TargetSource::scores && snapshot.dataset &&
        snapshot.dataset->head)
        sides.second = "the model's own";
    return sides;
}

void want_second(const MapSides& sides, const hsa::PictureRequest& request, Drawn& drawn) {
    if (!sides.on()) return;
    if (sides.cycle) {
        drawn.second_cycle = sides.cycle;
        drawn.seconds.push_back(request);
        return;
    }
    hsa::PictureRequest whole = request;  // a target has no parts, and means alone
    whole.part = {};
    whole.statistic = hsa::Statistic::mean;
    drawn.targets.push_back(whole);
}

std::shared_ptr<const hsa::Picture> second_of(const MapSides& sides, const hsa::LookResult& look,
                                              const hsa::PictureRequest& request) {
    hsa::PictureRequest wanted = request;
    if (!sides.cycle) {
        wanted.part = {};
        wanted.statistic = hsa::Statistic::mean;
    } else if (!look.second || look.second->cycle != *sides.cycle) {
        return nullptr;
    }
    for (const auto& picture : sides.cycle ? look.seconds : look.targets)
        if (picture && picture->request == wanted) return picture;
    return nullptr;
}

BlinkState blink_state(const MapDesk& desk, double time, bool exporting) {
    if (exporting || !desk.blinking) return {desk.side == MapSide::second, 0.0};
    const double turns = time * desk.blink_rate;
    const double turn = std::floor(turns);
    return {std::fmod(turn, 2.0) >= 1.0, std::max(1e-3, (turn + 1.0 - turns) / desk.blink_rate)};
}

hsa::Picture split_picture(const hsa::Picture& first, const hsa::Picture& second) {
    hsa::Picture both = first;
    if (second.mark != hsa::Mark::exact) both.mark = second.mark;
    for (std::size_t r = 0; r < both.mean.rows(); ++r) {
        const std::size_t row = first.row_edges[r] + first.row_edges[r + 1];
        for (std::size_t c = 0; c < both.mean.cols(); ++c)
            if (row < first.column_edges[c] + first.column_edges[c + 1])
                both.mean(r, c) = second.mean(r, c);
    }
    return both;
}

hsa::Picture ratio_picture(const hsa::Picture& first, const hsa::Picture& second) {
    hsa::Picture ratio = second;
    for (std::size_t e = 0; e < ratio.mean.size(); ++e) {
        const float a = first.mean.data()[e], b = second.mean.data()[e];
        ratio.mean.data()[e] = a > 0.0F   ? b / a
                               : b > 0.0F ? std::numeric_limits<float>::max()
                                          : 1.0F;
    }
    if (first.mark != hsa::Mark::exact) ratio.mark = first.mark;
    return ratio;
}

double ratio_reach(const hsa::Picture& ratio) {
    std::vector<double> decades;
    for (std::size_t e = 0; e < ratio.mean.size(); ++e) {
        const float value = ratio.mean.data()[e];
        if (value > 0.0F && std::isfinite(value))
            decades.push_back(std::abs(std::log10(static_cast<double>(value))));
    }
    if (decades.empty()) return 1.0;
    const auto at = decades.begin() +
                    static_cast<std::ptrdiff_t>(0.995 * static_cast<double>(decades.size() - 1));
    std::nth_element(decades.begin(), at, decades.end());
    return std::clamp(*at, 0.02, 1.0);
}

std::shared_ptr<const hsa::Picture> ComparedPictures::get(
    MapCompare mode, bool second_side, const std::shared_ptr<const hsa::Picture>& first,
    const std::shared_ptr<const hsa::Picture>& second) {
    if (!second || mode == MapCompare::off || mode == MapCompare::beside) return first;
    if (mode == MapCompare::blink) return second_side ? second : first;
    for (const Entry& entry : entries_)
        if (entry.mode == mode && entry.first == first && entry.second == second) return entry.both;
    if (entries_.size() == kKept) entries_.pop_back();
    auto both = std::make_shared<const hsa::Picture>(mode == MapCompare::split
                                                         ? split_picture(*first, *second)
                                                         : ratio_picture(*first, *second));
    entries_.insert(entries_.begin(), Entry{mode, first, second, both});
    return both;
}

void draw_side_marks(Canvas& canvas, const Theme& theme, const MapFrame& frame,
                     const MapSides& sides, bool second_shown, Colour across,
                     const std::optional<Rect>& minimap) {
    const Rect& place = frame.place;
    Rect below = place;  // what is free of the upper right corner
    if (minimap && minimap->min.y < place.centre().y) below.min.y = minimap->max.y;
    if (!sides.problem.empty()) {
        draw_mark(canvas, theme, place, sides.problem, false, true);
        return;
    }
    const std::string a = "A: " + sides.first, b = "B: " + sides.second;
    switch (sides.mode) {
        case MapCompare::split: {
            const double begin = std::max(frame.viewport.rows.begin, frame.viewport.columns.begin);
            const double end = std::min(frame.viewport.rows.end, frame.viewport.columns.end);
            if (begin < end) {
                canvas.push_clip(place);
                canvas.line({frame.x(begin), frame.y(begin)}, {frame.x(end), frame.y(end)},
                            across.with_alpha(0.7F), 1.0F);
                canvas.pop_clip();
            }
            // A side that the shown part has nothing of is not named.
            if (frame.viewport.rows.end > frame.viewport.columns.begin)
                draw_mark(canvas, theme, place, a, false, true);
            if (frame.viewport.columns.end > frame.viewport.rows.begin)
                draw_mark(canvas, theme, below, b, true, false);
            break;
        }
        case MapCompare::difference:
            draw_mark(canvas, theme, place,
                      fmt::format("B: {} over A: {}", sides.second, sides.first), false, true);
            break;
        case MapCompare::blink:
            draw_mark(canvas, theme, place, second_shown ? b : a, false, true);
            break;
        case MapCompare::beside:
        case MapCompare::off: break;
    }
}

}  // namespace splatscope
