#include "engine/core/json_number.h"
#include "engine/explain/answer_parts.h"
#include "engine/explain/answers.h"

namespace hsa {
namespace {

using nlohmann::json;

json rows_json(const Matrix<double>& matrix) {
    json rows = json::array();
    for (std::size_t r = 0; r < matrix.rows(); ++r) rows.push_back(json_numbers(matrix.row(r)));
    return rows;
}

json spread_json(const Spread& spread) {
    return {{"mean", json_number(spread.mean)},
            {"low", json_number(spread.low)},
            {"median", json_number(spread.median)},
            {"high", json_number(spread.high)}};
}

json profile_json(const DistanceProfile& profile) {
    return {{"ratio", json_numbers(std::span<const double>(profile.ratio))},
            {"share", json_numbers(std::span<const double>(profile.share))},
            {"earlier", json_number(profile.earlier)},
            {"self", json_number(profile.self)},
            {"later", json_number(profile.later)},
            {"far", json_number(profile.far)}};
}

}  // namespace

json answer_flow(const Snapshot& snapshot, const Flow& flow) {
    const Mark exact = factor_mark(snapshot);
    const Mark of_rows = flow.rows_exact ? exact : Mark::approximate;
    json answer = result_json("explain.flow", of_rows);
    answer["parts"] = json::array();
    for (const FlowPart& part : flow.parts)
        answer["parts"].push_back({{"title", part.title}, {"tokens", range_json(part.tokens)}});
    answer["by"] = flow.by_sections ? "sections" : "stretches";
    answer["between"] = {{"mark", name_of(exact)}, {"share", rows_json(flow.between)}};
    answer["levels"] = flow.levels;
    answer["levels_between"] = {{"mark", name_of(exact == Mark::exact ? flow.levels_mark : exact)},
                                {"share", rows_json(flow.levels_between)}};
    for (std::size_t l = 0; l < flow.agreement.size(); ++l)
        if (flow.agreement[l].any())
            answer["structure"][flow.levels[l]] = structure_json(flow.agreement[l]);
    answer["rows"] = {{"looked_at", flow.rows}, {"mark", name_of(of_rows)}};
    answer["entropy"] = spread_json(flow.entropy);
    answer["effective_context"] = spread_json(flow.effective);
    answer["target_effective_context"] =
        flow.target_effective ? spread_json(*flow.target_effective) : json(nullptr);
    answer["distance"] = nullptr;
    if (flow.bins.empty()) return answer;
    json bins = json::array();
    for (const DistanceBin& bin : flow.bins) bins.push_back({bin.first, bin.last});
    answer["distance"] = {{"bins", std::move(bins)},
                          {"all", profile_json(flow.all)},
                          {"levels", json::object()},
                          {"target", flow.target ? profile_json(*flow.target) : json(nullptr)},
                          {"far_from", flow.far_from},
                          {"far_uniform", json_number(flow.far_uniform)}};
    for (std::size_t l = 0; l < flow.by_level.size(); ++l)
        answer["distance"]["levels"][flow.levels[l]] = profile_json(flow.by_level[l]);
    return answer;
}

json answer_flow(const Snapshot& snapshot, const Work& work) {
    return answer_flow(snapshot,
                       attention_flow(*snapshot.dataset, *snapshot.factors, *snapshot.sums,
                                      snapshot.registry->hierarchy, snapshot.target.get(), work));
}

}  // namespace hsa
