#include "engine/core/gather.h"

#include "engine/core/parallel.h"

#include <algorithm>

namespace hsa {

Matrix<float> gather_rows(MatrixView<const float> from, std::span<const std::uint32_t> rows) {
    auto some = Matrix<float>::unwritten(rows.size(), from.cols);
    parallel_blocks(rows.size(), kChunkRows, [&](std::size_t begin, std::size_t end) {
        for (std::size_t r = begin; r < end; ++r)
            std::copy_n(from.row(rows[r]).begin(), from.cols, some.row(r).begin());
    });
    return some;
}

}  // namespace hsa
