#include "app/views/flow_agreement.h"
#include "app/views/flow_profile.h"
#include "app/views/flow_table.h"
#include "app/views/view.h"
#include "app/views/view_waiting.h"
#include "app/widgets/numbers.h"

#include <fmt/core.h>

#include <algorithm>

namespace splatscope {
namespace {

constexpr float kEdge = 12.0F;
constexpr float kSideBySide = 1.35F;  // width over height from which table and plots share a row
constexpr float kLevels = 118.0F;     // height of the table of levels

class FlowView final : public View {
  public:
    [[nodiscard]] std::string id() const override { return "flow"; }
    [[nodiscard]] std::string title() const override { return "Flow"; }
    [[nodiscard]] std::string help() const override {
        return "Where attention goes. The table: which share of a section's attention goes to each "
               "section (its row sums to 100 %); the colours say how much more or "
               "less than uniform attention that is. The plots: mean attention by distance against "
               "uniform attention, "
               "and the share of attention up to a distance, of all splats, of each level alone, "
               "of standard attention (the target), and of the token that is selected.\n"
               "The last table: how far the splats of a level part the text as its sentences, "
               "paragraphs and sections do (0 %: as by chance, 100 %: the same parts); with a "
               "parse "
               "(.conllu) phrases too, and how much more attention a word's head gets than a word "
               "as far away.\n"
               "Click a cell of the first table to select its block.";
    }
    [[nodiscard]] Place place() const override { return Place::bottom; }
    [[nodiscard]] std::string subtitle(const ViewContext& context) const override {
        const hsa::Flow* flow = flow_of(context);
        if (flow == nullptr) return "";
        std::string text = fmt::format("a row spreads over {} of {} tokens",
                                       number_text(flow->effective.median, 3),
                                       count_text(context.snapshot.dataset->size()));
        if (!flow->bins.empty())
            text +=
                fmt::format(" \u00b7 {} beyond {} tokens (uniform {})", percent_text(flow->all.far),
                            flow->far_from - 1, percent_text(flow->far_uniform));
        if (!flow->rows_exact) text += fmt::format(" \u00b7 {} rows", count_text(flow->rows));
        return text;
    }

    [[nodiscard]] Drawn draw(Canvas& canvas, const ViewContext& context,
                             const Pointer& pointer) override {
        Drawn drawn;
        const hsa::Snapshot& snapshot = context.snapshot;
        const bool ready = snapshot.factors && snapshot.sums && snapshot.registry &&
                           snapshot.measures && snapshot.factors_exact;
        drawn.flow = ready;
        const hsa::Flow* flow = flow_of(context);
        if (flow == nullptr) {
            if (ready) draw_empty_state(canvas, context.theme, drawn, "Following attention \u2026");
            else draw_nothing(canvas, context, drawn);
            drawn.waiting = drawn.waiting || (ready && snapshot.error.empty() &&
                                              !context.session.document.sources.empty());
            drawn.animating = ready;
            return drawn;
        }
        drawn.mark = flow->rows_exact ? flow->mark : hsa::Mark::approximate;
        const Rect all = canvas.bounds();
        const Rect bounds{{all.min.x + kEdge, all.min.y + 8.0F},
                          {all.max.x - kEdge, all.max.y - 8.0F}};
        const bool distances = flow->bins.size() >= 3;
        Rect tables = bounds;
        Rect plots = bounds;
        if (!distances) {
            tables.max.x = std::min(bounds.max.x, bounds.min.x + 1.4F * bounds.height());
        } else if (bounds.width() >= kSideBySide * bounds.height()) {
            const float wide = std::min(0.5F * bounds.width(), 1.25F * bounds.height() + 80.0F);
            tables.max.x = bounds.min.x + wide;
            plots.min.x = tables.max.x + 28.0F;
        } else {
            tables.max.y = bounds.min.y + 0.52F * bounds.height();
            plots.min.y = tables.max.y + 12.0F;
        }
        const FlowTable parts = table_of_parts(*flow);
        const FlowTable levels = table_of_levels(*flow, context.theme);
        Rect upper = tables;
        const bool both =
            tables.height() >= least_table_height(parts.names.size()) + kLevels + 80.0F;
        if (both) upper.max.y = tables.max.y - kLevels - 20.0F;
        const float end = draw_flow_table(canvas, context, parts, upper, pointer, drawn);
        if (both) {
            const Rect lower{{tables.min.x, end + 20.0F}, {tables.max.x, end + 20.0F + kLevels}};
            const float below =
                draw_flow_table(canvas, context, levels, lower, pointer, drawn) + 20.0F;
            if (below + agreement_height(*flow) <= tables.max.y)
                draw_agreement_table(canvas, context, *flow, {{tables.min.x, below}, tables.max},
                                     pointer, drawn);
        }
        if (distances)
            draw_distance_profile(canvas, context, *flow, distance_curves(context, *flow), plots,
                                  pointer, drawn);
        drawn.waiting = !is_current(context) && snapshot.error.empty();
        return drawn;
    }

  private:
    // What the look lane knows; while it follows other attention, that of before.
    static const hsa::Flow* flow_of(const ViewContext& context) {
        const hsa::LookResult& look = context.look;
        const bool usable = look.of && look.of->dataset && context.snapshot.dataset &&
                            look.of->dataset->size() == context.snapshot.dataset->size();
        return usable ? look.flow.get() : nullptr;
    }
};

}  // namespace

std::unique_ptr<View> make_flow_view() { return std::make_unique<FlowView>(); }

}  // namespace splatscope
