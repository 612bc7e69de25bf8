#include "engine/explain/event_card.h"

#include "engine/attention/near_factors.h"
#include "engine/explain/changed_rows.h"
#include "engine/model/level_coordinates.h"

#include <span>

namespace hsa {
namespace {

constexpr std::size_t kChangedRows = 20;

// The registry just before an event: that of the cycle before, and what the cycle had done by then.
SplatRegistry registry_before(const History& history, const Event& event) {
    SplatRegistry registry = *registry_at(history, event.cycle - 1);
    for (const Event& earlier : history.cycles[static_cast<std::size_t>(event.cycle)]->events) {
        if (&earlier == &event) break;
        if (earlier.accepted) apply(earlier.delta, registry);
    }
    return registry;
}

}  // namespace

EventFactors event_factors(const Snapshot& snapshot, std::size_t index, Backend& backend,
                           const Work& work) {
    EventFactors factors;
    factors.index = index;
    const Event& event = snapshot.history->event(index);
    if (!event.accepted || event.delta.empty() || event.cycle <= 0) return factors;
    const SplatRegistry before = registry_before(*snapshot.history, event);
    SplatRegistry after = before;
    apply(event.delta, after);
    FactorOptions options;
    options.temperature = snapshot.temperature;
    options.causal = snapshot.causal;
    const auto of = [&](const SplatRegistry& registry) {
        const Coordinates its =
            coordinates_for(std::span(&snapshot.coordinates, 1), registry, work);
        return std::make_shared<const Factors>(factors_beside(
            backend, registry, its, options, snapshot.target.get(), snapshot.near, work));
    };
    factors.before = of(before);
    factors.after = of(after);
    return factors;
}

void add_event_sums(EventFactors& factors) {
    if (!factors.any() || factors.sums_before) return;
    factors.sums_before = std::make_shared<const TileSums>(tile_sums(*factors.before));
    factors.sums_after = std::make_shared<const TileSums>(tile_sums(*factors.after));
}

EventCard event_card(const Snapshot& snapshot, const EventFactors& factors, const Work& work) {
    EventCard card;
    card.index = factors.index;
    const Event& event = snapshot.history->event(factors.index);
    if (event.accepted && !event.delta.empty() && event.cycle <= 0) card.mark = Mark::approximate;
    if (!factors.any()) return card;
    ChangedRows changed = changed_rows(*factors.before, *factors.after, kChangedRows, work);
    card.changed_rows = std::move(changed.rows);
    card.mark = changed.exact ? Mark::exact : Mark::approximate;
    return card;
}

}  // namespace hsa
