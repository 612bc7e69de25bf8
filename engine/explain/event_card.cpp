#include "engine/explain/event_card.h"

#include "engine/attention/factors.h"
#include "engine/explain/changed_rows.h"

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

EventCard event_card(const Snapshot& snapshot, std::size_t index, Backend& backend,
                     const Work& work) {
    EventCard card;
    card.index = index;
    const Event& event = snapshot.history->event(index);
    if (!event.accepted || event.delta.empty()) return card;
    if (event.cycle <= 0) {
        card.mark = Mark::approximate;
        return card;
    }
    const SplatRegistry before = registry_before(*snapshot.history, event);
    SplatRegistry after = before;
    apply(event.delta, after);
    FactorOptions options;
    options.temperature = snapshot.temperature;
    options.causal = snapshot.causal;
    const Factors old_factors =
        compute_factors(backend, before, *snapshot.coordinates, options, work);
    const Factors new_factors =
        compute_factors(backend, after, *snapshot.coordinates, options, work);
    ChangedRows changed = changed_rows(old_factors, new_factors, kChangedRows, work);
    card.changed_rows = std::move(changed.rows);
    card.mark = changed.exact ? Mark::exact : Mark::approximate;
    return card;
}

}  // namespace hsa
