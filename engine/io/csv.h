#pragma once

#include "engine/model/dataset.h"

#include <string>
#include <string_view>

namespace hsa {

// A field of a .csv line (RFC 4180): in quotes, these doubled, where it holds a comma, a quote, a
// line end, or blanks at its ends.
[[nodiscard]] std::string csv_field(std::string_view text);

// write_tokens() as .csv: a line of names, then a line a token; nothing where the data have no
// text. Properties are further columns.
[[nodiscard]] std::string write_tokens_csv(const Dataset& dataset);

// The vectors as .csv, the shortest decimals that give the same float32: a line of names ("token",
// "x0", "x1", ...), the words first where there are some; read_table() gives the same rows back.
[[nodiscard]] std::string write_embeddings_csv(const Dataset& dataset);

}  // namespace hsa
