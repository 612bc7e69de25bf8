#include "app/views/map_triptych.h"
#include "app/views/view.h"
#include "app/views/view_waiting.h"

#include <fmt/core.h>

#include <memory>

namespace splatscope {
namespace {

class ChangeView final : public View {
  public:
    [[nodiscard]] std::string id() const override { return "change"; }
    [[nodiscard]] std::string title() const override { return "Before and after"; }
    [[nodiscard]] std::string help() const override {
        return "What the selected event did to attention: A as it found it, A as it left it, and "
               "how many times as much there is after it (purple more, orange less), of the same "
               "tokens as the attention map shows. The colours of both maps are attention over "
               "uniform attention; those of the third reach as far as its pixels do.\n"
               "Select an event in the timeline. Wheel zooms all three and the map at the pointer, "
               "a drag pans, a double click shows the whole. Click selects the block of a pixel.";
    }
    [[nodiscard]] Place place() const override { return Place::bottom; }
    [[nodiscard]] bool applies(const ViewContext& context) const override {
        return event_of(context) != nullptr;
    }
    [[nodiscard]] std::string subtitle(const ViewContext& context) const override {
        const hsa::Event* const event = event_of(context);
        if (event == nullptr) return "";
        return fmt::format("event {} \u00b7 cycle {} \u00b7 {}",
                           *context.session.document.selection.event, event->cycle, event->text);
    }
    [[nodiscard]] Drawn draw(Canvas& canvas, const ViewContext& context,
                             const Pointer& pointer) override;

  private:
    static const hsa::Event* event_of(const ViewContext& context) {
        const std::optional<std::size_t>& index = context.session.document.selection.event;
        const hsa::History* const history = context.snapshot.history.get();
        return index && history != nullptr && *index < history->event_count(history->last())
                   ? &history->event(*index)
                   : nullptr;
    }

    MapTriptych maps_;
    std::shared_ptr<const hsa::EventFactors> of_;
};

Drawn ChangeView::draw(Canvas& canvas, const ViewContext& context, const Pointer& pointer) {
    Drawn drawn;
    const hsa::Snapshot& snapshot = context.snapshot;
    const hsa::Event* const event = event_of(context);
    if (!snapshot.factors || !snapshot.sums || !snapshot.factors_exact || event == nullptr) {
        draw_nothing(canvas, context, drawn,
                     "Select an event in the timeline: attention before and after it stands here");
        return drawn;
    }
    const bool changed = event->accepted && !event->delta.empty() && event->cycle > 0;
    if (!changed) {
        draw_empty_state(canvas, context.theme, drawn,
                         event->accepted ? "Nothing came before this event"
                                         : "This trial was refused: attention stayed as it was");
        return drawn;
    }
    const hsa::PictureRequest request = maps_.arrange(canvas.bounds(), context, pointer, drawn);
    drawn.changes.push_back(request);
    const hsa::LookResult& look = context.look;
    const bool its = look.event_factors && look.event_factors->any() && look.of &&
                     look.of->history == snapshot.history &&
                     look.event_factors->index == *context.session.document.selection.event;
    for (std::size_t p = 0; its && p < look.before.size(); ++p) {
        maps_.take(look.before[p], look.after[p]);
        of_ = look.event_factors;
    }
    drawn.waiting =
        !(its && of_ == look.event_factors && maps_.shows(request)) && snapshot.error.empty();
    drawn.animating = drawn.waiting;
    maps_.draw(canvas, context, {{"before", "after", "after over before"}, "change", std::nullopt},
               drawn);
    return drawn;
}

}  // namespace

std::unique_ptr<View> make_change_view() { return std::make_unique<ChangeView>(); }

}  // namespace splatscope
