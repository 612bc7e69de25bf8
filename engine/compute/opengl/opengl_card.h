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
    [[nodiscard]] BlockLimits limits() const override {
        return {block_bytes_, kMostRows, buffer_bytes_};
    }
    void drop_blocks() override;
    [[nodiscard]] std::unique_ptr<OnCard> send(const CardForms& forms) override;
    [[nodiscard]] std::unique_ptr<OnCard> send_rows(MatrixView<const float> rows) override;
    void log_kernel(const CardForms& forms, const OnCard& splats, const OnCard& x, std::size_t rows,
                    std::size_t stride, std::size_t first) override;
    void exponentials(std::size_t rows, std::size_t k, std::span<const float> log_row_weight,
                      MatrixView<float> most, MatrixView<double> sums) override;
    void keep_kernel() override;
    void read_kept(std::size_t rows, std::size_t k, MatrixView<float> out) override;
    void best(std::span<const float> shift, const BestColumns& out) override;
    void key_means(const CardForms& forms, const OnCard& splats, const OnCard& x,
                   std::span<const float> log_row_weight, const OnCard& values, std::size_t columns,
                   std::size_t rows, std::size_t first, std::size_t chunks) override;
    void joined_means(std::size_t chunks, const CardMeans& out) override;
    [[nodiscard]] std::vector<std::uint32_t> query_means(std::span<const CardQueries> parts,
                                                         MatrixView<const float> means,
                                                         MatrixView<float> out) override;
    void cells(const OnCard& p, const OnCard& k, std::size_t columns,
               MatrixView<float> out) override;
    [[nodiscard]] std::unique_ptr<OnCard> send_sums(MatrixView<const double> before) override;
    [[nodiscard]] std::unique_ptr<OnCard> range_means(
        const OnCard& rows, const OnCard& before, std::size_t columns, std::size_t tile,
        std::span<const RowRange> ranges, std::span<const std::uint32_t> chosen) override;
    void moments(const OnCard& weight, const OnCard& beside, std::size_t rows, bool goes_on,
                 MatrixView<double> out) override;
    [[nodiscard]] bool has(RowPass pass) const override {
        return pass == RowPass::comparison || Card::has(pass);
    }
    void kernel_to_keys(std::size_t rows, std::span<const float> log_mass) override;
    void compare(const CardComparison& of) override;

  private:
    static constexpr std::size_t kMostRows = 32768;  // 65,535 groups a direction
    // A program for splats along the axes, and for those whose covariance mixes them.
    struct KernelPrograms {
        KernelPrograms(const OpenGlOptions& options, const std::string& name);
        GlProgram straight;
        GlProgram mixed;
    };
    // What lives in the context.
    struct Objects {
        explicit Objects(const OpenGlOptions& options);
        KernelPrograms log_kernel;
        KernelPrograms online_means;
        GlProgram exponentials;
        GlProgram join_means;
        GlProgram best;
        GlProgram cells;
        GlProgram range_means;
        GlProgram moments;
        GlProgram ratios;
        GlProgram keys;
        GlProgram key_slopes;
        GlBuffer ell;
        GlBuffer kept;
        GlBuffer shift;
        GlBuffer most;
        GlBuffer sums;
        GlBuffer right;
        GlBuffer state;
        GlBuffer result;
        GlBuffer chosen;
        GlBuffer totals;
        GlBuffer ratio;
        GlBuffer products;
        GlBuffer slopes;
        [[nodiscard]] std::array<GlBuffer*, 13> blocks();
    };
    // Where the numbers of online_means.comp stand in `state`, in floats.
    struct MeansState {
        std::size_t chunks = 1;
        std::size_t numbers = 0;
        std::size_t columns = 0;

        [[nodiscard]] std::size_t sums_at(std::size_t pair) const {
            return chunks * numbers * (columns + 2 * pair);
        }
    };
    // What moments() says of bindings 0 and 1, into `totals`, on the context's thread.
    void sum_terms(std::size_t terms, bool goes_on, GlBuffer& totals, MatrixView<double> out) const;
    // Begins a program on the context's thread; forms null: one splat that is everywhere.
    // Goes through the terms of online_means.comp, some a dispatch, from pair `pair` of largest
    // logits and sums on where it is `known`; the pair that was written last.
    static std::size_t go_through(const GlProgram& program, const MeansState& state,
                                  const CardForms* forms, std::size_t terms, std::size_t pair,
                                  bool known, std::size_t groups_x, std::size_t groups_y);
    const GlProgram& begin(const KernelPrograms& programs, const CardForms* forms,
                           const OnCard* splats, const OnCard* x, std::size_t rows) const;

    std::shared_ptr<GlThread> thread_;
    std::unique_ptr<Objects> on_;
    std::uint64_t block_bytes_ = 0;
    std::uint64_t buffer_bytes_ = 0;  // of which a shader sees the whole
};

}  // namespace hsa
