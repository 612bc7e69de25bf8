#pragma once

#include "engine/core/work.h"
#include "engine/model/coordinates.h"
#include "engine/model/layout.h"
#include "engine/model/splat_registry.h"

#include <cstddef>
#include <string>

namespace hsa {

// The level whose coordinates are meant: the one of that name, else the second finest, or the only
// one.
[[nodiscard]] std::size_t axes_level(const Hierarchy& hierarchy, const std::string& name);

// Axes, mean, shares and facts of a choice other than AxesKind::splats; nothing is projected yet.
// tokens: PCA of the tokens. separate: linear discriminants, as many as classes less one (one class
// is held against the rest), then PCA of what is orthogonal to them; the covariance within classes
// is drawn towards a multiple of the identity by the share of Ledoit and Wolf (2004), at least
// 1e-4. between: the way from the mean of A to that of B, then the same; the middle lies half-way.
// tour: the frame of TourPath at that second, through the principal axes of the tokens.
// Classes without a token that is there, equal means and a choice of splats throw Error.
[[nodiscard]] Layout chosen_axes(const AxesChoice& choice, const Coordinates& coordinates,
                                 const Hierarchy& hierarchy, const Work& work);

// "separating "whale" from the rest": for people.
[[nodiscard]] std::string name_of(const AxesChoice& choice);

}  // namespace hsa
