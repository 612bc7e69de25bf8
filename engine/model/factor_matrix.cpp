#include "engine/model/factor_matrix.h"

#include "engine/core/error.h"

namespace hsa {

Matrix<float>& FactorMatrix::values() {
    if (packed_) fault("a factor kept as {} asked for its float32 numbers", packed_->name());
    return values_;
}

const Matrix<float>& FactorMatrix::values() const {
    if (packed_) fault("a factor kept as {} asked for its float32 numbers", packed_->name());
    return values_;
}

}  // namespace hsa
