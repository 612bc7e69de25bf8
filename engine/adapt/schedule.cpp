#include "engine/adapt/schedule.h"

#include "engine/adapt/density.h"
#include "engine/adapt/shift.h"

#include <algorithm>
#include <cmath>

namespace hsa {

std::int32_t interval_at(const AdaptSettings& settings, std::int32_t age) {
    const auto every = static_cast<std::int32_t>(
        std::clamp<std::size_t>(settings.every, 1, static_cast<std::size_t>(kLongestInterval)));
    const double more = std::floor(std::max(settings.sparser, 0.0) * std::max(age, 0));
    return static_cast<std::int32_t>(
        std::min(static_cast<double>(kLongestInterval), static_cast<double>(every) + more));
}

std::vector<Reason> StructurePlan::reasons() const {
    if (shifted) return {{"shift", z.value_or(0.0), std::copysign(limit, z.value_or(0.0))}};
    if (lacking()) return {{"dense_region", *lack, lack_limit}};
    if (interval > 1)
        return {{"cycles_waited", static_cast<double>(waited), static_cast<double>(interval)}};
    return {};
}

StructurePlan plan_structure(Backend& backend, const AdaptInput& input, std::int32_t number,
                             AdaptState& state, const Work& work) {
    StructurePlan plan;
    plan.limit = input.settings.shift;
    if (plan.limit > 0.0 && speaks_of(state.seen, *state.registry, input.temperature)) {
        const std::vector<Covered> now =
            covered_by(backend, input.coordinates, *state.registry, input.temperature, work);
        plan.z = shift_of(state.seen, now);
        plan.shifted = plan.z && std::abs(*plan.z) >= plan.limit;
        if (plan.z && !plan.shifted) add_drift(now, state.seen);
    }
    if (plan.shifted) {
        state.shift_at = number;
        state.cooldowns.clear();
        state.seen = {};
    }
    plan.waited = number - state.structure_at;
    plan.interval = interval_at(input.settings, number - state.shift_at);
    plan.due = plan.shifted || plan.waited >= plan.interval;
    plan.lack_limit = input.settings.density;
    if (!plan.due && plan.lack_limit > 0.0 && state.registry->form == Form::token) {
        plan.lack =
            largest_lack(backend, input.coordinates, *state.registry, input.temperature, work);
        plan.due = plan.lacking();
    }
    if (plan.due) state.structure_at = number;
    return plan;
}

}  // namespace hsa
