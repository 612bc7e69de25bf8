#include "app/widgets/numbers.h"

#include "engine/core/count_text.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>

namespace splatscope {
namespace {

// Commas every three digits before the point of "-12345.6".
std::string with_commas(std::string text) {
    const std::size_t first = !text.empty() && text[0] == '-' ? 1 : 0;
    const std::size_t point = std::min(text.find('.'), text.size());
    for (std::size_t at = point; at > first + 3; at -= 3) text.insert(at - 3, ",");
    return text;
}

std::string without_trailing_zeros(std::string text) {
    if (text.find('.') == std::string::npos) return text;
    while (text.back() == '0') text.pop_back();
    if (text.back() == '.') text.pop_back();
    return text;
}

// 1.2e-07 -> 1.2e-7
std::string short_exponent(const std::string& text) {
    const std::size_t e = text.find('e');
    const std::string mantissa = without_trailing_zeros(text.substr(0, e));
    return fmt::format("{}e{}", mantissa, std::stoi(text.substr(e + 1)));
}

std::string not_finite(double value) {
    if (std::isnan(value)) return "not a number";
    return value > 0 ? "infinite" : "-infinite";
}

}  // namespace

std::string count_text(std::size_t count) { return hsa::count_text(count); }

std::string counted(std::size_t count, std::string_view noun) {
    return fmt::format("{} {}{}", count_text(count), noun, count == 1 ? "" : "s");
}

std::string number_text(double value, int digits) {
    if (!std::isfinite(value)) return not_finite(value);
    if (value == 0.0) return "0";
    const std::string scientific = fmt::format("{:.{}e}", value, digits - 1);
    // The exponent after rounding: 999.9 has three digits and is a thousand.
    const int exponent = std::stoi(scientific.substr(scientific.find('e') + 1));
    if (exponent < -4 || exponent > 8) return short_exponent(scientific);
    const int decimals = std::max(0, digits - 1 - exponent);
    return with_commas(without_trailing_zeros(fmt::format("{:.{}f}", value, decimals)));
}

std::string raw_text(double value) {
    return std::isfinite(value) ? fmt::format("{}", value) : not_finite(value);
}

std::string percent_text(double share) {
    if (!std::isfinite(share)) return not_finite(share);
    const double percent = 100.0 * share;
    const double size = std::fabs(percent);
    if (size == 0.0) return "0 %";
    if (size < 0.01) return percent > 0 ? "< 0.01 %" : "> -0.01 %";
    if (size < 0.0995) return fmt::format("{:.2f} %", percent);
    if (size < 9.95) return fmt::format("{:.1f} %", percent);
    return fmt::format("{:.0f} %", percent);
}

std::string percent_text(double share, int decimals) {
    if (!std::isfinite(share)) return not_finite(share);
    return fmt::format("{:.{}f} %", 100.0 * share, decimals);
}

std::string duration_text(double ms) {
    if (!std::isfinite(ms)) return not_finite(ms);
    if (ms < 999.5) return number_text(ms, 2) + " ms";
    const double seconds = ms / 1000.0;
    if (seconds < 59.5) return number_text(seconds, 2) + " s";
    const auto whole = static_cast<long long>(std::llround(seconds));
    if (whole < 3600) return fmt::format("{} min {} s", whole / 60, whole % 60);
    return fmt::format("{} h {} min", whole / 3600, whole / 60 % 60);
}

std::string time_left_text(double fraction, double seconds) {
    constexpr double kTrusted = 0.05;  // of a step; before, its pace is not known
    if (fraction < kTrusted || seconds < 1.0) return {};
    return fmt::format("{:.0f} s left", std::ceil(seconds * (1.0 - fraction) / fraction));
}

std::string bytes_text(double bytes) {
    const char* const units[] = {"bytes", "kB", "MB", "GB", "TB"};
    std::size_t unit = 0;
    while (std::fabs(bytes) >= 999.5 && unit + 1 < std::size(units)) {
        bytes /= 1000.0;
        ++unit;
    }
    return fmt::format("{} {}", number_text(bytes), units[unit]);
}

std::string uniform_text(double ratio) {
    if (!std::isfinite(ratio)) return not_finite(ratio);
    if (ratio <= 0.0) return "none";
    if (ratio < 0.1) return fmt::format("1/{} of uniform", number_text(1.0 / ratio, 2));
    return fmt::format("{} × uniform", number_text(ratio, 2));
}

std::string range_text(hsa::Range range) {
    return fmt::format("{}:{}", count_text(range.begin), count_text(range.end));
}

std::string range_argument(hsa::Range range) {
    return fmt::format("{}:{}", range.begin, range.end);
}

}  // namespace splatscope
