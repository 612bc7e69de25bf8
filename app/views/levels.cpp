#include "app/views/levels_layout.h"
#include "app/views/view.h"
#include "app/views/view_names.h"
#include "app/views/view_waiting.h"
#include "app/widgets/numbers.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace splatscope {
namespace {

constexpr float kTitles = 40.0F;  // above the columns: names and shares
constexpr float kUnder = 24.0F;   // below them: what the links keep
constexpr float kAdvice = 20.0F;  // and what is suggested, a line each
constexpr std::size_t kAdvised = 2;
constexpr float kNames = 150.0F;  // right of the coarsest level
constexpr float kWithNames = 420.0F;
constexpr float kBarWidth = 14.0F;
constexpr float kLabelled = 13.0F;  // height of a bar from which its name is written
constexpr double kBeyond = 1.25;    // over chance from which a band is drawn in colour
constexpr TextStyle kSmall = {{}, Font::text, 12.0F, Align::start, Align::centre};

class LevelsView final : public View {
  public:
    [[nodiscard]] std::string id() const override { return "levels"; }
    [[nodiscard]] std::string title() const override { return "Between levels"; }
    [[nodiscard]] std::string help() const override {
        return "What of a level's attention lies in which splats of the next coarser one. A bar is "
               "a splat, as high as its usage within its level; a band is as wide as the mass that "
               "passes. Bands in the colour of their level carry at least a quarter more than the "
               "usages of both splats alone would give; the rest, which any two levels share, is "
               "the pale ground.\nBelow: the information that passes, of all that could, and the "
               "share of the mass that goes to the parents of the tree.\n"
               "With a token selected: its strongest ways up, the stronger the wider, and the "
               "share "
               "of its attention that goes through each level.\n"
               "At the bottom: what speaks for other levels (levels.suggest); a click on a line "
               "makes "
               "the change.\nClick selects a splat, or "
               "the two of a band (Shift adds, Ctrl removes).";
    }
    [[nodiscard]] Place place() const override { return Place::bottom; }
    [[nodiscard]] bool applies(const ViewContext& context) const override {
        return context.snapshot.registry && context.snapshot.registry->hierarchy.size() > 1;
    }
    [[nodiscard]] std::string subtitle(const ViewContext& context) const override {
        if (!context.look.levels) return "";
        const hsa::LevelFlow& flow = *context.look.levels;
        const hsa::FlowLink* const least = flow.bottleneck();
        std::string text;
        if (least != nullptr)
            text = fmt::format("least passes from {} to {}", flow.levels[least->finer].name,
                               flow.levels[least->coarser].name);
        const hsa::TokenPaths* const paths = paths_of(context);
        if (paths != nullptr)
            text = fmt::format("\u201c{}\u201d: {} of its ways keep to the tree",
                               context.snapshot.dataset->token_text(paths->token),
                               percent_text(paths->along_tree));
        if (!flow.exact) text += fmt::format(", of {} tokens", count_text(flow.tokens));
        return text;
    }
    [[nodiscard]] Drawn draw(Canvas& canvas, const ViewContext& context,
                             const Pointer& pointer) override;

  private:
    // Of the selected token, once the look lane knows them.
    [[nodiscard]] const hsa::TokenPaths* paths_of(const ViewContext& context) const {
        const std::vector<hsa::Range>& tokens = context.session.document.selection.tokens;
        const hsa::TokenPaths* const paths = context.look.paths.get();
        const bool its = paths != nullptr && context.look.levels == flow_ && !tokens.empty() &&
                         paths->token == tokens.front().begin;
        return its ? paths : nullptr;
    }

    std::shared_ptr<const hsa::LevelFlow> flow_;
    Rect plot_;
    LevelsLayout layout_;
    std::vector<hsa::LevelSuggestion> advised_;
};

bool is_lit(const ViewContext& context, hsa::SplatId id) {
    const std::vector<hsa::SplatId>& picked = context.session.document.selection.splats;
    return std::binary_search(picked.begin(), picked.end(), id);
}

// The pale ground between two columns: all mass of the link.
void draw_ground(Canvas& canvas, const ViewContext& context, const LevelsLayout& layout,
                 std::size_t level) {
    const LevelBar& left = layout.bars[layout.first[level]];
    const LevelBar& right = layout.bars[layout.first[level + 1]];
    const LevelBar& left_last = layout.bars[layout.first[level + 1] - 1];
    const std::vector<Vec2> corners = {{left.place.max.x, left.place.min.y},
                                       {right.place.min.x, right.place.min.y},
                                       {right.place.min.x, left_last.place.max.y},
                                       {left.place.max.x, left_last.place.max.y}};
    canvas.polygon(corners, mix(context.theme.panel, context.theme.lines, 0.35F));
}

// The selected token's ways up: as opaque as their share of the strongest. Of its bars those are
// outlined.
void draw_paths(Canvas& canvas, const ViewContext& context, const hsa::TokenPaths& paths,
                const LevelsLayout& layout) {
    const auto bar_of = [&](hsa::SplatId splat) {
        return std::find_if(layout.bars.begin(), layout.bars.end(),
                            [&](const LevelBar& bar) { return bar.splat == splat; });
    };
    for (auto path = paths.paths.rbegin(); path != paths.paths.rend(); ++path) {
        const double strength = path->share / paths.paths.front().share;
        const Colour colour =
            context.theme.accent.with_alpha(0.25F + 0.75F * static_cast<float>(strength));
        for (std::size_t l = 0; l < path->splats.size(); ++l) {
            const auto bar = bar_of(path->splats[l]);
            if (bar == layout.bars.end()) break;
            canvas.rect_outline(bar->place, colour, 1.5F);
            if (l == 0) continue;
            const auto below = bar_of(path->splats[l - 1]);
            LevelBand band;
            band.from = {below->place.max.x, below->place.centre().y};
            band.to = {bar->place.min.x, bar->place.centre().y};
            canvas.polyline(band_line(band), colour, 1.0F + 3.0F * static_cast<float>(strength),
                            false);
        }
    }
}

// What a level has of attention, and of the selected token's.
std::string gate_words(const hsa::FlowLevel& level, const hsa::TokenPaths* paths, std::size_t l) {
    std::string words = fmt::format("{} of attention", percent_text(level.gate_mean));
    if (paths != nullptr && l < paths->gates.size())
        words += fmt::format(", {} of its", percent_text(paths->gates[l]));
    return words;
}

void draw_titles(Canvas& canvas, const ViewContext& context, const hsa::LevelFlow& flow,
                 const hsa::TokenPaths* paths, const LevelsLayout& layout) {
    for (std::size_t l = 0; l < flow.levels.size(); ++l) {
        const hsa::FlowLevel& level = flow.levels[l];
        const Rect bar = layout.bars[layout.first[l]].place;
        const bool first = l == 0;
        const bool last = l + 1 == flow.levels.size();
        const Align align = first ? Align::start : last ? Align::end : Align::centre;
        const float x = first ? bar.min.x : last ? bar.max.x : bar.centre().x;
        canvas.label({x, bar.min.y - 30.0F}, level.name,
                     {text_colour(context.theme, level_colour(l)), Font::bold, kSmallTextSize,
                      align, Align::centre});
        canvas.label({x, bar.min.y - 13.0F}, gate_words(level, paths, l),
                     {context.theme.secondary, Font::text, 12.0F, align, Align::centre});
    }
}

void draw_links(Canvas& canvas, const ViewContext& context, const hsa::LevelFlow& flow,
                const LevelsLayout& layout, float y) {
    const hsa::FlowLink* const least = flow.bottleneck();
    for (std::size_t l = 0; l + 1 < flow.levels.size(); ++l) {
        const hsa::FlowLink* const link = flow.link(l, l + 1);
        if (link == nullptr) continue;
        const float begin = layout.bars[layout.first[l]].place.max.x;
        const float end = layout.bars[layout.first[l + 1]].place.min.x;
        const std::string whole =
            fmt::format("{} of the information, {} along the tree", percent_text(link->kept, 0),
                        percent_text(link->along_tree.value_or(0.0), 0));
        const std::string brief = fmt::format("{} of the information", percent_text(link->kept, 0));
        const bool narrowest = link == least && flow.levels.size() > 2;
        const TextStyle style{narrowest ? context.theme.warning : context.theme.secondary,
                              Font::text, 12.0F, Align::centre, Align::centre};
        const Vec2 at = {0.5F * (begin + end), y};
        const float room = end - begin + 2.0F * kBarWidth;
        if (canvas.text_size(whole, style).x < room) canvas.label(at, whole, style);
        else if (canvas.text_size(brief, style).x < room) canvas.label(at, brief, style);
        else canvas.label(at, percent_text(link->kept, 0), style);
    }
}

// One line a suggestion, which runs its command when it is clicked.
void draw_advice(Canvas& canvas, const ViewContext& context, const Pointer& pointer,
                 std::span<const hsa::LevelSuggestion> advised, float y, Drawn& drawn) {
    const Rect bounds = canvas.bounds();
    for (std::size_t a = 0; a < advised.size(); ++a) {
        const float middle = y + kAdvice * (static_cast<float>(a) + 0.5F);
        const Rect place = {{bounds.min.x + 12.0F, middle - 0.5F * kAdvice},
                            {bounds.max.x - 12.0F, middle + 0.5F * kAdvice}};
        const bool over = pointer.inside && place.contains(pointer.position);
        TextStyle style = kSmall;
        style.colour = context.theme.accent;
        const std::string command = canvas.fit(advised[a].command, style, 0.45F * place.width());
        canvas.label({place.min.x, middle}, command, style);
        const float begin = place.min.x + canvas.text_size(command, style).x + 12.0F;
        style.colour = over ? context.theme.text : context.theme.secondary;
        canvas.label({begin, middle}, canvas.fit(advised[a].text, style, place.max.x - begin),
                     style);
        drawn.hits.push_back({"suggestion " + advised[a].command, place, advised[a].command});
        if (!over) continue;
        drawn.tooltip = advised[a].text + "\na click does it: " + advised[a].command;
        if (pointer.clicked) drawn.commands.push_back(advised[a].command);
    }
}

void draw_bars(Canvas& canvas, const ViewContext& context, const LevelsLayout& layout, float names,
               Drawn& drawn) {
    const std::size_t levels = layout.first.size() - 1;
    const float apart = layout.bars[layout.first[1]].place.min.x - layout.bars[0].place.max.x;
    for (const LevelBar& bar : layout.bars) {
        const bool lit = is_lit(context, bar.splat);
        if (lit) drawn.lit_splats.push_back(bar.splat);
        canvas.rect(bar.place, level_colour(bar.level), 0.0F);
        if (lit) {
            canvas.rect_outline(bar.place, context.theme.panel, 4.0F, 0.0F);
            canvas.rect_outline(bar.place, context.theme.accent, 2.0F, 0.0F);
        }
        drawn.hits.push_back({fmt::format("splat {}", bar.splat), bar.place,
                              fmt::format("select.splats {}", bar.splat)});
        const bool last = bar.level + 1 == levels;
        if ((bar.place.height() < kLabelled && !lit) || (last && names <= 0.0F)) continue;
        TextStyle style = kSmall;
        style.colour = lit ? context.theme.text : context.theme.secondary;
        style.halo = context.theme.panel;
        const float room = last ? names - 10.0F : std::min(140.0F, apart - 16.0F);
        const Vec2 at{bar.place.max.x + 6.0F, bar.place.centre().y};
        const std::string name = canvas.fit(splat_name(context.snapshot, bar.splat), style, room);
        if (!canvas.has_room(at, name, style)) continue;
        // Bands run behind the name, not through it.
        const float width = canvas.text_size(name, style).x;
        if (!last)
            canvas.rect({{at.x - 3.0F, at.y - 7.0F}, {at.x + width + 3.0F, at.y + 7.0F}},
                        context.theme.panel.with_alpha(0.8F), 3.0F);
        canvas.text(at, name, style);
    }
}

Drawn LevelsView::draw(Canvas& canvas, const ViewContext& context, const Pointer& pointer) {
    Drawn drawn;
    drawn.levels = true;
    const hsa::Snapshot& snapshot = context.snapshot;
    if (!snapshot.registry || !snapshot.factors) {
        draw_nothing(canvas, context, drawn);
        return drawn;
    }
    if (snapshot.registry->hierarchy.size() < 2) {
        draw_nothing(canvas, context, drawn,
                     "These splats have one level: nothing passes between levels.");
        return drawn;
    }
    const bool current = is_current(context);
    if (context.look.levels && current && flow_ != context.look.levels) {
        flow_ = context.look.levels;
        layout_ = {};
    }
    drawn.waiting = !context.look.levels || !current || (snapshot.complete && !context.look.advice);
    if (!flow_) {
        if (snapshot.error.empty())
            draw_empty_state(canvas, context.theme, drawn, "Following attention up the levels …");
        return drawn;
    }
    const Rect bounds = canvas.bounds();
    const float names = bounds.width() >= kWithNames ? kNames : 0.0F;
    if (context.look.advice && current) {
        const LevelLimits& limits = context.session.document.levels;
        advised_ = hsa::within(*context.look.advice, limits.least, limits.most);
        if (advised_.size() > kAdvised) advised_.resize(kAdvised);
    }
    const float under = kUnder + kAdvice * static_cast<float>(advised_.size());
    const Rect plot = {{bounds.min.x + 12.0F, bounds.min.y + kTitles},
                       {bounds.max.x - 12.0F - names, bounds.max.y - under}};
    if (plot.width() < 100.0F || plot.height() < 60.0F) {
        draw_empty_state(canvas, context.theme, drawn, "Make this view larger to see the levels");
        return drawn;
    }
    if (layout_.bars.empty() || !(plot == plot_)) layout_ = levels_layout(*flow_, plot, kBarWidth);
    plot_ = plot;
    drawn.mark = flow_->exact ? snapshot.factors->mark : hsa::Mark::approximate;
    for (std::size_t l = 0; l + 1 < flow_->levels.size(); ++l)
        draw_ground(canvas, context, layout_, l);
    draw_advice(canvas, context, pointer, advised_, bounds.max.y - under + kUnder, drawn);
    const LevelBand* band_under = nullptr;
    for (const LevelBand& band : layout_.bands) {
        const LevelBar& finer = layout_.bars[band.finer];
        const LevelBar& coarser = layout_.bars[band.coarser];
        const bool lit = is_lit(context, finer.splat) || is_lit(context, coarser.splat);
        if (!lit && band.over_chance < kBeyond) continue;
        const Colour colour =
            lit ? context.theme.accent.with_alpha(0.7F)
                : level_colour(finer.level)
                      .with_alpha(
                          std::clamp(0.25F + 0.3F * static_cast<float>(band.over_chance - kBeyond),
                                     0.25F, 0.8F));
        const std::vector<Vec2> line = band_line(band);
        canvas.polyline(line, colour, std::max(band.width, 0.4F), false);
        if (!pointer.inside) continue;
        for (std::size_t p = 0; p + 1 < line.size(); ++p)
            if (pointer.position.x >= line[p].x && pointer.position.x < line[p + 1].x &&
                std::abs(pointer.position.y - 0.5F * (line[p].y + line[p + 1].y)) <=
                    std::max(0.5F * band.width, 1.5F))
                band_under = &band;
    }
    const hsa::TokenPaths* const paths = paths_of(context);
    if (paths != nullptr && !paths->paths.empty()) {
        draw_paths(canvas, context, *paths, layout_);
        drawn.lit_tokens = LitTokens::Tokens{static_cast<std::uint32_t>(paths->token)};
    }
    draw_bars(canvas, context, layout_, names, drawn);
    draw_titles(canvas, context, *flow_, paths, layout_);
    draw_links(canvas, context, *flow_, layout_, plot.max.y + 13.0F);
    const auto bar_under =
        std::find_if(layout_.bars.begin(), layout_.bars.end(), [&](const LevelBar& bar) {
            return pointer.inside && bar.place.contains(pointer.position);
        });
    const char* how = pointer.shift ? "add " : pointer.ctrl ? "remove " : "";
    if (bar_under != layout_.bars.end()) {
        drawn.tooltip = fmt::format(
            "{}\n{} splat {}\n{} of the level", splat_name(snapshot, bar_under->splat),
            flow_->levels[bar_under->level].name, bar_under->splat, percent_text(bar_under->usage));
        if (pointer.clicked)
            drawn.commands.push_back(fmt::format("select.splats {}{}", how, bar_under->splat));
    } else if (band_under != nullptr) {
        const LevelBar& finer = layout_.bars[band_under->finer];
        const LevelBar& coarser = layout_.bars[band_under->coarser];
        drawn.tooltip =
            fmt::format("{} \u2192 {}\n{} of {}'s attention, {} \u00d7 what their usages give",
                        splat_name(snapshot, finer.splat), splat_name(snapshot, coarser.splat),
                        percent_text(band_under->mass), flow_->levels[finer.level].name,
                        number_text(band_under->over_chance));
        if (pointer.clicked)
            drawn.commands.push_back(
                fmt::format("select.splats {}{} {}", how, finer.splat, coarser.splat));
    }
    return drawn;
}

}  // namespace

std::unique_ptr<View> make_levels_view() { return std::make_unique<LevelsView>(); }

}  // namespace splatscope
