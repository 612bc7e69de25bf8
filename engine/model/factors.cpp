#include "engine/model/factors.h"

#include <algorithm>

namespace hsa {

const Matrix<float>& Factors::keys_of_row(std::size_t i) const {
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
