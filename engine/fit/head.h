#pragma once

#include "engine/attention/fit_rows.h"
#include "engine/attention/near_set.h"
#include "engine/attention/target.h"
#include "engine/core/matrix.h"
#include "engine/model/coordinates.h"

#include <cstdint>
#include <vector>

namespace hsa {

// One head as a fit sees it: keys and queries as coordinates (one block serves every level), its
// exact attention on the rows asked for, and the values it carries.
struct Head {
    const Coordinates& coordinates;
    const Target& target;
    MatrixView<const float> values;  // [n, v]; v = 0: KL alone counts
    // What A keeps exactly beside the splats (attention/near_factors.h): with_near().
    NearOptions near = {};
    std::vector<std::uint32_t> anchors = {};

    [[nodiscard]] std::size_t tokens() const { return coordinates.size(); }
};

// The same head with a near set, its anchors found. A registry's offset counts as 0 until it has
// one. Throws a fault where the target is causal and the near set is not, or the other way round.
[[nodiscard]] Head with_near(const Head& head, const NearOptions& options);

// The rows that ask: the keys themselves where a head has no queries of its own.
[[nodiscard]] const Matrix<float>& queries_of(const Head& head);

// Exact rows that were drawn.
struct ExactRows {
    std::vector<std::uint32_t> rows;  // [b]
    Matrix<float> target;             // [b, n] T
    Matrix<float> outputs;            // [b, v] T V
    double output_square = 0.0;       // |T V|^2
    std::vector<double> weight = {};  // [b] of each row in a mean; empty: 1 / b

    // b times that: what a sum over rows is multiplied with before it is divided by b.
    [[nodiscard]] double factor(std::size_t i) const {
        return weight.empty() ? 1.0 : weight[i] * static_cast<double>(rows.size());
    }
};
[[nodiscard]] ExactRows exact_rows(const Head& head, std::vector<std::uint32_t> rows);

}  // namespace hsa
