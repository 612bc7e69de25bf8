#pragma once

#include <array>
#include <span>
#include <string>

namespace hsa {

// A splat in three dimensions as viewers of Gaussian splats draw it.
struct PlySplat {
    std::array<float, 3> centre{};
    std::array<float, 6> covariance{};  // xx, xy, xz, yy, yz, zz; semidefinite
    std::array<float, 3> colour{};      // 0..1
    float opacity = 0.5F;               // 0..1, at the centre
};

// The .ply of "3D Gaussian Splatting" (Kerbl et al. 2023), binary little-endian float32: x, y, z,
// normals of 0, f_dc_0 .. 2 (the colour as the constant spherical harmonic), opacity (its logit),
// scale_0 .. 2 (ln of the standard deviations), rot_0 .. 3 (unit quaternion w, x, y, z): covariance
// = R diag(exp(2 scale)) R^T. A direction without any extent gets 1e-4 of the largest one's. Throws
// Error (fault) for numbers that are not finite.
[[nodiscard]] std::string write_gaussian_ply(std::span<const PlySplat> splats);

}  // namespace hsa
