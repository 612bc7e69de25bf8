#include "engine/attention/fit_rows.h"

#include "engine/core/random.h"

#include <algorithm>
#include <numeric>
#include <utility>

namespace hsa {
namespace {

constexpr std::uint64_t kKeptApart = 1;  // what a random number is for
constexpr std::uint64_t kEpochOrder = 2;

constexpr std::size_t kFewRows = 64;
constexpr std::size_t kMostReport = 256;
constexpr std::size_t kMostStop = 64;

void shuffle(std::vector<std::uint32_t>& rows, Random random) {
    for (std::size_t r = rows.size(); r > 1; --r) std::swap(rows[r - 1], rows[random.below(r)]);
}

}  // namespace

FitRows fit_rows(std::size_t tokens, bool apart, std::uint64_t seed) {
    FitRows sets;
    std::vector<std::uint32_t> all(tokens);
    std::iota(all.begin(), all.end(), 0U);
    if (!apart || tokens < kFewRows) {
        sets.shared = true;
        sets.report = sets.stop = sets.free = std::move(all);
        return sets;
    }
    shuffle(all, Random{seed, kKeptApart});
    const std::size_t report = std::min(tokens / 4, kMostReport);
    const std::size_t stop = std::min(tokens / 8, kMostStop);
    const auto at = [&](std::size_t index) {
        return all.begin() + static_cast<std::ptrdiff_t>(index);
    };
    sets.report.assign(at(0), at(report));
    sets.stop.assign(at(report), at(report + stop));
    sets.free.assign(at(report + stop), all.end());
    for (auto* set : {&sets.report, &sets.stop, &sets.free}) std::sort(set->begin(), set->end());
    return sets;
}

std::vector<std::uint32_t> rows_of_step(const std::vector<std::uint32_t>& from, std::size_t count,
                                        std::uint64_t seed, std::size_t step) {
    if (count >= from.size()) return from;
    std::vector<std::uint32_t> drawn;
    std::vector<std::uint32_t> order;
    for (std::size_t at = step * count; drawn.size() < count; ++at) {
        const std::size_t place = at % from.size();
        if (order.empty() || place == 0) {
            order = from;
            shuffle(order, Random{seed, kEpochOrder, at / from.size()});
        }
        // Of two epochs that meet in one step a row may come twice: once is enough.
        if (std::find(drawn.begin(), drawn.end(), order[place]) == drawn.end())
            drawn.push_back(order[place]);
    }
    std::sort(drawn.begin(), drawn.end());
    return drawn;
}

}  // namespace hsa
