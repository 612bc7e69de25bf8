#pragma once

#include "engine/core/matrix.h"
#include "engine/core/work.h"
#include "engine/embed/transformer.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

// An encoder's forward pass in steps, so that something else may stand where a head is. Rows are
// the tokens of some windows one after another; attention stays inside a window. Rows are shared
// out over the threads; results do not depend on how many there are, nor on which windows are
// computed together.
namespace hsa {

// Rows [begin[w], begin[w + 1]) are window w; begin ends with the number of rows.
using WindowBegins = std::span<const std::size_t>;

// What the first layer reads: words, positions and type, normalised. `ids` are pieces of the
// vocabulary; throws Error for one that is not. -> [rows, hidden]
[[nodiscard]] Matrix<float> embed_tokens(const Transformer& model,
                                         std::span<const std::uint32_t> ids, WindowBegins begin);

// Queries, keys and values of all heads of a layer, side by side: [rows, 3 hidden]. Head h has
// columns [h s, (h + 1) s) of each third, s = head_size().
[[nodiscard]] Matrix<float> project_heads(const Transformer& model, std::size_t layer,
                                          MatrixView<const float> states);

// softmax(q k^T / sqrt(s)) v of the heads in `heads` (all where empty), each into its columns of
// context [rows, hidden]; other columns stay.
void attend_windows(const TransformerShape& shape, MatrixView<const float> projected,
                    WindowBegins begin, std::span<const std::size_t> heads,
                    MatrixView<float> context);

// The rest of a layer: what the heads say, through the output projection, added to the states and
// normalised, then the feed-forward part. -> [rows, hidden]
[[nodiscard]] Matrix<float> finish_layer(const Transformer& model, std::size_t layer,
                                         MatrixView<const float> states,
                                         MatrixView<const float> context);

// All three for one layer.
[[nodiscard]] Matrix<float> run_layer(const Transformer& model, std::size_t layer,
                                      MatrixView<const float> states, WindowBegins begin);

}  // namespace hsa
