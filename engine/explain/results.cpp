#include "engine/core/error.h"
#include "engine/core/json_number.h"
#include "engine/explain/answer_parts.h"
#include "engine/explain/answers.h"
#include "engine/explain/health.h"
#include "engine/model/heads.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <string_view>
#include <unordered_set>

namespace hsa {
namespace {

using nlohmann::json;

json level_measures_json(const LevelMeasures& level) {
    return {{"splats", level.splats},
            {"usage", json_number(level.usage)},
            {"information", json_number(level.information)},
            {"weight", json_number(level.weight)},
            {"row_kl", maybe_json(level.row_kl)},
            {"objective", maybe_json(level.objective)}};
}

// What a column of words or numbers holds.
json property_json(const MetadataColumn& column) {
    json object = {{"name", column.name}};
    if (column.numbers.empty()) {
        std::unordered_set<std::string_view> distinct(column.words.begin(), column.words.end());
        object["kind"] = "words";
        object["distinct"] = distinct.size();
        return object;
    }
    std::size_t missing = 0;
    std::optional<double> least, most;
    for (const double number : column.numbers) {
        if (std::isnan(number)) {
            ++missing;
            continue;
        }
        least = std::min(number, least.value_or(number));
        most = std::max(number, most.value_or(number));
    }
    object["kind"] = "numbers";
    object["least"] = maybe_json(least);
    object["most"] = maybe_json(most);
    object["missing"] = missing;
    return object;
}

// Accepted events by kind, and the refused.
struct EventCounts {
    std::size_t events = 0;
    std::size_t refused = 0;
    json accepted = json::object();

    void add(const Cycle& cycle) {
        for (const Event& event : cycle.events) {
            ++events;
            if (!event.accepted) ++refused;
            else accepted[name_of(event.kind)] = accepted.value(name_of(event.kind), 0) + 1;
        }
    }
};

json cycle_json(const Cycle& cycle) {
    EventCounts counts;
    counts.add(cycle);
    const CycleMeasures& m = cycle.measures;
    return {{"cycle", cycle.number},
            {"levels", m.level_names},
            {"splats", m.splats},
            {"usage", json_numbers(std::span<const double>(m.usage))},
            {"level_row_kl", json_numbers(std::span<const double>(m.level_row_kl))},
            {"row_kl", json_number(m.row_kl)},
            {"objective", json_number(m.objective)},
            {"entropy", json_number(m.entropy)},
            {"information", json_number(m.information)},
            {"gain_adjust", json_number(m.gain_adjust)},
            {"gain_structure", json_number(m.gain_structure)},
            {"shift", maybe_json(m.shift)},
            {"structure_tried", m.structure},
            {"accepted", std::move(counts.accepted)},
            {"refused", counts.refused}};
}

}  // namespace

json answer_dataset(const Snapshot& snapshot) {
    if (!snapshot.dataset) fail("Nothing is open: open a text or an embedding file first.");
    const Dataset& dataset = *snapshot.dataset;
    json answer = result_json("dataset", Mark::exact);
    answer["tokens"] = dataset.size();
    answer["dimension"] = dataset.embeddings.rows.cols;
    answer["dtype"] = dataset.dtype;
    answer["bytes"] = dataset.bytes;
    answer["nan"] = 0;  // data with NaN are refused when they are opened
    answer["hash"] = fmt::format("{:016x}", dataset.hash);
    answer["source"] = dataset.source;
    answer["understood"] = dataset.understood;
    if (!dataset.properties.empty()) {
        answer["properties"] = json::array();
        for (const MetadataColumn& column : dataset.properties)
            answer["properties"].push_back(property_json(column));
    }
    if (const std::optional<HeadPlace> place = head_place(dataset)) {
        answer["layers"] = place->layers;
        answer["heads"] = place->heads;
        answer["layer"] = place->layer;
        answer["head"] = place->head;
    }
    return answer;
}

json answer_measures(const Snapshot& snapshot) {
    const Measures& m = *snapshot.measures;
    // They are of all splats, however few a token is looked at through.
    const bool few_bits = snapshot.factors && snapshot.factors->packing;
    json answer = result_json(
        "measures", few_bits || !snapshot.factors_exact ? Mark::approximate : Mark::exact);
    answer["tokens"] = m.tokens;
    answer["dimension"] = m.dimension;
    answer["splats"] = m.splats;
    answer["usage"] = json::object();
    answer["information"] = json::object();
    for (std::size_t s = 0; s < m.usage.size(); ++s) {
        const std::string id = std::to_string(snapshot.registry->id[s]);
        answer["usage"][id] = json_number(m.usage[s]);
        answer["information"][id] = json_number(m.information[s]);
    }
    if (m.has_background) answer["usage"]["background"] = json_number(m.background_usage);
    if (m.exact_usage) answer["usage"]["exact"] = json_number(*m.exact_usage);
    answer["information_total"] = json_number(m.information_total);
    answer["entropy_mean"] = json_number(m.entropy_mean);
    answer["row_entropy_mean"] = json_number(m.row_entropy_mean);
    answer["levels"] = json::object();
    for (const LevelMeasures& level : m.levels)
        answer["levels"][level.name] = level_measures_json(level);
    answer["objective"] = maybe_json(m.objective);
    answer["row_kl"] = maybe_json(m.row_kl);
    // Of the cycle shown: z of the data against those that its splats had seen.
    answer["shift"] = nullptr;
    if (snapshot.history && snapshot.cycle <= snapshot.history->last()) {
        const auto& cycle = snapshot.history->cycles[static_cast<std::size_t>(snapshot.cycle)];
        answer["shift"] = maybe_json(cycle->measures.shift);
    }
    return answer;
}

json answer_factors(const Snapshot& snapshot) {
    const Factors& factors = *snapshot.factors;
    json answer = result_json("factors", factor_mark(snapshot));
    answer["shape"] = json::array({factors.tokens(), factors.columns()});
    std::size_t bytes = factors.p.bytes() + factors.k.bytes();
    if (factors.causal) {
        bytes += factors.causal->weight.bytes();
        for (const CausalSegment& segment : factors.causal->segments)
            if (segment.k) bytes += segment.k->bytes();
    }
    if (factors.near) bytes += 3 * factors.near->set.pairs() * sizeof(float);
    answer["bytes"] = bytes;
    answer["causal"] = factors.causal != nullptr;
    answer["near_pairs"] = factors.near ? factors.near->set.pairs() : 0;
    answer["storage"] = factors.p.storage();
    answer["row_bound"] = json_number(factors.row_bound);
    answer["row_error"] = nullptr;
    if (factors.packing)
        answer["row_error"] = {{"rows", factors.packing->rows},
                               {"l1", json_number(factors.packing->l1)},
                               {"most_l1", json_number(factors.packing->most_l1)},
                               {"kl", json_number(factors.packing->kl)}};
    return answer;
}

json answer_stages(const Snapshot& snapshot) {
    json answer = result_json("stages", Mark::exact);
    answer["stages"] = json::array();
    for (const StageTime& stage : snapshot.stages)
        answer["stages"].push_back({{"name", stage.name},
                                    {"ms", json_number(stage.ms)},
                                    {"cached", stage.cached},
                                    {"hits", stage.hits}});
    answer["remembered_bytes"] = snapshot.remembered_bytes;
    answer["budget_bytes"] = snapshot.budget_bytes;
    return answer;
}

json answer_history(const Snapshot& snapshot) {
    json answer = result_json("history", Mark::exact);
    EventCounts counts;
    answer["cycle"] = snapshot.cycle;
    answer["last"] = snapshot.history ? snapshot.history->last() : 0;
    answer["levels"] = json::array();
    if (snapshot.registry)
        for (const Level& level : snapshot.registry->hierarchy.levels)
            answer["levels"].push_back(level.name);
    answer["cycles"] = json::array();
    if (snapshot.history)
        for (const auto& cycle : snapshot.history->cycles) {
            counts.add(*cycle);
            answer["cycles"].push_back(cycle_json(*cycle));
        }
    answer["events"] = counts.events;
    answer["accepted"] = std::move(counts.accepted);
    answer["refused"] = counts.refused;
    return answer;
}

json answer_health(const Snapshot& snapshot) {
    json answer = result_json("health", Mark::exact);
    answer["dead"] = nullptr;
    answer["dead_splats"] = json::array();
    answer["usage_gini"] = json::object();
    answer["measured_on_fit_rows"] = snapshot.measures && snapshot.measures->measured_on_fit_rows;
    answer["calibration"] = nullptr;
    if (snapshot.calibration)
        answer["calibration"] = {
            {"met", snapshot.calibration->met()},
            {"largest_deviation", json_number(snapshot.calibration->largest_deviation)},
            {"wanted", Calibration::kClose},
            {"rounds", snapshot.calibration->rounds},
            {"background_share", json_number(snapshot.calibration->background_share)}};
    if (snapshot.measures && snapshot.registry) {
        answer["dead"] = snapshot.measures->dead;
        const std::vector<LevelHealth> levels =
            level_health(*snapshot.registry, *snapshot.measures);
        for (const LevelHealth& level : levels) {
            for (const SplatId splat : level.dead) answer["dead_splats"].push_back(splat);
            answer["usage_gini"][level.name] = json_number(level.usage_gini);
        }
    }
    if (snapshot.factors) {
        const FactorHealth health = factor_health(*snapshot.factors);
        answer["row_sum_error"] = json_number(health.row_sum_error);
        answer["key_sum_error"] = json_number(health.key_sum_error);
        answer["empty_rows"] = health.empty_rows;
        answer["not_finite"] = health.not_finite;
    } else {
        for (const char* key : {"row_sum_error", "key_sum_error", "empty_rows", "not_finite"})
            answer[key] = nullptr;
    }
    answer["backend"] = snapshot.backend;
    answer["notes"] = snapshot.notes;
    answer["error"] = snapshot.error;
    return answer;
}

}  // namespace hsa
