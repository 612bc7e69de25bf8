#pragma once

#include "app/render/depth_order.h"
#include "app/render/splat_painter.h"

#include <span>
#include <vector>

namespace splatscope {

// Opacity of a soft body at its centre: half of what the session gives it, so that over the picture
// it covers as much as its ellipsoid of one standard deviation does.
[[nodiscard]] float soft_alpha(const SplatBody& body);

// Draws Gaussians without a surface: every pixel gets half a splat's opacity times exp(-r^2 / 2),
// so that over the picture it covers as much as its ellipsoid of one standard deviation does. r is
// the least distance of its line of sight from the centre in standard deviations. Without
// perspective this is the Gaussian of the projected covariance; with it no approximation is made
// either. Splats are blended from the farthest to the nearest centre; what is drawn before them is
// covered by a splat from where the line of sight is nearest to its centre on.
class GaussianPainter {
  public:
    GaussianPainter();

    // The shape of a body is that of one standard deviation.
    void load(std::span<const SplatBody> bodies);
    void draw(const OrbitCamera& camera, const DepthFade& fade);
    [[nodiscard]] const DepthOrder& order() const { return order_; }

  private:
    GlName program_, array_, hull_vertices_, hull_indices_, instances_;
    int index_count_ = 0;
    std::vector<SplatInstance> bodies_;
    DepthOrder order_;
    std::size_t uploaded_ = 0;  // sorts of the order that the device has
};

}  // namespace splatscope
