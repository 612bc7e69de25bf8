#pragma once

#include "engine/core/matrix.h"
#include "engine/model/dataset.h"
#include "engine/model/factors.h"

#include <cstdint>
#include <optional>
#include <vector>

namespace hsa {

// What a token gives of a splat's part of an output.
struct OutputToken {
    std::uint32_t token = 0;
    double value = 0.0;
};

struct OutputPart {
    SplatId splat = kNoSplat;  // kNoSplat: the background; kExactPairs: the exact pairs of the row
    std::uint16_t level = 0;
    double p = 0.0;      // P(s|i)
    double norm = 0.0;   // |P(s|i) u_s|; 0 where it was not asked for
    double value = 0.0;  // see OutputChain::value
    std::vector<OutputToken>
        tokens;  // falling |value|, at most 8; their sum and `rest` are `value`
    double rest = 0.0;
};

// The output of a token as a chain: O_i = sum_s P(s|i) u_s, u_s = sum_j K(j|s) v_j. Every part is
// what a splat, and within it a token, adds to one component of O_i or, without one, to its length:
// the projection on O_i / |O_i|. The parts and `rest` sum to `value`.
struct OutputChain {
    std::uint32_t token = 0;
    std::optional<std::size_t> component;
    std::size_t width = 0;          // v, components of a value
    double value = 0.0;             // O_i's component, or |O_i|
    std::vector<OutputPart> parts;  // falling |value|, ties by lower column; at most 20
    double rest = 0.0;              // of the splats that are not listed
};

// values [n, v]. O(n (c + v)); with `norms` O(20 n v) more. Of any factors: causal rows, exact
// pairs (one part "exact"). Sums in float64. Throws Error where there is no such token or
// component, or another number of values than tokens.
[[nodiscard]] OutputChain output_chain(const Factors& factors, MatrixView<const float> values,
                                       std::size_t token, std::optional<std::size_t> component,
                                       bool norms);

// The values of the data: the head's own or, where there are none, the embeddings.
struct Values {
    MatrixView<const float> rows;  // empty: the data have neither
    bool own = false;
};
[[nodiscard]] Values values_of(const Dataset& dataset);

}  // namespace hsa
