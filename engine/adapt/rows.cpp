#include "engine/adapt/rows.h"

#include "engine/core/error.h"
#include "engine/core/parallel.h"
#include "engine/core/random.h"
#include "engine/model/key_mask.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>

namespace hsa {
namespace {

constexpr std::size_t kReportRows = 256;
constexpr std::size_t kFewTokens = 1024;  // below: W and V are a quarter of the rows each
constexpr std::size_t kTiny = 64;         // below: every set is all rows
constexpr std::size_t kPoolCells = std::size_t{1} << 23U;
constexpr double kUniformShare = 0.25;

// The rows of [0, n) that are in neither sorted list.
std::vector<std::uint32_t> others(std::size_t n, std::span<const std::uint32_t> a,
                                  std::span<const std::uint32_t> b) {
    std::vector<std::uint32_t> rest;
    for (std::uint32_t row = 0; row < n; ++row)
        if (!std::binary_search(a.begin(), a.end(), row) &&
            !std::binary_search(b.begin(), b.end(), row))
            rest.push_back(row);
    return rest;
}

}  // namespace

std::vector<std::uint32_t> stratified(std::span<const std::uint32_t> from, std::size_t count,
                                      std::uint64_t seed, std::int32_t cycle, Purpose purpose,
                                      std::uint64_t index) {
    if (from.size() <= count) return {from.begin(), from.end()};
    Random random{seed, static_cast<std::uint64_t>(cycle), 0, static_cast<std::uint64_t>(purpose),
                  index};
    std::vector<std::uint32_t> chosen(count);
    for (std::size_t b = 0; b < count; ++b) {
        const std::size_t begin = b * from.size() / count;
        const std::size_t end = (b + 1) * from.size() / count;
        chosen[b] = from[begin + random.below(end - begin)];
    }
    return chosen;
}

RowSets row_sets(std::size_t tokens, std::size_t probe_rows, std::uint64_t seed) {
    RowSets sets;
    std::vector<std::uint32_t> all(tokens);
    std::iota(all.begin(), all.end(), 0U);
    if (tokens < kTiny) {
        sets.shared = true;
        sets.report = sets.probe = sets.free = all;
        return sets;
    }
    if (tokens < kFewTokens) {
        for (const std::uint32_t row : all)
            (row % 4 == 0 ? sets.report : row % 4 == 1 ? sets.probe : sets.free).push_back(row);
        return sets;
    }
    sets.report = stratified(all, kReportRows, seed, 0, Purpose::report, 0);
    const std::vector<std::uint32_t> rest = others(tokens, sets.report, {});
    const std::size_t wanted = std::clamp<std::size_t>(probe_rows, 1, tokens / 4);
    sets.probe = stratified(rest, wanted, seed, 0, Purpose::probe, 0);
    sets.free = others(tokens, sets.report, sets.probe);
    return sets;
}

std::vector<std::uint32_t> pool_rows(const RowSets& sets, std::size_t tokens, std::uint64_t seed,
                                     std::int32_t cycle) {
    const std::size_t wanted =
        std::clamp<std::size_t>(kPoolCells / std::max<std::size_t>(tokens, 1), 256, 2048);
    return stratified(sets.free, wanted, seed, cycle, Purpose::pool, 0);
}

Halves halve(std::size_t count, std::uint64_t seed, std::int32_t cycle, std::uint64_t index) {
    Halves halves;
    Random random{seed, static_cast<std::uint64_t>(cycle), 0,
                  static_cast<std::uint64_t>(Purpose::halves), index};
    for (std::size_t place = 0; place + 1 < count; place += 2) {
        const std::size_t coin = random.below(2);
        halves.one.push_back(place + coin);
        halves.other.push_back(place + 1 - coin);
    }
    if (count % 2 == 1) halves.other.push_back(count - 1);
    if (count == 1) halves.one = halves.other;
    return halves;
}

Columns choose_columns(const Coordinates& coordinates, std::uint64_t seed, std::int32_t cycle) {
    Columns columns;
    columns.tokens = coordinates.size();
    if (columns.tokens <= kColumnLimit && coordinates.masked.empty()) {
        for (const auto& level : coordinates.levels) columns.x.push_back(level->view());
        return columns;
    }
    const std::vector<std::uint32_t> all = visible_tokens(coordinates.masked, columns.tokens);
    columns.sample = stratified(all, kColumnLimit, seed, cycle, Purpose::columns, 0);
    columns.log_weight =
        std::log(static_cast<double>(all.size()) / static_cast<double>(columns.sample.size()));
    columns.owned.reserve(coordinates.levels.size());
    for (std::size_t l = 0; l < coordinates.levels.size(); ++l) {
        // Levels may share a block; the sample is then shared as well.
        std::size_t same = 0;
        while (coordinates.levels[same] != coordinates.levels[l]) ++same;
        if (same == l)
            columns.owned.push_back(gather_rows(coordinates.levels[l]->view(), columns.sample));
        columns.x.push_back(same == l ? MatrixView<const float>(columns.owned.back().view())
                                      : columns.x[same]);
    }
    return columns;
}

std::vector<DrawnRow> draw_rows(std::span<const double> pull, std::span<const std::size_t> places,
                                std::size_t count, std::uint64_t seed, std::int32_t cycle,
                                std::uint64_t index) {
    if (places.empty()) fault("rows were to be drawn from an empty pool");
    double sum = 0.0;
    for (const std::size_t place : places) sum += pull[place];
    const auto size = static_cast<double>(places.size());
    std::vector<double> probability(places.size());
    std::vector<double> up_to(places.size());
    double total = 0.0;
    for (std::size_t p = 0; p < places.size(); ++p) {
        probability[p] = sum > 0.0
                             ? (1.0 - kUniformShare) * pull[places[p]] / sum + kUniformShare / size
                             : 1.0 / size;
        total += probability[p];
        up_to[p] = total;
    }
    Random random{seed, static_cast<std::uint64_t>(cycle), 0,
                  static_cast<std::uint64_t>(Purpose::trial), index};
    std::map<std::size_t, std::size_t> times;
    for (std::size_t draw = 0; draw < count; ++draw) {
        const auto found = std::upper_bound(up_to.begin(), up_to.end(), random.uniform() * total);
        ++times[std::min(static_cast<std::size_t>(found - up_to.begin()), places.size() - 1)];
    }
    std::vector<DrawnRow> drawn;
    drawn.reserve(times.size());
    for (const auto& [p, often] : times)
        drawn.push_back({places[p], often, 1.0 / (size * probability[p])});
    return drawn;
}

RowChange weighted_change(std::span<const DrawnRow> rows, std::span<const double> before,
                          std::span<const double> after) {
    std::size_t draws = 0;
    for (const DrawnRow& row : rows) draws += row.times;
    const auto count = static_cast<double>(draws);
    RowChange found;
    double squares = 0.0;
    for (std::size_t r = 0; r < rows.size(); ++r) {
        const double d = rows[r].weight * (after[r] - before[r]);
        found.mean += d * static_cast<double>(rows[r].times) / count;
        squares += d * d * static_cast<double>(rows[r].times) / count;
    }
    if (draws > 1)
        found.error = std::sqrt(std::max(0.0, squares - found.mean * found.mean) / (count - 1.0));
    return found;
}

}  // namespace hsa
