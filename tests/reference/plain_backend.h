#pragma once

#include "engine/compute/backend.h"

#include <memory>
#include <utility>

namespace reference {

// The default implementations of Backend, on the log kernel of another.
class PlainBackend : public hsa::Backend {
  public:
    explicit PlainBackend(std::shared_ptr<hsa::Backend> inner) : inner_(std::move(inner)) {}

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

  protected:
    std::shared_ptr<hsa::Backend> inner_;
};

}  // namespace reference
