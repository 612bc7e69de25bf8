#include "engine/explain/answer_parts.h"

#include "engine/core/json_number.h"

namespace hsa {

using nlohmann::json;

json result_json(std::string_view command, Mark mark) {
    return {{"command", command}, {"version", 1}, {"mark", name_of(mark)}};
}

Mark factor_mark(const Snapshot& snapshot) {
    return snapshot.factors_exact ? snapshot.factors->mark : Mark::approximate;
}

json token_json(const Snapshot& snapshot, std::size_t token) {
    const Dataset& dataset = *snapshot.dataset;
    json object = {{"index", token}, {"text", dataset.token_text(token)}};
    const bool placed = dataset.text && token < dataset.tokens.size();
    object["begin"] = placed ? json(dataset.tokens[token].begin) : json(nullptr);
    object["end"] = placed ? json(dataset.tokens[token].end) : json(nullptr);
    return object;
}

json range_json(const Range& range) { return json::array({range.begin, range.end}); }

json splat_json(SplatId splat) {
    if (splat == kExactPairs) return "exact";
    return splat == kNoSplat ? json("background") : json(splat);
}

json level_json(const Snapshot& snapshot, std::uint16_t level) {
    const std::vector<Level>& levels = snapshot.registry->hierarchy.levels;
    return level < levels.size() ? json(levels[level].name) : json(nullptr);
}

json parts_json(const Snapshot& snapshot, const CellParts& cell) {
    json list = json::array();
    for (const Part& part : cell.parts)
        list.push_back({{"splat", splat_json(part.splat)},
                        {"level", level_json(snapshot, part.level)},
                        {"p", json_number(part.p)},
                        {"k", json_number(part.k)},
                        {"value", json_number(part.value)}});
    return list;
}

json weighted_json(const Snapshot& snapshot, const std::vector<WeightedToken>& tokens) {
    json list = json::array();
    for (const WeightedToken& each : tokens)
        list.push_back({{"token", token_json(snapshot, each.token)},
                        {"value", json_number(each.value)},
                        {"splat", splat_json(each.splat)}});
    return list;
}

json structure_json(const StructureAgreement& structure) {
    json object = json::object();
    for (const NamedAgreement& part : parts_of_a_text())
        if (const std::optional<PartAgreement>& with = structure.*part.of)
            object[part.name] = {{"information", json_number(with->information)},
                                 {"boundary_f1", json_number(with->boundary_f1)},
                                 {"f1_by_chance", json_number(with->f1_by_chance)},
                                 {"tolerance", with->tolerance}};
    if (const auto& heads = structure.dependencies)
        object["dependencies"] = {{"pairs", heads->pairs},
                                  {"mean", json_number(heads->mean)},
                                  {"same_distance", json_number(heads->same_distance)},
                                  {"lift", json_number(heads->lift())}};
    return object;
}

json maybe_json(const std::optional<double>& value) {
    return value ? json_number(*value) : json(nullptr);
}

}  // namespace hsa
