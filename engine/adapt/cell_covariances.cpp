#include "engine/adapt/cell_covariances.h"

#include "engine/core/parallel.h"

#include <Eigen/Core>
#include <Eigen/Eigenvalues>

#include <algorithm>
#include <cmath>
#include <cstdint>

namespace hsa {
namespace {

using Square = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

constexpr double kClip = 100.0;  // of the level's pooled variance, both ways

// Sum of weight delta delta^T over a cell's rows, chunk by chunk in the order of the tokens.
Square scatter_of(const Matrix<float>& y, std::span<const float> weight,
                  std::span<const std::uint32_t> rows, std::span<const double> centre) {
    const auto d = static_cast<Eigen::Index>(y.cols());
    Square sum = Square::Zero(d, d);
    for (std::size_t first = 0; first < rows.size(); first += kChunkRows) {
        const std::size_t count = std::min(kChunkRows, rows.size() - first);
        Square delta(static_cast<Eigen::Index>(count), d);
        for (std::size_t r = 0; r < count; ++r) {
            const std::uint32_t row = rows[first + r];
            const double root = std::sqrt(static_cast<double>(weight[row]));
            for (std::size_t a = 0; a < centre.size(); ++a)
                delta(static_cast<Eigen::Index>(r), static_cast<Eigen::Index>(a)) =
                    root * (static_cast<double>(y(row, a)) - centre[a]);
        }
        sum.noalias() += delta.transpose() * delta;
    }
    return sum;
}

Matrix<double> shrunk(const Square& covariance, double pooled) {
    const Eigen::SelfAdjointEigenSolver<Square> solver(covariance);
    const Eigen::VectorXd values = (solver.eigenvalues().cwiseMax(0.0) * pooled)
                                       .cwiseSqrt()
                                       .cwiseMax(pooled / kClip)
                                       .cwiseMin(pooled * kClip);
    const Square made =
        solver.eigenvectors() * values.asDiagonal() * solver.eigenvectors().transpose();
    Matrix<double> out(static_cast<std::size_t>(made.rows()),
                       static_cast<std::size_t>(made.cols()));
    std::copy_n(made.data(), out.size(), out.data());
    return out;
}

}  // namespace

std::vector<Covariance> cell_covariances(const Matrix<float>& y, std::span<const float> weight,
                                         const Places& places, const Matrix<double>& centre,
                                         double pooled, CovarianceKind kind) {
    std::vector<std::vector<std::uint32_t>> members(places.count);
    for (std::size_t i = 0; i < y.rows(); ++i)
        members[places.label[i]].push_back(static_cast<std::uint32_t>(i));
    std::vector<Covariance> made(places.count);
    parallel_for(places.count, [&](std::size_t s) {
        double mass = 0.0;
        for (const std::uint32_t row : members[s]) mass += static_cast<double>(weight[row]);
        const Square covariance =
            scatter_of(y, weight, members[s], centre.row(s)) / (mass > 0.0 ? mass : 1.0);
        made[s] = restricted(shrunk(covariance, pooled), kind);
    });
    return made;
}

}  // namespace hsa
