#pragma once

#include "engine/io/npy.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hsa {

// The arrays of a .npz that this program knows, each under its own name in the file.
struct NpzArrays {
    std::string embeddings_member;        // "embeddings", or the only matrix of the file
    std::optional<NpyMatrix> embeddings;  // [n, d]
    // Of attention heads: [n, d] each, as many of one as of another.
    std::optional<NpyStack> queries, keys, values;
    std::vector<std::string> tokens;   // [n] words, or empty
    Matrix<std::int64_t> offsets;      // [n, 2] bytes begin and end of each token, or empty
    std::vector<std::string> ignored;  // members that were not read
};

// `name` stands for the file in messages. Throws Error for a broken archive, a member that fails
// its checksum or is no valid .npy (named "file: member"), and counts of rows, columns, layers or
// heads that disagree.
[[nodiscard]] NpzArrays read_npz(const std::string& name, std::string_view bytes);

}  // namespace hsa
