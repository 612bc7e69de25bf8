#pragma once

#include "engine/compute/opengl/gl_buffer.h"
#include "engine/compute/opengl/opengl_backend.h"
#include "engine/compute/opengl/opengl_splats.h"
#include "engine/core/matrix.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace hsa {

// The shaders and the blocks that they work on. Every function on the card's thread; a block is
// some rows, at most rows_at_once() of them.
class OpenGlCard {
  public:
    explicit OpenGlCard(const OpenGlOptions& options);

    // A multiple of kChunkRows for blocks of `columns` numbers a row in all.
    [[nodiscard]] std::size_t rows_at_once(std::size_t columns) const;

    // ell of a block's rows in columns [first, first + k) of rows of `stride` numbers, and shift
    // [k] added where it is not empty.
    void log_kernel(const OpenGlSplats& splats, MatrixView<const float> x, std::size_t stride,
                    std::size_t first, std::span<const float> shift);
    // The same of one that is everywhere, ell = 0.
    void fill_kernel(std::size_t rows, std::size_t stride, std::size_t first, float logit);
    // What Backend::tile_exponentials says of ell as it is there, [rows, k], by tiles of `tile`
    // rows; as shares: ell becomes its exponentials over their sum.
    void exponentials(std::size_t rows, std::size_t k, std::span<const float> log_row_weight,
                      std::size_t tile, bool as_shares, MatrixView<float> most,
                      MatrixView<double> sums);
    // ell [rows, columns] becomes softmax of its rows; which of them are far.
    [[nodiscard]] std::vector<std::uint32_t> softmax(std::size_t rows, std::size_t columns);
    // ell [rows, k] times b [k, v].
    void multiply(std::size_t rows, std::size_t k, MatrixView<const float> b,
                  MatrixView<float> out);
    // ell^T times b of each chunk of kChunkRows rows: out has those of k rows one below the other.
    void multiply_chunks(std::size_t rows, std::size_t k, MatrixView<const float> b,
                         MatrixView<float> out);
    void read_kernel(std::size_t rows, std::size_t k, MatrixView<float> out) const;

    [[nodiscard]] std::uint64_t memory_bytes() const { return memory_; }

  private:
    void run_log_kernel(const GlProgram& program, std::size_t rows, std::size_t splats,
                        std::size_t dimension, std::size_t stride, std::size_t first, bool shifted);

    GlProgram log_kernel_;
    GlProgram log_kernel_mixed_;
    GlProgram exponentials_;
    GlProgram softmax_;
    GlProgram product_;
    GlBuffer x_;
    GlBuffer ell_;
    GlBuffer shift_;
    GlBuffer weight_;
    GlBuffer most_;
    GlBuffer sums_;
    GlBuffer right_;
    GlBuffer product_out_;
    GlBuffer far_;
    std::uint64_t memory_ = 0;  // of the card, 0 where it does not say
    std::uint64_t block_bytes_ = 0;
};

}  // namespace hsa
