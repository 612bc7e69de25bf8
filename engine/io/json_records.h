#pragma once

#include "engine/io/field_choice.h"
#include "engine/io/text.h"
#include "engine/model/text_pieces.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace hsa {

// What the records of a .jsonl (one object after another, mostly a line each) or .json (an array of
// objects, or of lists of numbers) are to be read as.
enum class JsonRecordKind : std::uint8_t { none, texts, vectors };

// Told from the beginning of a file: vectors where the first record has numbers in "embedding",
// "vector" or "embeddings", or in any field and no text; texts otherwise. None where it does not
// begin with records: `lines` (the name ends in .jsonl or .ndjson) makes one object enough.
[[nodiscard]] JsonRecordKind json_record_kind(std::string_view beginning, bool lines);

// The records as one text: a piece each, titled by its "title", "name" or "id". `field` names the
// field that is text; empty: choose_text() of the first record. Further fields with one value each
// are properties. Records whose text is blank are left out and counted. Throws Error for what is no
// JSON or no record (line), a record without the field or with something else in it, a NUL in it,
// and when nothing is left.
[[nodiscard]] TextPieces read_json_texts(const std::string& path, std::string_view bytes,
                                         const std::string& field,
                                         TextEncoding encoding = TextEncoding::automatic);

// The records as vectors. `field` names the one with the numbers; empty: choose_vectors() of the
// first record, by which choose_labels() finds the labels, too. Throws Error as above, and for
// other lengths than the first record's and numbers that float32 cannot hold.
[[nodiscard]] RecordVectors read_json_vectors(const std::string& path, std::string_view bytes,
                                              const std::string& field,
                                              TextEncoding encoding = TextEncoding::automatic);

}  // namespace hsa
