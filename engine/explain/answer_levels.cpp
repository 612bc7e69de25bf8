#include "engine/explain/answer_levels.h"

#include "engine/core/json_number.h"
#include "engine/core/largest.h"
#include "engine/explain/answer_parts.h"
#include "engine/explain/level_effect.h"
#include "engine/explain/structure_agreement.h"
#include "engine/explain/token_paths.h"

#include <fmt/core.h>

#include <span>
#include <vector>

namespace hsa {
namespace {

using nlohmann::json;

constexpr std::size_t kListed = 50;

json masses_json(const LevelFlow& flow, const FlowLink& link) {
    const std::vector<float> masses(link.mass.data(), link.mass.data() + link.mass.size());
    json list = json::array();
    for (const std::uint32_t e : largest(std::span<const float>(masses), kListed)) {
        if (!(masses[e] > 0.0F)) break;
        const std::size_t parents = link.mass.cols();
        list.push_back({{"from", flow.levels[link.finer].splats[e / parents]},
                        {"to", flow.levels[link.coarser].splats[e % parents]},
                        {"mass", json_number(link.mass.data()[e])}});
    }
    return list;
}

}  // namespace

std::string bottleneck_sentence(const LevelFlow& flow) {
    const FlowLink* const link = flow.bottleneck();
    if (link == nullptr) return "";
    return fmt::format(
        "{} to {} passes least: {:.0f} % of the information that could; {:.0f} % of its mass "
        "goes to the parents.",
        flow.levels[link->finer].name, flow.levels[link->coarser].name, 100.0 * link->kept,
        100.0 * link->along_tree.value_or(0.0));
}

json answer_levels(const Snapshot& snapshot, const Work& work) {
    const LevelFlow flow = level_flow(*snapshot.factors, *snapshot.registry, work);
    json answer =
        result_json("explain.levels", flow.exact ? factor_mark(snapshot) : Mark::approximate);
    answer["tokens"] = flow.tokens;
    answer["levels"] = json::array();
    for (const FlowLevel& level : flow.levels)
        answer["levels"].push_back({{"name", level.name},
                                    {"splats", level.splats.size()},
                                    {"gate",
                                     {{"mean", json_number(level.gate_mean)},
                                      {"low", json_number(level.gate_low)},
                                      {"high", json_number(level.gate_high)}}},
                                    {"entropy", json_number(level.entropy)},
                                    {"information", json_number(level.information)},
                                    {"unused", level.unused}});
    for (std::size_t l = 0; l < flow.levels.size() && snapshot.factors_exact; ++l) {
        work.check();
        const StructureAgreement structure =
            structure_agreement(*snapshot.dataset, *snapshot.factors, l);
        if (structure.any()) answer["levels"][l]["structure"] = structure_json(structure);
    }
    if (snapshot.target) {
        const LevelEffects effects = level_effects(*snapshot.factors, *snapshot.target,
                                                   snapshot.registry->hierarchy.size(), work);
        if (!effects.exact) answer["mark"] = name_of(Mark::approximate);
        answer["row_kl"] = json_number(effects.row_kl);
        answer["rows"] = effects.rows;
        for (std::size_t l = 0; l < flow.levels.size(); ++l)
            answer["levels"][l]["row_kl_without"] = maybe_json(effects.without[l]);
    }
    answer["links"] = json::array();
    for (const FlowLink& link : flow.links)
        answer["links"].push_back(
            {{"from", flow.levels[link.finer].name},
             {"to", flow.levels[link.coarser].name},
             {"skips", link.skips()},
             {"information", json_number(link.information)},
             {"kept", json_number(link.kept)},
             {"conditional_entropy", json_number(link.conditional_entropy)},
             {"along_tree", maybe_json(link.along_tree)},
             {"mass_ratio",
              {{"least",
                {{"splat", splat_json(link.starved)}, {"ratio", json_number(link.least_ratio)}}},
               {"most",
                {{"splat", splat_json(link.flooded)}, {"ratio", json_number(link.most_ratio)}}}}},
             {"masses", masses_json(flow, link)}});
    if (const FlowLink* const least = flow.bottleneck())
        answer["bottleneck"] = {{"from", flow.levels[least->finer].name},
                                {"to", flow.levels[least->coarser].name},
                                {"kept", json_number(least->kept)},
                                {"text", bottleneck_sentence(flow)}};
    else answer["bottleneck"] = nullptr;
    return answer;
}

json answer_paths(const Snapshot& snapshot, std::size_t token, const Work& work) {
    const Factors& factors = *snapshot.factors;
    const LevelFlow flow = level_flow(factors, *snapshot.registry, work);
    const TokenPaths found = token_paths(factors, *snapshot.registry, flow, token);
    json answer =
        result_json("explain.paths", flow.exact ? factor_mark(snapshot) : Mark::approximate);
    answer["token"] = token_json(snapshot, token);
    answer["along_tree"] = json_number(found.along_tree);
    answer["paths"] = json::array();
    for (const TokenPath& path : found.paths)
        answer["paths"].push_back({{"splats", path.splats},
                                   {"share", json_number(path.share)},
                                   {"along_tree", path.along_tree}});
    answer["levels"] = json::array();
    for (std::size_t l = 0; l < flow.levels.size(); ++l)
        answer["levels"].push_back({{"name", flow.levels[l].name},
                                    {"gate", json_number(found.gates[l])},
                                    {"arrives", weighted_json(snapshot, found.arrives[l])}});
    return answer;
}

}  // namespace hsa
