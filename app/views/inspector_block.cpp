#include "app/views/inspector_cards.h"
#include "app/widgets/numbers.h"
#include "app/widgets/theme.h"
#include "engine/attention/finish.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>

namespace splatscope {
namespace {

constexpr double kFoldFrom = 0.97;  // of the value, from which the rest is one row
constexpr float kRowHeight = 21.0F;

void write_side(CardWriter& card, const char* name, const hsa::Range& tokens,
                const hsa::Dataset& dataset) {
    const RowLink link{fmt::format("{} of block", name), "select.tokens " + range_argument(tokens),
                       "select these tokens"};
    const std::string words = has_words(dataset) ? words_of(dataset, tokens) : std::string();
    card.mono(fmt::format("{} {}{}{}", name, range_text(tokens), words.empty() ? "" : "  ", words),
              true, link);
}

void write_word(CardWriter& card, const char* name, std::size_t token,
                const hsa::Dataset& dataset) {
    card.heading(fmt::format("{} {}", name, count_text(token)), section_title(dataset, token));
    card.in_context(in_context(dataset, token, 8), "", card.theme().accent,
                    token_link(static_cast<std::uint32_t>(token), "select this token"));
}

// Rows of the waterfall before the rest is folded: what the panel has room for.
std::size_t rows_shown(const CardWriter& card, const hsa::CellParts& parts) {
    const float room = (card.visible_height() - 96.0F) / kRowHeight;
    const auto most = static_cast<std::size_t>(std::clamp(room, 4.0F, 16.0F)) - 1;
    std::size_t rows = 0;
    double sum = 0.0;
    while (rows < parts.parts.size() && rows < most && sum < kFoldFrom * parts.value) {
        sum += parts.parts[rows].value;
        ++rows;
    }
    // Folding a single splat saves nothing.
    return rows + 1 == parts.parts.size() ? rows + 1 : rows;
}

}  // namespace

void write_block_card(CardWriter& card, const hsa::Block& block, const hsa::LookResult& look) {
    const hsa::CellParts& parts = *look.block;
    const hsa::Snapshot& snapshot = card.context().snapshot;
    const hsa::Dataset& dataset = *snapshot.dataset;
    const bool cell = block.rows.size() == 1 && block.columns.size() == 1;
    if (cell) {
        write_word(card, "row", block.rows.begin, dataset);
        write_word(card, "attends to column", block.columns.begin, dataset);
        card.space(4.0F);
    } else {
        write_side(card, "rows", block.rows, dataset);
        write_side(card, "columns", block.columns, dataset);
    }
    const double ratio = parts.value * static_cast<double>(dataset.size());
    card.mono(fmt::format("{} = {}  = {}", cell ? "attention" : "mean", number_text(parts.value),
                          uniform_text(ratio)),
              false,
              {"", "",
               fmt::format("{} {}", cell ? "attention" : "mean attention", raw_text(parts.value))});
    if (hsa::has_row_steps(look.attention)) {
        const std::string steps = hsa::row_steps_text(look.attention);
        if (look.finished)
            card.mono(
                fmt::format("after {} = {}  = {}", steps, number_text(*look.finished),
                            uniform_text(*look.finished * static_cast<double>(dataset.size()))),
                false, {"", "", "the map's value; the parts below are of A before it"});
        else
            card.sentence(fmt::format("before {}: a block of this many rows is shown so", steps),
                          card.theme().warning);
    }
    card.space(6.0F);

    const std::size_t shown = rows_shown(card, parts);
    const double whole = parts.value > 0.0 ? parts.value : 1.0;
    double sum = 0.0;
    for (std::size_t p = 0; p < shown; ++p) {
        const hsa::Part& part = parts.parts[p];
        const double begin = sum / whole;
        sum += part.value;
        BarRow row{
            splat_name(snapshot, part.splat),
            sign_of_level(part.level),
            begin,
            sum / whole,
            percent_text(part.value / whole),
            splat_link(snapshot, part.splat,
                       fmt::format("{} · {}\nP {} × K {} = {}", splat_name(snapshot, part.splat),
                                   level_name(snapshot, part.level), number_text(part.p),
                                   number_text(part.k), number_text(part.value)))};
        card.bar(row);
    }
    if (shown < parts.parts.size()) {
        const double begin = sum / whole;
        for (std::size_t p = shown; p < parts.parts.size(); ++p) sum += parts.parts[p].value;
        card.bar({fmt::format("{} more splats", parts.parts.size() - shown),
                  background_splat_colour(),
                  begin,
                  sum / whole,
                  percent_text(sum / whole - begin),
                  {}});
    }
    card.space(4.0F);
    const double error = std::fabs(sum / whole - 1.0);
    const bool sums = parts.value > 0.0 ? error < 5e-4 : sum == 0.0;
    card.sentence(parts.value > 0.0
                      ? fmt::format("parts sum to the {}: {}", cell ? "value" : "mean",
                                    percent_text(sum / whole, 1))
                      : std::string("no attention here: every part is zero"),
                  sums ? card.theme().good : card.theme().warning);
}

}  // namespace splatscope
