#include "engine/io/json.h"

#include "engine/core/error.h"

#include <algorithm>

namespace hsa {
namespace {

// What the parser found, without its own prefix "[json.exception...] parse error at line ...: ".
std::string complaint(const std::string& what) {
    const std::size_t syntax = what.find("syntax error ");
    if (syntax != std::string::npos) return what.substr(syntax);
    const std::size_t bracket = what.find("] ");
    return bracket == std::string::npos ? what : what.substr(bracket + 2);
}

}  // namespace

nlohmann::json parse_json(const std::string& path, std::string_view bytes) {
    try {
        return nlohmann::json::parse(bytes.begin(), bytes.end());
    } catch (const nlohmann::json::parse_error& error) {
        const std::string_view before = bytes.substr(0, error.byte > 0 ? error.byte - 1 : 0);
        const auto line = 1 + std::count(before.begin(), before.end(), '\n');
        const std::size_t start = before.rfind('\n');
        const std::size_t column =
            before.size() - (start == std::string_view::npos ? 0 : start + 1) + 1;
        fail("{}: not valid JSON at line {}, column {}: {}; correct it there", path, line, column,
             complaint(error.what()));
    } catch (const nlohmann::json::exception& error) {
        fail("{}: not valid JSON: {}; correct it", path, complaint(error.what()));
    }
}

std::string json_text(const nlohmann::json& value, int indent) {
    constexpr auto kReplace = nlohmann::ordered_json::error_handler_t::replace;
    if (!value.is_object() || !value.contains("command"))
        return value.dump(indent, ' ', false, kReplace);
    nlohmann::ordered_json result;
    for (const char* first : {"command", "version", "mark"})
        if (value.contains(first)) result[first] = value[first];
    for (const auto& [key, part] : value.items())
        if (!result.contains(key)) result[key] = part;
    return result.dump(indent, ' ', false, kReplace);
}

}  // namespace hsa
