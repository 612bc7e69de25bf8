#include "engine/explain/axes_answer.h"

#include "engine/core/error.h"
#include "engine/explain/axes.h"

#include <nlohmann/json.hpp>

#include <optional>
#include <span>
#include <vector>

namespace hsa {
namespace {

using nlohmann::json;

const char* kind_name(AxesKind kind) {
    switch (kind) {
        case AxesKind::splats: return "splats";
        case AxesKind::tokens: return "tokens";
        case AxesKind::separate: return "separate";
        case AxesKind::between: return "between";
        case AxesKind::tour: return "tour";
    }
    return "";
}

json or_null(const std::optional<double>& value) { return value ? json(*value) : json(nullptr); }

}  // namespace

json answer_axes(const Snapshot& snapshot) {
    if (!snapshot.layout || !snapshot.registry)
        fail("There are no axes yet: open a text or vectors first.");
    const Layout& layout = *snapshot.layout;
    const AxesFacts& facts = layout.facts;
    const Hierarchy& hierarchy = snapshot.registry->hierarchy;
    const bool of_splats = facts.choice.kind == AxesKind::splats || facts.refused;
    const bool on_tour = facts.choice.kind == AxesKind::tour && !facts.refused;
    json answer = {
        {"command", "axes"},
        {"version", 1},
        {"mark", facts.looked_at < facts.tokens ? "approximate" : "exact"},
        {"kind", kind_name(of_splats ? AxesKind::splats : facts.choice.kind)},
        {"name", layout.axes_name},
        {"dimension", layout.mean.size()},
        {"level", of_splats
                      ? json(nullptr)
                      : json(hierarchy.levels[axes_level(hierarchy, facts.choice.level)].name)},
        {"explained", layout.explained},
        {"explained_of", facts.explained_of},
        {"hides", facts.hides},
        {"note", facts.note},
        {"tokens", of_splats ? json(nullptr) : json(facts.tokens)},
        {"looked_at", of_splats ? json(nullptr) : json(facts.looked_at)},
        {"shrinkage", or_null(facts.shrinkage)},
        {"gap", or_null(facts.gap)},
        {"ratio", or_null(facts.ratio)},
        {"seed", on_tour ? json(facts.choice.seed) : json(nullptr)},
        {"second", on_tour ? json(facts.choice.second) : json(nullptr)},
        {"toured", on_tour ? json(facts.toured) : json(nullptr)},
        {"marks", json::array()},
        {"axes", json::array()},
        {"mean", layout.mean}};
    for (const AxisMark& mark : facts.marks)
        answer["marks"].push_back({{"name", mark.name}, {"at", mark.at}});
    for (std::size_t r = 0; r < layout.axes.rows(); ++r) {
        const std::span<const float> axis = layout.axes.row(r);
        answer["axes"].push_back(std::vector<float>(axis.begin(), axis.end()));
    }
    return answer;
}

}  // namespace hsa
