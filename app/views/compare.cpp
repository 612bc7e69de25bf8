#include "app/views/compare_apart.h"
#include "app/views/map_triptych.h"
#include "app/views/view.h"
#include "app/views/view_waiting.h"
#include "app/widgets/numbers.h"

#include <fmt/core.h>

#include <memory>
#include <string>
#include <vector>

namespace splatscope {
namespace {

class CompareView final : public View {
  public:
    [[nodiscard]] std::string id() const override { return "compare"; }
    [[nodiscard]] std::string title() const override { return "Comparison"; }
    [[nodiscard]] std::string help() const override {
        return "The attention shown beside what it is compared with: another file, cycle, branch "
               "or head, or the target (File, Compare with; drop a file with Shift held down). "
               "With as many tokens on both sides the maps share one zoom, that of the attention "
               "map, and their ratio stands beside them (purple more, orange less); else each has "
               "its own axes and there is no difference to show.\n"
               "Wheel zooms at the pointer, a drag pans, a double click shows the whole. Click "
               "selects the block of a pixel.";
    }
    [[nodiscard]] Place place() const override { return Place::centre; }
    [[nodiscard]] std::vector<std::string> settings() const override {
        return {"map.colours", "map.scale"};
    }
    [[nodiscard]] bool applies(const ViewContext& context) const override {
        return context.snapshot.dataset &&
               context.session.document.compare.kind != CompareKind::none;
    }
    [[nodiscard]] std::string subtitle(const ViewContext& context) const override;
    [[nodiscard]] Drawn draw(Canvas& canvas, const ViewContext& context,
                             const Pointer& pointer) override;

  private:
    static bool is_target(const ViewContext& context) {
        return context.session.document.compare.kind == CompareKind::target;
    }
    static bool is_there(const ViewContext& context);
    static bool is_apart(const ViewContext& context) {
        return !is_target(context) &&
               context.other->snapshot->dataset->size() != context.snapshot.dataset->size();
    }
    void draw_linked(Canvas& canvas, const ViewContext& context, const Pointer& pointer,
                     Drawn& drawn);
    void take(const ViewContext& context, const hsa::PictureRequest& request);

    MapTriptych maps_;
    MapsApart apart_;
    std::shared_ptr<const hsa::Factors> factors_;  // of the maps that are shown ...
    std::shared_ptr<const void> second_;           // ... and of the second side: these or a target
};

// Whether both sides have exact factors of every token.
bool CompareView::is_there(const ViewContext& context) {
    const hsa::Snapshot& shown = context.snapshot;
    if (!shown.factors || !shown.sums || !shown.factors_exact) return false;
    if (is_target(context)) return shown.target != nullptr;
    if (context.other == nullptr || context.other->stage == OtherState::Stage::failed) return false;
    const hsa::Snapshot* const second = context.other->snapshot.get();
    return second != nullptr && second->dataset && second->factors && second->sums &&
           second->factors_exact;
}

// What the view says while there is nothing to show of the second side.
std::string state_of(const OtherState* second) {
    if (second == nullptr) return "There is nothing to compare with";
    switch (second->stage) {
        case OtherState::Stage::failed: return second->error;
        case OtherState::Stage::cancelled:
            return second->name + " was cancelled: compare.open reads it again";
        case OtherState::Stage::ready: return second->name + " has no attention to show";
        case OtherState::Stage::coming:
        case OtherState::Stage::none: break;
    }
    const std::string& step = second->progress.step;
    return step.empty() ? second->name + " is being computed"
                        : fmt::format("{} is being computed: {}", second->name, step);
}

std::string CompareView::subtitle(const ViewContext& context) const {
    if (!is_there(context)) return {};
    std::string name = context.other != nullptr ? context.other->name : "";
    if (is_target(context)) {
        if (!context.snapshot.measures || !context.snapshot.measures->row_kl) return name;
        return fmt::format("{}  ·  row-KL {} nats", name,
                           number_text(*context.snapshot.measures->row_kl));
    }
    if (is_apart(context))
        return fmt::format("{}  ·  {} against {}: own axes, no difference", name,
                           count_text(context.snapshot.dataset->size()),
                           counted(context.other->snapshot->dataset->size(), "token"));
    const auto& comparison = context.look.comparison;
    if (!comparison || !context.look.other ||
        context.look.other->factors != context.other->snapshot->factors)
        return name;
    const hsa::RowAgreement& whole = comparison->whole;
    return fmt::format("{}  ·  row-KL {} nats  ·  JS {}  ·  cosine {}  ·  top 8 {}  ·  {}", name,
                       number_text(whole.row_kl), number_text(whole.js), number_text(whole.cosine),
                       percent_text(whole.top8), counted(comparison->rows, "row"));
}

// Pictures of the same tokens on the same pixels, both of what is on screen.
void CompareView::take(const ViewContext& context, const hsa::PictureRequest& request) {
    const bool target = is_target(context);
    if (!is_current(context)) return;
    if (target && context.look.of->target != context.snapshot.target) return;
    if (!target &&
        (!context.look.other || context.look.other->factors != context.other->snapshot->factors))
        return;
    for (const auto& second : target ? context.look.targets : context.look.others)
        for (const auto& first : context.look.pictures) {
            if (!first || !second || first->request != second->request) continue;
            if (maps_.shows(request) && first->request != request) continue;
            maps_.take(first, second);
            factors_ = context.snapshot.factors;
            second_ = target ? std::static_pointer_cast<const void>(context.snapshot.target)
                             : context.other->snapshot->factors;
        }
}

void CompareView::draw_linked(Canvas& canvas, const ViewContext& context, const Pointer& pointer,
                              Drawn& drawn) {
    const bool target = is_target(context);
    const hsa::PictureRequest request = maps_.arrange(canvas.bounds(), context, pointer, drawn);
    drawn.pictures.push_back(request);
    (target ? drawn.targets : drawn.others).push_back(request);
    drawn.comparison = !target;
    const std::shared_ptr<const void> second =
        target ? std::static_pointer_cast<const void>(context.snapshot.target)
               : context.other->snapshot->factors;
    take(context, request);
    if (factors_ != context.snapshot.factors || second_ != second) maps_.forget();
    drawn.waiting = !maps_.shows(request) && context.snapshot.error.empty();
    drawn.animating = drawn.waiting;
    const std::string here = "shown";
    const std::string there = context.other != nullptr ? context.other->name : "second";
    const std::string ratio = there + " over " + here;
    const MapTriptych::Words words{{here, there, ratio}, "compare", std::nullopt};
    maps_.draw(canvas, context, words, drawn);
    if (context.exporting || !pointer.inside) return;
    const hsa::Dataset* other = target ? nullptr : context.other->snapshot->dataset.get();
    if (other != nullptr && other->hash == context.snapshot.dataset->hash) other = nullptr;
    const std::string reading =
        maps_.reading(pointer.position, *context.snapshot.dataset, other, words);
    if (!reading.empty()) drawn.tooltip = reading;
}

Drawn CompareView::draw(Canvas& canvas, const ViewContext& context, const Pointer& pointer) {
    Drawn drawn;
    if (!is_there(context)) {
        if (context.session.document.compare.kind == CompareKind::none ||
            !context.snapshot.factors || !context.snapshot.factors_exact) {
            draw_nothing(canvas, context, drawn,
                         "Compare with a file, cycle, branch, head or the target (File menu)");
            return drawn;
        }
        draw_empty_state(
            canvas, context.theme, drawn,
            is_target(context) ? "There is no target to compare with" : state_of(context.other));
        drawn.waiting = context.other != nullptr && !context.other->settled();
        return drawn;
    }
    if (is_apart(context)) {
        drawn.waiting =
            !apart_.draw(canvas, context, pointer, drawn) && context.snapshot.error.empty();
        drawn.animating = drawn.waiting;
        return drawn;
    }
    draw_linked(canvas, context, pointer, drawn);
    return drawn;
}

}  // namespace

std::unique_ptr<View> make_compare_view() { return std::make_unique<CompareView>(); }

}  // namespace splatscope
