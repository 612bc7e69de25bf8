#include "engine/explain/linked.h"

#include "engine/core/parallel.h"
#include "engine/core/sort_unique.h"
#include "engine/explain/uniform.h"
#include "engine/model/routine.h"

#include <algorithm>
#include <numeric>

namespace hsa {
namespace {

constexpr double kSplatMass = 0.8;  // token -> splats, block -> splats
constexpr std::size_t kMostSplats = 8;
constexpr double kTokenMass = 0.5;  // splat -> tokens
constexpr std::size_t kMostTokens = 200;

// Indices of the largest values until `share` of their sum is reached, at most `most`.
std::vector<std::size_t> heaviest(std::span<const float> values, double share, std::size_t most) {
    std::vector<std::size_t> order(values.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    const std::size_t front = std::min(most, order.size());
    std::partial_sort(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(front),
                      order.end(), [&](std::size_t a, std::size_t b) {
                          return values[a] != values[b] ? values[a] > values[b] : a < b;
                      });
    const double total = std::accumulate(values.begin(), values.end(), 0.0);
    order.resize(front);
    double sum = 0.0;
    for (std::size_t r = 0; r < order.size(); ++r) {
        if (sum >= share * total || values[order[r]] <= 0.0F) {
            order.resize(r);
            break;
        }
        sum += static_cast<double>(values[order[r]]);
    }
    return order;
}

Range within(Range range, std::size_t n) {
    return {std::min(range.begin, n), std::min(range.end, n)};
}

// Every picked token's heaviest splats; a million tokens are a moment's work in chunks.
void link_tokens(const std::vector<Range>& tokens, const Factors& factors, Linked& linked) {
    const std::size_t columns = factors.columns();
    for (const Range& range : tokens) {
        const Range inside = within(range, factors.tokens());
        if (inside.empty()) continue;
        const std::size_t chunks = (inside.size() + kChunkRows - 1) / kChunkRows;
        Matrix<char> lit(chunks, columns);
        parallel_blocks(inside.size(), kChunkRows, [&](std::size_t begin, std::size_t end) {
            const std::span<char> row = lit.row(begin / kChunkRows);
            for (std::size_t i = begin; i < end; ++i) {
                const FactorRow p = factors.p.row(inside.begin + i);
                for (const std::size_t c : heaviest(p, kSplatMass, kMostSplats)) row[c] = 1;
            }
        });
        for (std::size_t chunk = 0; chunk < chunks; ++chunk)
            for (std::size_t c = 0; c < columns; ++c)
                if (lit(chunk, c) != 0 && factors.ids[c] != kNoSplat)
                    linked.splats.push_back(factors.ids[c]);
        sort_unique(linked.splats);
    }
}

void link_splats(const std::vector<SplatId>& splats, const Factors& factors, Linked& linked) {
    std::vector<std::vector<std::size_t>> tokens(splats.size());
    parallel_for(splats.size(), [&](std::size_t pick) {
        const auto place = std::lower_bound(factors.ids.begin(), factors.ids.end(), splats[pick]);
        if (place == factors.ids.end() || *place != splats[pick]) return;
        const auto column = static_cast<std::size_t>(place - factors.ids.begin());
        std::vector<float> k(factors.tokens());
        for (std::size_t j = 0; j < k.size(); ++j) k[j] = factors.k(j, column);
        tokens[pick] = heaviest(k, kTokenMass, kMostTokens);
    });
    for (const std::vector<std::size_t>& some : tokens)
        for (const std::size_t j : some) linked.tokens.push_back(static_cast<std::uint32_t>(j));
}

void link_block(const Block& block, const Factors& factors, const TileSums& sums, Linked& linked) {
    const std::size_t n = factors.tokens();
    const Block inside{within(block.rows, n), within(block.columns, n)};
    if (inside.rows.empty() || inside.columns.empty()) return;
    const CellParts parts = block_parts(factors, sums, inside);
    double sum = 0.0;
    for (const Part& part : parts.parts) {
        if (sum >= kSplatMass * parts.value || part.value <= 0.0) break;
        sum += part.value;
        if (part.level < kExactLevel) linked.splats.push_back(part.splat);
    }
}

// The event's splats that live at the cycle shown, the tokens of each, and those it names itself.
void link_event(const Event& event, const Factors& factors, const SplatRegistry& registry,
                Linked& linked) {
    std::vector<SplatId> named;
    for (const std::vector<SplatId>* ids : {&event.before, &event.after})
        for (const SplatId id : *ids)
            if (registry.find(id)) named.push_back(id);
    sort_unique(named);
    linked.splats.insert(linked.splats.end(), named.begin(), named.end());
    link_splats(named, factors, linked);
    for (const std::uint32_t token : event.tokens)
        if (token < factors.tokens()) linked.tokens.push_back(token);
}

// Accepted events that name a lit or picked splat, up to the cycle shown, but for those that name
// every splat.
void link_events(const Selection& selection, const History& history, std::int32_t cycle,
                 Linked& linked) {
    std::vector<SplatId> ids = linked.splats;
    ids.insert(ids.end(), selection.splats.begin(), selection.splats.end());
    sort_unique(ids);
    if (ids.empty()) return;
    const auto named = [&](SplatId id) { return std::binary_search(ids.begin(), ids.end(), id); };
    std::size_t index = 0;
    for (std::int32_t c = 0; c <= std::min(cycle, history.last()); ++c) {
        for (const Event& event : history.cycles[static_cast<std::size_t>(c)]->events) {
            if (event.accepted && !is_routine(event) &&
                (std::any_of(event.before.begin(), event.before.end(), named) ||
                 std::any_of(event.after.begin(), event.after.end(), named)))
                linked.events.push_back(index);
            ++index;
        }
    }
}

// Picked tokens and the rows (columns) of a picked block; what other picks lit where there are
// none.
std::vector<Range> tinting(const Selection& selection, const std::optional<Range>& side,
                           const Linked& linked, std::size_t n) {
    std::vector<Range> ranges;
    for (const Range& range : selection.tokens)
        if (!within(range, n).empty()) ranges.push_back(within(range, n));
    if (side && !within(*side, n).empty()) ranges = with_range(ranges, within(*side, n));
    if (!ranges.empty()) return ranges;
    for (const std::uint32_t token : linked.tokens) {
        if (!ranges.empty() && ranges.back().end == token) ++ranges.back().end;
        else ranges.push_back({token, token + std::size_t{1}});
    }
    return ranges;
}

std::vector<float> times_n(std::vector<float> values) {
    const auto n = static_cast<float>(values.size());
    for (float& value : values) value *= n;
    return values;
}

std::vector<float> over(std::vector<float> values, const std::vector<double>& uniform) {
    for (std::size_t i = 0; i < values.size(); ++i)
        values[i] = uniform[i] > 0.0
                        ? static_cast<float>(static_cast<double>(values[i]) / uniform[i])
                        : 0.0F;
    return values;
}

}  // namespace

Linked linked(const Selection& selection, const Factors& factors, const TileSums& sums,
              const SplatRegistry& registry, const History& history, std::int32_t cycle) {
    Linked linked;
    link_tokens(selection.tokens, factors, linked);
    link_splats(selection.splats, factors, linked);
    if (selection.block) link_block(*selection.block, factors, sums, linked);
    if (selection.event && *selection.event < history.event_count(history.last()))
        link_event(history.event(*selection.event), factors, registry, linked);
    sort_unique(linked.tokens);
    sort_unique(linked.splats);
    link_events(selection, history, cycle, linked);

    const std::size_t n = factors.tokens();
    std::optional<Range> rows;
    std::optional<Range> columns;
    if (selection.block) {
        rows = selection.block->rows;
        columns = selection.block->columns;
    }
    const std::vector<Range> from = tinting(selection, rows, linked, n);
    const std::vector<Range> to = tinting(selection, columns, linked, n);
    if (!from.empty()) linked.tint_from = tint_from(factors, from);
    if (!to.empty()) linked.tint_to = tint_to(factors, to);
    return linked;
}

std::vector<float> tint_from(const Factors& factors, std::span<const Range> tokens) {
    std::vector<float> row = mean_row(factors, tokens);
    if (!factors.causal) return times_n(std::move(row));
    return over(std::move(row), causal_uniform_from(tokens, factors.tokens()));
}

std::vector<float> tint_to(const Factors& factors, std::span<const Range> tokens) {
    std::vector<float> column = mean_column(factors, tokens);
    if (!factors.causal) return times_n(std::move(column));
    return over(std::move(column), causal_uniform_to(tokens, factors.tokens()));
}

void light(Linked& linked, std::span<const std::uint32_t> tokens) {
    linked.tokens.insert(linked.tokens.end(), tokens.begin(), tokens.end());
    sort_unique(linked.tokens);
}

}  // namespace hsa
