#include "app/views/inspector_cards.h"
#include "app/widgets/numbers.h"

#include <fmt/core.h>

#include <algorithm>
#include <string>

namespace splatscope {
namespace {

constexpr std::size_t kTokens = 8;
constexpr std::size_t kLinks = 6;
constexpr std::size_t kSplats = 5;

std::string through(const hsa::Snapshot& snapshot, const hsa::SplatPart& part, double whole) {
    const std::string share = whole > 0.0 ? percent_text(part.value / whole) : std::string();
    if (part.splat == hsa::kExactPairs) return fmt::format("{} exact scores", share);
    return fmt::format("{} through {} ({})", share, splat_name(snapshot, part.splat),
                       level_name(snapshot, part.level));
}

// "select.tokens 3 17 120" of a list.
std::string select_all(const std::vector<hsa::AskedToken>& answers) {
    std::string line = "select.tokens";
    for (const hsa::AskedToken& answer : answers) line += fmt::format(" {}", answer.token);
    return line;
}

void write_answers(CardWriter& card, std::string_view heading, std::string_view what,
                   const std::vector<hsa::AskedToken>& answers) {
    constexpr std::size_t kParts = 3;
    const hsa::Snapshot& snapshot = card.context().snapshot;
    if (answers.empty()) return;
    card.heading(heading, "× uniform");
    for (std::size_t t = 0; t < std::min(answers.size(), kTokens); ++t) {
        const hsa::AskedToken& answer = answers[t];
        if (answer.token >= snapshot.dataset->size()) continue;
        std::string tooltip =
            fmt::format("token {} · {} {}", count_text(answer.token), what, raw_text(answer.value));
        for (std::size_t p = 0; p < std::min(answer.parts.size(), kParts); ++p)
            tooltip += "\n" + through(snapshot, answer.parts[p], answer.value);
        const std::uint16_t level =
            answer.parts.empty() ? hsa::kBackgroundLevel : answer.parts.front().level;
        card.in_context(in_context(*snapshot.dataset, answer.token, 6), number_text(answer.times),
                        sign_of_level(level), token_link(answer.token, std::move(tooltip)));
    }
    card.mono(fmt::format("select all {}", answers.size()), true,
              {fmt::format("all: {}", heading), select_all(answers),
               "select the marked words: what do they attend to?"});
}

// `but_from`: links that begin there stand in another list.
void write_links(CardWriter& card, std::string_view heading, const hsa::StrongestPairs& links,
                 const std::vector<hsa::Range>& but_from) {
    constexpr std::size_t kWords = 4;
    const hsa::Snapshot& snapshot = card.context().snapshot;
    const hsa::Dataset& dataset = *snapshot.dataset;
    std::size_t written = 0;
    for (const hsa::Pair& link : links.pairs) {
        if (written == kLinks) break;
        if (std::max(link.i, link.j) >= dataset.size() || hsa::covers(but_from, link.i)) continue;
        if (written++ == 0) card.heading(heading, "× uniform");
        const std::uint32_t distance = std::max(link.i, link.j) - std::min(link.i, link.j);
        const std::size_t sees =
            snapshot.factors && snapshot.factors->causal ? link.i + std::size_t{1} : dataset.size();
        std::uint16_t level = hsa::kBackgroundLevel;
        if (!link.splats.empty() && snapshot.registry)
            if (const auto row = snapshot.registry->find(link.splats.front()))
                level = snapshot.registry->level[*row];
        card.link(in_context(dataset, link.i, kWords), in_context(dataset, link.j, kWords),
                  number_text(link.value * static_cast<double>(sees)), sign_of_level(level),
                  {fmt::format("link {} {}", link.i, link.j),
                   fmt::format("select.block {} {}", link.i, link.j),
                   fmt::format("token {} attends to token {}, {} away: {}\nclick for the splats "
                               "between them",
                               count_text(link.i), count_text(link.j), count_text(distance),
                               raw_text(link.value))});
    }
}

// Whether the words of two places are the same, in whatever case.
bool same_words(const hsa::Dataset& dataset, const hsa::Range& a, const hsa::Range& b) {
    if (a.size() != b.size() || dataset.types.size() != dataset.size()) return false;
    return std::equal(dataset.types.begin() + static_cast<std::ptrdiff_t>(a.begin),
                      dataset.types.begin() + static_cast<std::ptrdiff_t>(a.end),
                      dataset.types.begin() + static_cast<std::ptrdiff_t>(b.begin));
}

// The words that were asked, and at how many places.
void write_question(CardWriter& card, const hsa::Asked& asked) {
    const hsa::Snapshot& snapshot = card.context().snapshot;
    const hsa::Dataset& dataset = *snapshot.dataset;
    const std::size_t places = asked.tokens.size();
    const std::string words = has_words(dataset) ? words_of(dataset, asked.tokens.front())
                                                 : "rows " + range_text(asked.tokens.front());
    const bool same = std::all_of(asked.tokens.begin(), asked.tokens.end(), [&](const auto& place) {
        return same_words(dataset, place, asked.tokens.front());
    });
    card.title(same || places == 1 ? words : words + " and others", counted(places, "place"),
               card.theme().secondary);
    card.mono(
        fmt::format("{} · {} of attention stays here",
                    counted(hsa::total_size(asked.tokens), "token"), percent_text(asked.within)),
        true);
}

}  // namespace

void write_far_links(CardWriter& card, const hsa::Asked& asked) {
    const std::string far = counted(asked.beyond, "token");
    if (asked.links_to)
        write_links(card, "links from here over more than " + far, *asked.links_to, {});
    if (asked.links_from)
        write_links(card, "links to here over more than " + far, *asked.links_from, asked.tokens);
}

void write_ask_card(CardWriter& card, const hsa::Asked& asked) {
    const hsa::Snapshot& snapshot = card.context().snapshot;
    if (asked.tokens.empty() || asked.tokens.back().end > snapshot.dataset->size()) return;
    write_question(card, asked);
    write_answers(card, "together they attend to", "their mean attention", asked.to);
    write_answers(card, "what attends to them", "its attention to them", asked.from);
    write_far_links(card, asked);
    card.heading("through these splats", "share of their attention");
    const double largest =
        asked.splats.empty() ? 1.0 : std::max(1e-30, static_cast<double>(asked.splats.front().p));
    for (std::size_t s = 0; s < std::min(asked.splats.size(), kSplats); ++s) {
        const hsa::WeightedSplat& part = asked.splats[s];
        const auto p = static_cast<double>(part.p);
        card.bar({splat_name(snapshot, part.splat), sign_of_level(part.level), 0.0, p / largest,
                  percent_text(p), splat_link(snapshot, part.splat)});
    }
}

}  // namespace splatscope
