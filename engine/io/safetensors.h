#pragma once

#include "engine/core/matrix.h"
#include "engine/io/file_bytes.h"

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace hsa {

// One tensor of a .safetensors file.
struct TensorPlace {
    std::string dtype;  // "F32", "F16", "BF16", "F64", "I64" ...
    std::vector<std::uint64_t> shape;
    std::uint64_t begin = 0;  // in the file
    std::uint64_t end = 0;
};

// A .safetensors file: a JSON header that names tensors, then their bytes. Tensors are read when
// they are asked for; the bytes stay where they are, mapped or in memory.
class Safetensors {
  public:
    // `name` stands for the file in messages. Throws Error for a truncated or broken header, a
    // tensor of an unknown type, one whose shape and bytes disagree or whose bytes lie outside the
    // file or overlap another's.
    Safetensors(std::string name, FileBytes file);
    // Maps the file, or reads it where that cannot be.
    [[nodiscard]] static Safetensors open(const std::string& path);

    [[nodiscard]] const std::string& name() const { return name_; }
    [[nodiscard]] const std::map<std::string, TensorPlace>& tensors() const { return tensors_; }
    [[nodiscard]] bool has(const std::string& tensor) const { return tensors_.contains(tensor); }
    // Throws Error when there is no such tensor, naming the nearest.
    [[nodiscard]] const TensorPlace& at(const std::string& tensor) const;

    // [rows, columns] of F32, F16, BF16 or F64; one dimension gives one row. Throws Error for a
    // tensor that is not there, another type or number of dimensions, and a number that is not
    // finite.
    [[nodiscard]] Matrix<float> matrix(const std::string& tensor) const;
    // matrix() of exactly this shape; rows = 1 takes one dimension, too. Throws Error else.
    [[nodiscard]] Matrix<float> matrix(const std::string& tensor, std::size_t rows,
                                       std::size_t columns) const;
    // The values where they lie, of an F32 matrix at a multiple of four bytes; else empty.
    [[nodiscard]] MatrixView<const float> view(const std::string& tensor) const;

    // Keeps what view() returns alive.
    [[nodiscard]] const FileBytes& file() const { return file_; }

  private:
    std::string name_;
    FileBytes file_;
    std::map<std::string, TensorPlace> tensors_;
};

// True where the bytes begin as such a file does: the length of a JSON header that fits into them.
[[nodiscard]] bool looks_like_safetensors(std::string_view beginning, std::uint64_t file_bytes);

}  // namespace hsa
