#pragma once

#include "app/choice_names.h"
#include "app/setting_list/setting_limits.h"
#include "engine/core/error.h"

#include <fmt/core.h>
#include <fmt/ranges.h>

#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace splatscope {

// Text <-> value for every type a setting has. `parse` throws Error (usage) when the text is no
// value of the type, Error (input) when it is out of range.

// Before the name of a column of metadata, where a choice may be one.
inline constexpr std::string_view kPropertyPrefix = "property:";

// The words of one argument list, quoted where needed so that split_words gives them back.
[[nodiscard]] std::string quote_word(std::string_view word);

[[nodiscard]] bool parse_flag(std::string_view name, std::string_view text);
[[nodiscard]] double parse_number(std::string_view name, std::string_view text);
[[nodiscard]] std::int64_t parse_integer(std::string_view name, std::string_view text);
[[nodiscard]] std::vector<std::string> split_list(std::string_view text);
// "3:7,12:13": sorted, joined where they touch; one number is one token. Throws as parse_range.
[[nodiscard]] std::vector<hsa::Range> parse_ranges(std::string_view text);
void check_limits(std::string_view name, double value, const Limits& limits);

template <class T>
struct IsOptional : std::false_type {};
template <class T>
struct IsOptional<std::optional<T>> : std::true_type {};

template <class T>
struct IsOptionalChoice : std::false_type {};
template <class T>
struct IsOptionalChoice<std::optional<T>> : std::is_enum<T> {};

template <class T>
std::string to_text(const T& value) {
    if constexpr (IsOptional<T>::value) {
        return value ? to_text(*value) : std::string("auto");
    } else if constexpr (std::is_same_v<T, bool>) {
        return value ? "true" : "false";
    } else if constexpr (std::is_enum_v<T>) {
        return choice_names<T>()[static_cast<std::size_t>(value)];
    } else if constexpr (std::is_same_v<T, std::string>) {
        return value;
    } else if constexpr (std::is_same_v<T, PointChoice>) {
        return value.by == PointColour::property
                   ? std::string(kPropertyPrefix) + value.property
                   : choice_names<PointColour>()[static_cast<std::size_t>(value.by)];
    } else if constexpr (std::is_same_v<T, std::array<double, 3>>) {
        return fmt::format("{},{},{}", value[0], value[1], value[2]);
    } else if constexpr (std::is_same_v<T, Parts>) {
        std::string text;
        const std::vector<std::string> names = choice_names<Part>();
        for (std::size_t p = 0; p < names.size(); ++p)
            if (value.has(static_cast<Part>(p))) text += (text.empty() ? "" : ",") + names[p];
        return text;
    } else if constexpr (std::is_arithmetic_v<T>) {
        return fmt::format("{}", value);
    } else if constexpr (std::is_same_v<T, std::vector<hsa::Range>>) {
        std::string text;
        for (const hsa::Range& range : value)
            text += fmt::format("{}{}:{}", text.empty() ? "" : ",", range.begin, range.end);
        return text;
    } else {
        return fmt::format("{}", fmt::join(value, ","));  // a set
    }
}

template <class T>
T parse_value(std::string_view name, std::string_view text, const Limits& limits) {
    if constexpr (IsOptional<T>::value) {
        if (text == "auto") return std::nullopt;
        return parse_value<typename T::value_type>(name, text, limits);
    } else if constexpr (std::is_same_v<T, bool>) {
        return parse_flag(name, text);
    } else if constexpr (std::is_enum_v<T>) {
        const std::vector<std::string> names = choice_names<T>();
        for (std::size_t i = 0; i < names.size(); ++i)
            if (names[i] == text) return static_cast<T>(i);
        hsa::fail_usage("{} is one of {}, not '{}'.", name, fmt::join(names, ", "), text);
    } else if constexpr (std::is_same_v<T, PointChoice>) {
        if (text.starts_with(kPropertyPrefix) && text.size() > kPropertyPrefix.size())
            return {PointColour::property, std::string(text.substr(kPropertyPrefix.size()))};
        return {parse_value<PointColour>(name, text, limits)};
    } else if constexpr (std::is_same_v<T, std::string>) {
        return std::string(text);
    } else if constexpr (std::is_same_v<T, std::array<double, 3>>) {
        const std::vector<std::string> words = split_list(text);
        if (words.size() != 3)
            hsa::fail_usage("{} takes three numbers X,Y,Z, not '{}'.", name, text);
        return {parse_number(name, words[0]), parse_number(name, words[1]),
                parse_number(name, words[2])};
    } else if constexpr (std::is_same_v<T, Parts>) {
        Parts parts;
        for (const std::string& word : split_list(text))
            parts.add(parse_value<Part>(name, word, limits));
        return parts;
    } else if constexpr (std::is_floating_point_v<T>) {
        const double value = parse_number(name, text);
        check_limits(name, value, limits);
        return value;
    } else if constexpr (std::is_integral_v<T>) {
        const std::int64_t value = parse_integer(name, text);
        if (std::is_unsigned_v<T> && value < 0)
            hsa::fail("{} is {}: it must not be negative.", name, value);
        check_limits(name, static_cast<double>(value), limits);
        return static_cast<T>(value);
    } else if constexpr (std::is_same_v<T, std::vector<hsa::Range>>) {
        return parse_ranges(text);
    } else if constexpr (std::is_same_v<T, std::set<std::string>>) {
        const std::vector<std::string> words = split_list(text);
        return {words.begin(), words.end()};
    } else {
        std::set<hsa::SplatId> ids;
        for (const std::string& word : split_list(text))
            ids.insert(static_cast<hsa::SplatId>(parse_integer(name, word)));
        return ids;
    }
}

template <class T>
std::string type_name() {
    if constexpr (IsOptional<T>::value) return type_name<typename T::value_type>();
    else if constexpr (std::is_same_v<T, bool>) return "flag";
    else if constexpr (std::is_enum_v<T> || std::is_same_v<T, PointChoice>) return "choice";
    else if constexpr (std::is_same_v<T, std::string>) return "text";
    else if constexpr (std::is_floating_point_v<T>) return "number";
    else if constexpr (std::is_integral_v<T>) return "integer";
    else return "list";
}

}  // namespace splatscope
