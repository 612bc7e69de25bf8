#pragma once

#include "engine/core/matrix.h"

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

namespace hsa {

// Throws the Error for a number of a matrix that is NaN, infinite or beyond float32; `name` stands
// for the file, row and column count from 0.
[[noreturn]] void fail_number(const std::string& name, std::size_t row, std::size_t col,
                              double value);

// Looks once at the bytes of a file, from the first to the last, in which `values` lie without
// gaps, and calls `seen` with piece after piece of them: who hashes them or lets them go does it in
// the same pass. Throws Error for a value that is not finite.
void check_in_place(const std::string& name, std::string_view bytes, MatrixView<const float> values,
                    const std::function<void(std::string_view piece)>& seen);

}  // namespace hsa
