#pragma once

#include "engine/core/matrix.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace hsa {

// The first bytes of every .npy file.
inline constexpr std::string_view kNpyMagic = "\x93NUMPY";

enum class NpyKind : std::uint8_t { real, integer, text };

// What the header of a .npy file says (format versions 1, 2 and 3).
struct NpyHeader {
    std::string dtype;  // "float32", "int64", "text"
    NpyKind kind = NpyKind::real;
    std::size_t item_bytes = 0;
    bool wide_text = false;  // text of 4-byte characters ("U"), else of bytes ("S")
    bool fortran_order = false;
    std::vector<std::uint64_t> shape;
    std::size_t data_offset = 0;  // of the first value in the file
};

// A matrix as float32 and the type it was stored in.
struct NpyMatrix {
    Matrix<float> values;
    std::string dtype;
};

// The matrices of several heads, layer by layer: [n, d] each, all of one shape.
struct NpyStack {
    std::vector<Matrix<float>> heads;  // never empty
    std::size_t layers = 1;
    bool several = false;  // the array had an axis of heads, be it of length 1
    std::string dtype;

    [[nodiscard]] std::size_t rows() const { return heads.front().rows(); }
    [[nodiscard]] std::size_t cols() const { return heads.front().cols(); }
};

// `name` stands for the file in messages. Throws Error for what is not .npy, a broken or truncated
// header, and types other than float16/32/64, int8/32/64 and text (big-endian, complex, records
// ...).
[[nodiscard]] NpyHeader read_npy_header(const std::string& name, std::string_view bytes);

// A matrix [rows, columns] of numbers. Throws Error also for other than two dimensions, no rows or
// columns, fewer or more bytes than the shape needs, and NaN, infinity or a number beyond float32
// (row and column named, from 0).
[[nodiscard]] NpyMatrix read_npy(const std::string& name, std::string_view bytes);

// One matrix [n, d], or several: [heads, n, d] or [layers, heads, n, d]. Throws Error as read_npy,
// for other than two to four dimensions and an axis of length 0; a number is named with its layer
// and head.
[[nodiscard]] NpyStack read_npy_stack(const std::string& name, std::string_view bytes);

// One matrix [rows, rows] of such a file, the only one of its bytes that are looked at: an array
// without layers or heads is of whatever is asked for. Throws Error as read_npy, for another shape
// and for a layer or head that is not there.
[[nodiscard]] Matrix<float> read_npy_head(const std::string& name, std::string_view bytes,
                                          std::size_t layer, std::size_t head, std::size_t rows);

// Numbers in one line: one dimension, or several of which all but one are 1. Throws Error as
// read_npy.
[[nodiscard]] std::vector<float> read_npy_vector(const std::string& name, std::string_view bytes);

// Whether the values can be used where they lie: a float32 matrix in C order, begun at a multiple
// of four bytes. False for whatever read_npy_header refuses.
[[nodiscard]] bool can_view_npy(std::string_view bytes);

// The values of such a file inside `bytes`, not looked at (io/rows_in_place.h does). Throws Error
// as read_npy for everything but the values.
[[nodiscard]] MatrixView<const float> view_npy(const std::string& name, std::string_view bytes);

// Whole numbers with one dimension (one column) or two. Throws Error as read_npy.
[[nodiscard]] Matrix<std::int64_t> read_npy_integers(const std::string& name,
                                                     std::string_view bytes);

// Strings with one dimension, as UTF-8. Throws Error as read_npy, and for characters beyond
// Unicode.
[[nodiscard]] std::vector<std::string> read_npy_strings(const std::string& name,
                                                        std::string_view bytes);

// Version 1, little-endian, C order.
[[nodiscard]] std::string write_npy(MatrixView<const float> values);
[[nodiscard]] std::string write_npy(MatrixView<const double> values);
// [layers, heads, n, d] of all heads, layer by layer, all of one shape, at least one.
[[nodiscard]] std::string write_npy(std::span<const Matrix<float>> heads, std::size_t layers);

}  // namespace hsa
