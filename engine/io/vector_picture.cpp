#include "engine/io/vector_picture.h"

#include <nlohmann/json.hpp>

#include <array>
#include <charconv>
#include <system_error>
#include <utility>

namespace hsa {
namespace {

using nlohmann::json;

constexpr std::size_t kSvgBeginning = 4096;  // where the first element of an SVG is looked for
constexpr std::string_view kKeywords = "/Keywords ";
constexpr std::string_view kWide = "<FEFF";
constexpr std::array<std::pair<std::string_view, char>, 3> kEntities = {
    {{"&amp;", '&'}, {"&lt;", '<'}, {"&gt;", '>'}}};

std::string as_ascii(std::string_view text) {
    return json(text).dump(-1, ' ', true, json::error_handler_t::replace);
}

std::optional<std::string> from_ascii(std::string_view text) {
    const json value = json::parse(text, nullptr, false);
    return value.is_string() ? std::optional(value.get<std::string>()) : std::nullopt;
}

std::string without_entities(std::string_view text) {
    std::string plain;
    while (!text.empty()) {
        char letter = text.front();
        std::size_t length = 1;
        for (const auto& [entity, meant] : kEntities)
            if (text.starts_with(entity)) {
                letter = meant;
                length = entity.size();
            }
        plain += letter;
        text.remove_prefix(length);
    }
    return plain;
}

// A string of a PDF stands in parentheses; of its signs \ ( ) have a \ before them.
std::optional<std::string> from_narrow(std::string_view bytes) {
    if (!bytes.starts_with('(')) return std::nullopt;
    std::string text;
    std::size_t here = 1;
    while (here < bytes.size() && bytes[here] != ')') {
        if (bytes[here] == '\\') ++here;
        if (here < bytes.size()) text += bytes[here++];
    }
    return here < bytes.size() ? std::optional(text) : std::nullopt;
}

// Or as UTF-16 in hexadecimal digits, which is how Cairo writes one with such signs; ours is ASCII.
std::optional<std::string> from_wide(std::string_view digits) {
    constexpr std::size_t kDigits = 4;  // of a letter
    std::string text;
    while (!digits.starts_with('>')) {
        unsigned letter = 0;
        if (digits.size() < kDigits) return std::nullopt;
        const auto [end, fault] =
            std::from_chars(digits.data(), digits.data() + kDigits, letter, 16);
        if (fault != std::errc() || end != digits.data() + kDigits || letter >= 0x80U)
            return std::nullopt;
        text += static_cast<char>(letter);
        digits.remove_prefix(kDigits);
    }
    return text;
}

}  // namespace

bool looks_like_svg(std::string_view bytes) {
    constexpr std::string_view kMark = "\xEF\xBB\xBF";  // of UTF-8
    if (bytes.starts_with(kMark)) bytes.remove_prefix(kMark.size());
    if (bytes.starts_with("<svg")) return true;
    return bytes.starts_with("<?xml") &&
           bytes.substr(0, kSvgBeginning).find("<svg") != std::string_view::npos;
}

std::string svg_metadata(std::string_view key, std::string_view text) {
    std::string out = "<metadata id=\"" + std::string(key) + "\">";
    for (const char letter : as_ascii(text)) {
        switch (letter) {
            case '&': out += "&amp;"; break;
            case '<': out += "&lt;"; break;
            case '>': out += "&gt;"; break;
            default: out += letter;
        }
    }
    return out + "</metadata>";
}

std::string pdf_keywords(std::string_view key, std::string_view text) {
    return std::string(key) + " " + as_ascii(text);
}

std::optional<std::string> read_svg_text(std::string_view bytes, std::string_view key) {
    const std::string begin = "<metadata id=\"" + std::string(key) + "\">";
    const std::size_t at = bytes.find(begin);
    if (at == std::string_view::npos) return std::nullopt;
    bytes.remove_prefix(at + begin.size());
    const std::size_t end = bytes.find('<');
    if (end == std::string_view::npos) return std::nullopt;
    return from_ascii(without_entities(bytes.substr(0, end)));
}

std::optional<std::string> read_keyed_text(std::string_view words, std::string_view key) {
    if (!words.starts_with(std::string(key) + " ")) return std::nullopt;
    return from_ascii(words.substr(key.size() + 1));
}

std::optional<std::string> read_pdf_text(std::string_view bytes, std::string_view key) {
    const std::size_t at = bytes.rfind(kKeywords);
    if (at == std::string_view::npos) return std::nullopt;
    bytes.remove_prefix(at + kKeywords.size());
    const std::optional<std::string> text =
        bytes.starts_with(kWide) ? from_wide(bytes.substr(kWide.size())) : from_narrow(bytes);
    return text ? read_keyed_text(*text, key) : std::nullopt;
}

}  // namespace hsa
