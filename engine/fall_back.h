#pragma once

#include "engine/model/settings.h"
#include "engine/snapshot.h"
#include "engine/stages.h"

#include <string>

namespace hsa {

// Exact scores in the place of the splats' attention, where recover.fallback asks for them or the
// splats are farther from the target than recover.bound: `looked` becomes the key of those. Returns
// what the screen says of it, empty where the splats stay. Of `snapshot` the target and the
// coordinates are read, `row_kl` is that of its cycle. Throws Error where there is no target.
[[nodiscard]] std::string fall_back(const RecoverSettings& recover, const Snapshot& snapshot,
                                    double row_kl, LookKey& looked);

}  // namespace hsa
