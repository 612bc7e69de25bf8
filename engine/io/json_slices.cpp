#include "engine/io/json_slices.h"

#include "engine/core/error.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <unordered_map>
#include <utility>

namespace hsa {
namespace {

constexpr std::string_view kBlanks = " \t\r\n";

// The byte behind the text in quotes that begins at `at`.
std::optional<std::size_t> quoted_end(std::string_view text, std::size_t at) {
    for (std::size_t i = at + 1; i < text.size(); ++i) {
        if (text[i] == '\\') ++i;
        else if (text[i] == '"') return i + 1;
    }
    return std::nullopt;
}

std::size_t after_blanks(std::string_view text, std::size_t at) {
    const std::size_t found = text.find_first_not_of(kBlanks, at);
    return found == std::string_view::npos ? text.size() : found;
}

// The name in quotes, its escapes read.
std::string unquoted(std::string_view quoted) {
    if (quoted.find('\\') != std::string_view::npos) {
        const auto value = nlohmann::json::parse(quoted, nullptr, false);
        if (value.is_string()) return value.get<std::string>();
    }
    return std::string(quoted.substr(1, quoted.size() - 2));
}

bool begins_number(std::string_view text, std::size_t at) {
    return at < text.size() && (text[at] == '-' || (text[at] >= '0' && text[at] <= '9'));
}

// The byte behind the value that begins at `at`: of a number or word, where it stops.
std::optional<std::size_t> value_end(std::string_view text, std::size_t at) {
    if (at >= text.size()) return std::nullopt;
    if (text[at] == '"') return quoted_end(text, at);
    if (text[at] == '[' || text[at] == '{') {
        const std::optional<std::size_t> end = json_value_end(text.substr(at));
        if (!end) return std::nullopt;
        return at + *end;
    }
    const std::size_t end = text.find_first_of(",]} \t\r\n", at);
    if (end == std::string_view::npos) return std::nullopt;
    return end;
}

}  // namespace

std::optional<std::size_t> json_value_end(std::string_view text) {
    std::size_t depth = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char letter = text[i];
        if (letter == '"') {
            const std::optional<std::size_t> end = quoted_end(text, i);
            if (!end) return std::nullopt;
            i = *end - 1;
        } else if (letter == '[' || letter == '{') {
            ++depth;
        } else if (letter == ']' || letter == '}') {
            if (depth <= 1) return i + 1;
            --depth;
        }
    }
    return std::nullopt;
}

JsonSlices::JsonSlices(const std::string& path, std::string_view text) : path_(path), text_(text) {
    skip_blanks();
    if (at_ == text_.size()) fail("{}: nothing is in it; expected records", path_);
    if (text_[at_] == '[') {
        array_ = true;
        ++at_;
    } else if (text_[at_] == '{') {
        const std::string_view line = text_.substr(at_, text_.find('\n', at_) - at_);
        const std::optional<std::size_t> end = json_value_end(line);
        by_line_ = end && after_blanks(line, *end) == line.size();
    } else {
        fail_here("expected '{' or '[' here, records of JSON");
    }
}

void JsonSlices::skip_blanks() {
    at_ = after_blanks(text_, at_);
    const std::string_view passed = text_.substr(line_at_, at_ - line_at_);
    line_ += static_cast<std::size_t>(std::count(passed.begin(), passed.end(), '\n'));
    line_at_ = at_;
}

void JsonSlices::fail_here(std::string_view what) {
    skip_blanks();
    fail("{}: line {}, record {} (from 0): {}; correct it there", path_, line_, count_, what);
}

bool JsonSlices::next() {
    skip_blanks();
    if (array_) {
        if (at_ == text_.size()) fail_here("the list never ends: a ']' is missing");
        if (text_[at_] == ']') {
            ++at_;
            skip_blanks();
            if (at_ != text_.size()) fail_here("more follows behind the ']' of the list");
            return false;
        }
        if (count_ > 0) {
            if (text_[at_] != ',') fail_here("expected ',' or ']' behind a record");
            ++at_;
            skip_blanks();
            if (at_ == text_.size() || text_[at_] == ']') fail_here("expected a record behind ','");
        }
    } else if (at_ == text_.size()) {
        return false;
    }
    const std::string_view rest =
        by_line_ ? text_.substr(at_, text_.find('\n', at_) - at_) : text_.substr(at_);
    if (rest[0] != '{' && !(array_ && rest[0] == '['))
        fail_here(array_ ? "expected an object {...} or a list [...] of numbers"
                         : "expected an object {...}");
    const std::optional<std::size_t> end = json_value_end(rest);
    // What does not end is left to who parses the line: it says what is wrong in it.
    const std::size_t size = by_line_ ? rest.size() : end.value_or(0);
    if (size == 0) fail_here("the record never ends: a bracket or quote is missing");
    slice_ = rest.substr(0, size);
    at_ += size;
    ++count_;
    return true;
}

std::vector<FileField> glimpse_fields(std::string_view text) {
    std::vector<FileField> fields;
    std::unordered_map<std::string, std::size_t> places;
    std::size_t at = after_blanks(text, 0);
    if (at >= text.size() || text[at] != '{') return fields;
    for (;;) {
        at = after_blanks(text, at + 1);
        if (at >= text.size() || text[at] != '"') return fields;
        const std::optional<std::size_t> name_end = quoted_end(text, at);
        if (!name_end) return fields;
        FileField field;
        field.name = unquoted(text.substr(at, *name_end - at));
        at = after_blanks(text, *name_end);
        if (at >= text.size() || text[at] != ':') return fields;
        at = after_blanks(text, at + 1);
        if (at >= text.size()) return fields;
        if (text[at] == '"') field.kind = FileField::Kind::text;
        if (text[at] == '[' && begins_number(text, after_blanks(text, at + 1)))
            field.kind = FileField::Kind::numbers;
        // Of two with one name the second counts, as the parser has it.
        const auto place = places.try_emplace(field.name, fields.size());
        if (place.second) fields.push_back(std::move(field));
        else fields[place.first->second].kind = field.kind;
        const std::optional<std::size_t> end = value_end(text, at);
        if (!end) return fields;
        at = after_blanks(text, *end);
        if (at >= text.size() || text[at] != ',') return fields;
    }
}

}  // namespace hsa
