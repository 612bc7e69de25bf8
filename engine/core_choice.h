#pragma once

#include "engine/attention/target.h"
#include "engine/core/matrix.h"
#include "engine/core/work.h"
#include "engine/fit/signed_core.h"
#include "engine/model/factors.h"

#include <nlohmann/json_fwd.hpp>

#include <cstdint>
#include <memory>

namespace hsa {

// O = A V, and what was decided of a signed core.
struct Outputs {
    Matrix<float> values;  // [n, v]
    bool with_core = false;
    // {"used", "entropy_share"} and, of a diffuse head, {"error_plain", "error_core", "rows"} or
    // {"why"} of why_no_core(); null where the question does not arise.
    std::unique_ptr<const nlohmann::json> core;
};

// Outputs of factors that stand for `target` as it is (not causal, no exact pairs, temperature 1,
// no level off): through a signed core where rows are diffuse and it helps (fit/signed_core.h).
[[nodiscard]] Outputs outputs_through_core(const Factors& factors, const Target& target,
                                           MatrixView<const float> values, std::uint64_t seed,
                                           const Work& work);

}  // namespace hsa
