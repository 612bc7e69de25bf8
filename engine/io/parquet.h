#pragma once

#include "engine/io/field_choice.h"
#include "engine/model/text_pieces.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace hsa {

// The first and the last bytes of every Parquet file.
inline constexpr std::string_view kParquetMagic = "PAR1";

// Whether this build reads Parquet, which takes Arrow's libraries; where it does not, the functions
// below throw an Error that says what to do.
[[nodiscard]] bool reads_parquet();

// The rows as vectors: of the column of lists of numbers that `column` names; empty:
// choose_vectors(), or, where there is no such list and most columns are numbers, these together
// but for "id" and "index". Labels are choose_labels() of the columns of words, further columns
// with one value a row properties. Throws Error for what is no whole Parquet file, a column that is
// not there or of another type, a list that is null, empty, of another length than the first or
// holds no finite float32, no row, and for what takes more than `limit` bytes of memory
// (unpacked_limit() of io/compressed.h), as the footer says or while it is read.
[[nodiscard]] RecordVectors read_parquet_vectors(const std::string& path, std::string_view bytes,
                                                 const std::string& column);
[[nodiscard]] RecordVectors read_parquet_vectors(const std::string& path, std::string_view bytes,
                                                 const std::string& column, std::uint64_t limit);

// The rows of a column of words as one text, a piece each, as read_json_texts has it; an empty
// `column`: choose_text(). Throws Error as above, for words that are not UTF-8 or hold a NUL, and
// when none is left.
[[nodiscard]] TextPieces read_parquet_texts(const std::string& path, std::string_view bytes,
                                            const std::string& column);
[[nodiscard]] TextPieces read_parquet_texts(const std::string& path, std::string_view bytes,
                                            const std::string& column, std::uint64_t limit);

}  // namespace hsa
