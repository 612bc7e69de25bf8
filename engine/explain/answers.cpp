#include "engine/explain/answers.h"

#include "engine/attention/cells.h"
#include "engine/core/error.h"
#include "engine/explain/cards.h"
#include "engine/explain/event_card.h"
#include "engine/io/json.h"
#include "engine/io/events_jsonl.h"
#include "engine/model/mark.h"

#include <fmt/core.h>

#include <cmath>

namespace hsa {
namespace {

using nlohmann::json;

constexpr std::size_t kContextWords = 6;

json result(const char* command, Mark mark) {
    return {{"command", command}, {"version", 1}, {"mark", name_of(mark)}};
}

json token(const Snapshot& snapshot, std::size_t i) {
    const Dataset& dataset = *snapshot.dataset;
    json object = {{"index", i}, {"text", dataset.token_text(i)}};
    if (i < dataset.tokens.size()) {
        object["begin"] = dataset.tokens[i].begin;
        object["end"] = dataset.tokens[i].end;
    } else {
        object["begin"] = nullptr;
        object["end"] = nullptr;
    }
    return object;
}

json splat_id(SplatId id) {
    if (id == kNoSplat) return "background";
    return id;
}

json level_name(const Snapshot& snapshot, std::uint16_t level) {
    if (level == kBackgroundLevel) return nullptr;
    return snapshot.registry->hierarchy.levels[level].name;
}

json range(const Range& r) { return json::array({r.begin, r.end}); }

json parts(const Snapshot& snapshot, const CellParts& cell) {
    json list = json::array();
    for (const Part& part : cell.parts)
        list.push_back({{"splat", splat_id(part.splat)},
                        {"level", level_name(snapshot, part.level)},
                        {"p", json_number(part.p)},
                        {"k", json_number(part.k)},
                        {"value", json_number(part.value)}});
    return list;
}

json weighted_tokens(const Snapshot& snapshot, const std::vector<WeightedToken>& tokens) {
    json list = json::array();
    for (const WeightedToken& each : tokens)
        list.push_back({{"token", token(snapshot, each.token)},
                        {"value", json_number(each.value)},
                        {"splat", splat_id(each.splat)}});
    return list;
}

}  // namespace

json answer_cell(const Snapshot& snapshot, std::size_t i, std::size_t j) {
    const CellParts cell = cell_parts(*snapshot.factors, i, j);
    json answer = result("explain.cell", Mark::exact);
    answer["i"] = token(snapshot, i);
    answer["j"] = token(snapshot, j);
    answer["value"] = json_number(cell.value);
    answer["parts"] = parts(snapshot, cell);
    return answer;
}

json answer_block(const Snapshot& snapshot, const Block& block) {
    const CellParts cell = block_parts(*snapshot.factors, *snapshot.sums, block);
    json answer = result("explain.block", Mark::exact);
    answer["rows"] = range(block.rows);
    answer["columns"] = range(block.columns);
    answer["value"] = json_number(cell.value);
    answer["parts"] = parts(snapshot, cell);
    return answer;
}

json answer_token(const Snapshot& snapshot, std::size_t i) {
    const TokenCard card = token_card(*snapshot.factors, i);
    json answer = result("explain.token", Mark::exact);
    answer["token"] = token(snapshot, i);
    answer["splats"] = json::array();
    for (const WeightedSplat& splat : card.splats)
        answer["splats"].push_back({{"splat", splat_id(splat.splat)},
                                    {"level", level_name(snapshot, splat.level)},
                                    {"p", json_number(splat.p)}});
    answer["to"] = weighted_tokens(snapshot, card.to);
    answer["from"] = weighted_tokens(snapshot, card.from);
    return answer;
}

json answer_splat(const Snapshot& snapshot, SplatId splat) {
    const SplatCard card = splat_card(*snapshot.factors, *snapshot.registry, *snapshot.measures,
                                      *snapshot.history, snapshot.cycle, splat);
    json answer = result("explain.splat", Mark::exact);
    answer["id"] = splat;
    answer["level"] = level_name(snapshot, card.level);
    answer["parent"] = card.parent == kNoSplat ? json(nullptr) : json(card.parent);
    answer["parent_share"] = card.parent == kNoSplat ? json(nullptr) : json_number(card.parent_share);
    answer["usage"] = json_number(card.usage);
    answer["information"] = json_number(card.information);
    answer["name"] = (*snapshot.names)[snapshot.registry->row(splat)];
    answer["top"] = json::array();
    for (const WeightedToken& each : card.top)
        answer["top"].push_back({{"token", token(snapshot, each.token)},
                                 {"k", json_number(each.value)},
                                 {"context", snapshot.dataset->context(each.token, kContextWords)}});
    answer["spectrum"] = json_numbers(std::span<const double>(card.spectrum));
    answer["events"] = card.events;
    return answer;
}

json answer_event(const Snapshot& snapshot, std::size_t index, Backend& backend, const Work& work) {
    const Event& event = snapshot.history->event(index);
    const EventCard card = event_card(snapshot, index, backend, work);
    json answer = result("explain.event", Mark::exact);
    answer.update(json(event_json(event, snapshot.registry->hierarchy)));
    answer["changed_rows"] = json::array();
    for (const ChangedRow& row : card.changed_rows)
        answer["changed_rows"].push_back({{"token", token(snapshot, row.row)}, {"l1", json_number(row.l1)}});
    return answer;
}

json answer_pairs(const Snapshot& snapshot, std::size_t count) {
    json answer = result("explain.pairs", Mark::exact);
    answer["pairs"] = json::array();
    for (const Pair& pair : strongest_pairs(*snapshot.factors, count)) {
        json splats = json::array();
        for (const SplatId id : pair.splats) splats.push_back(splat_id(id));
        answer["pairs"].push_back({{"i", token(snapshot, pair.i)},
                                   {"j", token(snapshot, pair.j)},
                                   {"value", json_number(pair.value)},
                                   {"splats", std::move(splats)}});
    }
    return answer;
}

json answer_level(const Snapshot& snapshot, std::size_t level) {
    const LevelCard card = level_card(*snapshot.factors, *snapshot.registry, *snapshot.measures, level);
    json answer = result("explain.level", Mark::approximate);  // agreement is over sampled rows
    answer["name"] = card.name;
    answer["splats"] = card.splats;
    answer["usage"] = json_number(card.usage);
    answer["weight"] = json_number(card.weight);
    answer["agreement"] = json_number(card.agreement);
    return answer;
}

json answer_dataset(const Snapshot& snapshot) {
    if (!snapshot.dataset) fail("Nothing is open: open a text or an embedding file first.");
    const Dataset& dataset = *snapshot.dataset;
    json answer = result("dataset", Mark::exact);
    answer["tokens"] = dataset.size();
    answer["dimension"] = dataset.embeddings.rows.cols;
    answer["dtype"] = dataset.dtype;
    answer["bytes"] = dataset.bytes;
    answer["nan"] = 0;  // data with NaN are refused
    answer["hash"] = fmt::format("{:016x}", dataset.hash);
    answer["source"] = dataset.source;
    answer["understood"] = dataset.understood;
    return answer;
}

json answer_measures(const Snapshot& snapshot) {
    const Measures& m = *snapshot.measures;
    const auto maybe = [](const std::optional<double>& value) {
        return value ? json_number(*value) : json(nullptr);
    };
    json answer = result("measures", Mark::exact);
    answer["tokens"] = m.tokens;
    answer["dimension"] = m.dimension;
    answer["splats"] = m.splats;
    json usage = json::object();
    json information = json::object();
    for (std::size_t s = 0; s < m.usage.size(); ++s) {
        const std::string id = std::to_string(snapshot.registry->id[s]);
        usage[id] = json_number(m.usage[s]);
        information[id] = json_number(m.information[s]);
    }
    if (m.has_background) usage["background"] = json_number(m.background_usage);
    answer["usage"] = std::move(usage);
    answer["information"] = std::move(information);
    answer["information_total"] = json_number(m.information_total);
    answer["entropy_mean"] = json_number(m.entropy_mean);
    answer["row_entropy_mean"] = json_number(m.row_entropy_mean);
    answer["levels"] = json::object();
    for (const LevelMeasures& level : m.levels)
        answer["levels"][level.name] = {{"splats", level.splats},
                                        {"usage", json_number(level.usage)},
                                        {"information", json_number(level.information)},
                                        {"weight", json_number(level.weight)},
                                        {"row_kl", maybe(level.row_kl)},
                                        {"objective", maybe(level.objective)}};
    answer["objective"] = maybe(m.objective);
    answer["row_kl"] = maybe(m.row_kl);
    return answer;
}

json answer_factors(const Snapshot& snapshot) {
    const Factors& factors = *snapshot.factors;
    json answer = result("factors", Mark::exact);
    answer["shape"] = json::array({factors.tokens(), factors.columns()});
    answer["bytes"] = 2 * factors.p.size() * sizeof(float);
    answer["storage"] = "float32";
    return answer;
}

json answer_stages(const Snapshot& snapshot) {
    json answer = result("stages", Mark::exact);
    answer["stages"] = json::array();
    double total = 0.0;
    for (const StageTime& stage : snapshot.stages) {
        answer["stages"].push_back({{"name", stage.name}, {"ms", json_number(stage.ms)}, {"cached", stage.cached}});
        total += stage.cached ? 0.0 : stage.ms;
    }
    answer["ms"] = json_number(total);
    return answer;
}

json answer_history(const Snapshot& snapshot) {
    json answer = result("history", Mark::exact);
    answer["cycle"] = snapshot.cycle;
    answer["last"] = snapshot.history ? snapshot.history->last() : 0;
    json counts = json::object();
    std::size_t refused = 0;
    std::size_t events = 0;
    if (snapshot.history)
        for (const auto& cycle : snapshot.history->cycles)
            for (const Event& event : cycle->events) {
                ++events;
                if (!event.accepted) {
                    ++refused;
                    continue;
                }
                json& count = counts[name_of(event.kind)];
                count = count.is_null() ? 1 : count.get<int>() + 1;
            }
    answer["events"] = events;
    answer["accepted"] = std::move(counts);
    answer["refused"] = refused;
    return answer;
}

json answer_health(const Snapshot& snapshot) {
    json answer = result("health", Mark::exact);
    answer["dead"] = snapshot.measures ? json(snapshot.measures->dead) : json(nullptr);
    answer["measured_on_fit_rows"] = snapshot.measures && snapshot.measures->measured_on_fit_rows;
    answer["notes"] = snapshot.notes;
    answer["error"] = snapshot.error;
    return answer;
}

}  // namespace hsa
