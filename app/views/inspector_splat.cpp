#include "app/views/inspector_cards.h"
#include "app/widgets/numbers.h"
#include "app/widgets/theme.h"

#include <fmt/core.h>

#include <algorithm>

namespace splatscope {
namespace {

constexpr std::size_t kTopTokens = 10;
constexpr std::size_t kPaths = 4;
constexpr std::size_t kChildren = 8;
constexpr std::size_t kEvents = 12;

void write_spectrum(CardWriter& card, const hsa::SplatCard& splat) {
    if (splat.spectrum.empty()) return;
    const double widest = splat.spectrum.front(), narrowest = splat.spectrum.back();
    if (widest - narrowest < 1e-6 * widest) {
        card.fact("spread (spherical)",
                  fmt::format("{} on {} axes", number_text(widest), splat.spectrum.size()),
                  {"", "", "standard deviation, the same along every axis: " + raw_text(widest)});
        return;
    }
    card.heading(fmt::format("spread along {} axes", splat.spectrum.size()),
                 fmt::format("{} to {}", number_text(widest), number_text(narrowest)));
    card.spectrum(splat.spectrum, colour_of_level(splat.level),
                  {"", "", "standard deviations of the Gaussian, the widest axis first"});
}

// The strongest tokens, one a passage: neighbours stand in the same context already, and
// punctuation says nothing unless there is nothing else.
std::vector<hsa::WeightedToken> passages(const hsa::Dataset& dataset,
                                         const std::vector<hsa::WeightedToken>& top) {
    constexpr std::uint32_t kApart = 6;
    const bool words = std::any_of(top.begin(), top.end(), [&](const hsa::WeightedToken& token) {
        return token.token < dataset.size() && is_word(dataset.token_text(token.token));
    });
    std::vector<hsa::WeightedToken> kept;
    for (const hsa::WeightedToken& token : top) {
        if (token.token >= dataset.size() || kept.size() == kTopTokens) continue;
        if (dataset.ordered && words && !is_word(dataset.token_text(token.token))) continue;
        const bool close =
            dataset.ordered &&
            std::any_of(kept.begin(), kept.end(), [&](const hsa::WeightedToken& other) {
                return std::max(other.token, token.token) - std::min(other.token, token.token) <
                       kApart;
            });
        if (!close) kept.push_back(token);
    }
    return kept;
}

// What the splat has more of than the text; a click selects the tokens that show it.
void write_what_it_does(CardWriter& card, const hsa::SplatSpecialisation& does) {
    if (does.found.empty()) return;
    const hsa::Dataset& dataset = *card.context().snapshot.dataset;
    card.heading("what it does", "share · against the text");
    for (const hsa::Specialisation& one : does.found) {
        RowLink link;
        link.id = "does " + one.name;
        link.command = "select.tokens";
        std::string words;
        for (const std::uint32_t token : one.tokens) {
            if (token >= dataset.size()) continue;
            link.command += fmt::format(" {}", token);
            words += (words.empty() ? "" : ", ") + dataset.token_text(token);
        }
        link.tooltip = fmt::format(
            "{}: {} of the splat, {} of the text; confidence {}\n{}", one.name,
            percent_text(one.share), percent_text(one.share_in_text),
            one.confidence > 0.9999 ? "above 0.9999" : number_text(one.confidence, 4), words);
        if (one.tokens.empty()) link.command.clear();
        card.fact(one.name,
                  fmt::format("{} · ×{}", percent_text(one.share), number_text(one.lift, 2)), link);
    }
}

// Where it has hung over the cycles; one parent alone says no more than the line above it.
void write_paths(CardWriter& card, const hsa::SplatCard& splat) {
    const hsa::Snapshot& snapshot = card.context().snapshot;
    if (!snapshot.registry || splat.paths.size() < 2) return;
    card.heading("over the cycles");
    for (std::size_t p = 0; p < std::min(splat.paths.size(), kPaths); ++p) {
        const hsa::PathShare& path = splat.paths[p];
        if (!snapshot.registry->find(path.parent)) continue;
        card.entry(sign_of_level(static_cast<std::uint16_t>(splat.level + 1)),
                   splat_name(snapshot, path.parent), percent_text(static_cast<double>(path.share)),
                   splat_link(snapshot, path.parent,
                              "share of this splat that it had over the cycles (levels.memory): "
                              "the largest is the parent"));
    }
}

void write_children(CardWriter& card, const hsa::SplatCard& splat) {
    const hsa::Snapshot& snapshot = card.context().snapshot;
    if (!snapshot.registry) return;
    const std::vector<hsa::SplatId> children = snapshot.registry->children(splat.splat);
    if (children.empty()) return;
    card.heading(counted(children.size(), "splat") + " below it");
    for (std::size_t c = 0; c < std::min(children.size(), kChildren); ++c) {
        const std::size_t row = snapshot.registry->row(children[c]);
        const bool shared = snapshot.parent_share && row < snapshot.parent_share->size();
        card.entry(
            sign_of_level(snapshot.registry->level[row]), splat_name(snapshot, children[c]),
            shared ? percent_text(static_cast<double>((*snapshot.parent_share)[row])) : "",
            splat_link(snapshot, children[c], "share of this child that lies in its parent"));
    }
    if (children.size() > kChildren)
        card.mono(fmt::format("and {} more", children.size() - kChildren), true);
}

}  // namespace

void write_splat_card(CardWriter& card, const hsa::SplatCard& splat,
                      const hsa::SplatSpecialisation* does, std::size_t selected) {
    const hsa::Snapshot& snapshot = card.context().snapshot;
    const Colour colour = colour_of_level(splat.level);
    card.title(splat_name(snapshot, splat.splat), level_name(snapshot, splat.level),
               text_colour(card.theme(), colour));
    const std::string id = fmt::format("splat {}", splat.splat);
    if (selected > 1)
        card.mono(fmt::format("{}, the first of {} selected", id, count_text(selected)), true);
    else if (splat_name(snapshot, splat.splat) != id) card.mono(id, true);
    if (!card.context().exporting)
        card.mono("rename", true,
                  {fmt::format("rename {}", splat.splat), "",
                   "gives this splat a name of your own, on the tree and on every card; an empty "
                   "one restores the name made of its strongest words",
                   fmt::format("splats.name {} ", splat.splat)});
    const bool alone = card.context().session.desk.map.splats.count(splat.splat) > 0;
    card.mono(alone ? "on the map alone: show all again" : "show on the map alone", true,
              {fmt::format("map splat {}", splat.splat),
               alone ? "reset map.splats" : fmt::format("set map.splats {}", splat.splat),
               "the map shows the part of attention that goes through this splat"});
    card.space(2.0F);
    if (splat.parent != hsa::kNoSplat) {
        const auto level = static_cast<std::uint16_t>(splat.level + 1);
        card.entry(
            sign_of_level(level), "in " + splat_name(snapshot, splat.parent),
            percent_text(splat.parent_share),
            splat_link(snapshot, splat.parent,
                       splat.paths.empty()
                           ? "its parent: the splat one level up that holds the largest share of it"
                           : "its parent, and the share of it that lies there now"));
    }
    write_paths(card, splat);
    card.fact("usage", percent_text(splat.usage),
              {"", "", "mean share of attention through this splat: " + raw_text(splat.usage)});
    card.fact("information", number_text(splat.information) + " nats",
              {"", "",
               "what this splat tells about the token: " + raw_text(splat.information) + " nats"});
    if (snapshot.registry) {
        if (const auto row = snapshot.registry->find(splat.splat))
            card.fact("age",
                      counted(static_cast<std::size_t>(std::max(0, snapshot.registry->age[*row])),
                              "cycle"),
                      {"", "", "cycles since it was made; the first splats begin as 3 cycles old"});
    }
    if (does != nullptr && does->splat == splat.splat) write_what_it_does(card, *does);
    write_spectrum(card, splat);

    if (!splat.top.empty() && snapshot.dataset) {
        card.heading(
            snapshot.dataset->ordered ? "strongest words, one a passage" : "strongest tokens",
            "share of its mass");
        for (const hsa::WeightedToken& top : passages(*snapshot.dataset, splat.top)) {
            const auto k = static_cast<double>(top.value);
            card.in_context(in_context(*snapshot.dataset, top.token, 8), percent_text(k), colour,
                            token_link(top.token, fmt::format("token {} · K = {}",
                                                              count_text(top.token), raw_text(k))));
        }
    }
    write_children(card, splat);
    if (!splat.events.empty() && snapshot.history) {
        card.heading("its events");
        const std::size_t first = splat.events.size() > kEvents ? splat.events.size() - kEvents : 0;
        if (first > 0) card.mono(fmt::format("{} earlier", first), true);
        const std::size_t all = snapshot.history->event_count(snapshot.history->last());
        for (std::size_t e = first; e < splat.events.size(); ++e) {
            if (splat.events[e] >= all) continue;
            const hsa::Event& event = snapshot.history->event(splat.events[e]);
            card.event(marker_of(event.kind), fmt::format("cycle {}", event.cycle),
                       event.text.empty() ? std::string(hsa::name_of(event.kind)) : event.text,
                       {fmt::format("event {}", splat.events[e]),
                        fmt::format("select.event {}", splat.events[e]), event.text});
        }
    }
}

}  // namespace splatscope
