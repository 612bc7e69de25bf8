#pragma once

#include "engine/snapshot.h"

#include <string>
#include <vector>

namespace hsa {

// A number of every token or of every splat, for histograms, colours and tables.
struct Property {
    std::string name;  // "usage"
    std::string unit;  // "nats", "share"; empty for plain numbers
    std::string help;
    std::vector<double> values;  // [n] or [k]; NaN where a thing has none
};

// entropy (of P(.|i)), certainty (largest P), information, weight, and for each level the share of
// attention that goes through it. The snapshot must hold factors.
[[nodiscard]] std::vector<Property> token_properties(const Snapshot& snapshot);

// usage, information, spread, beta, amplitude, age, parent_share, trend, tokens (exp of the entropy of K:
// how many tokens a splat is about). The snapshot must hold registry, measures and factors.
[[nodiscard]] std::vector<Property> splat_properties(const Snapshot& snapshot);

// The splat of one level with the largest P for each token: [n] columns of the factors.
[[nodiscard]] std::vector<std::uint32_t> dominant_columns(const Factors& factors, std::uint16_t level);

}  // namespace hsa
