#pragma once

#include "engine/compute/backend.h"
#include "engine/core/work.h"
#include "engine/model/coordinates.h"
#include "engine/model/splat_registry.h"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

namespace hsa {

// What can be wrong with the splats alone, whatever attention they give: pure functions of the
// registry and the coordinates, which repairs and reports share. Limits lie far outside what
// initialisation and thousands of cycles reach.

// Largest over least variance of a splat's axes (of its whole covariance where it has a shape).
inline constexpr double kMostCondition = 1e8;
// A splat's kernel variance, Sigma / beta, over the variance of its level's data.
inline constexpr double kMostWidth = 1e4;
inline constexpr double kLeastWidth = 1e-9;
// ln amplitude above the median of the level's other splats; of a level's median above that of the
// others; of all above the background's ln w. Calibration gives a splat far from all tokens such an
// amplitude, too: it counts where what is loud has taken nearly everything.
inline constexpr double kMostLoudness = 16.0;
inline constexpr double kMostLevelLoudness = 18.0;
inline constexpr double kMostRegistryLoudness = 20.0;
inline constexpr double kMostTaken = 0.9;          // of a level, by its loud splats,
inline constexpr double kMostTakenAlone = 0.25;    // each beside those that are not loud
inline constexpr double kMostTakenByLevel = 0.99;  // of all, by a loud level
inline constexpr double kLeastBackground = 1e-9;   // beside a loud registry
// A parent has less than this of what the best one has of the child.
inline constexpr double kLeastParentShare = 0.5;
// So many of a level's splats under such parents are no drift of a cycle, but a tree that is torn.
inline constexpr double kMostMisplaced = 0.34;

// A splat and the number that is out of proportion.
struct StrangeSplat {
    SplatId id = kNoSplat;
    std::uint16_t level = 0;
    double value = 0.0;
};

// Numbers that are not finite, variances and betas not above 0, shapes not positive definite.
[[nodiscard]] bool sound_numbers(const SplatRegistry& registry, std::size_t row);
[[nodiscard]] std::vector<SplatId> unsound_splats(const SplatRegistry& registry);

struct Proportions {
    std::vector<StrangeSplat> conditions;  // above kMostCondition
    std::vector<StrangeSplat> widths;      // outside kLeastWidth .. kMostWidth
    std::vector<StrangeSplat> amplitudes;  // of splats that have nearly all of their level
    std::vector<std::size_t> loud_levels;  // that have nearly everything
    bool loud_registry = false;            // nothing is left to the background
    double condition = 1.0;                // the largest
    double widest = 0.0, narrowest = 0.0;  // ratios; 0 where the data have no width
    double loudness = 0.0;                 // ln, largest, of a splat in its level,
    double level_loudness = 0.0;           // of a level beside the others,
    double registry_loudness = 0.0;        // of all beside the background
    double taken = 0.0;                    // of a level by its loud splats, largest
    double taken_by_level = 0.0;           // of all by a loud level
    double background = 1.0;               // its share beside a loud registry
};
// Of the splats whose numbers are sound; amplitudes are not looked at yet.
[[nodiscard]] Proportions proportions(const Coordinates& coordinates,
                                      const SplatRegistry& registry);
// Looks at amplitudes. `answers`: P of some tokens, asked for only where something is loud; no rows
// where it is not known, and then nothing is found.
struct Answers {
    Matrix<float> p;                // [rows, k]
    std::vector<float> background;  // [rows], 0 without one
};
void find_loud(const SplatRegistry& registry, const std::function<Answers()>& answers,
               Proportions& found);

// Levels without a splat, or without any whose amplitude is above 0.
[[nodiscard]] std::vector<std::size_t> empty_levels(const SplatRegistry& registry);

// Why a splat has no parent it can have: none, one that does not exist, one of another level than
// the next. A file may leave parents out: there a splat without one counts only where `made_here`.
enum class LinkFault : std::uint8_t { missing, unknown, wrong_level };
struct BrokenLink {
    SplatId id = kNoSplat;
    std::uint16_t level = 0;
    LinkFault fault = LinkFault::missing;
};
[[nodiscard]] std::vector<BrokenLink> broken_links(const SplatRegistry& registry);

// What two neighbouring levels have of each other, in registry rows: share(c, t) = sum_j K(j|c)
// P(t|j) within the parents' level, so that a child's shares sum to 1 (rulings.md).
struct LevelOverlap {
    std::vector<std::size_t> children, parents;
    Matrix<double> share;  // [children, parents]
};
// Finest first: [levels - 1]. One pass over the tokens. Throws Cancelled.
[[nodiscard]] std::vector<LevelOverlap> level_overlaps(Backend& backend,
                                                       const Coordinates& coordinates,
                                                       const SplatRegistry& registry,
                                                       const Work& work);

// Of every splat, [k]: the share of it that its parent has, the largest share that a splat one
// level up has, and which that is. NaN and kNoSplat at the coarsest level; `own` is NaN without a
// parent of that level. Throws Cancelled.
struct ParentOverlap {
    std::vector<float> own, best;
    std::vector<SplatId> parent;
};
[[nodiscard]] ParentOverlap parent_overlap(Backend& backend, const Coordinates& coordinates,
                                           const SplatRegistry& registry, const Work& work);

// Splats whose parent has less than kLeastParentShare of what the best has, of the levels where
// they are more than kMostMisplaced of all that have one. `shares`: [levels] how many are, of each
// level.
struct Misplaced {
    std::vector<SplatId> splats;
    std::vector<double> shares;
};
[[nodiscard]] Misplaced misplaced(const SplatRegistry& registry, const ParentOverlap& overlap);

[[nodiscard]] double median_of(std::vector<double> values, double otherwise);

}  // namespace hsa
