#include "app/views/map_marks.h"

#include "app/widgets/colour_bar.h"
#include "app/widgets/numbers.h"
#include "app/widgets/text_lines.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <string>
#include <utility>

namespace splatscope {
namespace {

constexpr float kSmallestBlock = 7.0F;
constexpr double kValueCell = 40.0;  // pixels of a cell that holds a number

Rect grown(const Rect& place, float by) {
    return {{place.min.x - by, place.min.y - by}, {place.max.x + by, place.max.y + by}};
}

// Words on a dark or light ground of their own, inside `within`.
void draw_note(Canvas& canvas, const Theme& theme, Vec2 at, std::string_view words,
               const Rect& within) {
    const TextStyle style{theme.text, Font::text, kSmallTextSize};
    const Vec2 size = canvas.text_size(words, style);
    at.x = std::clamp(at.x, within.min.x + 10.0F,
                      std::max(within.min.x + 10.0F, within.max.x - size.x - 10.0F));
    at.y = std::clamp(at.y, within.min.y + 6.0F,
                      std::max(within.min.y + 6.0F, within.max.y - size.y - 6.0F));
    canvas.rect({{at.x - 8.0F, at.y - 4.0F}, {at.x + size.x + 8.0F, at.y + size.y + 4.0F}},
                theme.panel.with_alpha(0.92F), 4.0F);
    (void)canvas.text(at, words, style);
}

}  // namespace

Rect block_place(const MapFrame& frame, const hsa::Block& block, float smallest) {
    const auto at_least = [smallest](float& low, float& high) {
        if (high - low >= smallest) return;
        const float centre = 0.5F * (low + high);
        low = centre - 0.5F * smallest;
        high = centre + 0.5F * smallest;
    };
    Rect place{{frame.x(static_cast<double>(block.columns.begin)),
                frame.y(static_cast<double>(block.rows.begin))},
               {frame.x(static_cast<double>(block.columns.end)),
                frame.y(static_cast<double>(block.rows.end))}};
    at_least(place.min.x, place.max.x);
    at_least(place.min.y, place.max.y);
    return place;
}

void draw_selected_block(Canvas& canvas, const Theme& theme, const MapFrame& frame,
                         const hsa::Block& block) {
    const Rect place = block_place(frame, block, kSmallestBlock);
    canvas.push_clip(grown(frame.place, 3.0F));
    canvas.rect_outline(grown(place, 1.0F), theme.background.with_alpha(0.7F), 4.0F, 1.0F);
    canvas.rect_outline(grown(place, 1.0F), theme.accent, 2.0F, 1.0F);
    canvas.pop_clip();
}

namespace {

LitSource lit_source(const ViewContext& context) {
    const hsa::LookResult& look = context.look;
    if (!look.linked || !look.of || look.of->dataset != context.snapshot.dataset) return {};
    const hsa::Selection& selection = look.selection;
    if (!look.asked || !selection.splats.empty() || selection.block || selection.event)
        return {look.linked, nullptr};
    return {look.linked, look.asked};
}

}  // namespace

LitAxes lit_axes(const ViewContext& context) {
    const LitSource source = lit_source(context);
    if (!source.linked) return {};
    if (!source.asked) return {source.linked->tokens, source.linked->tokens};
    const auto tokens = [](const std::vector<hsa::AskedToken>& answers) {
        std::vector<std::uint32_t> sorted;
        sorted.reserve(answers.size());
        for (const hsa::AskedToken& answer : answers) sorted.push_back(answer.token);
        std::sort(sorted.begin(), sorted.end());
        return sorted;
    };
    return {tokens(source.asked->from), tokens(source.asked->to)};
}

const LitAxes& KeptLit::of(const ViewContext& context) {
    LitSource source = lit_source(context);
    if (source_ == source) return axes_;
    source_ = std::move(source);
    axes_ = lit_axes(context);
    LitTokens::Tokens both;
    std::set_union(axes_.rows.begin(), axes_.rows.end(), axes_.columns.begin(), axes_.columns.end(),
                   std::back_inserter(both));
    tokens_ = std::move(both);
    return axes_;
}

void draw_far_links(Canvas& canvas, const Theme& theme, const MapFrame& frame,
                    const hsa::Asked& asked) {
    constexpr float kRadius = 5.0F;
    std::vector<Vec2> drawn;  // where they would lie over one another, the stronger stands for both
    const auto is_free = [&](Vec2 at) {
        return std::none_of(drawn.begin(), drawn.end(), [at](Vec2 other) {
            return std::hypot(at.x - other.x, at.y - other.y) < 1.5F * kRadius;
        });
    };
    canvas.push_clip(frame.place);
    for (const auto* links : {&asked.links_to, &asked.links_from}) {
        if (!*links) continue;
        for (const hsa::Pair& link : (*links)->pairs) {
            const Vec2 at{frame.x(static_cast<double>(link.j) + 0.5),
                          frame.y(static_cast<double>(link.i) + 0.5)};
            if (!frame.place.contains(at) || !is_free(at)) continue;
            drawn.push_back(at);
            canvas.circle_outline(at, kRadius, theme.background.with_alpha(0.8F), 3.0F);
            canvas.circle_outline(at, kRadius, theme.accent, 1.5F);
        }
    }
    canvas.pop_clip();
}

void draw_rubber_band(Canvas& canvas, const Theme& theme, const MapFrame& frame,
                      const hsa::Block& block) {
    const Rect place = block_place(frame, block, 1.0F);
    canvas.push_clip(grown(frame.place, 3.0F));
    canvas.rect(place, theme.accent.with_alpha(0.2F));
    canvas.rect_outline(place, theme.accent, 1.5F);
    canvas.pop_clip();
    const std::string size =
        fmt::format("{} × {}", count_text(block.rows.size()), count_text(block.columns.size()));
    draw_note(canvas, theme, {place.max.x + 12.0F, place.max.y + 8.0F}, size, frame.place);
}

void draw_hint(Canvas& canvas, const Theme& theme, const MapFrame& frame, const hsa::Block& block,
               std::string_view sentence) {
    const Rect place = grown(block_place(frame, block, 12.0F), 2.0F);
    canvas.rect_outline(grown(place, 1.0F), theme.background.with_alpha(0.8F), 3.0F, 2.0F);
    canvas.rect_outline(place, Colour{0xff, 0xff, 0xff}, 1.5F, 2.0F);
    const float wide = canvas.text_size(sentence, {{}, Font::text, kSmallTextSize}).x;
    // Towards the middle of the map, where there is room.
    const bool right = place.centre().x < frame.place.centre().x;
    const float x = right ? place.max.x + 16.0F : place.min.x - 16.0F - wide;
    draw_note(canvas, theme, {x, place.centre().y - 0.5F * kSmallTextSize}, sentence, frame.place);
}

void draw_cross_hairs(Canvas& canvas, const Theme& theme, const MapFrame& frame, Vec2 at,
                      std::string_view row, std::string_view column) {
    constexpr float kColumnWidth = 180.0F;
    const Colour hair = theme.text.with_alpha(0.28F);
    const Rect& place = frame.place;
    canvas.line({place.min.x - 6.0F, at.y}, {at.x - 6.0F, at.y}, hair);
    canvas.line({at.x, at.y + 6.0F}, {at.x, place.max.y + 6.0F}, hair);
    const TextStyle style{theme.text, Font::text, kSmallTextSize};
    const Rect bounds = canvas.bounds();
    const auto note = [&](std::string_view words, float width, bool beside) {
        const std::string fitted = canvas.fit(words, style, width);
        if (fitted.empty()) return;
        const Vec2 size = canvas.text_size(fitted, style);
        const float x = beside ? place.min.x - 9.0F - size.x : at.x - 0.5F * size.x;
        const Vec2 corner{std::clamp(x, bounds.min.x + 3.0F,
                                     std::max(bounds.min.x + 3.0F, bounds.max.x - size.x - 3.0F)),
                          beside ? at.y - 0.5F * size.y : place.max.y + 9.0F};
        canvas.rect({{corner.x - 3.0F, corner.y - 2.0F},
                     {corner.x + size.x + 3.0F, corner.y + size.y + 2.0F}},
                    theme.raised, 3.0F);
        (void)canvas.text(corner, fitted, style);
    };
    note(row, place.min.x - bounds.min.x - 14.0F, true);
    note(column, kColumnWidth, false);
}

void draw_cell_values(Canvas& canvas, const MapFrame& frame, const hsa::Picture& picture,
                      double tokens, const std::vector<std::uint32_t>& pixels) {
    if (frame.token_pixels() < kValueCell) return;
    const bool cells = picture.mean.rows() == picture.request.rows.size() &&
                       picture.mean.cols() == picture.request.columns.size();
    if (!cells) return;
    canvas.push_clip(frame.place);
    for (std::size_t r = 0; r < picture.mean.rows(); ++r)
        for (std::size_t c = 0; c < picture.mean.cols(); ++c) {
            const Vec2 at{frame.x(static_cast<double>(picture.column_edges[c]) + 0.5),
                          frame.y(static_cast<double>(picture.row_edges[r]) + 0.5)};
            if (!frame.place.contains(at)) continue;
            const double ratio = static_cast<double>(picture.mean(r, c)) * tokens;
            const Colour ground = colour_of_pixel(pixels[r * picture.mean.cols() + c]);
            const TextStyle style{readable_on(ground).with_alpha(0.85F), Font::mono, kSmallTextSize,
                                  Align::centre, Align::centre};
            (void)canvas.label(at, number_text(ratio, 2), style);
        }
    canvas.pop_clip();
}

}  // namespace splatscope
