#include "engine/stages.h"

#include "engine/adapt/bandwidth.h"
#include "engine/adapt/initialise.h"
#include "engine/attention/factors.h"
#include "engine/core/error.h"
#include "engine/embed/cooccurrence.h"
#include "engine/embed/coordinates.h"
#include "engine/embed/head.h"
#include "engine/explain/layout.h"
#include "engine/explain/names.h"

#include <fmt/core.h>

#include <algorithm>
#include <limits>
#include <optional>

namespace hsa {
namespace {

constexpr std::size_t kNameWords = 4;
constexpr std::size_t kSampleRows = 4096;

}  // namespace

CycleSettings settings_at(const Request& request, std::int32_t cycle) {
    CycleSettings settings = request.first_settings;
    for (const HistoryEntry& entry : request.entries)
        if (entry.settings && entry.cycle <= cycle) settings = *entry.settings;
    return settings;
}

std::shared_ptr<const Dataset> stage_embed(const std::shared_ptr<const Dataset>& loaded,
                                           const EmbedSettings& settings, const Work& work) {
    std::shared_ptr<const Dataset> dataset = with_head(loaded, settings);
    const bool from_file = !dataset->embeddings.rows.empty();
    if (from_file && settings.method != EmbedMethod::cooccurrence) return dataset;
    if (settings.method == EmbedMethod::file)
        fail(
            "{} holds no vectors, and embed.method is file: open a file of vectors beside it, or "
            "set embed.method auto.",
            dataset->source);
    auto embedded = std::make_shared<Dataset>(*dataset);
    embedded->embeddings = embed_cooccurrence(*dataset, work);
    embedded->embedding_id = fmt::format("cooccurrence:{:016x}", loaded->hash);
    embedded->dtype = "float32";
    return embedded;
}

Coordinates stage_coordinates(const Dataset& dataset, Form form, const SplatRegistry* from_file,
                              std::size_t levels, const CoordinateSettings& settings,
                              const Work& work) {
    if (form != Form::token)
        return head_coordinates(dataset, from_file != nullptr ? from_file->hierarchy.size() : 1);
    if (from_file == nullptr)
        return estimate_coordinates(dataset, make_hierarchy(levels, dataset.size()), settings,
                                    work);
    return from_file->coordinates ? apply_coordinates(dataset, from_file->coordinates, work)
                                  : raw_coordinates(dataset, from_file->hierarchy.size());
}

bool looks_ahead(const Coordinates& coordinates) {
    const CoordinateRecipe* recipe = coordinates.recipe.get();
    return recipe != nullptr && !recipe->trailing &&
           std::any_of(recipe->levels.begin(), recipe->levels.end(),
                       [](const LevelCoordinates& level) { return level.h > 0.0; });
}

Factors stage_sample(Backend& backend, const SplatRegistry& registry,
                     const Coordinates& coordinates, double temperature, bool causal,
                     std::size_t splats_per_token, const LevelMask& mask, const Work& work) {
    return compute_factors_of_rows(backend, registry, coordinates,
                                   stratified_rows(coordinates.size(), kSampleRows),
                                   {temperature, splats_per_token, mask, causal}, work);
}

std::vector<std::string> stage_names(const Dataset& dataset, const Factors& factors) {
    return splat_names(dataset, factors, kNameWords);
}

std::vector<float> stage_parent_share(Backend& backend, const Coordinates& coordinates,
                                      const SplatRegistry& registry, const Work& work) {
    SplatRegistry copy = registry;
    std::vector<float> share = assign_parents(backend, coordinates, copy, work);
    for (std::size_t s = 0; s < share.size(); ++s)
        if (copy.parent[s] != registry.parent[s])
            share[s] = std::numeric_limits<float>::quiet_NaN();
    return share;
}

Layout stage_layout(const Coordinates& coordinates, const SplatRegistry& registry,
                    const SplatRegistry& first, std::vector<double> usage,
                    const Matrix<float>* keys, const Work& work) {
    std::optional<Layout> reference;
    if (keys == nullptr)
        reference = splat_layout({}, first, std::vector<double>(first.size(), 1.0), nullptr, work);
    return splat_layout(coordinates, registry, usage, reference ? &*reference : nullptr, work,
                        keys);
}

}  // namespace hsa
