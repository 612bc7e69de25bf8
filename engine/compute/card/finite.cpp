#include "engine/compute/card/finite.h"

#include "engine/core/error.h"
#include "engine/core/parallel.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <span>

namespace hsa {
namespace {

// 0 times what is not finite is not 0: one sum a row is fast.
bool all_finite(std::span<const float> row) {
    float nothing = 0.0F;
    for (const float value : row) nothing += 0.0F * value;
    return nothing == 0.0F;
}

}  // namespace

void expect_finite(MatrixView<const float> rows, std::string_view what) {
    std::atomic<std::size_t> first{rows.rows};  // bad row, the same for any number of threads
    parallel_blocks(rows.rows, kChunkRows, [&](std::size_t begin, std::size_t end) {
        for (std::size_t r = begin; r < end; ++r) {
            if (all_finite(rows.row(r))) continue;
            std::size_t known = first;
            while (r < known && !first.compare_exchange_weak(known, r)) {
            }
            return;
        }
    });
    const std::size_t r = first;
    if (r == rows.rows) return;
    const std::span<const float> row = rows.row(r);
    const auto bad =
        std::find_if(row.begin(), row.end(), [](float value) { return !std::isfinite(value); });
    fail(
        "Row {}, column {} of the {} is {}: a card is sent finite numbers only. Repair it in the "
        "data, or leave that row out.",
        r, bad - row.begin(), what, *bad);
}

}  // namespace hsa
