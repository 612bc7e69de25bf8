#include "app/views/tree_layout.h"
#include "app/views/view.h"
#include "app/views/view_names.h"
#include "app/widgets/colour_bar.h"
#include "app/widgets/numbers.h"
#include "app/widgets/text_lines.h"
#include "engine/explain/tokens.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>

namespace splatscope {
namespace {

constexpr float kNames = 70.0F;     // room for level names at the right
constexpr float kTwoLines = 32.0F;  // a name and a share below it

class TreeView : public View {
  public:
    [[nodiscard]] std::string id() const override { return "tree"; }
    [[nodiscard]] std::string title() const override { return "Hierarchy"; }
    [[nodiscard]] std::string help() const override {
        return "The splats by level, coarsest above. Width (icicle) or size (nodelink) is usage: "
               "the mean share of attention that goes through a splat. "
               "A splat stands under its parent, the one above with the largest overlap; the "
               "edge's strength is that overlap.\nColour is the level, or a "
               "measure of the splats.\nClick selects (Shift adds, Ctrl removes), double click "
               "folds the children away, a click on a level's name mutes it: "
               "the others then share the attention.";
    }
    [[nodiscard]] Place place() const override { return Place::right_middle; }
    [[nodiscard]] std::vector<std::string> settings() const override {
        return {"tree.form", "tree.colour"};
    }
    [[nodiscard]] std::string subtitle(const ViewContext& context) const override {
        const TreeDesk& desk = context.session.desk.tree;
        return std::string("size = usage") +
               (desk.colour == "level" ? "" : ", colour = " + desk.colour);
    }

    [[nodiscard]] Drawn draw(Canvas& canvas, const ViewContext& context,
                             const Pointer& pointer) override {
        Drawn drawn;
        const hsa::Snapshot& snapshot = context.snapshot;
        if (!snapshot.registry || !snapshot.measures) {
            draw_empty_state(canvas, context.theme, nothing_yet(snapshot));
            drawn.waiting = !context.session.document.sources.empty() && snapshot.error.empty();
            return drawn;
        }
        const Rect bounds = canvas.bounds();
        const Rect plot = {{bounds.min.x + 4.0F, bounds.min.y + 6.0F},
                           {bounds.max.x - kNames - 4.0F, bounds.max.y - 8.0F}};
        const bool icicle = context.session.desk.tree.form == TreeForm::icicle;
        const std::vector<TreeNode> nodes =
            tree_layout(*snapshot.registry, snapshot.measures->usage,
                        context.session.desk.tree.collapsed, plot);
        const std::vector<Colour> colours = node_colours(context, nodes);
        if (!icicle) draw_edges(canvas, context, nodes);
        const TreeNode* under = nullptr;
        for (std::size_t i = 0; i < nodes.size(); ++i) {
            const TreeNode& node = nodes[i];
            const bool lit = is_lit(context, node.id);
            if (lit) drawn.lit_splats.push_back(node.id);
            if (icicle) draw_cell(canvas, context, node, colours[i], lit);
            else draw_node(canvas, context, node, colours[i], lit);
            const Rect place = icicle ? node.cell
                                      : Rect{{node.point.x - 6.0F, node.point.y - 6.0F},
                                             {node.point.x + 6.0F, node.point.y + 6.0F}};
            drawn.hits.push_back({fmt::format("splat {}", node.id), place,
                                  fmt::format("select.splats {}", node.id)});
            if (pointer.inside && place.contains(pointer.position)) under = &nodes[i];
        }
        for (std::size_t i = 0; i < nodes.size(); ++i)
            if (icicle && is_lit(context, nodes[i].id))
                canvas.rect_outline(nodes[i].cell, context.theme.accent, 2.0F, 0.0F);
        draw_level_names(canvas, context, pointer, plot, drawn);
        if (under != nullptr) react(context, pointer, *under, drawn);
        return drawn;
    }

  private:
    static bool is_lit(const ViewContext& context, hsa::SplatId id) {
        const std::vector<hsa::SplatId>& picked = context.session.document.selection.splats;
        return std::binary_search(picked.begin(), picked.end(), id) ||
               (context.look.linked && std::binary_search(context.look.linked->splats.begin(),
                                                          context.look.linked->splats.end(), id));
    }

    static std::vector<Colour> node_colours(const ViewContext& context,
                                            const std::vector<TreeNode>& nodes) {
        std::vector<Colour> colours;
        const hsa::Snapshot& snapshot = context.snapshot;
        const std::string& wanted = context.session.desk.tree.colour;
        const std::vector<double> values =
            wanted == "level" ? std::vector<double>() : splat_values(context, wanted);
        double low = 0.0;
        double high = 0.0;
        bool any = false;
        for (const double value : values) {
            if (!std::isfinite(value)) continue;
            low = any ? std::min(low, value) : value;
            high = any ? std::max(high, value) : value;
            any = true;
        }
        for (std::size_t i = 0; i < nodes.size(); ++i) {
            if (!any) {
                // Neighbours of one level differ a little, so that cells can be told apart.
                const float shade = nodes[i].order % 2 == 0 ? 0.12F : 0.3F;
                colours.push_back(mix(level_colour(nodes[i].level), context.theme.panel, shade));
                continue;
            }
            const double value = values[snapshot.registry->row(nodes[i].id)];
            colours.push_back(std::isfinite(value)
                                  ? colour_at(context.session.desk.map.colours,
                                              high > low ? (value - low) / (high - low) : 0.5)
                                  : context.theme.lines);
        }
        return colours;
    }

    static std::vector<double> splat_values(const ViewContext& context, const std::string& name) {
        const hsa::Snapshot& snapshot = context.snapshot;
        const std::span<const float> share = snapshot.parent_share
                                                 ? std::span<const float>(*snapshot.parent_share)
                                                 : std::span<const float>();
        for (const hsa::Property& property :
             hsa::splat_properties(*snapshot.registry, *snapshot.measures, share))
            if (property.name == name) return {property.values.begin(), property.values.end()};
        return {};
    }

    static void draw_cell(Canvas& canvas, const ViewContext& context, const TreeNode& node,
                          Colour colour, bool lit) {
        const Rect inner = {
            {node.cell.min.x, node.cell.min.y},
            {std::max(node.cell.max.x - 1.0F, node.cell.min.x + 0.5F), node.cell.max.y}};
        canvas.rect(inner, lit ? mix(colour, context.theme.accent, 0.25F) : colour, 0.0F);
        if (inner.width() < 46.0F) return;
        const TextStyle style{readable_on(colour), Font::text, 12.0F, Align::start, Align::centre};
        canvas.text({inner.min.x + 5.0F, inner.centre().y},
                    canvas.fit(splat_name(context.snapshot, node.id), style, inner.width() - 8.0F),
                    style);
        if (node.folded)
            canvas.marker(Marker::triangle, {inner.max.x - 8.0F, inner.max.y - 7.0F}, 7.0F,
                          style.colour);
    }

    static void draw_edges(Canvas& canvas, const ViewContext& context,
                           const std::vector<TreeNode>& nodes) {
        for (const TreeNode& node : nodes) {
            if (node.parent == hsa::kNoSplat) continue;
            const auto parent =
                std::find_if(nodes.begin(), nodes.end(),
                             [&](const TreeNode& other) { return other.id == node.parent; });
            if (parent == nodes.end()) continue;
            const std::size_t row = context.snapshot.registry->row(node.id);
            float share =
                context.snapshot.parent_share ? (*context.snapshot.parent_share)[row] : 0.5F;
            if (!std::isfinite(share)) share = 0.1F;
            const bool lit = is_lit(context, node.id) && is_lit(context, node.parent);
            canvas.line(parent->point, node.point,
                        (lit ? context.theme.accent : context.theme.secondary)
                            .with_alpha(0.15F + 0.6F * share),
                        0.5F + 2.0F * share);
        }
    }

    static void draw_node(Canvas& canvas, const ViewContext& context, const TreeNode& node,
                          Colour colour, bool lit) {
        const float radius =
            std::clamp(1.5F + 26.0F * std::sqrt(static_cast<float>(node.usage)), 2.0F, 14.0F);
        canvas.circle(node.point, radius, colour);
        if (node.folded)
            canvas.circle_outline(node.point, radius + 2.5F, context.theme.secondary, 1.0F);
        if (lit) canvas.circle_outline(node.point, radius + 2.0F, context.theme.accent, 2.0F);
        if (node.level + 1U == context.snapshot.registry->hierarchy.size() || lit)
            canvas.label(
                {node.point.x, node.point.y - radius - 4.0F},
                canvas.fit(splat_name(context.snapshot, node.id),
                           {context.theme.text, Font::text, 12.0F, Align::start, Align::start},
                           120.0F),
                {context.theme.text, Font::text, 12.0F, Align::centre, Align::end});
    }

    static void draw_level_names(Canvas& canvas, const ViewContext& context, const Pointer& pointer,
                                 const Rect& plot, Drawn& drawn) {
        const hsa::Hierarchy& hierarchy = context.snapshot.registry->hierarchy;
        const std::vector<std::string>& muted = context.session.document.mask.muted;
        const std::size_t levels = hierarchy.size();
        // Where two lines a level do not fit, the tooltip alone tells the share.
        const bool two_lines = plot.height() >= kTwoLines * static_cast<float>(levels);
        for (std::size_t l = 0; l < levels; ++l) {
            const float y = tree_level_y(plot, l, levels);
            const std::string& name = hierarchy.levels[l].name;
            const bool mute = std::find(muted.begin(), muted.end(), name) != muted.end();
            const TextStyle style{mute ? context.theme.secondary.with_alpha(0.6F) : level_colour(l),
                                  Font::text, kSmallTextSize, Align::start, Align::centre};
            const Rect place = canvas.text({plot.max.x + 8.0F, two_lines ? y - 7.0F : y},
                                           canvas.fit(name, style, kNames - 8.0F), style);
            const double share = context.snapshot.measures->levels[l].usage;
            if (two_lines)
                canvas.text(
                    {plot.max.x + 8.0F, y + 8.0F}, mute ? "muted" : percent_text(share, 0),
                    {context.theme.secondary, Font::mono, 12.0F, Align::start, Align::centre});
            if (mute)
                canvas.line({place.min.x, place.centre().y}, {place.max.x, place.centre().y},
                            context.theme.secondary, 1.0F);
            const Hit hit{"level " + name + " mute",
                          {{place.min.x, place.min.y},
                           {plot.max.x + kNames, place.max.y + (two_lines ? 14.0F : 0.0F)}},
                          fmt::format("toggle \"attention.level.{}.mute\"", name)};
            drawn.hits.push_back(hit);
            if (pointer.inside && hit.place.contains(pointer.position)) {
                drawn.tooltip = fmt::format(
                    "{}: {} splats, {} of attention, weight {}\nclick to {}", name,
                    context.snapshot.registry->count(l), percent_text(share),
                    number_text(hierarchy.share(l)), mute ? "hear it again" : "mute it");
                if (pointer.clicked) drawn.commands.push_back(hit.command);
            }
        }
    }

    static void react(const ViewContext& context, const Pointer& pointer, const TreeNode& node,
                      Drawn& drawn) {
        const std::size_t row = context.snapshot.registry->row(node.id);
        drawn.tooltip = fmt::format(
            "{}\n{} splat {}\nusage {}, information {} nats", splat_name(context.snapshot, node.id),
            level_name(context.snapshot, node.level), node.id, percent_text(node.usage),
            number_text(context.snapshot.measures->information[row]));
        if (node.parent != hsa::kNoSplat && context.snapshot.parent_share &&
            std::isfinite((*context.snapshot.parent_share)[row]))
            drawn.tooltip += fmt::format(
                "\nparent {} (holds {} of it)", splat_name(context.snapshot, node.parent),
                percent_text(static_cast<double>((*context.snapshot.parent_share)[row])));
        if (pointer.double_clicked) {
            std::set<hsa::SplatId> folded = context.session.desk.tree.collapsed;
            if (folded.erase(node.id) == 0) folded.insert(node.id);
            std::string list;
            for (const hsa::SplatId id : folded)
                list += (list.empty() ? "" : ",") + std::to_string(id);
            drawn.commands.push_back(fmt::format("set tree.collapsed \"{}\"", list));
        } else if (pointer.clicked) {
            const char* how = pointer.shift ? "add " : pointer.ctrl ? "remove " : "";
            drawn.commands.push_back(fmt::format("select.splats {}{}", how, node.id));
        }
    }
};

}  // namespace

std::unique_ptr<View> make_tree_view() { return std::make_unique<TreeView>(); }

}  // namespace splatscope
