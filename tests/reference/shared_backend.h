#pragma once

#include "engine/compute/backend.h"

#include <memory>
#include <utility>

namespace reference {

// Another backend's operations, so that many tests use one that is long in the making.
class SharedBackend : public hsa::Backend {
  public:
    explicit SharedBackend(std::shared_ptr<hsa::Backend> inner) : inner_(std::move(inner)) {}

  private:
    [[nodiscard]] hsa::BackendInfo do_info() const override { return inner_->info(); }
    [[nodiscard]] std::shared_ptr<const hsa::BoundSplats> do_bind(
        const hsa::SplatColumns& splats) override {
        return inner_->bind(splats);
    }
    void do_log_kernel(const hsa::BoundSplats& splats, hsa::MatrixView<const float> x,
                       hsa::MatrixView<float> out) override {
        inner_->log_kernel(splats, x, out);
    }
    void do_tile_exponentials(const hsa::BoundSplats& splats, hsa::MatrixView<const float> x,
                              std::span<const float> log_row_weight, hsa::MatrixView<float> out,
                              hsa::MatrixView<float> most, hsa::MatrixView<double> sums) override {
        inner_->tile_exponentials(splats, x, log_row_weight, out, most, sums);
    }
    std::vector<double> do_log_mass(const hsa::BoundSplats& splats, hsa::MatrixView<const float> x,
                                    std::span<const float> log_row_weight,
                                    const hsa::Work& work) override {
        return inner_->log_mass(splats, x, log_row_weight, work);
    }
    hsa::KeySums do_key_sums(const hsa::BoundSplats& splats, hsa::MatrixView<const float> x,
                             std::span<const float> log_row_weight,
                             hsa::MatrixView<const float> values, const hsa::Work& work) override {
        return inner_->key_sums(splats, x, log_row_weight, values, work);
    }
    std::vector<std::uint32_t> do_outputs(std::span<const hsa::QueryColumns> parts,
                                          hsa::MatrixView<float> out,
                                          const hsa::Work& work) override {
        return inner_->outputs(parts, out, work);
    }

    std::shared_ptr<hsa::Backend> inner_;
};

}  // namespace reference
