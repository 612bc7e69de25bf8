#pragma once

#include "engine/compute/backend.h"
#include "engine/compute/opengl/gl_buffer.h"
#include "engine/compute/opengl/gl_thread.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace hsa {

// Splats on the card, and as they were given for the day the card fails.
class OpenGlSplats : public BoundSplats {
  public:
    // Throws Error for a covariance that is not positive definite.
    OpenGlSplats(std::shared_ptr<GlThread> thread, const SplatColumns& splats);
    ~OpenGlSplats() override;
    OpenGlSplats(const OpenGlSplats&) = delete;
    OpenGlSplats& operator=(const OpenGlSplats&) = delete;

    [[nodiscard]] std::size_t splats() const override { return centre_.rows(); }
    [[nodiscard]] std::size_t dimension() const override { return centre_.cols(); }

    // What the shaders log_kernel.comp (all spherical or diagonal) and log_kernel_mixed.comp take,
    // bound to their bindings 1, 2, 5 and 6.
    void send();  // on the card's thread, once
    [[nodiscard]] bool mixed() const { return mixed_; }
    void bind_buffers() const;

    // The same splats on another backend, bound when they are first asked for.
    [[nodiscard]] const BoundSplats& on(Backend& other) const;

  private:
    std::shared_ptr<GlThread> thread_;
    Matrix<float> centre_;
    std::vector<CovarianceKind> kind_;
    Matrix<float> variance_;
    std::vector<std::vector<float>> shape_;
    std::vector<float> beta_;
    double temperature_ = 1.0;
    bool mixed_ = false;
    std::vector<float> rates_;   // not mixed: [k, d], with the root of beta / 2 T
    std::vector<double> forms_;  // mixed ...
    std::vector<std::array<std::uint32_t, 4>> places_;  // ... [k] where each begins, what it is
    std::vector<double> halves_;                        // ... [k] beta / 2 T
    struct OnCard {
        GlBuffer centres;
        GlBuffer forms;   // rates, or the forms of log_kernel_mixed.comp
        GlBuffer places;  // mixed
        GlBuffer halves;  // mixed
    };
    std::unique_ptr<OnCard> card_;
    mutable std::shared_ptr<const BoundSplats> elsewhere_;
};

}  // namespace hsa
