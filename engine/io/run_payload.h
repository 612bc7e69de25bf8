#pragma once

#include "engine/io/run.h"

#include <string>
#include <string_view>

namespace hsa {

// The unpacked inside of a .run file, written as version kRunVersion. `path` stands for the file in
// messages; decoding is total: any bytes give a history that replays, or an Error.
[[nodiscard]] std::string encode_run(const RunFile& run);
[[nodiscard]] RunFile decode_run(const std::string& path, std::string_view payload,
                                 std::uint32_t version = kRunVersion);
// The first of it; `payload` may end anywhere behind the head. Throws Error when it ends before.
[[nodiscard]] RunHead decode_run_head(const std::string& path, std::string_view payload);

}  // namespace hsa
