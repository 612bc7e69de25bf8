#include "engine/first_picture.h"

#include "engine/adapt/initialise.h"
#include "engine/adapt/measures.h"
#include "engine/attention/factors.h"
#include "engine/attention/sums.h"
#include "engine/core/stratified.h"
#include "engine/model/key_mask.h"

#include <cstdint>
#include <utility>
#include <vector>

namespace hsa {
namespace {

constexpr std::size_t kSampleRows = 4096;

// A masked token is no row of any splat, and where every other sequence is padded all rows could be
// such.
std::vector<std::uint32_t> visible_sample(const Coordinates& coordinates) {
    std::vector<std::uint32_t> rows = stratified_rows(visible_count(coordinates), kSampleRows);
    if (coordinates.masked.empty()) return rows;
    const std::vector<std::uint32_t> seen = visible_tokens(coordinates.masked, coordinates.size());
    for (std::uint32_t& row : rows) row = seen[row];
    return rows;
}

void give_ids_of_a_sketch(SplatRegistry& registry) {
    for (SplatId& id : registry.id) id += kSketchIds;
    for (SplatId& parent : registry.parent)
        if (parent != kNoSplat) parent += kSketchIds;
    registry.next_id += kSketchIds;
}

}  // namespace

std::shared_ptr<const SplatRegistry> sketch_splats(Backend& backend, const Dataset& dataset,
                                                   const Coordinates& coordinates,
                                                   const InitSettings& init,
                                                   const SplatSettings& splats, const Work& work) {
    const std::vector<std::uint32_t> rows = visible_sample(coordinates);
    Coordinates some = coordinates_of(coordinates, rows);
    for (const std::uint32_t row : rows) some.token_weight.push_back(coordinates.token_weight[row]);
    const Hierarchy hierarchy = make_hierarchy(coordinates.levels.size(), coordinates.size());
    // Its steps are those that follow.
    Start start = initialise(backend, dataset, some, hierarchy, init, splats, {work.stop, {}});
    give_ids_of_a_sketch(start.registry);
    return std::make_shared<const SplatRegistry>(std::move(start.registry));
}

std::shared_ptr<const Factors> sample_factors(Backend& backend, const LookKey& key,
                                              const Work& work) {
    const std::shared_ptr<const SplatRegistry> warmed =
        with_level_temperatures(*key.registry, key.mask);
    return std::make_shared<const Factors>(compute_factors_of_rows(
        backend, warmed ? *warmed : *key.registry, *key.coordinates,
        stratified_rows(key.coordinates->size(), kSampleRows),
        {key.temperature, key.splats_per_token, key.mask, key.options().causal}, work));
}

void show_sample(std::shared_ptr<const Factors> sample, Snapshot& snapshot) {
    snapshot.sums = std::make_shared<const TileSums>(tile_sums(*sample));
    snapshot.factors = std::move(sample);
    snapshot.factors_exact = false;
}

void show_beginning(Backend& backend, const Request& request,
                    const std::shared_ptr<const SplatRegistry>& first, Snapshot& snapshot,
                    const Work& work) {
    LookKey key{first, snapshot.coordinates,         request.first_settings.temperature, 0,
                {},    request.first_settings.causal};
    key.splats_per_token = request.attention.splats_per_token;
    key.mask = request.mask;
    snapshot.registry = first;
    std::shared_ptr<const Factors> sample = sample_factors(backend, key, work);
    if (first->form == Form::token) {
        std::vector<double> usage = usage_of(*sample);
        usage.resize(first->size());  // without the background
        snapshot.layout = std::make_shared<const Layout>(
            stage_layout(*snapshot.coordinates, *first, *first, std::move(usage), nullptr, work));
    }
    show_sample(std::move(sample), snapshot);
}

}  // namespace hsa
