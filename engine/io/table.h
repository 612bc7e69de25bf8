#pragma once

#include "engine/core/matrix.h"
#include "engine/io/text.h"
#include "engine/model/dataset.h"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hsa {

// Rows of numbers with, perhaps, columns of words and one line of column names.
struct Table {
    char separator = '\t';
    Matrix<float> values;                     // [rows, number columns]
    std::vector<std::string> column_names;    // of all columns; empty without a header line
    std::optional<std::size_t> label_column;  // the first of words; from 0, among all columns
    std::vector<std::string> labels;          // [rows], or empty
    std::vector<MetadataColumn> properties;   // [rows] each: the further columns of words
    std::optional<std::size_t> index_column;  // row numbers 0 .. n-1 without a name: not data
};

// A .tsv or .csv in UTF-8 (a byte order mark, CR LF, quoted fields and blank lines are legal; the
// separator is a tab, a comma or a semicolon). `path` stands for the file in messages and its
// ending decides between separators that would both fit. Throws Error for rows of uneven length,
// text or nothing in a column of numbers, NaN, infinity, no column of numbers (line and column
// counted from 1, and the value).
[[nodiscard]] Table read_table(const std::string& path, std::string_view bytes,
                               TextEncoding encoding = TextEncoding::automatic);

// True when the first lines of a text read as such a table.
[[nodiscard]] bool looks_like_table(std::string_view bytes);

}  // namespace hsa
