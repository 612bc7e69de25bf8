#pragma once

#include "engine/adapt/controller.h"
#include "engine/model/adapt_state.h"
#include "engine/model/event.h"

#include <cstdint>
#include <optional>
#include <vector>

namespace hsa {

inline constexpr std::int32_t kLongestInterval = 64;

// Cycles from trials to trials: adapt.every + floor(adapt.sparser x age), at most 64; `age` are the
// cycles since the data last shifted, or since the start.
[[nodiscard]] std::int32_t interval_at(const AdaptSettings& settings, std::int32_t age);

// What brings a cycle to try structure, or not to.
struct StructurePlan {
    bool due = true;
    bool shifted = false;        // the data are others: at once
    std::optional<double> z;     // of the data against those before (shift.h)
    double limit = 0.0;          // adapt.shift
    std::optional<double> lack;  // nats, of the region that lacks most; where it was looked for
    double lack_limit = 0.0;     // adapt.density
    std::int32_t waited = 1;     // cycles since the last trials
    std::int32_t interval = 1;

    [[nodiscard]] bool lacking() const { return lack && *lack >= lack_limit; }
    // What brought the trials about where it was more than the next cycle: the shift, a dense
    // region that nothing covers, or the wait.
    [[nodiscard]] std::vector<Reason> reasons() const;
};

// Decides for the cycle `number` from the state before it and marks in `state` what was decided: a
// shift lets refused proposals of the data before come again.
[[nodiscard]] StructurePlan plan_structure(Backend& backend, const AdaptInput& input,
                                           std::int32_t number, AdaptState& state,
                                           const Work& work);

}  // namespace hsa
