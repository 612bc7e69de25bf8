#include "app/setting_values.h"

#include "app/commands/grammar.h"
#include "engine/model/selection.h"

#include <limits>

namespace splatscope {

std::string quote_word(std::string_view word) {
    const bool plain = !word.empty() && word.find_first_of(" \t\n\"'\\#") == std::string_view::npos;
    if (plain) return std::string(word);
    std::string out = "\"";
    for (const char c : word) {
        if (c == '"' || c == '\\') out += '\\';
        out += c;
    }
    return out + '"';
}

bool parse_flag(std::string_view name, std::string_view text) {
    if (text == "true" || text == "on" || text == "1") return true;
    if (text == "false" || text == "off" || text == "0") return false;
    hsa::fail_usage("{} is true or false, not '{}'.", name, text);
}

double parse_number(std::string_view name, std::string_view text) {
    double value = 0.0;
    const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (fault != std::errc() || end != text.data() + text.size() || !std::isfinite(value))
        hsa::fail_usage("{} takes a finite number, not '{}'.", name, text);
    return value;
}

std::int64_t parse_integer(std::string_view name, std::string_view text) {
    std::int64_t value = 0;
    const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (fault != std::errc() || end != text.data() + text.size())
        hsa::fail_usage("{} takes a whole number, not '{}'.", name, text);
    return value;
}

std::vector<std::string> split_list(std::string_view text) {
    std::vector<std::string> words;
    while (!text.empty()) {
        const std::size_t comma = text.find(',');
        const std::string_view word = text.substr(0, comma);
        if (!word.empty()) words.emplace_back(word);
        if (comma == std::string_view::npos) break;
        text.remove_prefix(comma + 1);
    }
    return words;
}

std::vector<hsa::Range> parse_ranges(std::string_view text) {
    constexpr std::size_t kAny = std::numeric_limits<std::uint32_t>::max();
    std::vector<hsa::Range> ranges;
    for (const std::string& word : split_list(text))
        ranges = hsa::with_range(ranges, parse_range(word, kAny));
    return ranges;
}

void check_limits(std::string_view name, double value, const Limits& limits) {
    if (limits.low == limits.high) return;
    const bool too_low = limits.low_open ? value <= limits.low : value < limits.low;
    if (too_low || value > limits.high)
        hsa::fail("{} is {}: it must be {} {} and at most {}.", name, value,
                  limits.low_open ? "above" : "at least", limits.low, limits.high);
}

}  // namespace splatscope
