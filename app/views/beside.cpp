#include "app/views/map_triptych.h"
#include "app/views/view.h"
#include "app/views/view_waiting.h"
#include "app/widgets/numbers.h"

#include <fmt/core.h>

#include <memory>

namespace splatscope {
namespace {

constexpr double kDecades = 1.0;  // of the ratio, each way: the same for every head

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

    MapTriptych maps_;
    std::shared_ptr<const hsa::Factors> factors_;
};

// Pictures of the same tokens on the same pixels, both of what is on screen.
void BesideView::take(const ViewContext& context) {
    if (!is_current(context)) return;
    for (const auto& target : context.look.targets)
        for (const auto& splats : context.look.pictures) {
            if (!splats || !target || splats->request != target->request) continue;
            maps_.take(target, splats);
            factors_ = context.snapshot.factors;
        }
}

Drawn BesideView::draw(Canvas& canvas, const ViewContext& context, const Pointer& pointer) {
    Drawn drawn;
    const hsa::Snapshot& snapshot = context.snapshot;
    if (!applies(context) || !snapshot.factors || !snapshot.target || !snapshot.sums) {
        draw_nothing(
            canvas, context, drawn,
            "Open a head of a model: its own attention stands here beside what splats make of it. "
            "For other data File, Compare with, the target shows the same");
        return drawn;
    }
    const hsa::PictureRequest request = maps_.arrange(canvas.bounds(), context, pointer, drawn);
    drawn.pictures.push_back(request);
    drawn.targets.push_back(request);
    take(context);
    drawn.waiting =
        !(maps_.shows(request) && factors_ == snapshot.factors) && snapshot.error.empty();
    drawn.animating = drawn.waiting;
    const bool of_file = context.session.document.target.source == hsa::TargetSource::file;
    maps_.draw(canvas, context,
               {{of_file ? "the target" : "the model's own", "splats",
                 of_file ? "splats over the target" : "splats over the model's own"},
                "beside",
                kDecades},
               drawn);
    return drawn;
}

}  // namespace

std::unique_ptr<View> make_beside_view() { return std::make_unique<BesideView>(); }

}  // namespace splatscope
