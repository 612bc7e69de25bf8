#include "engine/core/error.h"
#include "engine/core/json_number.h"
#include "engine/explain/answer_parts.h"
#include "engine/explain/answers.h"

namespace hsa {

using nlohmann::json;

json output_json(const Snapshot& snapshot, const OutputChain& chain, bool own_values) {
    json object = {{"values", own_values ? "head" : "embeddings"},
                   {"width", chain.width},
                   {"component", nullptr},
                   {"value", json_number(chain.value)},
                   {"rest", json_number(chain.rest)}};
    if (chain.component) object["component"] = *chain.component;
    object["parts"] = json::array();
    for (const OutputPart& part : chain.parts) {
        json tokens = json::array();
        for (const OutputToken& each : part.tokens)
            tokens.push_back(
                {{"token", token_json(snapshot, each.token)}, {"value", json_number(each.value)}});
        const double share = chain.value != 0.0 ? part.value / chain.value : 0.0;
        object["parts"].push_back({{"splat", splat_json(part.splat)},
                                   {"level", level_json(snapshot, part.level)},
                                   {"p", json_number(part.p)},
                                   {"norm", json_number(part.norm)},
                                   {"value", json_number(part.value)},
                                   {"share", json_number(share)},
                                   {"tokens", std::move(tokens)},
                                   {"rest", json_number(part.rest)}});
    }
    return object;
}

json answer_output(const Snapshot& snapshot, std::size_t token,
                   std::optional<std::size_t> component) {
    const Values values = values_of(*snapshot.dataset);
    if (values.rows.empty())
        fail("explain.output: these data have neither values nor vectors to sum up.");
    const OutputChain chain = output_chain(*snapshot.factors, values.rows, token, component, true);
    json answer = result_json("explain.output", factor_mark(snapshot));
    answer["token"] = token_json(snapshot, token);
    answer.update(output_json(snapshot, chain, values.own));
    return answer;
}

}  // namespace hsa
