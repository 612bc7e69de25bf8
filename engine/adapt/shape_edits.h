#pragma once

#include "engine/model/splat_registry.h"

#include <span>
#include <string>

namespace hsa {

// What edits by hand make of the Gaussian of one splat, as values.

// As wide by `factor` in every direction, whatever the kind: Sigma times factor^2. Throws Error
// when the factor is not between 0.01 and 100.
[[nodiscard]] Splat widened(Splat splat, double factor);

// Why a splat cannot be stretched within its kind, as the rest of a sentence that begins with
// "splat 17"; empty where it can: every kind but spherical.
[[nodiscard]] std::string why_not_stretched(const CovarianceView& covariance);

// As wide by `factor` along a direction [d]: the standard deviation along it becomes so many times
// what it was. full: S Sigma S, S = I + (factor - 1) v v^T. diagonal and lowrank keep their kind:
// coordinate a becomes exp(t v_a^2 / 2) times as wide, with the t that gives the factor along v, so
// that a direction across the coordinates widens those that it is made of. Throws Error naming the
// splat when its kind cannot be stretched, when the factor is not between 0.01 and 100, when the
// direction is zero or not finite, or when the covariance would become nearly singular.
[[nodiscard]] Splat stretched(Splat splat, double factor, std::span<const double> direction);

// Why a splat cannot be turned within its kind, as the rest of a sentence that begins with "splat
// 17"; empty where it can: full, and lowrank whose diagonal part is the same on every axis.
[[nodiscard]] std::string why_not_turned(const CovarianceView& covariance);

// Turned by `angle` (radians) in the plane of two directions [d], from the first to the second: Q
// Sigma Q^T. The second is made orthogonal to the first. Throws Error naming the splat when its
// kind cannot be turned, or when the directions or the angle are not finite or span no plane.
[[nodiscard]] Splat turned(Splat splat, double angle, std::span<const double> from,
                           std::span<const double> to);

}  // namespace hsa
