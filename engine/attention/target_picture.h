#pragma once

#include "engine/attention/picture.h"
#include "engine/attention/target.h"
#include "engine/core/work.h"

namespace hsa {

// The picture of the attention that splats are held against, as attention_picture() makes theirs:
// the mean of each pixel's cells, of all splats or none. Exact where all its rows together are at
// most 2^26 cells, else from so many rows a pixel, evenly spread, and marked approximate. Throws a
// fault for other statistics than the mean.
[[nodiscard]] Picture target_picture(const Target& target, const PictureRequest& request,
                                     const Work& work);

}  // namespace hsa
