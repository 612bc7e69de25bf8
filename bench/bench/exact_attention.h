#pragma once

#include "engine/core/matrix.h"

namespace hsa_bench {

// softmax(q k^T) v of the rows q [m, d] against all keys k [n, d] and values v [n, v], for the
// comparison: O(m n (d + v)), multi-threaded over blocks of queries. Tile by tile, so that scores
// never leave a core's cache, with a running maximum and sum; its products and exponentials are the
// very inner loops of the outputs without factors. Scores are taken as they are (scale q first).
[[nodiscard]] hsa::Matrix<float> exact_attention(hsa::MatrixView<const float> q,
                                                 hsa::MatrixView<const float> k,
                                                 hsa::MatrixView<const float> v);

}  // namespace hsa_bench
