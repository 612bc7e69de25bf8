#pragma once

#include "engine/compute/backend.h"
#include "engine/core/work.h"
#include "engine/engine.h"
#include "engine/model/coordinates.h"
#include "engine/model/dataset.h"
#include "engine/model/factors.h"
#include "engine/model/settings.h"
#include "engine/model/splat_registry.h"
#include "engine/snapshot.h"
#include "engine/stages.h"

#include <cstddef>
#include <memory>

namespace hsa {

// What is on screen of many tokens while the whole is computed.

// Above so many tokens the map of a sample comes first ...
inline constexpr std::size_t kCoarseFrom = 16384;
// ... and above so many one of splats that lie on a sample themselves, before those of cycle 0.
inline constexpr std::size_t kSketchFrom = 65536;
// Ids of a sketch's splats begin here: a command that names one and waits for cycle 0 must not find
// another splat there.
inline constexpr SplatId kSketchIds = 1'000'000'000;

// Splats placed on unmasked rows spread evenly, by the settings of those that follow: for a first
// look at many tokens while the splats of cycle 0 are made. Of the form token; kept nowhere.
[[nodiscard]] std::shared_ptr<const SplatRegistry> sketch_splats(
    Backend& backend, const Dataset& dataset, const Coordinates& coordinates,
    const InitSettings& init, const SplatSettings& splats, const Work& work);

// Factors of rows spread evenly, each standing for its neighbours: dense, of the key's registry as
// it is looked at.
[[nodiscard]] std::shared_ptr<const Factors> sample_factors(Backend& backend, const LookKey& key,
                                                            const Work& work);

// Such factors as the snapshot's, labelled as such.
void show_sample(std::shared_ptr<const Factors> sample, Snapshot& snapshot);

// Splats before anything is measured of them: a layout (of the form token) and the map from a
// sample. Of `snapshot` data and coordinates are read. Throws Cancelled.
void show_beginning(Backend& backend, const Request& request,
                    const std::shared_ptr<const SplatRegistry>& first, Snapshot& snapshot,
                    const Work& work);

}  // namespace hsa
