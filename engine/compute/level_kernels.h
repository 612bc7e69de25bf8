#pragma once

#include "engine/compute/backend.h"
#include "engine/core/work.h"
#include "engine/model/coordinates.h"
#include "engine/model/splat_registry.h"

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace hsa {

// The splats of one level bound to a backend, with the rows of the registry they are. The two
// sides differ in the form paired, by their Gaussians, and where coordinates have queries.
struct LevelKernel {
    std::size_t level = 0;
    Side side = Side::key;
    std::vector<std::size_t> rows;
    std::shared_ptr<const BoundSplats> bound;
};

[[nodiscard]] LevelKernel bind_level(Backend& backend, const SplatRegistry& registry,
                                     std::size_t level, double temperature, Side side = Side::key);
// Every level, finest first.
[[nodiscard]] std::vector<LevelKernel> bind_levels(Backend& backend, const SplatRegistry& registry,
                                                   double temperature, Side side = Side::key);

// Gaussians and their beta as a backend takes them: views into both.
[[nodiscard]] SplatColumns splat_columns(const GaussianColumns& gaussians,
                                         std::span<const float> beta, double temperature = 1.0);

// Whether ell^q and ell^k may differ: in every form but token.
[[nodiscard]] bool has_two_sides(const SplatRegistry& registry);
[[nodiscard]] const GaussianColumns& gaussians_of(const SplatRegistry& registry, Side side);
// The rows that a level's splats see on a side: [n, d'].
[[nodiscard]] const Matrix<float>& rows_of_side(const Coordinates& coordinates, std::size_t level,
                                                Side side);
// Added to ell^k of a masked token: below all that log kernels and kappa |k|^2 / 2 can be, so that
// its share of any sum is exactly 0, and far from the end of float32, so that nothing becomes NaN.
inline constexpr float kMaskedKey = -1e35F;
// kappa |k_j|^2 / 2 of every token, which is added to all its ell^k, the background's too, and
// kMaskedKey of a masked one: [n], or empty where nothing is masked in the form token and for kappa
// 0 (maths.md 1). Otherwise held within 1e30.
[[nodiscard]] std::vector<float> log_key_factors(const SplatRegistry& registry,
                                                 const Coordinates& coordinates);

// The Gaussian ell of the splats of all levels at tokens [begin, end), each from its own level's
// coordinates on its side: out is [end - begin, k], columns as the registry's rows.
void log_kernel_of_range(Backend& backend, std::span<const LevelKernel> levels,
                         const Coordinates& coordinates, std::size_t begin, std::size_t end,
                         MatrixView<float> out);

// ell of a level's splats at the given tokens of its side: [tokens, splats of the level].
[[nodiscard]] Matrix<float> log_kernel_of_tokens(Backend& backend, const LevelKernel& kernel,
                                                 const Coordinates& coordinates,
                                                 std::span<const std::uint32_t> tokens);

// ell of all splats at the given tokens, columns as the registry's rows, and c_s over all tokens.
struct JointKernel {
    Matrix<float> log_kernel;      // [tokens, k]
    std::vector<double> log_mass;  // [k]
};
[[nodiscard]] JointKernel joint_kernel(Backend& backend, const SplatRegistry& registry,
                                       const Coordinates& coordinates,
                                       std::span<const std::uint32_t> tokens, double temperature,
                                       const Work& work);

}  // namespace hsa
