#pragma once

#include "engine/core/range.h"

#include <cstddef>
#include <string>
#include <string_view>

namespace splatscope {

// Numbers written for people: three digits that matter, thousands parted, no trailing zeros. The
// raw value belongs into a tooltip (raw_text).

// 12431 -> "12,431".
[[nodiscard]] std::string count_text(std::size_t count);
// "1 token", "12,431 tokens".
[[nodiscard]] std::string counted(std::size_t count, std::string_view noun);
// 0 -> "0", 0.0041, 3.2, 41.6, 12,431, 1.2e-7; "not a number", "infinite". `digits` significant
// ones.
[[nodiscard]] std::string number_text(double value, int digits = 3);
// The shortest text that reads back to the same double.
[[nodiscard]] std::string raw_text(double value);
// A share 0..1 as "46 %", "4.6 %", "0.05 %", "< 0.01 %".
[[nodiscard]] std::string percent_text(double share);
// A share with a fixed number of decimals: "100.0 %".
[[nodiscard]] std::string percent_text(double share, int decimals);
// Milliseconds as "3.2 ms", "0.8 s", "2 min 5 s".
[[nodiscard]] std::string duration_text(double ms);
// How long a step still takes that began `seconds` ago and is done to `fraction`: "12 s left", or
// nothing while that would be a guess.
[[nodiscard]] std::string time_left_text(double fraction, double seconds);
// "18.2 MB".
[[nodiscard]] std::string bytes_text(double bytes);
// Attention held against uniform attention, ratio = n x mean: "5.8 × uniform", "1/12 of uniform".
[[nodiscard]] std::string uniform_text(double ratio);
// "3,702:3,912", half open as commands take it.
[[nodiscard]] std::string range_text(hsa::Range range);
// "3702:3912", as a command takes it.
[[nodiscard]] std::string range_argument(hsa::Range range);

}  // namespace splatscope
