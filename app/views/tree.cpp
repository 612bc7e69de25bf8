#include "app/views/tree_drag.h"
#include "app/views/tree_faders.h"
#include "app/views/tree_layout.h"
#include "app/views/tree_lineage.h"
#include "app/views/tree_motion.h"
#include "app/views/view.h"
#include "app/views/view_names.h"
#include "app/views/view_waiting.h"
#include "app/widgets/colour_bar.h"
#include "app/widgets/numbers.h"
#include "app/widgets/text_lines.h"
#include "engine/explain/tokens.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <string>

namespace splatscope {
namespace {

constexpr float kNames = 70.0F;       // room for level names at the right
constexpr float kWithNames = 170.0F;  // width from which they are there
constexpr float kTwoLines = 34.0F;    // height of a level from which its share is written too
constexpr float kFader = 48.0F;       // ... and its fader is there
constexpr float kCellLine = 14.0F;
constexpr float kBarStrip = 40.0F;  // a colour bar below the levels
constexpr float kWithBar = 170.0F;  // height from which it is there
constexpr TextStyle kCellText = {{}, Font::text, 12.0F, Align::start, Align::centre};

// The words of a name that stand whole in a cell, in lines; a wide cell may cut the first.
std::vector<std::string> cell_lines(const Canvas& canvas, std::string_view name, const Rect& cell) {
    constexpr float kNarrowest = 26.0F;
    constexpr float kMayCut = 64.0F;
    const float width = cell.width() - 8.0F;
    if (width < kNarrowest || cell.height() < kCellLine) return {};
    const auto most =
        static_cast<std::size_t>(std::clamp((cell.height() - 6.0F) / kCellLine, 1.0F, 4.0F));
    std::vector<std::string> lines = broken_lines(canvas, name, kCellText, width);
    if (lines.size() > most) lines.resize(most);
    const auto cut = std::find_if(lines.begin(), lines.end(),
                                  [](const std::string& line) { return line.ends_with("\u2026"); });
    if (cut != lines.begin() || width < kMayCut) lines.erase(cut, lines.end());
    else if (lines.size() > 1) lines.resize(1);
    if (!lines.empty() && lines.back().ends_with(':')) lines.back().pop_back();
    return lines;
}

class TreeView : public View {
  public:
    [[nodiscard]] std::string id() const override { return "tree"; }
    [[nodiscard]] std::string title() const override { return "Hierarchy"; }
    [[nodiscard]] std::string help() const override {
        return "The splats by level, coarsest above. Width (icicle) or size (nodelink) is usage: "
               "the mean share of attention that goes through a splat. "
               "A splat stands under its parent, the one above with the largest overlap or one "
               "chosen by hand; the edge's width is that overlap. Below a name, where there is "
               "room, stands what the splat does: what it has more of than the text.\nColour is "
               "the level, or a measure of the splats; tree.find marks names.\nClick selects "
               "(Shift adds, Ctrl removes), double click folds the children away, a drag onto a "
               "splat of the level above makes that the parent, a click on a level's name mutes "
               "it: the others then share the attention; the fader below it gives it more or less, "
               "the other views follow.\nAs lineage: every splat that there was "
               "as a line over the cycles of the timeline; fork mitosis, join merge, + birth, x "
               "death. Click selects the splat, or the event of one that is gone, with its "
               "ancestors and descendants; wheel zooms, right drag pans.";
    }
    [[nodiscard]] Place place() const override { return Place::right_middle; }
    [[nodiscard]] std::vector<std::string> settings() const override {
        return {"tree.form", "tree.colour", "tree.find", "tree.lines"};
    }
    [[nodiscard]] std::string subtitle(const ViewContext& context) const override {
        const TreeDesk& desk = context.session.desk.tree;
        if (desk.form == TreeForm::lineage) return "lineage: splats over cycles, colour = level";
        std::string text = std::string("size = usage") +
                           (desk.colour == "level" ? "" : ", colour = " + desk.colour);
        if (!desk.find.empty() && context.snapshot.registry)
            text += fmt::format(", {} named \u201c{}\u201d", found_in(context).size(), desk.find);
        return text;
    }

    [[nodiscard]] Drawn draw(Canvas& canvas, const ViewContext& context,
                             const Pointer& pointer) override {
        Drawn drawn;
        const hsa::Snapshot& snapshot = context.snapshot;
        if (!snapshot.registry || !snapshot.measures) {
            drag_.drop();
            faders_.drop();
            draw_nothing(canvas, context, drawn);
            return drawn;
        }
        if (context.session.desk.tree.form == TreeForm::lineage) {
            drag_.drop();
            faders_.drop();
            if (snapshot.history && !snapshot.history->cycles.empty())
                lineage_.draw(canvas, context, pointer, drawn);
            else draw_nothing(canvas, context, drawn);
            return drawn;
        }
        drawn.specialisations = true;
        const Rect bounds = canvas.bounds();
        const float names = bounds.width() >= kWithNames ? kNames : 0.0F;
        const Scale colour_scale = scale_of(context);
        const float bar = colour_scale.any && bounds.height() >= kWithBar ? kBarStrip : 0.0F;
        const Rect plot = {{bounds.min.x + 4.0F, bounds.min.y + 6.0F},
                           {bounds.max.x - names - 4.0F, bounds.max.y - 8.0F - bar}};
        if (bar > 0.0F) draw_scale(canvas, context, plot, colour_scale);
        const bool icicle = context.session.desk.tree.form == TreeForm::icicle;
        std::vector<TreeNode> nodes = tree_layout(*snapshot.registry, snapshot.measures->usage,
                                                  context.session.desk.tree.collapsed, plot);
        const float column = icicle ? 0.0F : place_tidily(nodes, plot);
        drawn.animating = motion_.move(nodes, plot, context.exporting);
        const bool searching = !context.session.desk.tree.find.empty();
        const std::set<hsa::SplatId> found =
            searching ? found_in(context) : std::set<hsa::SplatId>();
        std::vector<Colour> colours = node_colours(context, nodes, colour_scale);
        for (std::size_t i = 0; searching && i < nodes.size(); ++i)
            if (found.count(nodes[i].id) == 0)
                colours[i] = mix(colours[i], context.theme.panel, 0.7F);
        if (!icicle) draw_edges(canvas, context, nodes);
        // Before the names of nodes, which stand only where they leave room for these.
        if (names > 0.0F) draw_level_names(canvas, context, pointer, plot, drawn);
        const TreeNode* under = nullptr;
        for (std::size_t i = 0; i < nodes.size(); ++i) {
            const TreeNode& node = nodes[i];
            const bool lit = is_lit(context, node.id);
            if (lit) drawn.lit_splats.push_back(node.id);
            const float radius = radius_of(node, column);
            if (icicle) draw_cell(canvas, context, node, colours[i], lit);
            else draw_node(canvas, context, node, colours[i], lit, radius);
            const float reach = std::max(radius, std::min(0.5F * column, 6.0F));
            const Rect place = icicle ? node.cell
                                      : Rect{{node.point.x - reach, node.point.y - reach},
                                             {node.point.x + reach, node.point.y + reach}};
            drawn.hits.push_back({fmt::format("splat {}", node.id), place,
                                  fmt::format("select.splats {}", node.id)});
            if (pointer.inside && place.contains(pointer.position)) under = &nodes[i];
        }
        for (const TreeNode& node : nodes) {
            const bool lit = is_lit(context, node.id);
            if (icicle && lit) outline_cell(canvas, context.theme, node.cell);
            if (found.count(node.id) == 0) continue;
            if (icicle)
                canvas.rect_outline({{node.cell.min.x + 2.0F, node.cell.min.y + 2.0F},
                                     {node.cell.max.x - 3.0F, node.cell.max.y - 2.0F}},
                                    context.theme.warning, 2.0F, 0.0F);
            else
                canvas.circle_outline(node.point, radius_of(node, column) + 4.0F,
                                      context.theme.warning, 2.0F);
        }
        const bool dragging = !faders_.holds() && drag_.take(context, pointer, under, drawn);
        if (!context.exporting) drag_.draw(canvas, context, nodes, icicle);
        if (under != nullptr && !dragging) react(context, pointer, *under, drawn);
        drawn.mark = mark_of_attention(context.snapshot);
        return drawn;
    }

  private:
    // Splats whose names hold tree.find, capitals or not.
    static std::set<hsa::SplatId> found_in(const ViewContext& context) {
        const auto lowered = [](std::string text) {
            for (char& c : text)
                if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
            return text;
        };
        const std::string wanted = lowered(context.session.desk.tree.find);
        std::set<hsa::SplatId> found;
        for (const hsa::SplatId id : context.snapshot.registry->id)
            if (lowered(splat_name(context.snapshot, id)).find(wanted) != std::string::npos)
                found.insert(id);
        return found;
    }

    // Of a node in the node-link picture, whose columns are so wide.
    static float radius_of(const TreeNode& node, float column) {
        const float most = std::clamp(0.46F * column, 1.5F, 14.0F);
        return std::clamp(1.5F + 26.0F * std::sqrt(static_cast<float>(node.usage)),
                          std::min(2.0F, most), most);
    }

    static bool is_lit(const ViewContext& context, hsa::SplatId id) {
        const std::vector<hsa::SplatId>& picked = context.session.document.selection.splats;
        return std::binary_search(picked.begin(), picked.end(), id) ||
               (context.look.linked && std::binary_search(context.look.linked->splats.begin(),
                                                          context.look.linked->splats.end(), id));
    }

    // Of a row of the registry; null while it is not known.
    static const hsa::SplatSpecialisation* what_it_does(const ViewContext& context,
                                                        std::size_t row) {
        const hsa::LookResult& look = context.look;
        if (!look.specialisations || !is_current(context) ||
            row >= look.specialisations->splats.size())
            return nullptr;
        return &look.specialisations->splats[row];
    }
    // The measure that colours the splats, when the session names one.
    struct Scale {
        std::vector<double> values;  // [splats]
        double low = 0.0, high = 0.0;
        std::string unit;
        bool any = false;
    };

    static Scale scale_of(const ViewContext& context) {
        Scale scale;
        const hsa::Snapshot& snapshot = context.snapshot;
        const std::string& wanted = context.session.desk.tree.colour;
        if (wanted == "level") return scale;
        const std::span<const float> share = snapshot.parent_share
                                                 ? std::span<const float>(*snapshot.parent_share)
                                                 : std::span<const float>();
        for (const hsa::Property& property :
             hsa::splat_properties(*snapshot.registry, *snapshot.measures, share)) {
            if (property.name != wanted) continue;
            scale.values.assign(property.values.begin(), property.values.end());
            scale.unit = property.unit;
        }
        for (const double value : scale.values) {
            if (!std::isfinite(value)) continue;
            scale.low = scale.any ? std::min(scale.low, value) : value;
            scale.high = scale.any ? std::max(scale.high, value) : value;
            scale.any = true;
        }
        return scale;
    }

    static void draw_scale(Canvas& canvas, const ViewContext& context, const Rect& plot,
                           const Scale& scale) {
        const Rect bar{{plot.min.x + 12.0F, plot.max.y + 12.0F},
                       {plot.min.x + std::min(232.0F, plot.width() - 12.0F), plot.max.y + 22.0F}};
        const double high = scale.high > scale.low ? scale.high : scale.low + 1.0;
        draw_colour_bar(
            canvas, context.theme, bar, colour_table(context.session.desk.map.colours),
            {scale.low, high, AxisScale::linear},
            context.session.desk.tree.colour + (scale.unit.empty() ? "" : ", " + scale.unit));
    }

    static std::vector<Colour> node_colours(const ViewContext& context,
                                            const std::vector<TreeNode>& nodes,
                                            const Scale& scale) {
        std::vector<Colour> colours;
        colours.reserve(nodes.size());
        for (const TreeNode& node : nodes) {
            if (!scale.any) {
                // Neighbours of one level differ a little, so that cells can be told apart.
                const float shade = node.order % 2 == 0 ? 0.12F : 0.3F;
                colours.push_back(mix(level_colour(node.level), context.theme.panel, shade));
                continue;
            }
            const double value = scale.values[context.snapshot.registry->row(node.id)];
            colours.push_back(std::isfinite(value)
                                  ? colour_at(context.session.desk.map.colours,
                                              scale.high > scale.low
                                                  ? (value - scale.low) / (scale.high - scale.low)
                                                  : 0.5)
                                  : context.theme.lines);
        }
        return colours;
    }

    // Below the name where there is room for all of its words.
    static void add_what_it_does(const Canvas& canvas, const ViewContext& context, hsa::SplatId id,
                                 const Rect& cell, std::vector<std::string>& lines) {
        const auto room =
            static_cast<std::size_t>(std::max(0.0F, (cell.height() - 6.0F) / kCellLine));
        const hsa::SplatSpecialisation* does =
            what_it_does(context, context.snapshot.registry->row(id));
        if (does == nullptr || does->found.empty() || lines.empty() || lines.size() >= room) return;
        const std::vector<std::string> more =
            broken_lines(canvas, does->found.front().name, kCellText, cell.width() - 8.0F);
        const bool cut = std::any_of(more.begin(), more.end(), [](const std::string& line) {
            return line.ends_with("\u2026");
        });
        if (!cut && lines.size() + more.size() <= room)
            lines.insert(lines.end(), more.begin(), more.end());
    }

    static void draw_cell(Canvas& canvas, const ViewContext& context, const TreeNode& node,
                          Colour colour, bool lit) {
        const Rect inner = {
            {node.cell.min.x, node.cell.min.y},
            {std::max(node.cell.max.x - 1.0F, node.cell.min.x + 0.5F), node.cell.max.y}};
        canvas.rect(inner, lit ? mix(colour, context.theme.accent, 0.25F) : colour, 0.0F);
        TextStyle style = kCellText;
        style.colour = readable_on(colour);
        std::vector<std::string> lines =
            cell_lines(canvas, splat_name(context.snapshot, node.id), inner);
        const std::size_t named = lines.size();
        add_what_it_does(canvas, context, node.id, inner, lines);
        float y = inner.centre().y - 0.5F * kCellLine * (static_cast<float>(lines.size()) - 1.0F);
        for (std::size_t l = 0; l < lines.size(); ++l) {
            if (l == named) style.colour = style.colour.with_alpha(0.72F);
            canvas.text({inner.min.x + 5.0F, y}, lines[l], style);
            y += kCellLine;
        }
        if (node.folded)
            canvas.marker(Marker::triangle, {inner.max.x - 8.0F, inner.max.y - 7.0F}, 7.0F,
                          style.colour);
    }

    // With a line of the ground inside, so that it is seen on a level of nearly its own colour.
    static void outline_cell(Canvas& canvas, const Theme& theme, const Rect& cell) {
        const Rect inner{{cell.min.x + 1.5F, cell.min.y + 1.5F},
                         {cell.max.x - 1.5F, cell.max.y - 1.5F}};
        if (inner.width() > 3.0F) canvas.rect_outline(inner, theme.panel, 1.0F, 0.0F);
        canvas.rect_outline(cell, theme.accent, 2.0F, 0.0F);
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
                          Colour colour, bool lit, float radius) {
        canvas.circle(node.point, radius, colour);
        if (node.folded)
            canvas.circle_outline(node.point, radius + 2.5F, context.theme.secondary, 1.0F);
        if (lit) canvas.circle_outline(node.point, radius + 2.0F, context.theme.accent, 2.0F);
        // Names of the two coarsest levels, and of what is selected.
        if (node.level + 2U < context.snapshot.registry->hierarchy.size() && !lit) return;
        const bool coarsest = node.level + 1U == context.snapshot.registry->hierarchy.size();
        TextStyle style{context.theme.text, Font::text, 12.0F, Align::centre, Align::end};
        if (!coarsest && !lit) style.colour = context.theme.secondary;
        style.halo = context.theme.panel;
        const std::string name = canvas.fit(splat_name(context.snapshot, node.id), style, 120.0F);
        // With a letter's room on either side, so that two names never read as one. At an edge it
        // ends or begins at its node.
        for (const Align align : {Align::centre, Align::end, Align::start}) {
            style.horizontal = align;
            const float out = align == Align::centre ? 0.0F : align == Align::end ? 8.0F : -8.0F;
            const Vec2 at = {node.point.x + out, node.point.y - radius - 4.0F};
            if (!canvas.has_room(at, "n" + name + "n", style)) continue;
            canvas.text(at, name, style);
            return;
        }
    }

    void draw_level_names(Canvas& canvas, const ViewContext& context, const Pointer& pointer,
                          const Rect& plot, Drawn& drawn) {
        const hsa::Hierarchy& hierarchy = context.snapshot.registry->hierarchy;
        const std::vector<std::string>& muted = context.session.document.mask.muted;
        const std::size_t levels = hierarchy.size();
        for (std::size_t l = 0; l < levels; ++l) {
            const float y = tree_level_y(plot, l, levels);
            const std::string& name = hierarchy.levels[l].name;
            const bool mute = std::find(muted.begin(), muted.end(), name) != muted.end();
            const Colour word = text_colour(context.theme, level_colour(l));
            const TextStyle style{mute ? context.theme.secondary.with_alpha(0.6F) : word,
                                  Font::text, kSmallTextSize, Align::start, Align::centre};
            const bool two = plot.height() >= kTwoLines * static_cast<float>(levels);
            const std::string fitted = canvas.fit(name, style, kNames - 8.0F);
            const Vec2 at = {plot.max.x + 8.0F, two ? y - 7.0F : y};
            if (!canvas.has_room(at, fitted, style)) continue;
            const Rect place = canvas.text(at, fitted, style);
            const double share = context.snapshot.measures->levels[l].usage;
            if (two)
                canvas.text(
                    {at.x, y + 8.0F}, mute ? "muted" : percent_text(share, 0),
                    {context.theme.secondary, Font::mono, 12.0F, Align::start, Align::centre});
            if (!context.exporting && plot.height() >= kFader * static_cast<float>(levels) &&
                levels > 1 && context.snapshot.registry->form == hsa::Form::token)
                faders_.draw(canvas, context, pointer, l,
                             {{at.x, y + 18.0F}, {plot.max.x + kNames - 8.0F, y + 26.0F}}, drawn);
            if (mute)
                canvas.line({place.min.x, place.centre().y}, {place.max.x, place.centre().y},
                            context.theme.secondary, 1.0F);
            const Hit hit{"level " + name + " mute",
                          {{place.min.x, place.min.y},
                           {plot.max.x + kNames, place.max.y + (two ? 12.0F : 0.0F)}},
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
        if (const hsa::SplatSpecialisation* does = what_it_does(context, row))
            for (const hsa::Specialisation& one : does->found)
                drawn.tooltip += fmt::format("\n{} ({} of it, ×{} of the text's)", one.name,
                                             percent_text(one.share), number_text(one.lift, 2));
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

    TreeMotion motion_;
    TreeDrag drag_;
    TreeFaders faders_;
    TreeLineage lineage_;
};

}  // namespace

std::unique_ptr<View> make_tree_view() { return std::make_unique<TreeView>(); }

}  // namespace splatscope
