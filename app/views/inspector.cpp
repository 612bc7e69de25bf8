#include "app/views/inspector_card.h"
#include "app/views/inspector_cards.h"
#include "app/views/view.h"
#include "app/views/view_waiting.h"

#include <algorithm>

namespace splatscope {
namespace {

constexpr float kEdge = 4.0F;        // in line with the title above
constexpr float kWidest = 640.0F;    // a card: wider ones are hard to read across
constexpr float kBar = 4.0F;         // width of the scroll bar
constexpr float kWheelStep = 48.0F;  // pixels a step of the wheel

class InspectorView final : public View {
  public:
    [[nodiscard]] std::string id() const override { return "inspector"; }
    [[nodiscard]] std::string title() const override { return "Inspector"; }
    [[nodiscard]] Place place() const override { return Place::right_bottom; }
    [[nodiscard]] bool scrolls() const override { return true; }
    [[nodiscard]] std::string help() const override {
        return "The card of what is selected. A cell or block of the map: a waterfall of the "
               "splats that make it, in the colours of their levels; it ends at the block's mean. "
               "A splat: its usage, information (nats), what it does, spread and strongest words. "
               "A token: its splats, what it attends to, and its output, traced to splats and "
               "their tokens. Several tokens, as all places of a phrase (Ctrl+F, Ctrl+Enter): what "
               "they "
               "attend to together, what attends to them, and links over a tenth of the text. An "
               "event: why it happened, the numbers against their thresholds, "
               "what changed.\n"
               "Click a name or a word to select it. Wheel: scroll.";
    }
    [[nodiscard]] std::string subtitle(const ViewContext& context) const override;
    [[nodiscard]] Drawn draw(Canvas& canvas, const ViewContext& context,
                             const Pointer& pointer) override;

  private:
    void scroll(const Pointer& pointer, const Rect& bounds, float height);
    void draw_scroll_bar(Canvas& canvas, const Theme& theme, const Rect& bounds) const;

    hsa::Selection seen_;
    float scroll_ = 0.0F;
    float content_ = 0.0F;  // height of the card when it was last written
    bool dragging_ = false;
};

std::string InspectorView::subtitle(const ViewContext& context) const {
    if (!context.snapshot.dataset) return {};
    const hsa::Selection& selection = context.session.document.selection;
    if (selection.event) return "event";
    if (selection.block) {
        const bool cell = selection.block->rows.size() == 1 && selection.block->columns.size() == 1;
        return cell ? "cell" : "block";
    }
    if (!selection.splats.empty()) return "splat";
    if (!selection.tokens.empty())
        return hsa::total_size(selection.tokens) > 1 ? "tokens" : "token";
    return "the data";
}

// The cards of everything that is picked, one below the other; true when there was one.
bool write_cards(CardWriter& card, const ViewContext& context, const hsa::Selection& selection) {
    const hsa::LookResult& look = context.look;
    const hsa::Snapshot& snapshot = context.snapshot;
    bool any = false;
    const auto begin = [&] {
        if (any) card.rule();
        any = true;
    };
    if (selection.event && snapshot.history &&
        *selection.event < snapshot.history->event_count(snapshot.history->last())) {
        begin();
        write_event_card(card, *selection.event, snapshot.history->event(*selection.event),
                         look.event.get());
    }
    if (selection.block && look.block) {
        begin();
        write_block_card(card, *selection.block, look);
    }
    if (!selection.splats.empty() && look.splat) {
        begin();
        write_splat_card(card, *look.splat, look.does.get(), selection.splats.size());
    }
    const std::size_t tokens = hsa::total_size(selection.tokens);
    if (tokens > 1 && look.asked) {
        begin();
        write_ask_card(card, *look.asked);
    }
    if (tokens > 0 && look.token) {
        begin();
        write_token_card(card, *look.token, look.output.get(), tokens);
        if (tokens == 1 && look.asked) write_far_links(card, *look.asked);
    }
    return any;
}

void InspectorView::scroll(const Pointer& pointer, const Rect& bounds, float height) {
    const float last = std::max(0.0F, content_ - height);
    if (pointer.inside && pointer.wheel != 0.0F) scroll_ -= kWheelStep * pointer.wheel;
    if (pointer.pressed[0] && pointer.press_position.x >= bounds.max.x - 2.0F * kBar && last > 0.0F)
        dragging_ = true;
    if (!pointer.down[0]) dragging_ = false;
    if (dragging_) scroll_ += pointer.moved.y * content_ / std::max(height, 1.0F);
    scroll_ = std::clamp(scroll_, 0.0F, last);
}

void InspectorView::draw_scroll_bar(Canvas& canvas, const Theme& theme, const Rect& bounds) const {
    if (content_ <= bounds.height() + 0.5F) return;
    const float share = bounds.height() / content_;
    const float top = bounds.min.y + scroll_ * share;
    canvas.rect(
        {{bounds.max.x - kBar - 2.0F, top}, {bounds.max.x - 2.0F, top + bounds.height() * share}},
        dragging_ ? theme.secondary : theme.secondary.with_alpha(0.4F), 2.0F);
}

Drawn InspectorView::draw(Canvas& canvas, const ViewContext& context, const Pointer& pointer) {
    Drawn drawn;
    const hsa::Snapshot& snapshot = context.snapshot;
    if (!snapshot.dataset || snapshot.dataset->size() == 0) {
        draw_empty_state(canvas, context.theme, drawn, nothing_yet(snapshot));
        return drawn;
    }
    // Until the look lane has answered, the card of the selection before stays.
    const hsa::Selection& wanted = context.session.document.selection;
    const bool answered =
        wanted.empty() || (context.look.selection == wanted && is_current(context));
    const bool usable = context.look.of && context.look.of->dataset &&
                        context.look.of->dataset->size() == snapshot.dataset->size();
    const hsa::Selection shown =
        wanted.empty() || !usable ? hsa::Selection{} : context.look.selection;
    if (!(shown == seen_)) {
        seen_ = shown;
        scroll_ = 0.0F;
        content_ = 0.0F;
    }
    const Rect bounds = canvas.bounds();
    const Rect visible{
        {bounds.min.x + kEdge, bounds.min.y},
        {std::min(bounds.max.x - 12.0F, bounds.min.x + kEdge + kWidest), bounds.max.y}};
    if (!context.exporting) scroll(pointer, bounds, bounds.height());
    else scroll_ = 0.0F;

    canvas.push_clip(bounds);
    const float top = visible.min.y + 10.0F - scroll_;
    CardWriter card(canvas, context, pointer, visible, top, drawn);
    if (!write_cards(card, context, shown)) write_dataset_card(card);
    content_ = card.y() - top + 20.0F;
    if (!context.exporting) draw_scroll_bar(canvas, context.theme, bounds);
    canvas.pop_clip();

    if (shown.event) drawn.lit_events = {*shown.event};
    drawn.lit_splats = shown.splats;
    if (!snapshot.factors_exact) drawn.mark = hsa::Mark::approximate;
    drawn.waiting = !answered && snapshot.error.empty();
    drawn.animating = dragging_;
    return drawn;
}

}  // namespace

std::unique_ptr<View> make_inspector_view() { return std::make_unique<InspectorView>(); }

}  // namespace splatscope
