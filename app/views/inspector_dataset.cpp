#include "app/views/inspector_cards.h"
#include "app/widgets/numbers.h"
#include "app/widgets/theme.h"

#include <fmt/core.h>

#include <string>
#include <vector>

namespace splatscope {
namespace {

std::string file_name(const std::string& path) {
    const std::size_t slash = path.find_last_of('/');
    return slash == std::string::npos ? path : path.substr(slash + 1);
}

void write_levels(CardWriter& card, const hsa::Measures& measures) {
    card.space(8.0F);
    std::vector<CardCells> rows;
    for (std::size_t l = 0; l < measures.levels.size(); ++l) {
        const hsa::LevelMeasures& level = measures.levels[l];
        rows.push_back({{level.name, count_text(level.splats), percent_text(level.usage),
                         level.row_kl ? number_text(*level.row_kl) : "–"},
                        {fmt::format("level {}", level.name),
                         {},
                         fmt::format("{}: weight {}, information {} nats", level.name,
                                     percent_text(level.weight), number_text(level.information))},
                        level_sign(l)});
    }
    card.table({"level", counted(measures.splats, "splat"), "usage", "row-KL"}, rows);
}

}  // namespace

void write_dataset_card(CardWriter& card) {
    const hsa::Snapshot& snapshot = card.context().snapshot;
    const hsa::Dataset& dataset = *snapshot.dataset;
    card.sentence("Click a block of the map, a splat, a word or an event: its card appears here.",
                  card.theme().secondary);
    card.space(6.0F);
    card.title(file_name(dataset.source));
    std::string counts = counted(dataset.size(), "token");
    if (const std::size_t columns = dataset.embeddings.rows.cols; columns > 0) {
        counts += fmt::format(" · {} dims", columns);
        if (snapshot.coordinates && snapshot.coordinates->dimension() != columns)
            counts += fmt::format(", {} used", snapshot.coordinates->dimension());
    }
    card.mono(counts, true);
    if (snapshot.measures) {
        const hsa::Measures& measures = *snapshot.measures;
        if (measures.row_kl) {
            const auto uniform = measures.reference_kl;
            card.fact(
                "row-KL from the target",
                uniform ? fmt::format("{} of {} nats", number_text(*measures.row_kl),
                                      number_text(*uniform))
                        : number_text(*measures.row_kl) + " nats",
                {"", "",
                 fmt::format("{} nats, from {}{}", raw_text(*measures.row_kl),
                             counted(measures.report_rows, "row"),
                             uniform ? "; uniform attention has " + raw_text(*uniform) : "")});
        }
        write_levels(card, measures);
        if (measures.dead > 0) card.fact("splats hardly used", count_text(measures.dead));
        if (measures.measured_on_fit_rows)
            card.sentence("measured on the rows used for fitting", card.theme().secondary);
    }
    if (!dataset.understood.empty()) {
        card.space(8.0F);
        card.sentence(dataset.understood, card.theme().secondary);
    }
    for (const std::string& note : snapshot.notes) {
        card.space(4.0F);
        card.sentence(note, card.theme().secondary);
    }
}

RowLink splat_link(const hsa::Snapshot& snapshot, hsa::SplatId splat, std::string tooltip) {
    RowLink link;
    link.tooltip = std::move(tooltip);
    if (splat == hsa::kNoSplat || !snapshot.registry || !snapshot.registry->find(splat))
        return link;
    link.id = fmt::format("splat {}", splat);
    link.command = fmt::format("select.splats {}", splat);
    return link;
}

RowLink token_link(std::uint32_t token, std::string tooltip) {
    return {fmt::format("token {}", token), fmt::format("select.tokens {}", token),
            std::move(tooltip)};
}

}  // namespace splatscope
