#include "app/views/map_axes.h"
#include "app/views/map_pixels.h"
#include "app/views/map_viewport.h"
#include "app/views/view.h"
#include "app/views/view_names.h"
#include "app/widgets/colour_bar.h"
#include "app/widgets/numbers.h"
#include "app/widgets/text_lines.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <optional>

namespace splatscope {
namespace {

constexpr float kTitles = 20.0F;  // above the maps
constexpr float kLegend = 44.0F;  // below them, under the labels of columns
constexpr float kLabels = 78.0F;  // left of the first
constexpr float kUnder = 30.0F;   // labels of columns
constexpr float kApart = 12.0F;
constexpr double kDecades = 1.0;  // of the difference, each way

// The map of splats over that of the target: means are p / t of each pixel.
hsa::Picture ratio_of(const hsa::Picture& splats, const hsa::Picture& target) {
    hsa::Picture ratio = splats;
    for (std::size_t e = 0; e < ratio.mean.size(); ++e) {
        const float t = target.mean.data()[e];
        ratio.mean.data()[e] = t > 0.0F                       ? splats.mean.data()[e] / t
                               : splats.mean.data()[e] > 0.0F ? std::numeric_limits<float>::max()
                                                              : 1.0F;
    }
    if (target.mark != hsa::Mark::exact) ratio.mark = target.mark;
    return ratio;
}

class BesideView final : public View {
  public:
    [[nodiscard]] std::string id() const override { return "beside"; }
    [[nodiscard]] std::string title() const override { return "Target and splats"; }
    [[nodiscard]] std::string help() const override {
        return "The attention that splats are held against (of a head the model's own), what the "
               "splats give, and their ratio, all of the same tokens as the attention map shows: "
               "the colours of both are attention over uniform attention, those of the third how "
               "many times as much the splats give (purple more, orange less).\n"
               "Wheel zooms all three and the map at the pointer, a drag pans, a double click "
               "shows "
               "the whole. Click selects the block of a pixel.";
    }
    [[nodiscard]] Place place() const override { return Place::centre; }
    [[nodiscard]] bool applies(const ViewContext& context) const override {
        return context.snapshot.dataset && context.snapshot.dataset->head != nullptr;
    }
    [[nodiscard]] std::string subtitle(const ViewContext& context) const override {
        if (!context.snapshot.measures || !context.snapshot.measures->row_kl) return "";
        return fmt::format("row-KL {} nats", number_text(*context.snapshot.measures->row_kl));
    }
    [[nodiscard]] Drawn draw(Canvas& canvas, const ViewContext& context,
                             const Pointer& pointer) override;

  private:
    void take(const ViewContext& context);
    void move(const ViewContext& context, const Pointer& pointer,
              const std::array<MapFrame, 3>& frames, Drawn& drawn);

    std::shared_ptr<const hsa::Picture> splats_, target_, ratio_;
    std::shared_ptr<const hsa::Factors> factors_;
    PixelCache pixels_;
    std::optional<MapViewport> dragged_from_;
};

// Pictures of the same tokens on the same pixels, both of what is on screen.
void BesideView::take(const ViewContext& context) {
    if (!context.look.of || context.look.of->factors != context.snapshot.factors) return;
    for (const auto& target : context.look.targets)
        for (const auto& splats : context.look.pictures) {
            if (!splats || !target || splats->request != target->request) continue;
            if (splats_ == splats && target_ == target) return;
            splats_ = splats;
            target_ = target;
            factors_ = context.snapshot.factors;
            ratio_ = std::make_shared<const hsa::Picture>(ratio_of(*splats, *target));
        }
}

void BesideView::move(const ViewContext& context, const Pointer& pointer,
                      const std::array<MapFrame, 3>& frames, Drawn& drawn) {
    const std::size_t n = context.snapshot.dataset->size();
    for (const MapFrame& frame : frames) {
        const auto x =
            static_cast<double>((pointer.position.x - frame.place.min.x) / frame.place.width());
        const auto y =
            static_cast<double>((pointer.position.y - frame.place.min.y) / frame.place.height());
        if (pointer.pressed[0] && frame.place.contains(pointer.press_position))
            dragged_from_ = frame.viewport;
        if (!frame.place.contains(pointer.position)) continue;
        if (pointer.inside && pointer.wheel != 0.0F) {
            const double step = pointer.ctrl ? 1.05 : pointer.shift ? 1.8 : 1.25;
            drawn.commands.push_back(
                frame.viewport.zoomed(std::pow(step, static_cast<double>(pointer.wheel)), x, y, n)
                    .command(n));
        }
        if (pointer.double_clicked) drawn.commands.emplace_back("map.view");
        else if (pointer.clicked && splats_) {
            const double row = frame.row_at(pointer.position.y);
            const double column = frame.column_at(pointer.position.x);
            const auto block = [](const std::vector<std::size_t>& edges, double at) {
                const auto after =
                    std::upper_bound(edges.begin(), edges.end(), static_cast<std::size_t>(at));
                const auto end = after == edges.end() ? after - 1 : after;
                return hsa::Range{*(end - 1), *end};
            };
            drawn.commands.push_back(
                fmt::format("select.block {} {}", range_argument(block(splats_->row_edges, row)),
                            range_argument(block(splats_->column_edges, column))));
        }
    }
    if (!dragged_from_) return;
    const double cell = frames[0].token_pixels();
    if (pointer.released[0] && !pointer.clicked)
        drawn.commands.push_back(
            dragged_from_
                ->panned(-static_cast<double>(pointer.position.x - pointer.press_position.x) / cell,
                         -static_cast<double>(pointer.position.y - pointer.press_position.y) / cell,
                         n)
                .command(n));
    if (!pointer.down[0]) dragged_from_.reset();
}

Drawn BesideView::draw(Canvas& canvas, const ViewContext& context, const Pointer& pointer) {
    Drawn drawn;
    const hsa::Snapshot& snapshot = context.snapshot;
    const Theme& theme = context.theme;
    if (!applies(context) || !snapshot.factors || !snapshot.target || !snapshot.sums) {
        const bool coming = !context.session.document.sources.empty() && !snapshot.complete &&
                            snapshot.error.empty();
        draw_empty_state(canvas, theme,
                         coming || !snapshot.dataset
                             ? nothing_yet(snapshot)
                             : "Open a head of a model: its own attention stands here beside what "
                               "splats make of it");
        drawn.waiting = coming;
        return drawn;
    }
    const std::size_t n = snapshot.dataset->size();
    const MapViewport viewport = MapViewport::of(context.session.desk.map, n);
    const Rect bounds = canvas.bounds();
    const float room = (bounds.width() - kLabels - 8.0F - 2.0F * kApart) / 3.0F;
    const float height = bounds.height() - kTitles - kUnder - kLegend;
    const float side = std::max(8.0F, std::min(room, height));
    std::array<MapFrame, 3> frames;
    const float top = bounds.min.y + kTitles + std::max(0.0F, 0.4F * (height - side));
    for (std::size_t m = 0; m < 3; ++m) {
        const float left = bounds.min.x + kLabels + static_cast<float>(m) * (side + kApart);
        frames[m] = {viewport, {{left, top}, {left + side, top + side}}};
    }
    if (!context.exporting) move(context, pointer, frames, drawn);

    const auto pixels = static_cast<std::size_t>(std::max(1.0F, side * context.scale));
    const auto range = [&](const VisibleTokens& tokens) {
        const auto begin = static_cast<std::size_t>(std::max(0.0, std::floor(tokens.begin)));
        const auto end = static_cast<std::size_t>(std::max(1.0, std::ceil(tokens.end)));
        return hsa::Range{std::min(begin, n - 1), std::min(std::max(end, begin + 1), n)};
    };
    hsa::PictureRequest request;
    request.rows = range(viewport.rows);
    request.columns = range(viewport.columns);
    request.height = std::min(pixels, request.rows.size());
    request.width = std::min(pixels, request.columns.size());
    drawn.pictures.push_back(request);
    drawn.targets.push_back(request);
    take(context);
    const bool current = splats_ && splats_->request == request && factors_ == snapshot.factors;
    drawn.waiting = !current && snapshot.error.empty();
    drawn.animating = drawn.waiting;

    const AttentionColours colours =
        pixels_.colours(context.session.desk.map, theme, splats_, static_cast<double>(n));
    AttentionColours apart = colours;
    apart.map = ColourMapName::puor;
    apart.low = -kDecades;
    apart.high = kDecades;
    apart.tokens = 1.0;
    const std::array<std::shared_ptr<const hsa::Picture>, 3> shown = {target_, splats_, ratio_};
    const bool of_file = context.session.document.target.source == hsa::TargetSource::file;
    const std::array<const char*, 3> titles = {of_file ? "the target" : "the model's own", "splats",
                                               "splats over the model's own"};
    const TextStyle title{theme.text, Font::text, kSmallTextSize, Align::centre, Align::end};
    for (std::size_t m = 0; m < 3; ++m) {
        const MapFrame& frame = frames[m];
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
                           canvas.fit(titles[m], title, side), title);
    }
    draw_map_axes(canvas, theme, frames[0], *snapshot.dataset,
                  readable_on(colour_at(colours.map, 0.5)), kLabels - 4.0F, kUnder);
    const float bar_top = frames[0].place.max.y + kUnder + 4.0F;
    const float bar_width = std::min(200.0F, side);
    const auto bar = [&](const MapFrame& frame, ColourMapName map, const Axis& axis,
                         std::string_view caption) {
        const float left = frame.place.min.x;
        draw_colour_bar(canvas, theme, {{left, bar_top}, {left + bar_width, bar_top + 8.0F}},
                        colour_table(map), axis, side > 330.0F ? caption : "");
    };
    bar(frames[0], colours.map, colours.axis(), "attention / uniform (log)");
    bar(frames[2], apart.map,
        {std::pow(10.0, apart.low), std::pow(10.0, apart.high), AxisScale::logarithmic},
        "times as much (log)");
    for (std::size_t m = 0; m < 3; ++m)
        drawn.hits.push_back({fmt::format("beside {}", m), frames[m].place, ""});
    drawn.axes = {{"rows", viewport.rows.begin, viewport.rows.end},
                  {"columns", viewport.columns.begin, viewport.columns.end}};
    if (ratio_) drawn.mark = ratio_->mark;
    return drawn;
}

}  // namespace

std::unique_ptr<View> make_beside_view() { return std::make_unique<BesideView>(); }

}  // namespace splatscope
