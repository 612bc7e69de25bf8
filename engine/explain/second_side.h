#pragma once

#include "engine/attention/picture.h"
#include "engine/compute/backend.h"
#include "engine/core/work.h"
#include "engine/snapshot.h"

#include <cstdint>
#include <memory>

namespace hsa {

// What the attention shown is compared with: A of another cycle of its history, at the temperature
// of the snapshot, nothing muted.
struct SecondSide {
    std::int32_t cycle = 0;
    std::shared_ptr<const SplatRegistry> registry;
    std::shared_ptr<const Factors> factors;
    std::shared_ptr<const TileSums> sums;
};

// cycle: 0 .. history.last(), else a fault.
[[nodiscard]] SecondSide second_side(const Snapshot& snapshot, std::int32_t cycle, Backend& backend,
                                     const Work& work);

// Its picture. The level of the request's part is one of `shown`; of a cycle that has none of that
// name every pixel is zero.
[[nodiscard]] Picture second_picture(const SecondSide& side, const Hierarchy& shown,
                                     const PictureRequest& request, const Work& work);

}  // namespace hsa
