#include "engine/explain/event_card.h"

#include "engine/attention/cells.h"
#include "engine/attention/factors.h"

#include <algorithm>
#include <cmath>

namespace hsa {
namespace {

constexpr std::size_t kChangedRows = 20;

}  // namespace

EventCard event_card(const Snapshot& snapshot, std::size_t index, Backend& backend,
                     const Work& work) {
    EventCard card;
    card.index = index;
    const Event& event = snapshot.history->event(index);
    if (!event.accepted || event.delta.empty() || event.cycle == 0) return card;
    SplatRegistry before = *registry_at(*snapshot.history, event.cycle - 1);
    for (const Event& earlier : snapshot.history->cycles[static_cast<std::size_t>(event.cycle)]->events) {
        if (&earlier == &event) break;
        if (earlier.accepted) apply(earlier.delta, before);
    }
    SplatRegistry after = before;
    apply(event.delta, after);
    const Factors old_factors = compute_factors(backend, before, *snapshot.coordinates, {}, work);
    const Factors new_factors = compute_factors(backend, after, *snapshot.coordinates, {}, work);
    const std::size_t n = old_factors.tokens();
    std::vector<std::uint32_t> rows = event.tokens;
    rows.erase(std::remove_if(rows.begin(), rows.end(), [n](std::uint32_t row) { return row >= n; }),
               rows.end());
    if (rows.size() > kChangedRows) rows.resize(kChangedRows);
    Matrix<float> a(rows.size(), n);
    Matrix<float> b(rows.size(), n);
    attention_rows(old_factors, rows, {}, a.view());
    attention_rows(new_factors, rows, {}, b.view());
    for (std::size_t r = 0; r < rows.size(); ++r) {
        double l1 = 0.0;
        for (std::size_t j = 0; j < n; ++j) l1 += std::abs(static_cast<double>(a(r, j)) - b(r, j));
        card.changed_rows.push_back({rows[r], l1});
    }
    std::stable_sort(card.changed_rows.begin(), card.changed_rows.end(),
                     [](const ChangedRow& x, const ChangedRow& y) { return x.l1 > y.l1; });
    return card;
}

}  // namespace hsa
