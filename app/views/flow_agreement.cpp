#include "app/views/flow_agreement.h"

#include "app/widgets/colour_map.h"
#include "app/widgets/numbers.h"
#include "app/widgets/text_lines.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <string>
#include <vector>

namespace splatscope {
namespace {

constexpr float kTitle = 20.0F;
constexpr float kHeads = 18.0F;
constexpr float kRow = 20.0F;
constexpr ColourMapName kColours = ColourMapName::puor;

struct Column {
    std::string name;
    std::optional<hsa::PartAgreement> hsa::StructureAgreement::*of = nullptr;  // null: heads
};

std::vector<Column> columns_of(const hsa::Flow& flow) {
    std::vector<Column> columns;
    const auto some = [&](const auto& has) {
        return std::any_of(flow.agreement.begin(), flow.agreement.end(), has);
    };
    for (const hsa::NamedAgreement& part : hsa::parts_of_a_text())
        if (some(
                [&](const hsa::StructureAgreement& level) { return (level.*part.of).has_value(); }))
            columns.push_back({part.name, part.of});
    if (some([](const hsa::StructureAgreement& level) { return level.dependencies.has_value(); }))
        columns.push_back({"heads of words", nullptr});
    return columns;
}

// What a cell shows: its place on the colours, 0 .5 1 for less, as chance, more; words; more words.
struct Shown {
    double place = 0.5;
    std::string words;
    std::string tip;
};

std::optional<Shown> shown_of(const hsa::StructureAgreement& level, const Column& column) {
    if (column.of != nullptr) {
        const std::optional<hsa::PartAgreement>& with = level.*column.of;
        if (!with) return std::nullopt;
        return Shown{
            0.5 + 0.5 * with->information, percent_text(with->information),
            fmt::format("{} of the information that splats and {} could share\nits splats "
                        "change where {} do, within {}: F1 {} (at random {})",
                        percent_text(with->information), column.name, column.name,
                        counted(with->tolerance, "token"), number_text(with->boundary_f1, 2),
                        number_text(with->f1_by_chance, 2))};
    }
    if (!level.dependencies) return std::nullopt;
    const hsa::DependencyAgreement& heads = *level.dependencies;
    const double lift = heads.lift();
    constexpr double kMost = 10.0;
    const double decades = std::log10(std::clamp(lift, 1.0 / kMost, kMost));
    return Shown{0.5 + 0.5 * decades, fmt::format("\u00d7 {}", number_text(lift, 2)),
                 fmt::format("a word's head gets {} of the level's attention; a word as far away "
                             "{}\nof {} words",
                             percent_text(heads.mean), percent_text(heads.same_distance),
                             count_text(heads.pairs))};
}

}  // namespace

float agreement_height(const hsa::Flow& flow) {
    if (columns_of(flow).empty()) return 0.0F;
    return kTitle + kHeads + kRow * static_cast<float>(flow.agreement.size());
}

void draw_agreement_table(Canvas& canvas, const ViewContext& context, const hsa::Flow& flow,
                          const Rect& bounds, const Pointer& pointer, Drawn& drawn) {
    const std::vector<Column> columns = columns_of(flow);
    if (columns.empty()) return;
    const Theme& theme = context.theme;
    const TextStyle title{theme.text, Font::text, kSmallTextSize, Align::start, Align::start};
    (void)canvas.label(
        bounds.min,
        canvas.fit("how levels part the text, as it is parted itself", title, bounds.width()),
        title);
    const float names = std::clamp(0.34F * bounds.width(), 40.0F, 190.0F);
    const float left = bounds.min.x + names;
    const float width = (bounds.max.x - left) / static_cast<float>(columns.size());
    const float top = bounds.min.y + kTitle + kHeads;
    const TextStyle head{theme.secondary, Font::text, 12.0F, Align::centre, Align::end};
    TextStyle name{theme.text, Font::text, kSmallTextSize, Align::start, Align::centre};
    for (std::size_t c = 0; c < columns.size(); ++c)
        (void)canvas.label({left + width * (static_cast<float>(c) + 0.5F), top - 4.0F},
                           canvas.fit(columns[c].name, head, width - 4.0F), head);
    for (std::size_t l = 0; l < flow.agreement.size(); ++l) {
        const float y = top + kRow * static_cast<float>(l);
        name.colour = text_colour(theme, level_colour(l));
        (void)canvas.label({bounds.min.x + 20.0F, y + 0.5F * kRow},
                           canvas.fit(flow.levels[l], name, names - 28.0F), name);
        for (std::size_t c = 0; c < columns.size(); ++c) {
            const std::optional<Shown> shown = shown_of(flow.agreement[l], columns[c]);
            if (!shown) continue;
            const Rect cell{{left + width * static_cast<float>(c), y},
                            {left + width * static_cast<float>(c + 1) - 1.0F, y + kRow - 1.0F}};
            const Colour colour = colour_at(kColours, shown->place);
            canvas.rect(cell, colour);
            const TextStyle style{readable_on(colour), Font::mono, 12.0F, Align::centre,
                                  Align::centre};
            if (canvas.text_size(shown->words, style).x < width - 4.0F)
                canvas.text(cell.centre(), shown->words, style);
            if (pointer.inside && cell.contains(pointer.position))
                drawn.tooltip =
                    fmt::format("{}: {}\n{}", flow.levels[l], columns[c].name, shown->tip);
        }
    }
}

}  // namespace splatscope
