#pragma once

#include "engine/io/file_bytes.h"
#include "engine/io/text.h"
#include "engine/model/dataset.h"

#include <string>
#include <string_view>

namespace hsa {

// A table, .npy or .npz (told apart by detect) as data without words: embeddings, labels where
// there is a label column or "tokens", types by label or else one a row, dtype, size, hash, and a
// sentence of what was understood. Throws Error for every fault of such a file, and for a file of
// another kind.
[[nodiscard]] Dataset open_embeddings(const std::string& path, std::string_view bytes,
                                      TextEncoding encoding = TextEncoding::automatic);

// The same, and the values of a .npy that allow it stay where the bytes are, which they keep alive:
// nothing is copied, and mapped bytes leave memory again once they are checked and hashed.
[[nodiscard]] Dataset open_embeddings(const std::string& path, const FileBytes& file,
                                      TextEncoding encoding = TextEncoding::automatic);

// "30 KB", "1.4 GB": 1 KB = 1,024 bytes.
[[nodiscard]] std::string size_text(std::uint64_t bytes);

}  // namespace hsa
