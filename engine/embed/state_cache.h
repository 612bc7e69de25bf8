#pragma once

#include "engine/core/matrix.h"
#include "engine/model/dataset.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

namespace hsa {

// What a model made of a text, on the disk, by the hash of everything it follows from: one file
// each, the oldest removed when there are too many. Nothing depends on it but time: a file that is
// missing, cut short or damaged is as good as none, and what cannot be written is not.
class StateCache {
  public:
    // The folder is made by the first put(). `most`: bytes that all files may take.
    explicit StateCache(std::string folder, std::uint64_t most = kMost)
        : folder_(std::move(folder)), most_(most) {}
    static constexpr std::uint64_t kMost = std::uint64_t{4} << 30U;

    // The matrix of that key, mapped; null when there is none of this size whose bytes are whole.
    [[nodiscard]] std::shared_ptr<const Embeddings> find(std::uint64_t key, std::size_t rows,
                                                         std::size_t columns) const;
    void put(std::uint64_t key, MatrixView<const float> values) const noexcept;

  private:
    [[nodiscard]] std::string path_of(std::uint64_t key) const;
    void make_room(std::uint64_t bytes) const;

    std::string folder_;
    std::uint64_t most_;
};

}  // namespace hsa
