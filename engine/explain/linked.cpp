#include "engine/explain/linked.h"

#include <algorithm>
#include <numeric>

namespace hsa {
namespace {

constexpr double kSplatMass = 0.8;     // token -> splats, block -> splats
constexpr std::size_t kMostSplats = 8;
constexpr double kTokenMass = 0.5;     // splat -> tokens
constexpr std::size_t kMostTokens = 200;
constexpr std::size_t kMostSelectedTokens = 4096;  // picked tokens whose splats are looked up one by one

// Indices of the largest values until `share` of their sum is reached, at most `most`.
std::vector<std::size_t> heaviest(const std::vector<double>& values, double share, std::size_t most) {
    std::vector<std::size_t> order(values.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    const std::size_t front = std::min(most, order.size());
    std::partial_sort(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(front), order.end(),
                      [&](std::size_t a, std::size_t b) { return values[a] != values[b] ? values[a] > values[b] : a < b; });
    const double total = std::accumulate(values.begin(), values.end(), 0.0);
    order.resize(front);
    double sum = 0.0;
    for (std::size_t r = 0; r < order.size(); ++r) {
        if (sum >= share * total || values[order[r]] <= 0.0) {
            order.resize(r);
            break;
        }
        sum += values[order[r]];
    }
    return order;
}

template <class T>
void sort_unique(std::vector<T>& values) {
    std::sort(values.begin(), values.end());
    values.erase(std::unique(values.begin(), values.end()), values.end());
}

void add_splats(const Factors& factors, const std::vector<std::size_t>& columns, Linked& linked) {
    for (const std::size_t c : columns)
        if (factors.ids[c] != kNoSplat) linked.splats.push_back(factors.ids[c]);
}

void link_tokens(const Selection& selection, const Factors& factors, Linked& linked) {
    std::size_t looked = 0;
    for (const Range& range : selection.tokens)
        for (std::size_t i = range.begin; i < std::min(range.end, factors.tokens()); ++i) {
            if (++looked > kMostSelectedTokens) return;
            const auto p = factors.p.row(i);
            add_splats(factors, heaviest({p.begin(), p.end()}, kSplatMass, kMostSplats), linked);
        }
}

void link_splat(const Factors& factors, SplatId splat, Linked& linked) {
    const auto place = std::lower_bound(factors.ids.begin(), factors.ids.end(), splat);
    if (place == factors.ids.end() || *place != splat) return;
    const auto column = static_cast<std::size_t>(place - factors.ids.begin());
    std::vector<double> k(factors.tokens());
    for (std::size_t j = 0; j < k.size(); ++j) k[j] = static_cast<double>(factors.k(j, column));
    for (const std::size_t j : heaviest(k, kTokenMass, kMostTokens))
        linked.tokens.push_back(static_cast<std::uint32_t>(j));
}

void link_block(const Block& block, const Factors& factors, const TileSums& sums, Linked& linked) {
    const std::size_t n = factors.tokens();
    const Block inside{{std::min(block.rows.begin, n), std::min(block.rows.end, n)},
                       {std::min(block.columns.begin, n), std::min(block.columns.end, n)}};
    if (inside.rows.empty() || inside.columns.empty()) return;
    const CellParts parts = block_parts(factors, sums, inside);
    double sum = 0.0;
    for (const Part& part : parts.parts) {
        if (sum >= kSplatMass * parts.value || part.value <= 0.0) break;
        sum += part.value;
        if (part.splat != kNoSplat) linked.splats.push_back(part.splat);
    }
}

// Events that name a lit or picked splat, up to the cycle shown.
void link_events(const Selection& selection, const History& history, std::int32_t cycle, Linked& linked) {
    std::vector<SplatId> ids = linked.splats;
    ids.insert(ids.end(), selection.splats.begin(), selection.splats.end());
    sort_unique(ids);
    if (ids.empty()) return;
    std::size_t index = 0;
    for (std::int32_t c = 0; c <= std::min(cycle, history.last()); ++c) {
        for (const Event& event : history.cycles[static_cast<std::size_t>(c)]->events) {
            const auto named = [&](SplatId id) { return std::binary_search(ids.begin(), ids.end(), id); };
            if (event.accepted && event.kind != EventKind::adjust && event.kind != EventKind::initialise &&
                (std::any_of(event.before.begin(), event.before.end(), named) ||
                 std::any_of(event.after.begin(), event.after.end(), named)))
                linked.events.push_back(index);
            ++index;
        }
    }
}

std::vector<Range> rows_of(const Selection& selection, const Linked& linked) {
    std::vector<Range> rows = selection.tokens;
    if (rows.empty() && selection.block) rows = {selection.block->rows};
    if (rows.empty())
        for (const std::uint32_t token : linked.tokens) rows = with_range(rows, {token, token + 1U});
    return rows;
}

std::vector<float> times_n(std::vector<float> values) {
    const auto n = static_cast<float>(values.size());
    for (float& value : values) value *= n;
    return values;
}

}  // namespace

Linked linked(const Selection& selection, const Factors& factors, const TileSums& sums,
              const SplatRegistry& registry, const History& history, std::int32_t cycle) {
    Linked linked;
    link_tokens(selection, factors, linked);
    for (const SplatId splat : selection.splats) link_splat(factors, splat, linked);
    if (selection.block) link_block(*selection.block, factors, sums, linked);
    if (selection.event && *selection.event < history.event_count(history.last())) {
        const Event& event = history.event(*selection.event);
        for (const std::vector<SplatId>* ids : {&event.before, &event.after})
            for (const SplatId id : *ids)
                if (registry.find(id)) {
                    linked.splats.push_back(id);
                    link_splat(factors, id, linked);
                }
        for (const std::uint32_t token : event.tokens)
            if (token < factors.tokens()) linked.tokens.push_back(token);
    }
    sort_unique(linked.tokens);
    sort_unique(linked.splats);
    link_events(selection, history, cycle, linked);
    const std::vector<Range> rows = rows_of(selection, linked);
    if (!rows.empty()) {
        linked.tint_from = times_n(mean_row(factors, rows));
        const std::vector<Range> columns =
            selection.tokens.empty() && selection.block ? std::vector<Range>{selection.block->columns} : rows;
        linked.tint_to = times_n(mean_column(factors, columns));
    }
    return linked;
}

}  // namespace hsa
