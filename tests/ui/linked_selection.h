#pragma once

#include "tests/ui/user.h"

#include <vector>

namespace splatscope::tests {

// Expects that the selection of the Session has arrived in every view that is drawn: splats, words
// and events lit alike, and the card of the inspector of the thing picked. Throws Failed.
void expect_selection_everywhere(const User& user);

// What the selection picks and lights.
[[nodiscard]] std::vector<hsa::SplatId> lit_splats(const User& user);

}  // namespace splatscope::tests
