#pragma once

#include "engine/model/coordinates.h"
#include "engine/model/splat_registry.h"

#include <cstddef>

namespace hsa_bench {

inline constexpr std::size_t kDimension = 64;
inline constexpr std::size_t kValues = 64;
inline constexpr std::size_t kSplats = 1024;

// Tokens of mean square 1 an axis around the centres of k splats, which are queries and keys; beta
// as the recipe fits it.
struct Workload {
    hsa::SplatRegistry registry;
    hsa::Coordinates coordinates;
    hsa::Matrix<float> values;  // [n, kValues]
};
[[nodiscard]] Workload make_workload(std::size_t n, hsa::CovarianceKind kind,
                                     std::size_t k = kSplats);
// The same tokens and values with splats of another kind.
[[nodiscard]] hsa::SplatRegistry workload_splats(hsa::CovarianceKind kind, std::size_t k = kSplats);

}  // namespace hsa_bench
