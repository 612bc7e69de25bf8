#pragma once

#include <cstddef>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

namespace hsa {

// Cuts separated text into records of fields, one at a time. Fields point into the text, or into
// this object until the next call where quotes had to be removed.
class RecordReader {
  public:
    // `first_line`: the number of the text's first line.
    RecordReader(const std::string& path, std::string_view text, char separator,
                 std::size_t first_line = 1)
        : path_(path), text_(text), separator_(separator), line_(first_line) {}

    // The next record that is not a blank line; false at the end. Throws Error for a quote that
    // never ends (naming its line).
    bool next();
    [[nodiscard]] const std::vector<std::string_view>& fields() const { return fields_; }
    // Of the record's first line, from 1.
    [[nodiscard]] std::size_t line() const { return record_line_; }
    // What has been read so far, in bytes and lines.
    [[nodiscard]] std::size_t offset() const { return at_; }
    [[nodiscard]] std::size_t next_line() const { return line_; }

  private:
    void read_field();
    bool read_quoted();
    [[nodiscard]] bool at_line_end() const;

    const std::string& path_;
    std::string_view text_;
    char separator_;
    std::size_t at_ = 0;
    std::size_t line_ = 1;
    std::size_t record_line_ = 1;
    std::vector<std::string_view> fields_;
    std::deque<std::string> unquoted_;
};

// A tab, comma or semicolon: the first of them in the text's first line, in the order that the
// file's ending suggests.
[[nodiscard]] char find_separator(const std::string& path, std::string_view text);

}  // namespace hsa
