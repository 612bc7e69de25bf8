#pragma once

#include "engine/io/file_bytes.h"
#include "engine/io/text.h"
#include "engine/model/dataset.h"

#include <string>
#include <string_view>

namespace hsa {

// A file of vectors (told apart by detect) as data without words: embeddings, labels where there
// are words a row, properties of further columns, types by label or else one a row, dtype, size,
// hash, and a sentence of what was understood. `part` names the field of records, the column or the
// tensor that is meant; empty: the one there is. Throws Error for every fault of such a file, for a
// file of another kind, and for a part of a file that has none.
[[nodiscard]] Dataset open_embeddings(const std::string& path, std::string_view bytes,
                                      TextEncoding encoding = TextEncoding::automatic,
                                      const std::string& part = {});

// The same, and the values of a .npy or .safetensors that allow it (float32 in C order, begun at a
// multiple of four bytes) stay where the bytes are, which they keep alive:
// nothing is copied, and mapped bytes leave memory again once they are checked and hashed.
[[nodiscard]] Dataset open_embeddings(const std::string& path, const FileBytes& file,
                                      TextEncoding encoding = TextEncoding::automatic,
                                      const std::string& part = {});

// Numbers the distinct labels of `dataset` in the order they occur, as its types; without labels
// every row is its own type.
void number_types(Dataset& dataset);

// "30 KB", "1.4 GB": 1 KB = 1,024 bytes.
[[nodiscard]] std::string size_text(std::uint64_t bytes);

}  // namespace hsa
