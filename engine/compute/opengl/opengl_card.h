#pragma once

#include "engine/compute/card/card.h"
#include "engine/compute/opengl/gl_buffer.h"
#include "engine/compute/opengl/gl_thread.h"
#include "engine/compute/opengl/opengl_backend.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace hsa {

// A Card whose work is the shaders of shaders/compute, all of it on the thread of its context.
class OpenGlCard : public Card {
  public:
    OpenGlCard(std::shared_ptr<GlThread> thread, const OpenGlOptions& options);
    ~OpenGlCard() override;
    OpenGlCard(const OpenGlCard&) = delete;
    OpenGlCard& operator=(const OpenGlCard&) = delete;

    [[nodiscard]] std::string name() const override { return "opengl"; }
    [[nodiscard]] std::string device() const override { return thread_->renderer(); }
    [[nodiscard]] CardMemory memory() const override;
    [[nodiscard]] BlockLimits limits() const override { return {block_bytes_, kMostRows}; }
    void drop_blocks() override;
    [[nodiscard]] std::unique_ptr<OnCard> send(const CardForms& forms) override;
    void log_kernel(const CardForms& forms, const OnCard& splats, MatrixView<const float> x,
                    std::size_t stride, std::size_t first, std::span<const float> shift) override;
    void fill_kernel(std::size_t rows, std::size_t stride, std::size_t first, float logit) override;
    void exponentials(std::size_t rows, std::size_t k, std::span<const float> log_row_weight,
                      std::size_t tile, bool as_shares, MatrixView<float> most,
                      MatrixView<double> sums) override;
    [[nodiscard]] std::vector<std::uint32_t> softmax(std::size_t rows,
                                                     std::size_t columns) override;
    void multiply(std::size_t rows, std::size_t k, MatrixView<const float> b,
                  MatrixView<float> out) override;
    void multiply_chunks(std::size_t rows, std::size_t k, MatrixView<const float> b,
                         MatrixView<float> out) override;
    void read_kernel(std::size_t rows, std::size_t k, MatrixView<float> out) override;

  private:
    static constexpr std::size_t kMostRows = 32768;  // 65,535 groups a direction
    // What lives in the context.
    struct Objects {
        explicit Objects(const OpenGlOptions& options);
        GlProgram log_kernel;
        GlProgram log_kernel_mixed;
        GlProgram exponentials;
        GlProgram softmax;
        GlProgram product;
        GlBuffer x;
        GlBuffer ell;
        GlBuffer shift;
        GlBuffer weight;
        GlBuffer most;
        GlBuffer sums;
        GlBuffer right;
        GlBuffer result;
        GlBuffer far;
        [[nodiscard]] std::array<GlBuffer*, 9> blocks();
    };
    // On the context's thread.
    void run_log_kernel(const GlProgram& program, std::size_t rows, std::size_t splats,
                        std::size_t dimension, std::size_t stride, std::size_t first, bool shifted);

    std::shared_ptr<GlThread> thread_;
    std::unique_ptr<Objects> on_;
    std::uint64_t block_bytes_ = 0;
};

}  // namespace hsa
