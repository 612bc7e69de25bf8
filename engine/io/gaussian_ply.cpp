#include "engine/io/gaussian_ply.h"

#include "engine/core/error.h"
#include "engine/io/bytes.h"

#include <Eigen/Dense>

#include <algorithm>
#include <cmath>

namespace hsa {
namespace {

constexpr double kConstantHarmonic = 0.28209479177387814;  // 1 / (2 sqrt(pi))
constexpr double kLeastShare = 1e-4;                       // of the largest standard deviation
constexpr double kLeastDeviation = 1e-12;
constexpr double kLeastOpacity = 1e-3;

constexpr std::array kProperties = {"x",       "y",      "z",      "nx",      "ny",      "nz",
                                    "f_dc_0",  "f_dc_1", "f_dc_2", "opacity", "scale_0", "scale_1",
                                    "scale_2", "rot_0",  "rot_1",  "rot_2",   "rot_3"};

// Standard deviations and the rotation that turns the axes into theirs.
struct Shape {
    std::array<double, 3> deviation{};
    Eigen::Quaterniond rotation;
};

Shape shape_of(const std::array<float, 6>& c) {
    Eigen::Matrix3d sigma;
    sigma << static_cast<double>(c[0]), static_cast<double>(c[1]), static_cast<double>(c[2]),
        static_cast<double>(c[1]), static_cast<double>(c[3]), static_cast<double>(c[4]),
        static_cast<double>(c[2]), static_cast<double>(c[4]), static_cast<double>(c[5]);
    const Eigen::SelfAdjointEigenSolver<Eigen::Matrix3d> solved(sigma);
    Eigen::Matrix3d axes = solved.eigenvectors();
    if (axes.determinant() < 0.0) axes.col(0) = -axes.col(0);
    Shape shape;
    shape.rotation = Eigen::Quaterniond(axes).normalized();
    const double largest = std::sqrt(std::max(solved.eigenvalues()[2], 0.0));
    const double least = std::max(kLeastShare * largest, kLeastDeviation);
    for (std::size_t a = 0; a < 3; ++a) {
        const double variance = solved.eigenvalues()[static_cast<Eigen::Index>(a)];
        shape.deviation[a] = std::max(std::sqrt(std::max(variance, 0.0)), least);
    }
    return shape;
}

}  // namespace

std::string write_gaussian_ply(std::span<const PlySplat> splats) {
    std::string header =
        fmt::format("ply\nformat binary_little_endian 1.0\nelement vertex {}\n", splats.size());
    for (const char* property : kProperties) header += fmt::format("property float {}\n", property);
    header += "end_header\n";
    ByteWriter out;
    const auto put = [&](double value) {
        const auto narrow = static_cast<float>(value);
        if (!std::isfinite(narrow)) fault("a splat of the .ply has the number {}", value);
        out.put(narrow);
    };
    for (const PlySplat& splat : splats) {
        for (const float x : splat.centre) put(static_cast<double>(x));
        for (int i = 0; i < 3; ++i) put(0.0);
        for (const float x : splat.colour) put((static_cast<double>(x) - 0.5) / kConstantHarmonic);
        const double opacity =
            std::clamp(static_cast<double>(splat.opacity), kLeastOpacity, 1.0 - kLeastOpacity);
        put(std::log(opacity / (1.0 - opacity)));
        const Shape shape = shape_of(splat.covariance);
        for (const double deviation : shape.deviation) put(std::log(deviation));
        put(shape.rotation.w());
        put(shape.rotation.x());
        put(shape.rotation.y());
        put(shape.rotation.z());
    }
    return header + out.take();
}

}  // namespace hsa
