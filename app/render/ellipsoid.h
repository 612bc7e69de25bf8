#pragma once

#include "app/render/camera.h"

#include <array>
#include <span>
#include <vector>

namespace splatscope {

// An ellipsoid as the image of the unit sphere under a lower triangular matrix: centre + L u, |u|
// = 1.
struct Ellipsoid {
    Vec3 centre{};
    // xx, yx, zx, yy, zy, zz: the columns of L without their zeros.
    std::array<double, 6> lower{};

    // L u and L^-1 v.
    [[nodiscard]] Vec3 stretched(const Vec3& u) const;
    [[nodiscard]] Vec3 unstretched(const Vec3& v) const;
    // Half of its extent along a direction of length 1.
    [[nodiscard]] double reach(const Vec3& direction) const;
    // Half of its longest diameter, within a factor of sqrt(3) above.
    [[nodiscard]] double radius_bound() const;
};

// The surface at `sigma` standard deviations of the Gaussian with that centre and covariance (xx,
// xy, xz, yy, yz, zz): L L^T = sigma^2 C (maths.md 6). A Gaussian without extent in some direction
// becomes a disc or a needle a hundredth as thick as it is long.
[[nodiscard]] Ellipsoid ellipsoid_at(const Vec3& centre, std::span<const float> covariance,
                                     double sigma);

// Where a ray enters: its distance along the ray; negative when it misses, or starts inside or
// behind.
[[nodiscard]] double ray_enters(const Ray& ray, const Ellipsoid& body);

// The outline as the camera sees it: `count` points of the surface where the line of sight touches
// it, in order, without the first repeated. Empty when the eye is inside.
[[nodiscard]] std::vector<Vec3> outline(const Ellipsoid& body, const OrbitCamera& camera,
                                        std::size_t count);

}  // namespace splatscope
