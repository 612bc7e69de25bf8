#include "app/setting_values.h"
#include "app/views/inspector_cards.h"
#include "app/widgets/numbers.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <string>

namespace splatscope {
namespace {

constexpr std::size_t kSplats = 8;
constexpr std::size_t kTokens = 12;

void write_tokens(CardWriter& card, std::string_view heading,
                  const std::vector<hsa::WeightedToken>& list) {
    const hsa::Snapshot& snapshot = card.context().snapshot;
    const auto n = static_cast<double>(snapshot.dataset->size());
    card.heading(heading, "× uniform");
    for (std::size_t t = 0; t < std::min(list.size(), kTokens); ++t) {
        const hsa::WeightedToken& other = list[t];
        if (other.token >= snapshot.dataset->size()) continue;
        std::uint16_t level = hsa::kBackgroundLevel;
        if (snapshot.registry && other.splat != hsa::kNoSplat)
            if (const auto row = snapshot.registry->find(other.splat))
                level = snapshot.registry->level[*row];
        card.in_context(
            in_context(*snapshot.dataset, other.token, 6),
            number_text(static_cast<double>(other.value) * n), sign_of_level(level),
            token_link(
                other.token,
                fmt::format("token {} · attention {} · most of it through {} ({})",
                            count_text(other.token), raw_text(static_cast<double>(other.value)),
                            splat_name(snapshot, other.splat), level_name(snapshot, level))));
    }
}

// What metadata say of the token; a click selects all that have the same.
void write_properties(CardWriter& card, const hsa::Dataset& dataset, std::size_t token) {
    constexpr std::size_t kShown = 6;
    for (std::size_t p = 0; p < std::min(dataset.properties.size(), kShown); ++p) {
        const hsa::MetadataColumn& column = dataset.properties[p];
        const bool words = column.numbers.empty();
        const std::string value = words ? column.words[token] : raw_text(column.numbers[token]);
        if (words ? value.empty() : std::isnan(column.numbers[token])) continue;
        RowLink link;
        link.id = "property " + column.name;
        link.command =
            fmt::format("select.property {} {}", quote_word(column.name), quote_word(value));
        link.tooltip = fmt::format("selects all tokens whose {} is {}", column.name, value);
        card.fact(column.name, value, link);
    }
}

// Which splats, and through them which tokens, its output comes from.
void write_output(CardWriter& card, const hsa::OutputChain& output) {
    constexpr std::size_t kParts = 5;
    constexpr std::size_t kWords = 3;
    const hsa::Snapshot& snapshot = card.context().snapshot;
    const hsa::Dataset& dataset = *snapshot.dataset;
    if (!(output.value > 0.0) || output.parts.empty()) return;
    const bool own = dataset.head && dataset.head->values.cols() > 0;
    card.heading(own ? "its output, through values" : "its output, vectors as values",
                 "share of its length");
    double most = 1e-30;
    for (const hsa::OutputPart& part : output.parts) most = std::max(most, std::abs(part.value));
    double rest = output.value;
    for (std::size_t s = 0; s < std::min(output.parts.size(), kParts); ++s) {
        const hsa::OutputPart& part = output.parts[s];
        rest -= part.value;
        std::string words;
        for (std::size_t t = 0; t < std::min(part.tokens.size(), kWords); ++t)
            words += (t > 0 ? ", " : "") + dataset.token_text(part.tokens[t].token);
        std::string tooltip = fmt::format("through {} ({})", splat_name(snapshot, part.splat),
                                          level_name(snapshot, part.level));
        for (const hsa::OutputToken& each : part.tokens)
            tooltip += fmt::format("\n{}  {}", dataset.token_text(each.token),
                                   percent_text(each.value / output.value));
        card.bar({words.empty() ? splat_name(snapshot, part.splat) : words,
                  sign_of_level(part.level), 0.0, std::max(0.0, part.value) / most,
                  percent_text(part.value / output.value),
                  splat_link(snapshot, part.splat, std::move(tooltip))});
    }
    card.fact("all others", percent_text(rest / output.value),
              {"", "", "all parts sum to the length of the output: " + raw_text(output.value)});
}

}  // namespace

void write_token_card(CardWriter& card, const hsa::TokenCard& token, const hsa::OutputChain* output,
                      std::size_t selected) {
    const hsa::Snapshot& snapshot = card.context().snapshot;
    const hsa::Dataset& dataset = *snapshot.dataset;
    if (token.token >= dataset.size()) return;
    card.title(dataset.token_text(token.token), section_title(dataset, token.token),
               card.theme().secondary);
    card.mono(selected > 1 ? fmt::format("token {}, the first of {} selected",
                                         count_text(token.token), count_text(selected))
                           : fmt::format("token {}", count_text(token.token)),
              true);
    if (dataset.text)
        card.in_context(in_context(dataset, token.token, 10), "", card.theme().accent,
                        token_link(token.token));
    write_properties(card, dataset, token.token);

    card.heading("its splats", "share of its attention");
    const double largest =
        token.splats.empty() ? 1.0 : std::max(1e-30, static_cast<double>(token.splats.front().p));
    for (std::size_t s = 0; s < std::min(token.splats.size(), kSplats); ++s) {
        const hsa::WeightedSplat& part = token.splats[s];
        const auto p = static_cast<double>(part.p);
        card.bar({splat_name(snapshot, part.splat), sign_of_level(part.level), 0.0, p / largest,
                  percent_text(p),
                  splat_link(snapshot, part.splat,
                             fmt::format("{} · {} · P = {}", splat_name(snapshot, part.splat),
                                         level_name(snapshot, part.level), raw_text(p)))});
    }
    write_tokens(card, "attends to", token.to);
    if (output != nullptr && output->token == token.token) write_output(card, *output);
    write_tokens(card, "is attended by", token.from);
}

}  // namespace splatscope
