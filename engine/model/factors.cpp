#include "engine/model/factors.h"

#include <algorithm>

namespace hsa {

Range NearSet::pairs_of(std::size_t r, Range within) const {
    const auto own = row(r);
    const auto place = [&](std::size_t column) {
        return begins[r] + static_cast<std::size_t>(
                               std::lower_bound(own.begin(), own.end(), column) - own.begin());
    };
    return {place(within.begin), place(within.end)};
}

std::size_t NearSet::find(std::size_t i, std::size_t j) const {
    const Range place = pairs_of(i, {j, j + 1});
    return place.empty() ? pairs() : place.begin;
}

const FactorMatrix& Factors::keys_of_row(std::size_t i) const {
    if (!causal) return k;
    const auto segment = std::find_if(causal->segments.begin(), causal->segments.end(),
                                      [i](const CausalSegment& s) { return s.rows.contains(i); });
    return segment == causal->segments.end() ? k : keys_of(*segment);
}

std::vector<CausalSegment> Factors::segments() const {
    if (causal) return causal->segments;
    return {{{0, tokens()}, nullptr}};
}

}  // namespace hsa
