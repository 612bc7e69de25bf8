#pragma once

#include "engine/io/field_choice.h"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hsa {

// Cuts a JSON text into its records without looking into them: the elements of the array that it
// is, or the values that stand one after another in it.
class JsonSlices {
  public:
    JsonSlices(const std::string& path, std::string_view text);

    // The next record's bytes; false at the end. Throws Error (line) for what stands between
    // records wrongly, and for a record that never ends.
    bool next();
    [[nodiscard]] std::string_view slice() const { return slice_; }
    [[nodiscard]] std::size_t line() const { return line_; }         // where it begins, from 1
    [[nodiscard]] std::size_t number() const { return count_ - 1; }  // from 0

  private:
    void skip_blanks();
    [[noreturn]] void fail_here(std::string_view what);

    const std::string& path_;
    std::string_view text_;
    std::string_view slice_;
    std::size_t at_ = 0;
    std::size_t line_at_ = 0;  // a byte whose line is known ...
    std::size_t line_ = 1;     // ... to be this
    std::size_t count_ = 0;
    bool array_ = false;
    bool by_line_ = false;  // the first record ends with its line: so do the others
};

// The fields of the object that `text` begins with, which may be cut, each once, in its order.
// Never throws Error.
[[nodiscard]] std::vector<FileField> glimpse_fields(std::string_view text);

// The byte behind the object or list that `text` begins with; nothing when it does not end.
[[nodiscard]] std::optional<std::size_t> json_value_end(std::string_view text);

}  // namespace hsa
