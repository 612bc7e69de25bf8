#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace splatscope {

enum class LogLevel : std::uint8_t { error, warning, info, debug };

// Lines on standard error beside the errors themselves, which are always printed: warning tells
// what was passed over, info every command and its time, debug the stages of what was computed.
class Log {
  public:
    Log() = default;
    explicit Log(LogLevel most) : most_(most) {}
    // `most`: "error", "warning", "info" or "debug". Throws Error (usage) for another word.
    [[nodiscard]] static Log of(const std::string& most);

    void operator()(LogLevel level, std::string_view text) const;
    [[nodiscard]] bool tells(LogLevel level) const { return level <= most_; }

  private:
    LogLevel most_ = LogLevel::warning;
};

}  // namespace splatscope
