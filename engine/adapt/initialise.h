#pragma once

#include "engine/compute/backend.h"
#include "engine/core/work.h"
#include "engine/model/coordinates.h"
#include "engine/model/dataset.h"
#include "engine/model/measures.h"
#include "engine/model/settings.h"
#include "engine/model/splat_registry.h"

#include <vector>

namespace hsa {

struct Places;  // attention/kmeans.h

// Counts of the recipe, finest first (defaults.md 4, rulings.md "The recipe's corners").
[[nodiscard]] std::vector<std::size_t> default_counts(std::size_t tokens, std::size_t levels,
                                                      std::size_t distinct_rows);

// The splats of cycle 0 and how near their usage came to what is wanted.
struct Start {
    SplatRegistry registry;
    Calibration calibration;
};
// Places, shapes, bandwidth per level, usage calibration, background (defaults.md 4-8). The
// registry carries the coordinates' recipe and age 3. Same seed, same bits. Here and below masked
// tokens count for nothing: they are no rows either.
[[nodiscard]] Start initialise(Backend& backend, const Dataset& dataset,
                               const Coordinates& coordinates, const Hierarchy& hierarchy,
                               const InitSettings& init, const SplatSettings& settings,
                               const Work& work);

// The perplexity within a level that its bandwidth is fitted to, finest level 0 (defaults.md 7,
// rulings.md "The recipe's corners"), before what few splats can reach.
[[nodiscard]] double default_perplexity(std::size_t level, std::size_t levels);

// The splats of one level alone at these places of the tokens: shapes, bandwidth to a perplexity,
// usage in proportion to sqrt(members). `coordinates`: of that one level, no token masked; places:
// a cell for each token. Level 0, without parents or background, age 3, of any one common weight.
[[nodiscard]] SplatRegistry splats_of_level(Backend& backend, const Coordinates& coordinates,
                                            const Places& places, CovarianceKind kind,
                                            double perplexity, const Work& work);

// Solves ln w so that usage meets the level weights and sqrt(members) (defaults.md 8), then the
// background so that its mean P is 1e-3. Changes log amplitudes and the background only.
Calibration calibrate(Backend& backend, const Coordinates& coordinates,
                      std::span<const double> members, SplatRegistry& registry, const Work& work);

// One offset a level in log amplitude so that each level's share of attention is its weight, solved
// to 1e-6 on min(n, 4096) stratified rows (rulings.md "Quotas"). Returns the offsets [levels].
std::vector<double> solve_level_offsets(Backend& backend, const Coordinates& coordinates,
                                        SplatRegistry& registry, const Work& work);

// Gives every splat below the coarsest level the parent of largest overlap one level up (share of
// the child, rulings.md) and returns that share: [k], NaN at the coarsest level.
std::vector<float> assign_parents(Backend& backend, const Coordinates& coordinates,
                                  SplatRegistry& registry, const Work& work);

}  // namespace hsa
