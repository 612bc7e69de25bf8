#pragma once

#include "engine/adapt/edits.h"

#include <cstddef>
#include <string>

namespace hsa {

// What edits of one splat's own Gaussian (changes_one_splat) have in common with each other and,
// the checks, with all edits.

// Throws Error unless the edit names so many splats. `what`: "A move".
void expect_splats(const Edit& edit, std::size_t least, std::size_t most, const char* what);

// What an event says of such an edit.
struct ChangeTold {
    Reason decided_by;
    std::string text;
};
// `before`: the splat as it was; `around`: " (around ...)", or empty.
[[nodiscard]] ChangeTold tell_change(const Edit& edit, const Splat& before,
                                     const std::string& level, const std::string& around);

}  // namespace hsa
