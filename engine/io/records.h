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
    RecordReader(const std::string& path, std::string_view text, char separator)
        : path_(path), text_(text), separator_(separator) {}

    // The next record that is not a blank line; false at the end. Throws Error for a quote that
    // never ends (naming its line).
    bool next();
    [[nodiscard]] const std::vector<std::string_view>& fields() const { return fields_; }
    // Of the record's first line, from 1.
    [[nodiscard]] std::size_t line() const { return record_line_; }

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

}  // namespace hsa
