#include "app/views/splats_opacity.h"

#include "app/widgets/numbers.h"
#include "engine/explain/tokens.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <span>

namespace splatscope {
namespace {

constexpr float kFlatAlpha = 0.3F;  // of one level alone: nothing else shows what lies inside
constexpr float kFinestAlpha = 0.7F;
constexpr float kCoarsestAlpha = 0.16F;
constexpr float kFaintest = 0.06F;  // of a property: its least value
constexpr float kFullest = 0.85F;   // ... and its most

// Fine splats are bodies, coarse ones shells one looks through.
float level_alpha(std::size_t level, std::size_t levels) {
    if (levels < 2) return kFlatAlpha;
    const double t = static_cast<double>(level) / static_cast<double>(levels - 1);
    return kFinestAlpha *
           static_cast<float>(std::pow(static_cast<double>(kCoarsestAlpha / kFinestAlpha), t));
}

float against_mean(float alpha, double value, double level_mean) {
    const double ratio = level_mean > 0.0 ? std::clamp(value / level_mean, 0.15, 3.0) : 1.0;
    return 1.0F - std::pow(1.0F - alpha, static_cast<float>(std::sqrt(ratio)));
}

std::vector<float> by_level(const hsa::SplatRegistry& registry) {
    std::vector<float> alpha;
    for (const std::uint16_t level : registry.level)
        alpha.push_back(level_alpha(level, registry.hierarchy.size()));
    return alpha;
}

// Values that are not negative, each against the mean of its level.
std::vector<float> by_share(const hsa::SplatRegistry& registry, std::span<const double> values) {
    std::vector<double> sum(registry.hierarchy.size());
    std::vector<double> count(registry.hierarchy.size());
    for (std::size_t s = 0; s < values.size(); ++s) {
        sum[registry.level[s]] += values[s];
        count[registry.level[s]] += 1.0;
    }
    std::vector<float> alpha = by_level(registry);
    for (std::size_t s = 0; s < values.size(); ++s) {
        const std::size_t level = registry.level[s];
        alpha[s] = against_mean(alpha[s], values[s], sum[level] / std::max(count[level], 1.0));
    }
    return alpha;
}

SplatOpacity by_property(const hsa::Property& property) {
    double least = std::numeric_limits<double>::infinity();
    double most = -least;
    for (const float value : property.values) {
        if (!std::isfinite(value)) continue;
        least = std::min(least, static_cast<double>(value));
        most = std::max(most, static_cast<double>(value));
    }
    SplatOpacity opacity;
    for (const float value : property.values) {
        double t = 0.0;
        if (std::isfinite(value))
            t = most > least ? (static_cast<double>(value) - least) / (most - least) : 1.0;
        opacity.alpha.push_back(kFaintest + static_cast<float>(t) * (kFullest - kFaintest));
    }
    opacity.says = "opacity = " + property.name;
    if (least <= most) {
        opacity.says += fmt::format(", {}{}", number_text(least),
                                    most > least ? " to " + number_text(most) : "");
        if (!property.unit.empty()) opacity.says += " " + property.unit;
    }
    return opacity;
}

bool is_measured(const hsa::Snapshot& snapshot) {
    return snapshot.measures && snapshot.registry &&
           snapshot.measures->usage.size() == snapshot.registry->size() &&
           snapshot.measures->information.size() == snapshot.registry->size();
}

std::vector<hsa::Property> properties_of(const hsa::Snapshot& snapshot) {
    if (!is_measured(snapshot)) return {};
    return hsa::splat_properties(*snapshot.registry, *snapshot.measures,
                                 snapshot.parent_share
                                     ? std::span<const float>(*snapshot.parent_share)
                                     : std::span<const float>());
}

}  // namespace

SplatOpacity splat_opacity(const ViewContext& context) {
    const hsa::Snapshot& snapshot = context.snapshot;
    const hsa::SplatRegistry& registry = *snapshot.registry;
    const std::string& wanted = context.session.desk.splats.opacity;
    if (wanted == "alike") return {by_level(registry), ""};
    if (wanted == "amplitude") {
        std::vector<double> amplitude;
        for (const float logarithm : registry.log_amplitude)
            amplitude.push_back(std::exp(static_cast<double>(logarithm)));
        return {by_share(registry, amplitude), "opacity = amplitude"};
    }
    if (!is_measured(snapshot)) return {by_level(registry), ""};
    if (wanted == "information")
        return {by_share(registry, snapshot.measures->information), "opacity = information"};
    std::string says = "opacity = usage";
    if (wanted != "usage") {
        const std::vector<hsa::Property> properties = properties_of(snapshot);
        const auto found =
            std::find_if(properties.begin(), properties.end(),
                         [&](const hsa::Property& property) { return property.name == wanted; });
        if (found != properties.end()) return by_property(*found);
        says += fmt::format(" (splats have no {})", wanted);
    }
    return {by_share(registry, snapshot.measures->usage), says};
}

std::vector<std::string> opacity_choices(const hsa::Snapshot& snapshot) {
    std::vector<std::string> choices = {"usage", "amplitude", "information", "alike"};
    for (const hsa::Property& property : properties_of(snapshot))
        if (std::find(choices.begin(), choices.end(), property.name) == choices.end())
            choices.push_back(property.name);
    return choices;
}

}  // namespace splatscope
