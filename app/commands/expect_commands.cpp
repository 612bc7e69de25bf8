#include "app/commands/table.h"
#include "app/setting_values.h"
#include "engine/core/error.h"

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include <cmath>
#include <string>

namespace splatscope {
namespace {

using nlohmann::json;

constexpr double kAbout = 1e-6;  // of `~` without a tolerance, relative

// The value at "levels.Token.splats" inside a result; keys may hold dots themselves, so the longest
// key that fits is taken at each step.
const json* find_path(const json& value, std::string_view path) {
    if (path.empty()) return &value;
    for (std::size_t end = path.size();; --end) {
        if (end == path.size() || path[end] == '.') {
            const std::string key(path.substr(0, end));
            const std::string_view rest =
                end == path.size() ? std::string_view() : path.substr(end + 1);
            const json* inside = nullptr;
            if (value.is_object() && value.contains(key)) inside = &value.at(key);
            if (value.is_array() && !key.empty() &&
                key.find_first_not_of("0123456789") == std::string::npos) {
                const auto index = static_cast<std::size_t>(parse_integer("expect", key));
                if (index < value.size()) inside = &value.at(index);
            }
            if (inside != nullptr)
                if (const json* found = find_path(*inside, rest)) return found;
        }
        if (end == 0) return nullptr;
    }
}

bool holds(const json& found, const std::string& op, const std::string& wanted, double tolerance) {
    if (!found.is_number()) {
        const std::string text = found.is_string() ? found.get<std::string>() : found.dump();
        if (op == "==") return text == wanted;
        if (op == "!=") return text != wanted;
        hsa::fail_usage("expect: {} compares numbers, and the value is {}.", op, text);
    }
    const double a = found.get<double>();
    const double b = parse_number("expect", wanted);
    if (op == "==") return std::abs(a - b) <= tolerance;
    if (op == "!=") return std::abs(a - b) > tolerance;
    if (op == "<") return a < b + tolerance;
    if (op == "<=") return a <= b + tolerance;
    if (op == ">") return a > b - tolerance;
    if (op == ">=") return a >= b - tolerance;
    if (op == "~")
        return std::abs(a - b) <=
               (tolerance > 0.0 ? tolerance : kAbout * std::max(std::abs(a), std::abs(b)));
    hsa::fail_usage("expect takes ==, !=, <, <=, >, >= or ~, not '{}'.", op);
}

json expect(const QuestionContext& context, const Args& args) {
    expect_count("expect", args, 3, 4);
    const std::size_t dot = args[0].find('.');
    const std::string name = args[0].substr(0, dot);
    double tolerance = 0.0;
    if (args.size() == 4) {
        if (!args[3].starts_with("+-"))
            hsa::fail_usage("expect: a tolerance is written +-0.1, not '{}'.", args[3]);
        tolerance = parse_number("expect", std::string_view(args[3]).substr(2));
    }
    const json result = find_command("print").question(context, {name});
    const json* found = dot == std::string::npos
                            ? (result.contains("value") ? &result.at("value") : &result)
                            : find_path(result, std::string_view(args[0]).substr(dot + 1));
    if (found == nullptr) hsa::fail_usage("expect: {} has no {}.", name, args[0].substr(dot + 1));
    if (holds(*found, args[1], args[2], tolerance)) return nullptr;
    throw hsa::Error(hsa::ErrorKind::expectation, fmt::format("expect {} {} {}: found {}.", args[0],
                                                              args[1], args[2], found->dump()));
}

}  // namespace

std::vector<CommandRow> expect_commands() {
    return {question_row("expect", "RESULT.PATH ==|!=|<|<=|>|>=|~ VALUE [+-TOLERANCE]",
                         "stops with exit code 4 when a result is not as expected", expect)};
}

}  // namespace splatscope
