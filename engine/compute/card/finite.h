#pragma once

#include "engine/core/matrix.h"

#include <string_view>

namespace hsa {

// Before rows are sent to a card, which would compute with any bits: throws Error with row, column
// and number of the first that is not finite.
void expect_finite(MatrixView<const float> rows, std::string_view what);

}  // namespace hsa
