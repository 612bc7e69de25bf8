#pragma once

#include "engine/adapt/initialise.h"
#include "engine/adapt/measures.h"
#include "engine/attention/factors.h"
#include "engine/core/random.h"
#include "engine/recover/report.h"
#include "tests/unit/engine/adapt/synthetic.h"

#include <functional>
#include <limits>
#include <memory>
#include <set>
#include <string>
#include <vector>

namespace recover_test {

inline constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
inline constexpr float kLoud = 27.631F;  // ln 1e12

// A hierarchy of three levels on clusters as the program makes it, a few cycles old, and its
// history.
struct Scene {
    adapt_test::Lab lab;
    hsa::AdaptState state;
    std::shared_ptr<hsa::History> history = std::make_shared<hsa::History>();

    explicit Scene(std::int32_t cycles = 3, std::uint64_t seed = 71) {
        const std::size_t n = 480;
        lab.data = adapt_test::data_of(
            adapt_test::clusters(n, adapt_test::directions(16, 6, seed), 16, seed + 1, 0.25), 3);
        lab.settings.repair = hsa::AutomaticRepair::all;
        state = lab.begin(hsa::initialise(*lab.backend, lab.data.dataset, lab.data.coordinates,
                                          hsa::make_hierarchy(3, n), {}, {}, {})
                              .registry);
        add_cycle({});
        for (std::int32_t c = 0; c < cycles; ++c) {
            const hsa::CycleResult result = lab.step(state);
            state = result.state;
            add_cycle(result);
        }
    }

    void add_cycle(const hsa::CycleResult& result) {
        const auto cycle = std::make_shared<hsa::Cycle>();
        cycle->number = history->last() + 1;
        cycle->events = result.events;
        cycle->measures = result.measures;
        history->cycles.push_back(cycle);
    }

    [[nodiscard]] hsa::SplatRegistry damaged(
        const std::function<void(hsa::SplatRegistry&)>& damage) const {
        hsa::SplatRegistry registry = *state.registry;
        damage(registry);
        return registry;
    }

    [[nodiscard]] hsa::AdaptState with(const hsa::SplatRegistry& registry) const {
        hsa::AdaptState changed = state;
        changed.registry = std::make_shared<const hsa::SplatRegistry>(registry);
        return changed;
    }

    // What is found in a registry; its attention is looked at too where it can be computed.
    [[nodiscard]] hsa::HealthReport check(const hsa::SplatRegistry& registry, bool attention,
                                          hsa::CheckSettings settings = {}) const {
        settings.machine_bytes = std::size_t{4} << 30U;
        hsa::Snapshot snapshot;
        snapshot.registry = std::make_shared<const hsa::SplatRegistry>(registry);
        snapshot.coordinates = std::make_shared<const hsa::Coordinates>(lab.data.coordinates);
        snapshot.history = history;
        snapshot.cycle = history->last();
        snapshot.complete = true;
        if (attention) {
            snapshot.factors = std::make_shared<const hsa::Factors>(
                hsa::compute_factors(*lab.backend, registry, lab.data.coordinates, {}, {}));
            snapshot.measures = std::make_shared<const hsa::Measures>(
                hsa::measure(*snapshot.factors, registry, *lab.backend, lab.data.coordinates,
                             lab.data.target.get(), {}, {}));
        }
        return hsa::check_snapshot(snapshot, settings, *lab.backend, {});
    }
};

inline void scramble_parents(hsa::SplatRegistry& registry) {
    hsa::Random random{11};
    for (std::size_t row = 0; row < registry.size(); ++row) {
        const std::size_t above = registry.level[row] + std::size_t{1};
        if (above >= registry.hierarchy.size()) continue;
        const std::vector<std::size_t> rows = registry.rows_of_level(above);
        registry.parent[row] = registry.id[rows[random.below(rows.size())]];
    }
}

inline void empty_level(hsa::SplatRegistry& registry, std::size_t level) {
    while (registry.count(level) > 0)
        registry.drop(registry.id[registry.rows_of_level(level).front()]);
}

inline std::set<std::string> kinds(const std::vector<hsa::Finding>& findings) {
    std::set<std::string> names;
    for (const hsa::Finding& finding : findings) names.insert(hsa::name_of(finding.kind));
    return names;
}

}  // namespace recover_test
