#include "app/log.h"

#include "engine/core/error.h"

#include <array>
#include <cstddef>
#include <cstdio>

namespace splatscope {
namespace {

constexpr std::array<const char*, 4> kNames = {"error", "warning", "info", "debug"};

}  // namespace

Log Log::of(const std::string& most) {
    for (std::size_t level = 0; level < kNames.size(); ++level)
        if (most == kNames[level]) return Log(static_cast<LogLevel>(level));
    hsa::fail_usage("--log takes error, warning, info or debug, not '{}'.", most);
}

void Log::operator()(LogLevel level, std::string_view text) const {
    if (tells(level)) fmt::print(stderr, "{}: {}\n", kNames[static_cast<std::size_t>(level)], text);
}

}  // namespace splatscope
