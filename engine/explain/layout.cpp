#include "engine/explain/layout.h"

#include "engine/compute/backend.h"
#include "engine/core/error.h"
#include "engine/core/parallel.h"

#include <Eigen/Dense>
#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace hsa {
namespace {

// Products of two numbers from which on a card takes less time than a call of it.
constexpr std::size_t kWorthSending = std::size_t{1} << 26U;

constexpr double kNearlySame = 0.7;  // cosine from which a new axis takes the place of an old one
constexpr double kFlat = 1e-12;      // share of the variance below which an axis has no direction
constexpr double kRounding = 1e-26;  // variance that rounding leaves, of the square of the centre

Eigen::Index index(std::size_t i) { return static_cast<Eigen::Index>(i); }

// Rows sqrt(share_s) (mu_s - mean): [k, d], with `mean` the usage-weighted mean of the centres.
// Where nothing is used every splat counts alike.
Eigen::MatrixXd weighted_centres(const Matrix<float>& centres, std::span<const double> usage,
                                 std::vector<float>& mean) {
    const std::size_t k = centres.rows();
    const std::size_t d = centres.cols();
    double total = 0.0;
    for (const double u : usage) total += u;
    Eigen::VectorXd share(index(k));
    for (std::size_t s = 0; s < k; ++s)
        share(index(s)) = total > 0.0 ? usage[s] / total : 1.0 / static_cast<double>(k);
    Eigen::MatrixXd x(index(k), index(d));
    for (std::size_t s = 0; s < k; ++s)
        for (std::size_t a = 0; a < d; ++a)
            x(index(s), index(a)) = static_cast<double>(centres(s, a));
    const Eigen::RowVectorXd centre = share.transpose() * x;
    x.rowwise() -= centre;
    x.array().colwise() *= share.array().sqrt();
    mean.resize(d);
    for (std::size_t a = 0; a < d; ++a) mean[a] = static_cast<float>(centre(index(a)));
    return x;
}

// The axis-parallel direction that lies least in the axes found so far, made orthogonal to them.
Eigen::VectorXd free_direction(const Eigen::MatrixXd& axes, std::size_t found, std::size_t d) {
    Eigen::VectorXd best = Eigen::VectorXd::Zero(index(d));
    for (std::size_t a = 0; a < d; ++a) {
        Eigen::VectorXd e = Eigen::VectorXd::Unit(index(d), index(a));
        for (std::size_t r = 0; r < found; ++r)
            e -= axes.row(index(r)).dot(e) * axes.row(index(r)).transpose();
        if (e.norm() > best.norm() + kFlat) best = e;
    }
    return best.normalized();
}

// The directions of largest variance of the rows of x, largest entry positive, and their shares. A
// variance of at most `noise` is none.
void principal_axes(const Eigen::MatrixXd& x, double noise, Layout& layout) {
    const auto d = static_cast<std::size_t>(x.cols());
    const bool few = x.rows() < x.cols();  // then the k x k products have the same eigenvalues
    const Eigen::MatrixXd products =
        few ? Eigen::MatrixXd(x * x.transpose()) : Eigen::MatrixXd(x.transpose() * x);
    const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> solver(products);
    const double total = products.trace();
    Eigen::MatrixXd axes = Eigen::MatrixXd::Zero(3, x.cols());
    for (std::size_t r = 0; r < std::min<std::size_t>(3, d); ++r) {
        const Eigen::Index from = products.rows() - 1 - index(r);
        const double value = from >= 0 ? std::max(solver.eigenvalues()(from), 0.0) : 0.0;
        Eigen::VectorXd axis;
        if (value > std::max(kFlat * total, noise)) {
            axis = few ? Eigen::VectorXd(x.transpose() * solver.eigenvectors().col(from))
                       : Eigen::VectorXd(solver.eigenvectors().col(from));
            for (std::size_t before = 0; before < r; ++before)
                axis -= axes.row(index(before)).dot(axis) * axes.row(index(before)).transpose();
            axis.normalize();
            layout.explained[r] = value / total;
        } else {
            axis = free_direction(axes, r, d);
        }
        Eigen::Index top = 0;
        axis.cwiseAbs().maxCoeff(&top);
        axes.row(index(r)) = axis(top) < 0.0 ? -axis : axis;
    }
    layout.axes = Matrix<float>(3, d);
    for (std::size_t r = 0; r < 3; ++r)
        for (std::size_t a = 0; a < d; ++a)
            layout.axes(r, a) = static_cast<float>(axes(index(r), index(a)));
}

double cosine(const Layout& a, std::size_t row_a, const Layout& b, std::size_t row_b) {
    double dot = 0.0;
    for (std::size_t c = 0; c < a.axes.cols(); ++c)
        dot += static_cast<double>(a.axes(row_a, c)) * static_cast<double>(b.axes(row_b, c));
    return dot;
}

// Gives new axes the place and sign of the old ones they are nearly the same as, best match first;
// the others fill the free places in their own order.
void follow_previous(const Layout& previous, Layout& layout) {
    if (previous.axes.rows() != 3 || previous.axes.cols() != layout.axes.cols()) return;
    const Layout fresh = layout;
    std::array<int, 3> source = {-1, -1, -1};  // of each place
    std::array<bool, 3> taken{};
    std::array<double, 3> sign = {1.0, 1.0, 1.0};
    for (;;) {
        double best = kNearlySame;
        std::size_t place = 3;
        std::size_t from = 3;
        for (std::size_t old = 0; old < 3; ++old)
            for (std::size_t r = 0; r < 3; ++r) {
                if (source[old] >= 0 || taken[r]) continue;
                const double match = std::abs(cosine(previous, old, fresh, r));
                if (match > best) {
                    best = match;
                    place = old;
                    from = r;
                }
            }
        if (place == 3) break;
        source[place] = static_cast<int>(from);
        taken[from] = true;
        sign[place] = cosine(previous, place, fresh, from) < 0.0 ? -1.0 : 1.0;
    }
    std::size_t next = 0;
    for (std::size_t place = 0; place < 3; ++place) {
        if (source[place] >= 0) continue;
        while (taken[next]) ++next;
        source[place] = static_cast<int>(next);
        taken[next] = true;
    }
    for (std::size_t place = 0; place < 3; ++place) {
        const auto from = static_cast<std::size_t>(source[place]);
        layout.explained[place] = fresh.explained[from];
        for (std::size_t a = 0; a < fresh.axes.cols(); ++a)
            layout.axes(place, a) = static_cast<float>(sign[place]) * fresh.axes(from, a);
    }
}

// R (x - mean).
void project(const Layout& layout, std::span<const float> x, std::span<float> out) {
    const float* first = layout.axes.row(0).data();
    const float* second = layout.axes.row(1).data();
    const float* third = layout.axes.row(2).data();
    double u = 0.0;
    double v = 0.0;
    double w = 0.0;
    for (std::size_t a = 0; a < x.size(); ++a) {
        const double delta = static_cast<double>(x[a]) - static_cast<double>(layout.mean[a]);
        u += static_cast<double>(first[a]) * delta;
        v += static_cast<double>(second[a]) * delta;
        w += static_cast<double>(third[a]) * delta;
    }
    out[0] = static_cast<float>(u);
    out[1] = static_cast<float>(v);
    out[2] = static_cast<float>(w);
}

std::shared_ptr<const Matrix<float>> project_tokens(const Layout& layout, const Matrix<float>& y,
                                                    const Work& work) {
    auto points = std::make_shared<Matrix<float>>(y.rows(), 3);
    parallel_blocks(y.rows(), kChunkRows, [&](std::size_t begin, std::size_t end) {
        work.check();
        for (std::size_t i = begin; i < end; ++i) project(layout, y.row(i), points->row(i));
    });
    return points;
}

// R Sigma R^T, its upper triangle by rows: [6].
void project_shape(const Matrix<double>& sigma, const Layout& layout, std::span<float> out) {
    const std::size_t d = sigma.rows();
    std::vector<double> image(3 * d, 0.0);  // R Sigma
    for (std::size_t r = 0; r < 3; ++r)
        for (std::size_t a = 0; a < d; ++a)
            for (std::size_t b = 0; b < d; ++b)
                image[r * d + b] += static_cast<double>(layout.axes(r, a)) * sigma(a, b);
    std::size_t entry = 0;
    for (std::size_t r = 0; r < 3; ++r)
        for (std::size_t c = r; c < 3; ++c) {
            double sum = 0.0;
            for (std::size_t b = 0; b < d; ++b)
                sum += image[r * d + b] * static_cast<double>(layout.axes(c, b));
            out[entry++] = static_cast<float>(sum);
        }
}

void project_splats(const SplatRegistry& registry, Layout& layout) {
    layout.centres = Matrix<float>(registry.size(), 3);
    layout.covariances = Matrix<float>(registry.size(), 6);
    for (std::size_t s = 0; s < registry.size(); ++s) {
        project(layout, registry.gaussians.centre.row(s), layout.centres.row(s));
        const auto shape = projected_covariance(registry.gaussians.covariance(s), layout);
        std::copy(shape.begin(), shape.end(), layout.covariances.row(s).begin());
    }
}

// Mean and covariance of the drawn points under K(.|s).
void project_keys(const FactorMatrix& keys, Layout& layout) {
    const Matrix<float>& points = *layout.points.front();
    const std::size_t k = layout.centres.rows();
    const std::vector<double> sums = parallel_sum(
        points.rows(), 6 * k, [&](std::size_t begin, std::size_t end, std::span<double> out) {
            for (std::size_t j = begin; j < end; ++j)
                for (std::size_t s = 0; s < k; ++s) {
                    const auto share = static_cast<double>(keys(j, s));
                    if (!(share > 0.0)) continue;
                    std::size_t entry = 6 * s;
                    for (std::size_t r = 0; r < 3; ++r)
                        for (std::size_t c = r; c < 3; ++c)
                            out[entry++] +=
                                share * static_cast<double>(points(j, r) - layout.centres(s, r)) *
                                static_cast<double>(points(j, c) - layout.centres(s, c));
                }
        });
    for (std::size_t e = 0; e < sums.size(); ++e)
        layout.covariances.data()[e] = static_cast<float>(sums[e]);
}

void check_dimensions(const Coordinates& coordinates, const SplatRegistry& registry) {
    for (const auto& level : coordinates.levels)
        if (level->cols() != registry.dimension)
            fault("coordinates of {} dimensions drawn with splats of {}", level->cols(),
                  registry.dimension);
}

// `of_keys`: the means of the keys, where there are `keys`.
void project_all(Layout& layout, const Coordinates& coordinates, const SplatRegistry& registry,
                 const FactorMatrix* keys, const Matrix<float>& of_keys, const Work& work) {
    for (std::size_t l = 0; l < coordinates.levels.size(); ++l) {
        const auto first = coordinates.levels.begin();
        const auto same = static_cast<std::size_t>(
            std::find(first, coordinates.levels.end(), coordinates.levels[l]) - first);
        layout.points.push_back(same < l ? layout.points[same]
                                         : project_tokens(layout, *coordinates.levels[l], work));
    }
    if (keys == nullptr) {
        project_splats(registry, layout);
        return;
    }
    layout.centres = Matrix<float>(registry.size(), 3);
    layout.covariances = Matrix<float>(registry.size(), 6);
    for (std::size_t s = 0; s < registry.size(); ++s)
        project(layout, of_keys.row(s), layout.centres.row(s));
    project_keys(*keys, layout);
}

std::string hidden_words(const Layout& layout, bool of_keys) {
    double shown = 0.0;
    for (const double share : layout.explained) shown += share;
    return fmt::format(
        "{:.0f} % of the variance of the {} lies across these axes: what is apart "
        "there may lie together here",
        100.0 * std::max(1.0 - shown, 0.0), of_keys ? "splats' keys" : "splats' centres");
}

}  // namespace

std::array<float, 6> projected_covariance(const CovarianceView& covariance, const Layout& layout) {
    std::array<float, 6> out{};
    if (!covariance.shape.empty()) {
        project_shape(dense_covariance(covariance), layout, out);
        return out;
    }
    std::size_t entry = 0;
    for (std::size_t r = 0; r < 3; ++r)
        for (std::size_t c = r; c < 3; ++c) {
            double sum = 0.0;
            for (std::size_t a = 0; a < covariance.dimension(); ++a)
                sum += static_cast<double>(layout.axes(r, a)) *
                       static_cast<double>(layout.axes(c, a)) *
                       static_cast<double>(covariance.variance[a]);
            out[entry++] = static_cast<float>(sum);
        }
    return out;
}

Matrix<float> key_means(const FactorMatrix& keys, const Matrix<float>& y, std::size_t k,
                        Backend* backend) {
    const std::size_t d = y.cols();
    if (backend != nullptr && !keys.packed() && y.rows() * k * d >= kWorthSending) {
        const MatrixView<const float> all = keys.values().view();
        Matrix<double> moments(k, d);
        if (backend->moments({all.data, y.rows(), k, all.stride}, y.view(), moments.view(), {})) {
            Matrix<float> means(k, d);
            std::transform(moments.data(), moments.data() + moments.size(), means.data(),
                           [](double sum) { return static_cast<float>(sum); });
            return means;
        }
    }
    const std::vector<double> sums = parallel_sum(
        y.rows(), k * d, [&](std::size_t begin, std::size_t end, std::span<double> out) {
            for (std::size_t j = begin; j < end; ++j)
                for (std::size_t s = 0; s < k; ++s) {
                    const auto share = static_cast<double>(keys(j, s));
                    if (!(share > 0.0)) continue;
                    for (std::size_t a = 0; a < d; ++a)
                        out[s * d + a] += share * static_cast<double>(y(j, a));
                }
        });
    Matrix<float> means(k, d);
    for (std::size_t e = 0; e < sums.size(); ++e) means.data()[e] = static_cast<float>(sums[e]);
    return means;
}

Layout splat_layout(const Coordinates& coordinates, const SplatRegistry& registry,
                    std::span<const double> usage, const Layout* previous, const Work& work,
                    const FactorMatrix* keys, Backend* backend) {
    if (usage.size() != registry.size())
        fault("{} usages for {} splats", usage.size(), registry.size());
    check_dimensions(coordinates, registry);
    Layout layout;
    layout.axes_name = keys == nullptr ? "PCA of splats, weighted by usage"
                                       : "PCA of the splats' keys, weighted by usage";
    Matrix<float> of_keys;
    if (keys != nullptr) of_keys = key_means(*keys, *coordinates.base, registry.size(), backend);
    const Matrix<float>& places = keys == nullptr ? registry.gaussians.centre : of_keys;
    const Eigen::MatrixXd centres = weighted_centres(places, usage, layout.mean);
    double square = 0.0;
    for (const float m : layout.mean) square += static_cast<double>(m) * static_cast<double>(m);
    principal_axes(centres, kRounding * square, layout);
    if (previous != nullptr) follow_previous(*previous, layout);
    layout.facts.explained_of = keys == nullptr
                                    ? "the variance of the splats' centres, weighted by usage"
                                    : "the variance of the splats' keys, weighted by usage";
    layout.facts.hides = hidden_words(layout, keys != nullptr);
    project_all(layout, coordinates, registry, keys, of_keys, work);
    return layout;
}

Layout projected(Layout axes, const Coordinates& coordinates, const SplatRegistry& registry,
                 const Work& work, const FactorMatrix* keys, Backend* backend) {
    check_dimensions(coordinates, registry);
    if (axes.axes.cols() != registry.dimension || axes.mean.size() != registry.dimension)
        fault("axes of {} dimensions for splats of {}", axes.axes.cols(), registry.dimension);
    Matrix<float> of_keys;
    if (keys != nullptr) of_keys = key_means(*keys, *coordinates.base, registry.size(), backend);
    project_all(axes, coordinates, registry, keys, of_keys, work);
    return axes;
}

}  // namespace hsa
