#include "engine/io/records.h"

#include "engine/core/error.h"
#include "engine/io/compressed.h"

#include <algorithm>
#include <array>

namespace hsa {

bool RecordReader::at_line_end() const {
    return at_ >= text_.size() || text_[at_] == '\n' ||
           (text_[at_] == '\r' && (at_ + 1 >= text_.size() || text_[at_ + 1] == '\n'));
}

// A field in quotes, "" standing for one quote. In tab-separated text a quote is only a word unless
// it closes right before the separator: tables of words contain the word '"'.
bool RecordReader::read_quoted() {
    const bool strict = separator_ != '\t';
    std::string content;
    std::size_t at = at_ + 1;
    std::size_t lines = 0;
    for (;;) {
        const std::size_t quote = text_.find('"', at);
        const std::string_view piece = text_.substr(at, quote - at);
        const bool other_line = piece.find('\n') != std::string_view::npos;
        if (!strict && (other_line || quote == std::string_view::npos)) return false;
        if (quote == std::string_view::npos) {
            fail(
                "{}: line {}: a quoted field begins with '\"' and never ends; close the quote, or "
                "write the quote itself as \"\"\"\"",
                path_, line_);
        }
        content += piece;
        lines += static_cast<std::size_t>(std::count(piece.begin(), piece.end(), '\n'));
        at = quote + 1;
        if (at >= text_.size() || text_[at] != '"') break;
        content += '"';
        ++at;
    }
    const std::size_t begin = at_;
    at_ = at;
    if (!at_line_end() && text_[at_] != separator_) {
        at_ = begin;
        if (!strict) return false;
        fail(
            "{}: line {}: '{}' follows the closing quote of a field; expected the separator: write "
            "a "
            "quote inside a field twice",
            path_, line_ + lines, std::string(text_.substr(at, 1)));
    }
    line_ += lines;
    unquoted_.push_back(std::move(content));
    fields_.push_back(unquoted_.back());
    return true;
}

void RecordReader::read_field() {
    if (at_ < text_.size() && text_[at_] == '"' && read_quoted()) return;
    const std::size_t begin = at_;
    while (at_ < text_.size() && text_[at_] != separator_ && text_[at_] != '\n') ++at_;
    std::size_t end = at_;
    const bool ends_line = at_ >= text_.size() || text_[at_] == '\n';
    if (ends_line && end > begin && text_[end - 1] == '\r') --end;
    fields_.push_back(text_.substr(begin, end - begin));
}

char find_separator(const std::string& path, std::string_view text) {
    const std::string_view line = text.substr(0, text.find('\n'));
    std::array<char, 3> order{'\t', ',', ';'};
    const std::string name = without_packed_ending(path);
    if (name.ends_with(".csv") || name.ends_with(".CSV")) order = {',', ';', '\t'};
    for (const char separator : order)
        if (line.find(separator) != std::string_view::npos) return separator;
    return order[0];
}

bool RecordReader::next() {
    fields_.clear();
    unquoted_.clear();
    while (at_ < text_.size() && at_line_end()) {
        if (text_[at_] == '\n') ++line_;
        ++at_;
    }
    if (at_ >= text_.size()) return false;
    record_line_ = line_;
    for (;;) {
        read_field();
        if (at_ < text_.size() && text_[at_] == separator_) {
            ++at_;
            continue;
        }
        if (at_ < text_.size() && text_[at_] == '\r') ++at_;
        if (at_ < text_.size() && text_[at_] == '\n') {
            ++at_;
            ++line_;
        }
        return true;
    }
}

}  // namespace hsa
