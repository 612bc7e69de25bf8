#include "engine/compute/card/finite.h"

#include "engine/core/error.h"

#include <cmath>
#include <span>

namespace hsa {

void expect_finite(MatrixView<const float> rows, std::string_view what) {
    for (std::size_t r = 0; r < rows.rows; ++r) {
        const std::span<const float> row = rows.row(r);
        float nothing = 0.0F;  // 0 times what is not finite is not 0: one sum a row is fast
        for (const float value : row) nothing += 0.0F * value;
        if (nothing == 0.0F) continue;
        for (std::size_t c = 0; c < row.size(); ++c)
            if (!std::isfinite(row[c]))
                fail(
                    "Row {}, column {} of the {} is {}: a card is sent finite numbers only. Repair "
                    "it in the data, or leave that row out.",
                    r, c, what, row[c]);
    }
}

}  // namespace hsa
