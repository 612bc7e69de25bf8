#pragma once

#include "engine/lane_backends.h"
#include "engine/snapshot.h"

#include <span>
#include <string>
#include <vector>

namespace splatscope {

// "AMD Radeon RX 6800" of "AMD Radeon RX 6800 (radeonsi, navi21, LLVM 15.0.7)".
[[nodiscard]] std::string short_device(const std::string& device);
// What is used of a card, "3.1 GB of 141 GB", "12 GB free" where it tells no more; or nothing.
[[nodiscard]] std::string memory_words(const hsa::CardMemory& memory);

// What the header says of the backend and the time of the stages, the longest form first: whoever
// draws takes the first that there is room for.
[[nodiscard]] std::vector<std::string> backend_headers(const hsa::BackendState& state,
                                                       std::span<const hsa::StageTime> stages);
// Everything that is known, a line each: device, memory, what failed, every stage's time.
[[nodiscard]] std::vector<std::string> backend_lines(const hsa::BackendState& state,
                                                     std::span<const hsa::StageTime> stages);

}  // namespace splatscope
