#include "app/views/distributions_scatter.h"
#include "app/views/distributions_things.h"
#include "app/views/view.h"
#include "app/views/view_waiting.h"
#include "app/widgets/axis.h"
#include "app/widgets/chips.h"
#include "app/widgets/numbers.h"
#include "app/widgets/sign.h"
#include "engine/explain/tokens.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <utility>

namespace splatscope {
namespace {

constexpr float kLit = 0.34F;         // share of a bar's width that what is lit takes
constexpr float kSign = 6.0F;         // of a level within its part of a bar ...
constexpr float kLeastSigned = 9.0F;  // ... that is so large
constexpr float kChooser = 208.0F;    // width of the list of properties at the left
constexpr float kRow = 20.0F;
constexpr float kUpward = 18.0F;  // of a name's width, for what puts it upwards

class DistributionsView : public View {
  public:
    [[nodiscard]] std::string id() const override { return "distributions"; }
    [[nodiscard]] std::string title() const override { return "Distributions"; }
    [[nodiscard]] std::string help() const override {
        return "How a property of the splats or of the tokens is distributed: counts in equal "
               "steps (of the logarithm when the axis is logarithmic). "
               "Splats are stacked by level in their colours, with the sign of each level in its "
               "part or, where that is low, above the bar; what is lit elsewhere is drawn in "
               "the selection's colour. With a second property (distributions.against) both are "
               "drawn against each other: splats as the signs of their levels, tokens as dots or, "
               "where there are many, counted in cells.\nDrag over the bars to select "
               "what they hold (Shift adds), or over the scatter (Ctrl takes away) or click in it; "
               "click a name at the left for another property, the arrow beside it to have it "
               "upwards.";
    }
    [[nodiscard]] Place place() const override { return Place::bottom; }
    [[nodiscard]] std::vector<std::string> settings() const override {
        return {"distributions.property", "distributions.against", "distributions.logarithmic"};
    }
    [[nodiscard]] std::string subtitle(const ViewContext& context) const override {
        const std::string& name = context.session.desk.distributions.property;
        const std::size_t dot = name.find('.');
        if (dot == std::string::npos) return name;
        const bool logarithmic = context.session.desk.distributions.logarithmic;
        const std::string& against = context.session.desk.distributions.against;
        if (const std::size_t other = against.find('.'); other != std::string::npos)
            return fmt::format("{} against {} of {}s{}", against.substr(other + 1),
                               name.substr(dot + 1), name.substr(0, dot),
                               logarithmic ? " \u00b7 logarithmic" : "");
        return fmt::format("{} of {}s{}", name.substr(dot + 1), name.substr(0, dot),
                           logarithmic ? " \u00b7 steps of the logarithm" : "");
    }

    [[nodiscard]] Drawn draw(Canvas& canvas, const ViewContext& context,
                             const Pointer& pointer) override {
        Drawn drawn;
        const hsa::Snapshot& snapshot = context.snapshot;
        if (!snapshot.factors || !snapshot.measures || !snapshot.registry ||
            !snapshot.coordinates || snapshot.measures->usage.size() != snapshot.registry->size()) {
            drop();
            draw_nothing(canvas, context, drawn);
            return drawn;
        }
        update(context);
        const Rect bounds = canvas.bounds();
        const bool room = bounds.width() > 420.0F;
        if (room) draw_chooser(canvas, context, pointer, drawn);
        const float left = bounds.min.x + (room ? kChooser : 0.0F) + 52.0F;
        const Rect plot = {{left, bounds.min.y + 26.0F},
                           {std::max(bounds.max.x - 16.0F, left + 40.0F),
                            std::max(bounds.max.y - 42.0F, bounds.min.y + 40.0F)}};
        const DistributionsDesk& desk = context.session.desk.distributions;
        const hsa::Property* property = named(desk.property);
        const hsa::Property* against = named(desk.against);
        const bool two_kinds = against != nullptr && kind_of(desk.against) != things_of(context);
        if (property == nullptr || two_kinds || (against == nullptr && !desk.against.empty())) {
            const std::string& unknown = property == nullptr ? desk.property : desk.against;
            const std::string sentence =
                two_kinds ? "A splat's property has no partner among those of tokens: choose two "
                            "of one kind."
                          : fmt::format("There is no property {}: choose one.", unknown);
            const TextStyle style{context.theme.secondary, Font::text, kTextSize, Align::centre,
                                  Align::centre};
            drop();
            canvas.text(plot.centre(), canvas.fit(sentence, style, plot.width()), style);
            return drawn;
        }
        if (against != nullptr) {
            from_.reset();
            scatter_.draw(canvas, context, pointer,
                          {*property, *against, things_of(context), desk.logarithmic, version_},
                          plot, drawn);
            const bool levels = of_splats(context) && snapshot.registry->hierarchy.size() > 1;
            if (!draw_key(canvas, context, plot, levels, any_lit(context)) && room)
                draw_key_at_foot(canvas, context);
        } else {
            scatter_.drop();
            draw_histogram(canvas, context, pointer, *property, plot, drawn);
        }
        if (of_splats(context)) {
            const std::vector<std::uint8_t> lit =
                lit_things(context, Counted::splats, snapshot.registry->size());
            for (std::size_t s = 0; s < lit.size(); ++s)
                if (lit[s] != 0) drawn.lit_splats.push_back(snapshot.registry->id[s]);
        } else if (context.look.linked) {
            drawn.lit_tokens = context.look.linked;
        }
        drawn.mark = mark_of_attention(snapshot);
        return drawn;
    }

  private:
    // What is dragged over is not there any more.
    void drop() {
        scatter_.drop();
        from_.reset();
    }

    static Counted kind_of(const std::string& name) {
        return name.starts_with("splat.") ? Counted::splats : Counted::tokens;
    }
    static Counted things_of(const ViewContext& context) {
        return kind_of(context.session.desk.distributions.property);
    }
    static bool of_splats(const ViewContext& context) {
        return things_of(context) == Counted::splats;
    }

    static bool any_lit(const ViewContext& context) {
        const hsa::Selection& selection = context.session.document.selection;
        const hsa::Linked* linked = context.look.linked.get();
        if (of_splats(context))
            return !selection.splats.empty() || (linked != nullptr && !linked->splats.empty());
        return !selection.tokens.empty() || (linked != nullptr && !linked->tokens.empty());
    }

    void update(const ViewContext& context) {
        if (factors_ == context.snapshot.factors && measures_ == context.snapshot.measures) return;
        factors_ = context.snapshot.factors;
        measures_ = context.snapshot.measures;
        const hsa::Snapshot& snapshot = context.snapshot;
        splats_ = hsa::splat_properties(*snapshot.registry, *snapshot.measures,
                                        snapshot.parent_share
                                            ? std::span<const float>(*snapshot.parent_share)
                                            : std::span<const float>());
        // The rows of a sample are no tokens: those of before stay, where the data are the same.
        if (snapshot.factors_exact || tokens_of_ != snapshot.dataset)
            tokens_ = hsa::token_properties(*snapshot.factors, *snapshot.coordinates);
        tokens_of_ = snapshot.dataset;
        ++version_;
    }

    // "splat.usage"; null where there is none of that name.
    [[nodiscard]] const hsa::Property* named(const std::string& name) const {
        for (const hsa::Property& property : kind_of(name) == Counted::splats ? splats_ : tokens_)
            if (name.ends_with("." + property.name)) return &property;
        return nullptr;
    }

    void draw_chooser(Canvas& canvas, const ViewContext& context, const Pointer& pointer,
                      Drawn& drawn) const {
        const Rect bounds = canvas.bounds();
        const float half = 0.5F * kChooser;
        const auto column = [&](const std::vector<hsa::Property>& properties, const char* kind,
                                float x) {
            float y = bounds.min.y + 6.0F;
            canvas.text({x, y}, kind,
                        {context.theme.secondary, Font::bold, 12.0F, Align::start, Align::start});
            y += 17.0F;
            const float step =
                std::min(kRow, (bounds.max.y - y - 2.0F) /
                                   static_cast<float>(std::max<std::size_t>(properties.size(), 1)));
            for (const hsa::Property& property : properties) {
                if (step < 13.0F && y + 14.0F > bounds.max.y) break;
                const std::string name = std::string(kind) + "." + property.name;
                const DistributionsDesk& desk = context.session.desk.distributions;
                const bool is_chosen = desk.property == name;
                const bool is_upward = desk.against == name;
                const TextStyle style{is_chosen ? context.theme.accent : context.theme.text,
                                      is_chosen ? Font::bold : Font::text, 12.0F, Align::start,
                                      Align::start};
                const Rect place = canvas.text(
                    {x, y}, canvas.fit(property.name, style, half - kUpward - 6.0F), style);
                const float end = x + half - 6.0F;
                const Hit along{name,
                                {place.min, {end - kUpward, place.max.y}},
                                fmt::format("set distributions.property \"{}\"", name)};
                const Hit upward{"against " + name,
                                 {{end - kUpward, place.min.y}, {end, place.max.y}},
                                 is_upward ? std::string("reset distributions.against")
                                           : fmt::format("set distributions.against \"{}\"", name)};
                // An arrow beside those that can go upwards beside the one that is chosen.
                const bool pairs = !is_chosen && kind_of(name) == things_of(context);
                if (pairs && (is_upward || !context.exporting))
                    canvas.marker(Marker::triangle, upward.place.centre(), 8.0F,
                                  is_upward ? context.theme.accent
                                            : context.theme.secondary.with_alpha(0.55F));
                const std::string what =
                    property.help + (property.unit.empty() ? "" : " (" + property.unit + ")");
                const auto offer = [&](const Hit& hit, const std::string& words, bool keeps) {
                    drawn.hits.push_back(hit);
                    if (!pointer.inside || !hit.place.contains(pointer.position)) return;
                    drawn.tooltip = words;
                    if (!pointer.clicked) return;
                    drawn.commands.push_back(hit.command);
                    // What has no partner any more, or would be its own.
                    if (!keeps) drawn.commands.emplace_back("reset distributions.against");
                };
                offer(
                    along, what,
                    desk.against.empty() || (!is_upward && kind_of(desk.against) == kind_of(name)));
                if (pairs)
                    offer(upward,
                          is_upward ? "counts of " + desk.property + " alone"
                                    : property.name + " upwards, against " + desk.property,
                          true);
                y += step;
            }
        };
        column(splats_, "splat", bounds.min.x + 8.0F);
        column(tokens_, "token", bounds.min.x + 8.0F + half);
    }

    void draw_histogram(Canvas& canvas, const ViewContext& context, const Pointer& pointer,
                        const hsa::Property& property, const Rect& plot, Drawn& drawn) {
        const bool logarithmic = context.session.desk.distributions.logarithmic;
        double low = std::numeric_limits<double>::infinity();
        double high = -low;
        std::size_t left_out = 0;
        for (const float stored : property.values) {
            const auto value = static_cast<double>(stored);
            if (!std::isfinite(value) || (logarithmic && value <= 0.0)) {
                ++left_out;
                continue;
            }
            low = std::min(low, value);
            high = std::max(high, value);
        }
        const TextStyle quiet{context.theme.secondary, Font::text, kSmallTextSize, Align::end,
                              Align::start};
        if (!(high >= low)) {
            drop();
            canvas.text(
                plot.centre(), "nothing to count here",
                {context.theme.secondary, Font::text, kTextSize, Align::centre, Align::centre});
            return;
        }
        if (high == low) {
            low -= 0.5 * std::max(std::abs(low), 1.0);
            high += 0.5 * std::max(std::abs(high), 1.0);
            if (logarithmic) low = high / 10.0;
        }
        const Axis across{low, high, logarithmic ? AxisScale::logarithmic : AxisScale::linear};
        const std::size_t bins = std::clamp<std::size_t>(
            static_cast<std::size_t>(3.0 * std::cbrt(static_cast<double>(property.values.size()))),
            12, 64);
        const std::size_t levels =
            of_splats(context) ? context.snapshot.registry->hierarchy.size() : 1;
        std::vector<std::size_t> counts(bins * levels, 0);
        const std::vector<std::uint8_t> lit =
            lit_things(context, things_of(context), property.values.size());
        std::vector<std::size_t> lit_counts(bins, 0);
        std::vector<std::vector<std::size_t>> members(bins);
        for (std::size_t t = 0; t < property.values.size(); ++t) {
            const auto value = static_cast<double>(property.values[t]);
            if (!std::isfinite(value) || (logarithmic && value <= 0.0)) continue;
            const auto bin =
                std::min(bins - 1, static_cast<std::size_t>(std::max(0.0, across.place(value)) *
                                                            static_cast<double>(bins)));
            ++counts[bin * levels + (levels > 1 ? context.snapshot.registry->level[t] : 0)];
            members[bin].push_back(t);
            lit_counts[bin] += lit[t];
        }
        std::size_t most = 1;
        for (const auto& bin : members) most = std::max(most, bin.size());
        // Room above the highest bar for the signs of its narrow parts.
        const double above =
            levels > 1 ? 1.0 + static_cast<double>((kSign + 4.0F) / std::max(plot.height(), 40.0F))
                       : 1.05;
        const Axis upward{0.0, above * static_cast<double>(most), AxisScale::integer};
        draw_axis_left(canvas, context.theme, plot, upward, true,
                       of_splats(context) ? "splats" : "tokens");
        draw_axis_below(canvas, context.theme, plot, across, false,
                        property.name + (property.unit.empty() ? "" : ", " + property.unit));
        const bool any_lit = std::any_of(lit_counts.begin(), lit_counts.end(),
                                         [](std::size_t count) { return count > 0; });
        (void)draw_key(canvas, context, plot, levels > 1, any_lit);
        const float width = plot.width() / static_cast<float>(bins);
        const auto height = [&](std::size_t count) {
            return plot.height() * static_cast<float>(upward.place(static_cast<double>(count)));
        };
        for (std::size_t b = 0; b < bins; ++b) {
            const float x = plot.min.x + width * static_cast<float>(b);
            float y = plot.max.y;
            std::vector<std::size_t> narrow;  // levels
            for (std::size_t l = 0; l < levels; ++l) {
                const float h = height(counts[b * levels + l]);
                if (h <= 0.0F) continue;
                const Colour colour = levels > 1 ? level_colour(l) : context.theme.secondary;
                canvas.rect({{x + 0.5F, y - h}, {x + width - 0.5F, y}},
                            mix(colour, context.theme.panel, 0.15F), 0.0F);
                if (levels > 1 && std::min(h, width) >= kLeastSigned)
                    draw_sign(
                        canvas,
                        {x + (lit_counts[b] > 0 ? 0.5F + 0.5F * kLit : 0.5F) * width, y - 0.5F * h},
                        {context.theme.panel, level_shape(l)}, kSign);
                else if (levels > 1) narrow.push_back(l);
                y -= h;
            }
            draw_narrow(canvas, context.theme, {x + 0.5F * width, y}, width, plot.min.y, narrow);
            // Narrower and with an edge: the selection's colour is nearly that of a level.
            if (lit_counts[b] > 0) {
                const Rect bar{{x + 0.5F, plot.max.y - height(lit_counts[b])},
                               {x + std::max(kLit * width, 2.0F), plot.max.y}};
                canvas.rect({{bar.min.x, bar.min.y - 1.0F}, {bar.max.x + 1.0F, bar.max.y}},
                            context.theme.panel, 0.0F);
                canvas.rect(bar, context.theme.accent, 0.0F);
            }
        }
        if (left_out > 0)
            canvas.label({plot.max.x, plot.min.y + 2.0F},
                         fmt::format("{} without a value", count_text(left_out)), quiet);
        react(canvas, context, pointer, plot, across, members, drawn);
        drawn.axes.push_back({"x", low, high});
    }

    // Above a bar the signs of its parts that have no room for theirs: side by side where they have
    // room there, else one above the other.
    static void draw_narrow(Canvas& canvas, const Theme& theme, Vec2 top, float width, float least,
                            const std::vector<std::size_t>& levels) {
        constexpr float kStep = kSign + 1.0F;
        const auto count = static_cast<float>(levels.size());
        const bool beside = count * kStep <= width;
        Vec2 at = {beside ? top.x - 0.5F * (count - 1.0F) * kStep : top.x,
                   top.y - 0.5F * kSign - 2.0F};
        for (const std::size_t level : levels) {
            if (at.y - 0.5F * kSign < least) return;
            draw_sign(canvas, at,
                      {mix(level_colour(level), theme.panel, 0.15F), level_shape(level)}, kSign);
            (beside ? at.x : at.y) += beside ? kStep : -kStep;
        }
    }

    // What is lit and the signs of the levels, above the plot at the right, finest first; false
    // where these have no room.
    static bool draw_key(Canvas& canvas, const ViewContext& context, const Rect& plot, bool levels,
                         bool lit) {
        if (!canvas.shows(Part::legend)) return true;
        const hsa::Hierarchy& hierarchy = context.snapshot.registry->hierarchy;
        const TextStyle style{context.theme.secondary, Font::text, kSmallTextSize, Align::end,
                              Align::centre};
        float x = plot.max.x;
        const float y = plot.min.y - 13.0F;
        const auto entry = [&](const std::string& name, const Sign& sign) {
            // A text of the same width with the sign before it.
            if (!canvas.has_room({x, y}, "mm" + name, style)) return;
            canvas.text({x, y}, name, style);
            x -= canvas.text_size(name, style).x + 6.0F;
            draw_sign(canvas, {x - 5.0F, y}, sign, 10.0F);
            x -= 24.0F;
        };
        // All of them or none: a few would say that there are no others.
        std::string all;
        for (const hsa::Level& level : hierarchy.levels) all += "mmm" + level.name;
        const std::string words = "selected or linked";
        const bool fit = levels && canvas.has_room({x, y}, all, style);
        const bool both = !levels || canvas.has_room({x, y}, all + "mmm" + words, style);
        if (lit && (both || !fit)) entry(words, Sign(context.theme.accent));
        for (std::size_t l = hierarchy.size(); fit && l-- > 0;)
            entry(hierarchy.levels[l].name,
                  {mix(level_colour(l), context.theme.panel, 0.15F), level_shape(l)});
        return fit || !levels;
    }

    // The same of the levels alone, below the list of properties.
    static void draw_key_at_foot(Canvas& canvas, const ViewContext& context) {
        constexpr float kEntry = 18.0F;
        const hsa::Hierarchy& hierarchy = context.snapshot.registry->hierarchy;
        const TextStyle style{context.theme.secondary, Font::text, kSmallTextSize, Align::start,
                              Align::centre};
        const float left = canvas.bounds().min.x + 13.0F;
        float y = canvas.bounds().max.y - 12.0F - kEntry * static_cast<float>(hierarchy.size() - 1);
        for (std::size_t l = 0; l < hierarchy.size(); ++l, y += kEntry)
            if (canvas.label({left + 11.0F, y}, hierarchy.levels[l].name, style))
                draw_sign(canvas, {left, y}, {level_colour(l), level_shape(l)}, 10.0F);
    }

    void react(Canvas& canvas, const ViewContext& context, const Pointer& pointer, const Rect& plot,
               const Axis& across, const std::vector<std::vector<std::size_t>>& members,
               Drawn& drawn) {
        const auto bin_at = [&](float x) {
            const float place = std::clamp((x - plot.min.x) / plot.width(), 0.0F, 0.9999F);
            return static_cast<std::size_t>(place * static_cast<float>(members.size()));
        };
        if (pointer.pressed[0] && plot.contains(pointer.position)) from_ = pointer.position.x;
        if (!pointer.down[0] && !pointer.released[0]) from_.reset();  // let go while it was hidden
        if (from_) {
            const std::size_t a = std::min(bin_at(*from_), bin_at(pointer.position.x));
            const std::size_t b = std::max(bin_at(*from_), bin_at(pointer.position.x));
            const float width = plot.width() / static_cast<float>(members.size());
            canvas.rect({{plot.min.x + width * static_cast<float>(a), plot.min.y},
                         {plot.min.x + width * static_cast<float>(b + 1), plot.max.y}},
                        context.theme.accent.with_alpha(0.18F), 0.0F);
            drawn.animating = true;
            if (pointer.down[0]) return;
            from_.reset();
            select(context, pointer.shift, members, a, b, drawn);
            return;
        }
        if (!pointer.inside || !plot.contains(pointer.position)) return;
        const std::size_t bin = bin_at(pointer.position.x);
        const auto step = 1.0 / static_cast<double>(members.size());
        drawn.tooltip =
            fmt::format("{} to {}\n{}", number_text(across.value(static_cast<double>(bin) * step)),
                        number_text(across.value(static_cast<double>(bin + 1) * step)),
                        counted(members[bin].size(), of_splats(context) ? "splat" : "token"));
    }

    static void select(const ViewContext& context, bool add,
                       const std::vector<std::vector<std::size_t>>& members, std::size_t first,
                       std::size_t last, Drawn& drawn) {
        std::vector<std::size_t> things;
        for (std::size_t b = first; b <= last; ++b)
            things.insert(things.end(), members[b].begin(), members[b].end());
        if (things.empty()) return;
        drawn.commands.push_back(
            selecting_line(context, things_of(context), add ? "add " : "", std::move(things)));
    }

    std::shared_ptr<const hsa::Factors> factors_;
    std::shared_ptr<const hsa::Measures> measures_;
    std::vector<hsa::Property> splats_;
    std::vector<hsa::Property> tokens_;
    std::shared_ptr<const hsa::Dataset> tokens_of_;
    std::uint64_t version_ = 0;  // of these values
    std::optional<float> from_;
    Scatter scatter_;
};

}  // namespace

std::unique_ptr<View> make_distributions_view() { return std::make_unique<DistributionsView>(); }

}  // namespace splatscope
