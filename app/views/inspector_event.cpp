#include "app/views/inspector_cards.h"
#include "app/widgets/numbers.h"
#include "engine/model/trigger.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <string>

namespace splatscope {
namespace {

constexpr std::size_t kRows = 12;

// "error_share" as people write it.
std::string plain(std::string name) {
    std::replace(name.begin(), name.end(), '_', ' ');
    return name;
}

std::string capital(std::string name) {
    if (!name.empty() && name[0] >= 'a' && name[0] <= 'z')
        name[0] = static_cast<char>(name[0] - 'a' + 'A');
    return name;
}

// What is kept in plain letters, as it is set in print.
std::string typeset(std::string text) {
    const auto replace = [&](std::string_view from, std::string_view to) {
        for (std::size_t at = text.find(from); at != std::string::npos;
             at = text.find(from, at + to.size()))
            text.replace(at, from.size(), to);
    };
    replace(" +- ", " \u00b1 ");
    replace(" +0;", " 0;");
    return text;
}

void write_splats(CardWriter& card, const char* heading, const std::vector<hsa::SplatId>& ids,
                  const Sign& sign) {
    if (ids.empty()) return;
    const hsa::Snapshot& snapshot = card.context().snapshot;
    card.heading(heading);
    for (std::size_t i = 0; i < std::min(ids.size(), kRows); ++i) {
        const bool alive = snapshot.registry && snapshot.registry->find(ids[i]).has_value();
        RowLink link;
        if (alive) link = splat_link(snapshot, ids[i], "select this splat");
        else link.tooltip = "not among the splats of this cycle";
        // One that is no more has no level.
        card.entry(alive ? sign : Sign{card.theme().secondary, Marker::cross},
                   splat_name(snapshot, ids[i]), fmt::format("{}", ids[i]), link);
    }
    if (ids.size() > kRows) card.mono(fmt::format("and {} more", ids.size() - kRows), true);
}

void write_numbers(CardWriter& card, const hsa::Event& event) {
    if (!event.decided_by.empty()) {
        card.space(8.0F);
        std::vector<CardCells> rows;
        for (const hsa::Reason& reason : event.decided_by)
            rows.push_back(
                {{plain(reason.name), number_text(reason.value), number_text(reason.threshold)},
                 {"", "",
                  fmt::format("{}: {} held against {}", plain(reason.name), raw_text(reason.value),
                              raw_text(reason.threshold))}});
        card.table({"decided by", "value", "threshold"}, rows);
    }
    const double before = event.objective_before, after = event.objective_after;
    if (before != 0.0 || after != 0.0) {
        card.space(8.0F);
        card.table({"objective", "before", "after", "change"},
                   {{{event.kind == hsa::EventKind::level ? "of all levels" : "of the level",
                      number_text(before, 4), number_text(after, 4),
                      (after > before ? "+" : "") + number_text(after - before, 2)},
                     {"", "", fmt::format("{} -> {}", raw_text(before), raw_text(after))}}});
    }
    if (event.d != 0.0 || event.se != 0.0) {
        card.space(8.0F);
        card.table({"trial", "change of row-KL"},
                   {{{"mean and its standard error",
                      fmt::format("{} ± {}", number_text(event.d, 2), number_text(event.se, 2))},
                     {"", "", "nats; below zero is better"}}});
    }
}

}  // namespace

void write_event_card(CardWriter& card, std::size_t index, const hsa::Event& event,
                      const hsa::EventCard* changes) {
    const hsa::Snapshot& snapshot = card.context().snapshot;
    const Sign sign = sign_of_level(snapshot, event.level_name, card.theme());
    card.marked_title(marker_of(event.kind), event.accepted ? sign.colour : card.theme().secondary,
                      capital(hsa::name_of(event.kind)) + (event.accepted ? "" : ", refused"),
                      fmt::format("cycle {}", event.cycle));
    std::string by = hsa::name_of(event.by);
    if (event.by == hsa::Actor::controller) by += " · " + hsa::trigger_of(event);
    card.mono(fmt::format("event {} · {} · by {}", index, event.level_name, by), true);
    if (!event.text.empty()) card.sentence(typeset(event.text));
    write_numbers(card, event);
    write_splats(card, event.after.empty() ? "splats" : "splats before", event.before, sign);
    if (event.after != event.before) write_splats(card, "splats after", event.after, sign);

    if (!snapshot.dataset) return;
    const hsa::Dataset& dataset = *snapshot.dataset;
    if (changes != nullptr && changes->index == index && !changes->changed_rows.empty()) {
        card.heading("rows of attention it changed", "sum of |change|");
        for (std::size_t r = 0; r < std::min(changes->changed_rows.size(), kRows); ++r) {
            const hsa::ChangedRow& row = changes->changed_rows[r];
            if (row.row >= dataset.size()) continue;
            card.in_context(
                in_context(dataset, row.row, 6), number_text(row.l1, 2), sign,
                token_link(row.row, fmt::format("row {} · sum over j of |change of A| = {}",
                                                count_text(row.row), raw_text(row.l1))));
        }
    } else if (!event.tokens.empty()) {
        card.heading("words it is about");
        for (std::size_t t = 0; t < std::min(event.tokens.size(), kRows); ++t)
            if (event.tokens[t] < dataset.size())
                card.in_context(in_context(dataset, event.tokens[t], 6), "", sign,
                                token_link(event.tokens[t]));
    }
}

}  // namespace splatscope
