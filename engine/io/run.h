#pragma once

#include "engine/model/history.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hsa {

inline constexpr std::string_view kRunMagic{"\x89HSARUN\n", 8};
// 1 hashed neither kinds nor form nor kappa; 2 had levels that stay, and no schedule, shift,
// thresholds or signals; 3 no paths; 4 no cycles of heads; 5 no parents by hand.
inline constexpr std::uint32_t kRunVersion = 6;

// A whole history and what it belongs to.
struct RunFile {
    std::string source;                 // of the data, as the user named it
    std::uint64_t dataset_hash = 0;     // the history is only valid for data with this hash
    std::vector<std::string> settings;  // lines "NAME VALUE" in force from cycle 0
    std::vector<std::pair<std::int32_t, std::string>> edits;  // (cycle, command line), in order
    History history;  // whole states at cycle 0, every 32nd and the last
    AdaptState last;  // of the last cycle, so that the next one can follow
};

// What a .run says before its cycles: enough to go on with it while the rest is still being read.
struct RunHead {
    std::string source;
    std::uint64_t dataset_hash = 0;
    std::vector<std::string> settings;
    std::vector<std::pair<std::int32_t, std::string>> edits;
    std::int32_t last_cycle = 0;
};

// The .run file: magic (8 bytes), version 5 (uint32; 1 to 4 are read too), unpacked size (uint64),
// one zstd frame, xxHash64 of everything before it. Same history, same bytes. Throws Error when the
// history has no cycle, or a cycle without a whole state where one is needed cannot be reached from
// those before it.
[[nodiscard]] std::string write_run(const RunFile& run);

// Applies the stored columns cycle by cycle and holds each registry against the stored hash, so
// what is returned replays. Throws Error for truncated or changed bytes, another version, or a
// history that does not hold together (naming the cycle).
[[nodiscard]] RunFile read_run(const std::string& path, std::string_view bytes);

// Checks magic, version and checksum of all bytes, but unpacks only the beginning: milliseconds for
// a history of any length. Throws Error as read_run does for what it looks at.
[[nodiscard]] RunHead read_run_head(const std::string& path, std::string_view bytes);

}  // namespace hsa
