#include "engine/explain/tour.h"

#include "engine/core/error.h"
#include "engine/core/parallel.h"
#include "engine/explain/layout.h"
#include "engine/explain/token_moments.h"

#include <Eigen/Dense>

#include <algorithm>

namespace hsa {
namespace {

constexpr std::size_t kMostKeyProducts = std::size_t{1} << 30U;  // tokens x splats x D^2 / 2

using Rows = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

Eigen::Index index(std::size_t i) { return static_cast<Eigen::Index>(i); }

Rows basis_of(const TourAxes& axes) {
    return Eigen::Map<const Rows>(axes.basis.row(0).data(), index(axes.basis.rows()),
                                  index(axes.basis.cols()));
}

// basis (x - mean) of some rows.
Matrix<float> along(const TourAxes& axes, const Matrix<float>& x,
                    std::span<const std::uint32_t> chosen, const Work& work) {
    const Rows basis = basis_of(axes);
    const std::size_t d = x.cols();
    Matrix<float> out(chosen.size(), axes.basis.rows());
    parallel_blocks(chosen.size(), kChunkRows, [&](std::size_t begin, std::size_t end) {
        work.check();
        Rows block(index(end - begin), index(d));
        for (std::size_t i = begin; i < end; ++i)
            for (std::size_t a = 0; a < d; ++a)
                block(index(i - begin), index(a)) = x(chosen[i], a) - axes.mean[a];
        Eigen::Map<Rows>(out.row(begin).data(), index(end - begin), index(out.cols())) =
            block * basis.transpose();
    });
    return out;
}

std::vector<std::uint32_t> all_of(std::size_t rows) {
    const Range all{0, rows};
    return drawn_evenly(std::span(&all, 1), rows);
}

void put_triangle(const Eigen::MatrixXd& image, std::span<float> out) {
    std::size_t entry = 0;
    for (Eigen::Index r = 0; r < image.rows(); ++r)
        for (Eigen::Index c = r; c < image.cols(); ++c)
            out[entry++] = static_cast<float>(image(r, c));
}

// basis Sigma basis^T of every splat.
void add_covariances(const SplatRegistry& registry, const Work& work, TourSpace& space) {
    const Eigen::MatrixXd basis = basis_of(space.axes).cast<double>();
    const std::size_t d = registry.dimension;
    parallel_for(registry.size(), [&](std::size_t s) {
        work.check();
        Eigen::MatrixXd image;
        if (registry.gaussians.shape[s].empty()) {
            Eigen::VectorXd variance(index(d));
            for (std::size_t a = 0; a < d; ++a)
                variance(index(a)) = static_cast<double>(registry.gaussians.variance(s, a));
            image = basis * variance.asDiagonal() * basis.transpose();
        } else {
            const Matrix<double> dense = dense_covariance(registry.gaussians.covariance(s));
            Eigen::MatrixXd sigma(index(d), index(d));
            for (std::size_t a = 0; a < d; ++a)
                for (std::size_t b = 0; b < d; ++b) sigma(index(a), index(b)) = dense(a, b);
            image = basis * sigma * basis.transpose();
        }
        put_triangle(image, space.covariances.row(s));
    });
}

// Of the keys of every splat, about the mean of all of them.
void add_key_covariances(const FactorMatrix& keys, const Matrix<float>& base, const Work& work,
                         TourSpace& space) {
    const std::size_t k = space.centres.rows();
    const std::size_t dimension = space.centres.cols();
    const std::size_t each = std::max<std::size_t>(k * dimension * dimension / 2, 1);
    const Range all{0, base.rows()};
    const std::vector<std::uint32_t> chosen =
        drawn_evenly(std::span(&all, 1), std::max<std::size_t>(kMostKeyProducts / each, 64));
    const Matrix<float> places = along(space.axes, base, chosen, work);
    parallel_for(k, [&](std::size_t s) {
        work.check();
        Eigen::MatrixXd sum = Eigen::MatrixXd::Zero(index(dimension), index(dimension));
        Eigen::VectorXd delta(index(dimension));
        double total = 0.0;
        for (std::size_t i = 0; i < chosen.size(); ++i) {
            const auto share = static_cast<double>(keys(chosen[i], s));
            if (!(share > 0.0)) continue;
            for (std::size_t a = 0; a < dimension; ++a)
                delta(index(a)) = static_cast<double>(places(i, a) - space.centres(s, a));
            sum.noalias() += share * delta * delta.transpose();
            total += share;
        }
        if (total > 0.0) put_triangle(sum / total, space.covariances.row(s));
    });
}

}  // namespace

TourAxes tour_axes(const Matrix<float>& coordinates, const Work& work) {
    const std::size_t d = coordinates.cols();
    const Range all{0, coordinates.rows()};
    const TokenMoments moments =
        moments_of(coordinates, drawn_evenly(std::span(&all, 1), most_looked_at(d)), work);
    Eigen::MatrixXd covariance(index(d), index(d));
    for (std::size_t a = 0; a < d; ++a)
        for (std::size_t b = 0; b < d; ++b)
            covariance(index(a), index(b)) = moments.covariance(a, b);
    const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> solver(covariance);
    TourAxes axes;
    axes.looked_at = moments.count;
    axes.total = covariance.trace();
    axes.mean.assign(moments.mean.begin(), moments.mean.end());
    axes.basis = Matrix<float>(std::min(d, kMostToured), d);
    for (std::size_t r = 0; r < axes.basis.rows(); ++r) {
        const Eigen::Index from = index(d - 1 - r);
        Eigen::VectorXd axis = solver.eigenvectors().col(from);
        Eigen::Index top = 0;
        axis.cwiseAbs().maxCoeff(&top);
        if (axis(top) < 0.0) axis = -axis;
        for (std::size_t a = 0; a < d; ++a) axes.basis(r, a) = static_cast<float>(axis(index(a)));
        axes.variance.push_back(std::max(solver.eigenvalues()(from), 0.0));
    }
    return axes;
}

TourSpace tour_space(const Coordinates& coordinates, std::size_t axes_level,
                     const SplatRegistry& registry, const FactorMatrix* keys,
                     const TourWanted& wanted, const Work& work) {
    TourSpace space;
    space.wanted = wanted;
    space.dimension = registry.dimension;
    space.axes = tour_axes(*coordinates.levels.at(axes_level), work);
    const Matrix<float>& shown = *coordinates.levels.at(wanted.level);
    const Range all{0, shown.rows()};
    space.tokens = drawn_evenly(std::span(&all, 1), wanted.most);
    space.points = along(space.axes, shown, space.tokens, work);
    const std::size_t dimension = space.axes.basis.rows();
    space.covariances = Matrix<float>(registry.size(), dimension * (dimension + 1) / 2);
    const std::vector<std::uint32_t> splats = all_of(registry.size());
    if (keys == nullptr) {
        space.centres = along(space.axes, registry.gaussians.centre, splats, work);
        add_covariances(registry, work, space);
    } else {
        space.centres =
            along(space.axes, key_means(*keys, *coordinates.base, registry.size()), splats, work);
        add_key_covariances(*keys, *coordinates.base, work, space);
    }
    return space;
}

}  // namespace hsa
