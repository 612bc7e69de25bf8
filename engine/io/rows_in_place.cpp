#include "engine/io/rows_in_place.h"

#include "engine/core/error.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <span>

namespace hsa {
namespace {

constexpr std::size_t kPieceBytes = std::size_t{1} << 23U;  // looked at between two calls of `seen`

// Without a branch a value, so that it runs at the speed of memory.
bool all_finite(std::span<const float> values) {
    constexpr std::uint32_t kExponent = 0x7F800000U;
    std::uint32_t bad = 0;
    for (const float value : values)
        bad |= static_cast<std::uint32_t>((std::bit_cast<std::uint32_t>(value) & kExponent) ==
                                          kExponent);
    return bad == 0;
}

void pass(std::string_view bytes, const std::function<void(std::string_view piece)>& seen) {
    for (std::size_t at = 0; at < bytes.size(); at += kPieceBytes)
        seen(bytes.substr(at, kPieceBytes));
}

}  // namespace

void fail_number(const std::string& name, std::size_t row, std::size_t col, double value) {
    if (std::isnan(value)) {
        fail(
            "{}: row {}, column {} (from 0) is NaN; expected finite numbers: replace it or leave "
            "the "
            "row out",
            name, row, col);
    }
    if (std::isinf(value)) {
        fail(
            "{}: row {}, column {} (from 0) is {}infinity; expected finite numbers: replace it or "
            "leave the row out",
            name, row, col, value < 0 ? "-" : "");
    }
    fail("{}: row {}, column {} (from 0) is {}, beyond what float32 can hold; scale the data down",
         name, row, col, value);
}

void check_in_place(const std::string& name, std::string_view bytes, MatrixView<const float> values,
                    const std::function<void(std::string_view piece)>& seen) {
    const auto begin =
        static_cast<std::size_t>(reinterpret_cast<const char*>(values.data) - bytes.data());
    const std::size_t row_bytes = values.cols * sizeof(float);
    const std::size_t at_once = std::max<std::size_t>(kPieceBytes / row_bytes, 1);
    pass(bytes.substr(0, begin), seen);
    for (std::size_t first = 0; first < values.rows; first += at_once) {
        const std::size_t end = std::min(values.rows, first + at_once);
        for (std::size_t row = first; row < end; ++row) {
            if (all_finite(values.row(row))) continue;
            for (std::size_t col = 0; col < values.cols; ++col)
                if (!std::isfinite(values(row, col)))
                    fail_number(name, row, col, static_cast<double>(values(row, col)));
        }
        seen(bytes.substr(begin + first * row_bytes, (end - first) * row_bytes));
    }
    pass(bytes.substr(begin + values.rows * row_bytes), seen);
}

}  // namespace hsa
