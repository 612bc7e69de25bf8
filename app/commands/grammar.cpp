#include "app/commands/grammar.h"

#include "engine/core/error.h"

#include <charconv>
#include <optional>
#include <utility>

namespace splatscope {
namespace {

constexpr int kSmallestSide = 16;
constexpr int kLargestSide = 16384;

std::optional<std::size_t> parse_index(std::string_view text) {
    std::size_t value = 0;
    const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (fault != std::errc() || end != text.data() + text.size() || text.empty())
        return std::nullopt;
    return value;
}

}  // namespace

std::vector<std::string> split_words(std::string_view line) {
    std::vector<std::string> words;
    std::string word;
    bool in_word = false;
    char quote = 0;
    for (std::size_t i = 0; i < line.size(); ++i) {
        const char c = line[i];
        if (quote == '\'') {
            if (c == '\'') quote = 0;
            else word += c;
        } else if (quote == '"') {
            if (c == '"') {
                quote = 0;
            } else if (c == '\\' && i + 1 < line.size() &&
                       (line[i + 1] == '"' || line[i + 1] == '\\')) {
                word += line[++i];
            } else {
                word += c;
            }
        } else if (c == '\'' || c == '"') {
            quote = c;
            in_word = true;
        } else if (c == '\\' && i + 1 < line.size()) {
            word += line[++i];
            in_word = true;
        } else if (c == ' ' || c == '\t' || c == '\r' || c == '\n') {
            if (in_word) words.push_back(std::exchange(word, {}));
            in_word = false;
        } else if (c == '#' && !in_word) {
            break;
        } else {
            word += c;
            in_word = true;
        }
    }
    if (quote != 0) hsa::fail_usage("A quote {} is not closed in: {}", quote, line);
    if (in_word) words.push_back(std::move(word));
    return words;
}

hsa::Range parse_range(std::string_view text, std::size_t size) {
    hsa::Range range{0, size};
    const std::size_t colon = text.find(':');
    const std::string_view first = text.substr(0, colon);
    if (!first.empty() || colon == std::string_view::npos) {
        const std::optional<std::size_t> begin = parse_index(first);
        if (!begin)
            hsa::fail_usage(
                "'{}' is no range: write A:B (half open, from 0), A:, :B, : or one index.", text);
        range.begin = *begin;
    }
    if (colon == std::string_view::npos) {
        range.end = range.begin + 1;
    } else if (const std::string_view second = text.substr(colon + 1); !second.empty()) {
        const std::optional<std::size_t> end = parse_index(second);
        if (!end)
            hsa::fail_usage(
                "'{}' is no range: write A:B (half open, from 0), A:, :B, : or one index.", text);
        range.end = *end;
    }
    if (range.end > size || range.begin >= size)
        hsa::fail("The range {} reaches beyond the data: there are {}, counted from 0.", text,
                  size);
    if (range.empty()) hsa::fail("The range {} is empty: its end must be above its begin.", text);
    return range;
}

PixelSize parse_size(std::string_view text) {
    const std::size_t cross = text.find('x');
    const auto width = parse_index(text.substr(0, cross));
    const auto height =
        cross == std::string_view::npos ? std::nullopt : parse_index(text.substr(cross + 1));
    if (!width || !height)
        hsa::fail_usage("'{}' is no picture size: write WIDTHxHEIGHT in pixels, as 1600x1200.",
                        text);
    const auto fits = [](std::size_t side) {
        return side >= static_cast<std::size_t>(kSmallestSide) &&
               side <= static_cast<std::size_t>(kLargestSide);
    };
    if (!fits(*width) || !fits(*height))
        hsa::fail("A picture of {} is not possible: both sides must be {} to {} pixels.", text,
                  kSmallestSide, kLargestSide);
    return {static_cast<int>(*width), static_cast<int>(*height)};
}

}  // namespace splatscope
