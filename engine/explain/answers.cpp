#include "engine/explain/answers.h"

#include "engine/attention/cells.h"
#include "engine/attention/finish.h"
#include "engine/core/json_number.h"
#include "engine/explain/answer_parts.h"
#include "engine/explain/cards.h"
#include "engine/explain/event_card.h"
#include "engine/explain/specialisation/answer.h"
#include "engine/explain/structure_agreement.h"

#include <optional>

namespace hsa {
namespace {

using nlohmann::json;

constexpr std::size_t kContextWords = 6;

// Of a row of the registry; the factors' columns follow its rows.
json name_json(const Snapshot& snapshot, std::size_t row) {
    if (!snapshot.names || row >= snapshot.names->size()) return nullptr;
    return (*snapshot.names)[row];
}

void add_finished(const Snapshot& snapshot, const Block& block, const AttentionSettings& settings,
                  const Work& work, json& answer) {
    if (!has_row_steps(settings)) return;
    const std::optional<double> mean = finished_mean(*snapshot.factors, block, settings, work);
    answer["finished"] = {{"steps", row_steps_text(settings)},
                          {"value", mean ? json_number(*mean) : json(nullptr)}};
}

}  // namespace

json answer_cell(const Snapshot& snapshot, std::size_t i, std::size_t j,
                 const AttentionSettings& settings, const Work& work) {
    const CellParts cell = cell_parts(*snapshot.factors, i, j);
    json answer = result_json("explain.cell", factor_mark(snapshot));
    answer["i"] = token_json(snapshot, i);
    answer["j"] = token_json(snapshot, j);
    answer["value"] = json_number(cell.value);
    answer["parts"] = parts_json(snapshot, cell);
    add_finished(snapshot, {{i, i + 1}, {j, j + 1}}, settings, work, answer);
    return answer;
}

json answer_block(const Snapshot& snapshot, const Block& block, const AttentionSettings& settings,
                  const Work& work) {
    const CellParts cell = block_parts(*snapshot.factors, *snapshot.sums, block);
    json answer = result_json("explain.block", factor_mark(snapshot));
    answer["rows"] = range_json(block.rows);
    answer["columns"] = range_json(block.columns);
    answer["value"] = json_number(cell.value);
    answer["parts"] = parts_json(snapshot, cell);
    add_finished(snapshot, block, settings, work, answer);
    return answer;
}

json answer_token(const Snapshot& snapshot, std::size_t token) {
    const TokenCard card = token_card(*snapshot.factors, token);
    json answer = result_json("explain.token", factor_mark(snapshot));
    answer["token"] = token_json(snapshot, token);
    answer["splats"] = json::array();
    for (const WeightedSplat& splat : card.splats)
        answer["splats"].push_back({{"splat", splat_json(splat.splat)},
                                    {"level", level_json(snapshot, splat.level)},
                                    {"p", json_number(splat.p)}});
    answer["to"] = weighted_json(snapshot, card.to);
    answer["from"] = weighted_json(snapshot, card.from);
    answer["output"] = nullptr;
    if (const Values values = values_of(*snapshot.dataset);
        values.rows.rows == snapshot.factors->tokens())
        answer["output"] = output_json(
            snapshot, output_chain(*snapshot.factors, values.rows, token, std::nullopt, true),
            values.own);
    for (const MetadataColumn& column : snapshot.dataset->properties)
        answer["properties"][column.name] =
            column.numbers.empty() ? json(column.words[token]) : json_number(column.numbers[token]);
    return answer;
}

json answer_splat(const Snapshot& snapshot, SplatId splat, const Work& work) {
    const SplatCard card = splat_card(*snapshot.factors, *snapshot.registry, *snapshot.measures,
                                      *snapshot.history, snapshot.cycle, splat);
    const bool orphan = card.parent == kNoSplat;
    json answer = result_json("explain.splat", factor_mark(snapshot));
    answer["id"] = splat;
    answer["level"] = level_json(snapshot, card.level);
    answer["parent"] = orphan ? json(nullptr) : json(card.parent);
    answer["parent_share"] = orphan ? json(nullptr) : json_number(card.parent_share);
    answer["paths"] = json::array();
    for (const PathShare& one : card.paths)
        answer["paths"].push_back({{"splat", one.parent}, {"share", json_number(one.share)}});
    answer["usage"] = json_number(card.usage);
    answer["information"] = json_number(card.information);
    answer["name"] = name_json(snapshot, snapshot.registry->row(splat));
    answer["top"] = json::array();
    for (const WeightedToken& each : card.top)
        answer["top"].push_back(
            {{"token", token_json(snapshot, each.token)},
             {"k", json_number(each.value)},
             {"context", snapshot.dataset->context(each.token, kContextWords)}});
    const std::size_t column = snapshot.registry->row(splat);
    const Specialisations does = specialisations(*snapshot.dataset, token_traits(*snapshot.dataset),
                                                 *snapshot.factors, std::span(&column, 1), work);
    answer["specialisation"] = specialisation_json(snapshot, does.splats.front());
    answer["spectrum"] = json_numbers(std::span<const double>(card.spectrum));
    answer["events"] = card.events;
    return answer;
}

json answer_event(const Snapshot& snapshot, std::size_t index, const json& line, Backend& backend,
                  const Work& work) {
    const EventCard card =
        event_card(snapshot, event_factors(snapshot, index, backend, work), work);
    json answer = result_json("explain.event", card.mark);
    answer.update(line);
    answer["changed_rows"] = json::array();
    for (const ChangedRow& row : card.changed_rows)
        answer["changed_rows"].push_back(
            {{"token", token_json(snapshot, row.row)}, {"l1", json_number(row.l1)}});
    return answer;
}

json answer_pairs(const Snapshot& snapshot, std::size_t count, const Work& work) {
    const StrongestPairs found = strongest_pairs(*snapshot.factors, count, work);
    json answer =
        result_json("explain.pairs", found.exact() ? factor_mark(snapshot) : Mark::approximate);
    if (!found.exact()) answer["left_out_at_most"] = json_number(found.left_out);
    answer["pairs"] = json::array();
    for (const Pair& pair : found.pairs) {
        json splats = json::array();
        for (const SplatId splat : pair.splats) splats.push_back(splat_json(splat));
        answer["pairs"].push_back({{"i", token_json(snapshot, pair.i)},
                                   {"j", token_json(snapshot, pair.j)},
                                   {"value", json_number(pair.value)},
                                   {"splats", std::move(splats)}});
    }
    return answer;
}

json answer_level(const Snapshot& snapshot, std::size_t level) {
    const LevelCard card =
        level_card(*snapshot.factors, *snapshot.registry, *snapshot.measures, level);
    json answer =
        result_json("explain.level", card.exact ? factor_mark(snapshot) : Mark::approximate);
    answer["name"] = card.name;
    answer["splats"] = card.splats;
    answer["usage"] = json_number(card.usage);
    answer["weight"] = json_number(card.weight);
    answer["agreement"] = json_number(card.agreement);
    if (!snapshot.dataset || !snapshot.factors_exact) return answer;
    const StructureAgreement structure =
        structure_agreement(*snapshot.dataset, *snapshot.factors, level);
    if (structure.any()) answer["structure"] = structure_json(structure);
    return answer;
}

}  // namespace hsa
