#include "engine/explain/ask_answer.h"

#include "engine/attention/finish.h"
#include "engine/core/json_number.h"
#include "engine/explain/answer_parts.h"

#include <algorithm>

namespace hsa {
namespace {

using nlohmann::json;

constexpr std::size_t kContextWords = 6;
constexpr double kNamedShare = 0.8;  // of a value: the parts that are listed

json answers_json(const Snapshot& snapshot, const std::vector<AskedToken>& answers) {
    json list = json::array();
    for (const AskedToken& answer : answers) {
        json parts = json::array();
        double named = 0.0;
        double others = 0.0;
        for (const SplatPart& part : answer.parts) {
            if (named >= kNamedShare * answer.value) {
                others += part.value;
                continue;
            }
            named += part.value;
            parts.push_back({{"splat", splat_json(part.splat)},
                             {"level", level_json(snapshot, part.level)},
                             {"value", json_number(part.value)}});
        }
        list.push_back({{"token", token_json(snapshot, answer.token)},
                        {"value", json_number(answer.value)},
                        {"times", json_number(answer.times)},
                        {"context", snapshot.dataset->context(answer.token, kContextWords)},
                        {"parts", std::move(parts)},
                        {"others", json_number(others)}});
    }
    return list;
}

json links_json(const Snapshot& snapshot, const std::optional<StrongestPairs>& links) {
    json list = json::array();
    if (!links) return list;
    for (const Pair& link : links->pairs) {
        json splats = json::array();
        for (const SplatId splat : link.splats) splats.push_back(splat_json(splat));
        list.push_back({{"i", token_json(snapshot, link.i)},
                        {"j", token_json(snapshot, link.j)},
                        {"distance", std::max(link.i, link.j) - std::min(link.i, link.j)},
                        {"value", json_number(link.value)},
                        {"splats", std::move(splats)}});
    }
    return list;
}

// Places may overlap where a phrase overlaps itself.
std::vector<Range> joined(std::span<const Range> places) {
    std::vector<Range> ranges;
    for (const Range& place : places) {
        if (!ranges.empty() && place.begin <= ranges.back().end)
            ranges.back().end = std::max(ranges.back().end, place.end);
        else ranges.push_back(place);
    }
    return ranges;
}

}  // namespace

json answer_ask(const Snapshot& snapshot, std::span<const Range> places, const AskWanted& wanted,
                const AttentionSettings& settings, const Work& work) {
    const Asked asked = ask(*snapshot.factors, joined(places), wanted, work);
    const auto searched = [](const std::optional<StrongestPairs>& links) {
        return !links || links->exact();
    };
    const bool exact = searched(asked.links_to) && searched(asked.links_from);
    json answer = result_json("explain.ask", exact ? factor_mark(snapshot) : Mark::approximate);
    answer["places"] = json::array();
    for (const Range& place : places) answer["places"].push_back(range_json(place));
    answer["tokens"] = total_size(asked.tokens);
    answer["within"] = json_number(asked.within);
    answer["row_steps"] = has_row_steps(settings) ? json(row_steps_text(settings)) : json(nullptr);
    answer["splats"] = json::array();
    for (const WeightedSplat& splat : asked.splats)
        answer["splats"].push_back({{"splat", splat_json(splat.splat)},
                                    {"level", level_json(snapshot, splat.level)},
                                    {"p", json_number(splat.p)}});
    answer["to"] = answers_json(snapshot, asked.to);
    answer["from"] = answers_json(snapshot, asked.from);
    answer["beyond"] = asked.beyond;
    answer["links_to"] = links_json(snapshot, asked.links_to);
    answer["links_from"] = links_json(snapshot, asked.links_from);
    if (!exact)
        answer["left_out_at_most"] =
            json_number(std::max(asked.links_to->left_out, asked.links_from->left_out));
    return answer;
}

}  // namespace hsa
