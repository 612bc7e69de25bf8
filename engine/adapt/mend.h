#pragma once

#include "engine/adapt/controller.h"
#include "engine/adapt/draft.h"
#include "engine/model/finding.h"

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace hsa {

// Repairs of splats: each changes the damaged splats and links alone, everything sound stays bit
// for bit what it was.

// What repairs read beside the registry.
struct MendInput {
    Backend& backend;
    const AdaptInput& input;
    const Work& work;
    std::int32_t cycle = 0;
    std::vector<std::size_t> counts;  // [levels] splats at cycle 0, for a level that has none left
};

// One level put right.
struct Mended {
    RepairKind kind = RepairKind::numbers;
    std::uint16_t level = 0;
    std::vector<SplatId> before, after;  // rising; the same where splats keep their ids
    std::vector<Reason> reasons;
    std::string text;     // one sentence
    bool common = false;  // one factor of all of a level's amplitudes: what they are like stays
};

// Axes too far apart are held within a factor 100 of their mean (maths.md 7); widths out of
// proportion with the data become the level's median.
[[nodiscard]] std::vector<Mended> mend_widths(const MendInput& bench, SplatRegistry& registry);
// A loud splat gets the share of its level that goes with the root of its tokens; a loud level its
// share of attention; a registry that drowns its background what leaves the background 1e-3.
[[nodiscard]] std::vector<Mended> mend_amplitudes(const MendInput& bench, SplatRegistry& registry);
// An empty level gets as many splats as it began with from the initialiser, with the level's share
// of attention, parents and children; one without amplitudes gets equal ones.
[[nodiscard]] std::vector<Mended> mend_empty(const MendInput& bench, SplatRegistry& registry);
// Splats without a parent they can have get the one of largest overlap; with `torn` those too whose
// tree is torn (misplaced()).
[[nodiscard]] std::vector<Mended> mend_orphans(const MendInput& bench, bool torn,
                                               SplatRegistry& registry);
// The usage calibration of the first splats, of every level: only when asked for.
[[nodiscard]] std::vector<Mended> rebalance(const MendInput& bench, SplatRegistry& registry);

// Which repairs to make: one kind, what breaks a rule of splats, or all but a rebalancing. Numbers
// that break a rule are always put right first: no other repair can read them.
struct MendScope {
    std::optional<RepairKind> only;
    bool rules_alone = false;
};
// Repairs the registry of a draft and writes an event for each; repaired splats are in no other
// plan of the cycle. Returns how many events it wrote.
std::size_t mend_draft(Backend& backend, const AdaptInput& input, const MendScope& scope,
                       Draft& draft, const Work& work);

}  // namespace hsa
