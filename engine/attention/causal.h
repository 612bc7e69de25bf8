#pragma once

#include "engine/compute/backend.h"
#include "engine/core/work.h"
#include "engine/model/coordinates.h"
#include "engine/model/settings.h"
#include "engine/model/splat_registry.h"

#include <cstdint>
#include <span>

namespace hsa {

struct CausalOptions {
    double temperature = 1.0;
    LevelMask mask;
    // [n] or empty: 1 where no row attends to the token, beside those that the coordinates mask.
    std::span<const std::uint8_t> masked = {};
};

// O_i = sum over j <= i of A_ij v_j with c, K and the sum over tokens 0 .. i alone (maths.md 2,
// "causal"), form token. A row whose keys are all masked is zero.
struct CausalOutputs {
    Matrix<float> outputs;  // [n, v]
    std::size_t empty = 0;  // rows whose keys are all masked
};
// values [n, v]. Memory beside the result does not depend on n. Throws as compute_factors does.
[[nodiscard]] CausalOutputs causal_attend(Backend& backend, const SplatRegistry& registry,
                                          const Coordinates& coordinates,
                                          MatrixView<const float> values,
                                          const CausalOptions& options, const Work& work);

// P of every row with the c_s of tokens 0 .. i: [n, c], the background last. Rows sum to 1.
[[nodiscard]] Matrix<float> causal_p(Backend& backend, const SplatRegistry& registry,
                                     const Coordinates& coordinates, const CausalOptions& options,
                                     const Work& work);

// Rows of the causal A: out [rows, n], zero after the row's own token. Rows sum to 1, or to 0 where
// every key is masked. `rows` rise; throws a fault otherwise.
void causal_rows(Backend& backend, const SplatRegistry& registry, const Coordinates& coordinates,
                 std::span<const std::uint32_t> rows, const CausalOptions& options,
                 MatrixView<float> out, const Work& work);

}  // namespace hsa
