#pragma once

#include "engine/io/text.h"
#include "engine/model/dataset.h"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace hsa {

// What a table says of the rows of other data.
struct Metadata {
    std::vector<MetadataColumn> columns;  // [rows] each: numbers where every cell is one or empty
    std::size_t rows = 0;
    std::size_t label = 0;  // the column that names the rows; columns.size(): none does
};

// A .tsv or .csv as the Embedding Projector has it: with a line of names where there are two
// columns or more, without one where there is one. The label is a column of that name ("label",
// "word", "token", "name", "title"), else the first of words. Throws Error for rows of uneven
// length, two columns of one name, no row, and what decode_text refuses.
[[nodiscard]] Metadata read_metadata(const std::string& path, std::string_view bytes,
                                     TextEncoding encoding = TextEncoding::automatic);

// Adds the columns to data with as many rows: labels where these have no words, else properties.
// Throws Error naming both counts when they differ.
void add_metadata(const std::string& path, Metadata metadata, Dataset& dataset);

// The first property of that name; null when there is none.
[[nodiscard]] const MetadataColumn* column_named(const Dataset& dataset, std::string_view name);

}  // namespace hsa
