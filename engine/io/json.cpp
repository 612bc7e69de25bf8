#include "engine/io/json.h"

#include "engine/core/error.h"

#include <algorithm>
#include <optional>

namespace hsa {
namespace {

// What the parser found, without its own prefix "[json.exception...] parse error at line ...: ".
std::string complaint(const std::string& what) {
    const std::size_t syntax = what.find("syntax error ");
    if (syntax != std::string::npos) return what.substr(syntax);
    const std::size_t bracket = what.find("] ");
    return bracket == std::string::npos ? what : what.substr(bracket + 2);
}

struct JsonPlace {
    std::size_t line = 1;
    std::size_t column = 1;
};

JsonPlace place_of(std::string_view bytes, std::size_t offset) {
    const std::string_view before = bytes.substr(0, offset);
    const auto lines = static_cast<std::size_t>(std::count(before.begin(), before.end(), '\n'));
    const std::size_t start = before.rfind('\n');
    return {lines + 1, before.size() - (start == std::string_view::npos ? 0 : start + 1) + 1};
}

// The first bracket that is too deep, outside of texts in quotes.
std::optional<std::size_t> too_deep(std::string_view bytes) {
    std::size_t depth = 0;
    bool quoted = false;
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        const char letter = bytes[i];
        if (quoted) {
            if (letter == '\\') ++i;
            else if (letter == '"') quoted = false;
        } else if (letter == '"') {
            quoted = true;
        } else if (letter == '[' || letter == '{') {
            if (++depth > kJsonDepth) return i;
        } else if ((letter == ']' || letter == '}') && depth > 0) {
            --depth;
        }
    }
    return std::nullopt;
}

}  // namespace

nlohmann::json parse_json(const std::string& path, std::string_view bytes) {
    return parse_json(path, bytes, bytes);
}

nlohmann::json parse_json(const std::string& path, std::string_view bytes, std::string_view part) {
    const auto begin = static_cast<std::size_t>(part.data() - bytes.data());
    if (const std::optional<std::size_t> deep = too_deep(part)) {
        const JsonPlace place = place_of(bytes, begin + *deep);
        fail(
            "{}: not valid JSON at line {}, column {}: nested deeper than {} brackets; make it "
            "flatter",
            path, place.line, place.column, kJsonDepth);
    }
    try {
        return nlohmann::json::parse(part.begin(), part.end());
    } catch (const nlohmann::json::parse_error& error) {
        const JsonPlace place = place_of(bytes, begin + (error.byte > 0 ? error.byte - 1 : 0));
        fail("{}: not valid JSON at line {}, column {}: {}; correct it there", path, place.line,
             place.column, complaint(error.what()));
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
