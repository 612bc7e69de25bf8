#include "app/views/splats_surgery.h"

#include "app/views/splats_legend.h"
#include "app/widgets/numbers.h"

#include <fmt/core.h>

#include <algorithm>

namespace splatscope {
namespace {

constexpr float kMargin = 6.0F;
constexpr float kHeight = 22.0F;
constexpr float kAround = 8.0F;        // between words and the border of a button
constexpr float kShareOfWidth = 0.5F;  // the picture keeps the rest
constexpr float kLeastHeight = 180.0F;

bool are_shown(const ViewContext& context) {
    const HandlesShown shown = context.session.desk.splats.handles;
    return shown == HandlesShown::always || (shown == HandlesShown::window && !context.exporting);
}

}  // namespace

std::vector<SurgeryChoice> surgery_choices(const ViewContext& context) {
    std::vector<SurgeryChoice> choices;
    if (!context.snapshot.registry) return choices;
    const hsa::SplatRegistry& registry = *context.snapshot.registry;
    if (registry.form != hsa::Form::token) return choices;
    const hsa::Selection& selection = context.session.document.selection;
    std::vector<std::size_t> rows;
    for (const hsa::SplatId id : selection.splats)
        if (const auto row = registry.find(id)) rows.push_back(*row);
    if (rows.size() == 1) {
        const hsa::SplatId id = registry.id[rows[0]];
        choices.push_back({"split", fmt::format("Split {}", id), fmt::format("splats.split {}", id),
                           "two splats of half the weight in its place"});
        if (registry.count(registry.level[rows[0]]) > 1)
            choices.push_back({"remove", fmt::format("Remove {}", id),
                               fmt::format("splats.remove {}", id),
                               "its children go to the best remaining parent"});
    }
    if (rows.size() == 2 && registry.level[rows[0]] == registry.level[rows[1]]) {
        const hsa::SplatId a = registry.id[rows[0]];
        const hsa::SplatId b = registry.id[rows[1]];
        choices.push_back({"merge", fmt::format("Merge {} and {}", a, b),
                           fmt::format("splats.merge {} {}", a, b),
                           "one splat with the mass and the moments of both"});
    }
    if (const std::size_t tokens = hsa::total_size(selection.tokens); tokens > 0)
        choices.push_back({"add", "Add a splat of " + counted(tokens, "token"), "splats.add",
                           "a splat of the finest level that fits the selected tokens"});
    return choices;
}

void draw_surgery(Canvas& canvas, const ViewContext& context, const Pointer& pointer, Drawn& drawn,
                  std::vector<Rect>& plates) {
    const Rect bounds = canvas.bounds();
    if (!are_shown(context) || bounds.height() < kLeastHeight) return;
    const TextStyle style{context.theme.text, Font::text,    kSmallTextSize,
                          Align::centre,      Align::centre, {0, 0, 0, 0}};
    float top = bounds.min.y + kMargin;
    for (const SurgeryChoice& choice : surgery_choices(context)) {
        const float width = canvas.text_size(choice.words, style).x + 2.0F * kAround;
        if (width > kShareOfWidth * bounds.width()) continue;
        const Rect place = {{bounds.min.x + kMargin, top},
                            {bounds.min.x + kMargin + width, top + kHeight}};
        top += kHeight + 4.0F;
        const bool under = pointer.inside && place.contains(pointer.position);
        draw_plate(canvas, context.theme, place, plates);
        canvas.rect_outline(place, under ? context.theme.accent : context.theme.lines, 1.0F, 4.0F);
        (void)canvas.text(place.centre(), choice.words, style);
        drawn.hits.push_back({"surgery " + choice.id, place, choice.command});
        if (!under) continue;
        drawn.tooltip = choice.says;
        if (pointer.clicked) drawn.commands.push_back(choice.command);
    }
}

}  // namespace splatscope
