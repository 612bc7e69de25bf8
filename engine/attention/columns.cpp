#include "engine/attention/columns.h"

#include "engine/core/error.h"

#include <algorithm>
#include <limits>
#include <string>

namespace hsa {
namespace {

constexpr double kNothing = -std::numeric_limits<double>::infinity();

bool heard(const LevelMask& mask, const std::string& level) {
    const auto has = [&level](const std::vector<std::string>& names) {
        return std::find(names.begin(), names.end(), level) != names.end();
    };
    return mask.solo.empty() ? !has(mask.muted) : has(mask.solo);
}

}  // namespace

std::vector<double> column_log_weights(const SplatRegistry& registry, const LevelMask& mask) {
    std::vector<double> log_weight = registry.log_weights();
    bool any = false;
    for (std::size_t s = 0; s < registry.size(); ++s) {
        if (!heard(mask, registry.hierarchy.levels[registry.level[s]].name))
            log_weight[s] = kNothing;
        any = any || log_weight[s] > kNothing;
    }
    if (!any)
        fail(
            "No level can be heard: all are muted or have weight 0. Unmute one or give it a "
            "weight.");
    if (registry.background_log_weight) log_weight.push_back(*registry.background_log_weight);
    return log_weight;
}

void check_shapes(const SplatRegistry& registry, const Coordinates& coordinates) {
    if (coordinates.levels.size() < registry.hierarchy.size())
        fault("{} level coordinates for {} levels", coordinates.levels.size(),
              registry.hierarchy.size());
    if (coordinates.dimension() != registry.dimension)
        fail("The splats have {} dimensions and the data {}: open splats made for these data.",
             registry.dimension, coordinates.dimension());
    if (coordinates.queries && (coordinates.queries->rows() != coordinates.size() ||
                                coordinates.queries->cols() != coordinates.dimension()))
        fault("queries of {} x {} for {} tokens of {} dimensions", coordinates.queries->rows(),
              coordinates.queries->cols(), coordinates.size(), coordinates.dimension());
    if (registry.form == Form::paired && !registry.query_gaussians)
        fault("splats of the form paired without a query side");
    for (const auto& level : coordinates.levels)
        if (level->rows() != coordinates.size() || level->cols() != coordinates.dimension())
            fault("level coordinates of {} x {} for {} tokens of {} dimensions", level->rows(),
                  level->cols(), coordinates.size(), coordinates.dimension());
}

void require_form_token(const SplatRegistry& registry, const char* what) {
    if (registry.form == Form::token) return;
    fail("{} works on the form token; these splats have the form {}: set attention.form token.",
         what, name_of(registry.form));
}

}  // namespace hsa
