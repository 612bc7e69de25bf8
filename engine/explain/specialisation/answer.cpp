#include "engine/explain/specialisation/answer.h"

#include "engine/core/json_number.h"
#include "engine/explain/answer_parts.h"

#include <numeric>

namespace hsa {

using nlohmann::json;

json specialisation_json(const Snapshot& snapshot, const SplatSpecialisation& splat) {
    json list = json::array();
    for (const Specialisation& one : splat.found) {
        json tokens = json::array();
        for (const std::uint32_t token : one.tokens) tokens.push_back(token_json(snapshot, token));
        list.push_back({{"name", one.name},
                        {"confidence", json_number(one.confidence)},
                        {"lift", json_number(one.lift)},
                        {"share", json_number(one.share)},
                        {"share_in_text", json_number(one.share_in_text)},
                        {"tokens", std::move(tokens)}});
    }
    return list;
}

json answer_specialisation(const Snapshot& snapshot, std::optional<SplatId> splat,
                           const Work& work) {
    const Factors& factors = *snapshot.factors;
    std::vector<std::size_t> columns(factors.columns());
    std::iota(columns.begin(), columns.end(), std::size_t{0});
    if (splat) columns = {snapshot.registry->row(*splat)};
    const Traits traits = token_traits(*snapshot.dataset);
    const Specialisations all = specialisations(*snapshot.dataset, traits, factors, columns, work);
    json answer = result_json("explain.specialisation", factor_mark(snapshot));
    answer["tried"] = all.tried;
    answer["words_tried"] = all.words;
    answer["splats"] = json::array();
    for (std::size_t c = 0; c < columns.size(); ++c) {
        const std::size_t column = columns[c];
        const bool named = snapshot.names && column < snapshot.names->size();
        answer["splats"].push_back(
            {{"splat", splat_json(factors.ids[column])},
             {"level", level_json(snapshot, factors.level[column])},
             {"name", named ? json((*snapshot.names)[column]) : json(nullptr)},
             {"effective_tokens", json_number(all.splats[c].effective_tokens)},
             {"specialisation", specialisation_json(snapshot, all.splats[c])}});
    }
    return answer;
}

}  // namespace hsa
