#include "engine/io/json_fields.h"

#include "engine/core/error.h"
#include "engine/io/json.h"

#include <cmath>
#include <limits>
#include <utility>

namespace hsa {
namespace {

using nlohmann::json;

// The whole number that `value` is, also when it is written 3.0.
std::optional<std::int64_t> whole(const json& value) {
    if (value.is_number_unsigned()) {
        const auto number = value.get<std::uint64_t>();
        if (number > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()))
            return {};
        return static_cast<std::int64_t>(number);
    }
    if (value.is_number_integer()) return value.get<std::int64_t>();
    if (!value.is_number_float()) return std::nullopt;
    constexpr double kExact = 9007199254740992.0;
    const auto number = value.get<double>();
    if (!(std::abs(number) < kExact) || number != std::floor(number)) return std::nullopt;
    return static_cast<std::int64_t>(number);
}

}  // namespace

std::string shown(const json& value) {
    if (value.is_array()) return fmt::format("a list of {}", value.size());
    if (value.is_object()) return "an object";
    constexpr std::size_t kLongest = 60;
    std::string text = json_text(value);
    if (text.size() > kLongest) text = text.substr(0, kLongest) + "...";
    return text;
}

JsonFields::JsonFields(const std::string& path, std::string place, const json& object)
    : path_(path), place_(std::move(place)), object_(object) {
    if (!object.is_object())
        fail("{}: expected an object {{...}}, found {}", where(), shown(object));
}

std::string JsonFields::where() const { return place_.empty() ? path_ : path_ + ": " + place_; }

void JsonFields::fail_kind(const char* key, const json& value, std::string_view expected) const {
    fail("{}: '{}' is {}; expected {}", where(), key, shown(value), expected);
}

const json& JsonFields::at(const char* key) const {
    const auto found = object_.find(key);
    if (found == object_.end()) fail("{}: '{}' is missing; add it", where(), key);
    return *found;
}

JsonFields JsonFields::object(const char* key) const {
    const json& value = at(key);
    if (!value.is_object()) fail_kind(key, value, "an object {...}");
    return {path_, place_.empty() ? std::string(key) : place_ + " " + key, value};
}

const json& JsonFields::array(const char* key) const {
    const json& value = at(key);
    if (!value.is_array()) fail_kind(key, value, "a list [...]");
    return value;
}

std::string JsonFields::text(const char* key) const {
    const json& value = at(key);
    if (!value.is_string()) fail_kind(key, value, "a text in quotes");
    return value.get<std::string>();
}

double JsonFields::number(const char* key) const {
    const json& value = at(key);
    if (!value.is_number()) fail_kind(key, value, "a finite number");
    const auto number = value.get<double>();
    if (!std::isfinite(number)) fail_kind(key, value, "a finite number");
    return number;
}

std::int64_t JsonFields::integer(const char* key, std::int64_t low, std::int64_t high) const {
    const json& value = at(key);
    const std::optional<std::int64_t> number = whole(value);
    if (!number || *number < low || *number > high) {
        fail_kind(key, value, fmt::format("a whole number from {} to {}", low, high));
    }
    return *number;
}

bool JsonFields::truth(const char* key) const {
    const json& value = at(key);
    if (!value.is_boolean()) fail_kind(key, value, "true or false");
    return value.get<bool>();
}

std::vector<double> JsonFields::numbers(const char* key, std::size_t count) const {
    const json& list = array(key);
    if (list.size() != count) {
        fail("{}: '{}' has {} numbers; expected {}, one a dimension", where(), key, list.size(),
             count);
    }
    std::vector<double> values;
    values.reserve(count);
    for (std::size_t i = 0; i < count; ++i) {
        const json& item = list[i];
        const double number =
            item.is_number() ? item.get<double>() : std::numeric_limits<double>::quiet_NaN();
        if (!std::isfinite(number)) {
            fail("{}: '{}' number {} (from 0) is {}; expected a finite number", where(), key, i,
                 shown(item));
        }
        values.push_back(number);
    }
    return values;
}

float JsonFields::small_number(const char* key) const {
    const auto value = static_cast<float>(number(key));
    if (!std::isfinite(value)) fail_kind(key, at(key), "a number that float32 can hold");
    return value;
}

std::vector<float> JsonFields::small_numbers(const char* key, std::size_t count) const {
    std::vector<float> values;
    values.reserve(count);
    for (const double number : numbers(key, count)) {
        const auto value = static_cast<float>(number);
        if (!std::isfinite(value)) {
            fail("{}: '{}' number {} (from 0) is {}; expected a number that float32 can hold",
                 where(), key, values.size(), number);
        }
        values.push_back(value);
    }
    return values;
}

std::vector<std::vector<float>> JsonFields::small_rows(const char* key, std::size_t rows,
                                                       std::optional<std::size_t> columns) const {
    const nlohmann::json& list = array(key);
    if (list.size() != rows) {
        fail("{}: '{}' has {} rows; expected {}", where(), key, list.size(), rows);
    }
    std::vector<std::vector<float>> values;
    for (std::size_t r = 0; r < rows; ++r) {
        const nlohmann::json one = {{key, list[r]}};
        const JsonFields row(path_, fmt::format("{}, row {} (from 0)", place_, r), one);
        if (!columns) {
            columns = row.array(key).size();
            if (*columns == 0) {
                fail("{}: '{}' has no columns; expected at least one", where(), key);
            }
        }
        values.push_back(row.small_numbers(key, *columns));
    }
    return values;
}

std::optional<double> JsonFields::optional_number(const char* key) const {
    if (!has(key) || at(key).is_null()) return std::nullopt;
    return number(key);
}

}  // namespace hsa
