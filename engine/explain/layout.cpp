#include "engine/explain/layout.h"

#include "engine/core/error.h"
#include "engine/core/parallel.h"

#include <Eigen/Dense>

#include <algorithm>
#include <cmath>

namespace hsa {
namespace {

constexpr double kNearlySame = 0.7;  // cosine from which an old axis names a new one

Eigen::MatrixXd usage_covariance(const SplatRegistry& registry, std::span<const double> usage,
                                 std::vector<float>& mean) {
    const std::size_t d = registry.dimension;
    Eigen::VectorXd centre = Eigen::VectorXd::Zero(static_cast<Eigen::Index>(d));
    double total = 0.0;
    const auto row = [&](std::size_t s) {
        Eigen::VectorXd x(static_cast<Eigen::Index>(d));
        for (std::size_t a = 0; a < d; ++a)
            x(static_cast<Eigen::Index>(a)) = static_cast<double>(registry.gaussians.centre(s, a));
        return x;
    };
    for (std::size_t s = 0; s < registry.size(); ++s) {
        centre += usage[s] * row(s);
        total += usage[s];
    }
    if (total > 0.0) centre /= total;
    Eigen::MatrixXd c = Eigen::MatrixXd::Zero(static_cast<Eigen::Index>(d), static_cast<Eigen::Index>(d));
    for (std::size_t s = 0; s < registry.size(); ++s) {
        const Eigen::VectorXd delta = row(s) - centre;
        c.noalias() += (usage[s] / std::max(total, 1e-300)) * delta * delta.transpose();
    }
    mean.resize(d);
    for (std::size_t a = 0; a < d; ++a) mean[a] = static_cast<float>(centre(static_cast<Eigen::Index>(a)));
    return c;
}

// Turns new axes so that each keeps the sign, and where it is nearly the same the place, of an old one.
void follow_previous(const Layout& previous, Layout& layout) {
    if (previous.axes.cols() != layout.axes.cols()) return;
    const Layout fresh = layout;
    std::array<bool, 3> taken{};
    std::array<int, 3> place = {-1, -1, -1};
    std::array<double, 3> sign = {1.0, 1.0, 1.0};
    for (std::size_t old = 0; old < 3; ++old) {
        for (std::size_t r = 0; r < 3; ++r) {
            double dot = 0.0;
            for (std::size_t a = 0; a < fresh.axes.cols(); ++a)
                dot += static_cast<double>(previous.axes(old, a)) * static_cast<double>(fresh.axes(r, a));
            if (std::abs(dot) < kNearlySame || taken[r]) continue;
            taken[r] = true;
            place[old] = static_cast<int>(r);
            sign[old] = dot < 0.0 ? -1.0 : 1.0;
            break;
        }
    }
    for (std::size_t old = 0; old < 3; ++old) {
        if (place[old] >= 0) continue;
        for (std::size_t r = 0; r < 3 && place[old] < 0; ++r)
            if (!taken[r]) {
                taken[r] = true;
                place[old] = static_cast<int>(r);
            }
    }
    for (std::size_t old = 0; old < 3; ++old) {
        const auto from = static_cast<std::size_t>(place[old]);
        layout.explained[old] = fresh.explained[from];
        for (std::size_t a = 0; a < fresh.axes.cols(); ++a)
            layout.axes(old, a) = static_cast<float>(sign[old]) * fresh.axes(from, a);
    }
}

std::array<float, 3> project(const Layout& layout, std::span<const float> x) {
    std::array<float, 3> out{};
    for (std::size_t r = 0; r < 3; ++r) {
        double sum = 0.0;
        for (std::size_t a = 0; a < x.size(); ++a)
            sum += static_cast<double>(layout.axes(r, a)) *
                   (static_cast<double>(x[a]) - static_cast<double>(layout.mean[a]));
        out[r] = static_cast<float>(sum);
    }
    return out;
}

void add_splats(const SplatRegistry& registry, Layout& layout) {
    layout.centres = Matrix<float>(registry.size(), 3);
    layout.covariances = Matrix<float>(registry.size(), 6);
    for (std::size_t s = 0; s < registry.size(); ++s) {
        const auto centre = project(layout, registry.gaussians.centre.row(s));
        std::copy(centre.begin(), centre.end(), layout.centres.row(s).begin());
        std::size_t entry = 0;
        for (std::size_t r = 0; r < 3; ++r)
            for (std::size_t c = r; c < 3; ++c) {
                double sum = 0.0;
                for (std::size_t a = 0; a < registry.dimension; ++a)
                    sum += static_cast<double>(layout.axes(r, a)) * static_cast<double>(layout.axes(c, a)) *
                           static_cast<double>(registry.gaussians.variance(s, a));
                layout.covariances(s, entry++) = static_cast<float>(sum / static_cast<double>(registry.beta[s]));
            }
    }
}

}  // namespace

Layout splat_layout(const Coordinates& coordinates, const SplatRegistry& registry,
                    std::span<const double> usage, const Layout* previous, const Work& work) {
    const std::size_t d = registry.dimension;
    if (usage.size() != registry.size()) fault("{} usages for {} splats", usage.size(), registry.size());
    Layout layout;
    layout.axes_name = "PCA of splats";
    const Eigen::MatrixXd c = usage_covariance(registry, usage, layout.mean);
    const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> solver(c);
    layout.axes = Matrix<float>(3, d);
    const double total = std::max(c.trace(), 0.0);
    for (std::size_t r = 0; r < std::min<std::size_t>(3, d); ++r) {
        const Eigen::Index from = c.rows() - 1 - static_cast<Eigen::Index>(r);
        Eigen::VectorXd axis = solver.eigenvectors().col(from);
        Eigen::Index top = 0;
        axis.cwiseAbs().maxCoeff(&top);
        if (axis(top) < 0.0) axis = -axis;
        for (std::size_t a = 0; a < d; ++a) layout.axes(r, a) = static_cast<float>(axis(static_cast<Eigen::Index>(a)));
        layout.explained[r] = total > 0.0 ? std::max(solver.eigenvalues()(from), 0.0) / total : 0.0;
    }
    if (previous != nullptr) follow_previous(*previous, layout);
    work.check();
    for (std::size_t l = 0; l < coordinates.levels.size(); ++l) {
        std::size_t same = l;
        for (std::size_t other = 0; other < l; ++other)
            if (coordinates.levels[other] == coordinates.levels[l]) same = other;
        if (same < l) {
            layout.points.push_back(layout.points[same]);
            continue;
        }
        const Matrix<float>& y = *coordinates.levels[l];
        auto points = std::make_shared<Matrix<float>>(y.rows(), 3);
        parallel_blocks(y.rows(), kChunkRows, [&](std::size_t begin, std::size_t end) {
            for (std::size_t i = begin; i < end; ++i) {
                const auto point = project(layout, y.row(i));
                std::copy(point.begin(), point.end(), points->row(i).begin());
            }
        });
        layout.points.push_back(std::move(points));
    }
    add_splats(registry, layout);
    return layout;
}

}  // namespace hsa
