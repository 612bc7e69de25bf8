#pragma once

#include "bench/program/parts.h"

#include <string>

namespace hsa_bench {

// What the window promises to who works in it, each number beside what is to be reached.
// The size of the program, which lies in the folder above that of this bench.
void studio_size(const std::string& bench);
// A text of 25,000 tokens with 200 splats: the first linked picture, frames, rest.
void studio_frames(const Folder& folder);
// A text of 200,000 tokens while it opens, and Cancel meanwhile.
void studio_long(const Folder& folder);
// A million points: drags on the map, the 3-D view turning, what is asked of all of them.
void studio_million(const Folder& folder);

}  // namespace hsa_bench
