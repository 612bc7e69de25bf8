#pragma once

#include "engine/io/npy.h"

#include <cstddef>
#include <cstdint>
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
    std::vector<std::string> tokens;       // [n] words, or empty
    Matrix<std::int64_t> offsets;          // [n, 2] bytes begin and end of each token, or empty
    std::vector<std::uint64_t> attention;  // the shape of 'attention', or empty; see below
    std::size_t mask_rows = 0;             // of 'mask'; 0: there is none
    std::vector<std::uint32_t> masked;     // tokens where it is 0 (padding), rising
    std::vector<std::string> ignored;      // members that were not read
};

// `name` stands for the file in messages. Throws Error for a broken archive, a member that fails
// its checksum or is no valid .npy (named "file: member"), counts of rows, columns, layers or heads
// that disagree, and a mask of other numbers than 0 and 1 or without a 1; for members that unpack
// to more than `limit` together (unpacked_limit() of io/compressed.h); for attention alone. Of
// 'attention' nothing but the header is read here.
[[nodiscard]] NpzArrays read_npz(const std::string& name, std::string_view bytes);
[[nodiscard]] NpzArrays read_npz(const std::string& name, std::string_view bytes,
                                 std::uint64_t limit);

// What a file has to do with a target. 'attention' counts where it is [n, n], [heads, n, n] or
// [layers, heads, n, n] by its header.
struct NpzOutline {
    bool attention = false;
    bool heads = false;    // there are queries and keys, whose scores are their own target
    bool vectors = false;  // there is an array besides attention, tokens, mask, offsets
};
// Of a plain file; all false for what is none, or no .npz. Never throws Error.
[[nodiscard]] NpzOutline outline_npz(const std::string& path);

// One matrix of 'attention' as read_npy_head() has it, the member unpacked whole. Throws Error as
// both, and where there is no such member.
[[nodiscard]] Matrix<float> read_npz_attention(const std::string& name, std::string_view bytes,
                                               std::size_t layer, std::size_t head,
                                               std::size_t rows);

}  // namespace hsa
