#include "engine/attention/attend_gradient.h"

#include "engine/attention/backward_sums.h"
#include "engine/attention/columns.h"
#include "engine/attention/kernel_sums.h"
#include "engine/attention/shape_sums.h"
#include "engine/compute/level_kernels.h"
#include "engine/core/error.h"
#include "engine/core/parallel.h"
#include "engine/core/products.h"

#include <algorithm>
#include <numeric>
#include <span>
#include <utility>

namespace hsa {
namespace {

// Sums of splats with a shape that are formed in one pass over the tokens.
constexpr std::size_t kSumsAtOnce = std::size_t{1} << 16U;

// The splats of one level with the level's coordinates, both relative to the mean of the centres:
// squares of coordinates far from 0 would have no digits left for their differences.
class LevelBackward {
  public:
    LevelBackward(const BackwardSums& backward, const SplatRegistry& registry,
                  const Matrix<float>& coordinates, double temperature, const Work& work)
        : backward_(backward),
          registry_(registry),
          coordinates_(coordinates),
          temperature_(temperature),
          work_(work),
          origin_(registry.dimension, 0.0) {}

    void write(std::size_t level, AttendGradient& gradient) {
        std::vector<std::size_t> straight;
        std::vector<std::size_t> shaped;
        const std::vector<std::size_t> rows = registry_.rows_of_level(level);
        for (const std::size_t row : rows) {
            const CovarianceKind kind = registry_.gaussians.kind[row];
            const bool axes = kind == CovarianceKind::spherical || kind == CovarianceKind::diagonal;
            (axes ? straight : shaped).push_back(row);
            for (std::size_t a = 0; a < origin_.size(); ++a)
                origin_[a] += static_cast<double>(registry_.gaussians.centre(row, a)) /
                              static_cast<double>(rows.size());
        }
        Matrix<float>& d_coordinates = gradient.coordinates[level];
        if (!straight.empty()) add_straight(std::move(straight), d_coordinates, gradient);
        for (std::size_t first = 0; first < shaped.size();) {
            std::vector<std::size_t> some;
            std::size_t width = 0;
            for (; first < shaped.size() && (some.empty() || width < kSumsAtOnce); ++first) {
                some.push_back(shaped[first]);
                width += shape_sums(shaped[first]).width();
            }
            add_shaped(std::move(some), width, d_coordinates, gradient);
        }
    }

  private:
    [[nodiscard]] double scale(std::size_t row) const {
        return static_cast<double>(registry_.beta[row]) / temperature_;
    }

    [[nodiscard]] double centre(std::size_t row, std::size_t axis) const {
        return static_cast<double>(registry_.gaussians.centre(row, axis)) - origin_[axis];
    }

    [[nodiscard]] ShapeSums shape_sums(std::size_t row) const {
        std::vector<double> from(origin_.size());
        for (std::size_t a = 0; a < from.size(); ++a) from[a] = centre(row, a);
        return {registry_.gaussians.covariance(row), from, scale(row)};
    }

    [[nodiscard]] Matrix<double> rows_of(std::size_t begin, std::size_t end) const {
        Matrix<double> x = widened(coordinates_.view().block(begin, end));
        for (std::size_t i = 0; i < x.rows(); ++i)
            for (std::size_t a = 0; a < x.cols(); ++a) x(i, a) -= origin_[a];
        return x;
    }

    static void add_rows(std::size_t begin, const Matrix<double>& rows, Matrix<float>& to) {
        for (std::size_t i = 0; i < rows.rows(); ++i)
            for (std::size_t a = 0; a < rows.cols(); ++a)
                to(begin + i, a) += static_cast<float>(rows(i, a));
    }

    // Spherical and diagonal splats, all in one pass.
    void add_straight(std::vector<std::size_t> rows, Matrix<float>& d_coordinates,
                      AttendGradient& gradient) {
        const std::size_t k = rows.size();
        const std::size_t d = registry_.dimension;
        GaussianColumns side;
        std::vector<float> beta;
        Matrix<double> precision(k, d);  // p = beta / (T variance), and p mu
        Matrix<double> pulled(k, d);
        bool spherical = true;
        for (std::size_t s = 0; s < k; ++s) {
            const CovarianceView covariance = registry_.gaussians.covariance(rows[s]);
            std::vector<float> from(d);
            for (std::size_t a = 0; a < d; ++a) {
                from[a] = static_cast<float>(centre(rows[s], a));
                precision(s, a) = scale(rows[s]) / static_cast<double>(covariance.variance[a]);
                pulled(s, a) = precision(s, a) * centre(rows[s], a);
            }
            side.append(from, covariance.kind, covariance.variance, covariance.shape);
            beta.push_back(registry_.beta[rows[s]]);
            spherical = spherical && covariance.kind == CovarianceKind::spherical;
        }
        const KernelSums kernel(k, d, spherical);
        const BackwardSums::Columns columns = backward_.columns(std::move(rows));
        const Levers levers{std::move(precision), std::move(pulled)};
        std::vector<double> sums = straight_on_card(columns, kernel, levers, d_coordinates);
        if (sums.empty()) sums = straight_on_cpu(columns, kernel, levers, d_coordinates);
        KernelSlopes slopes;
        kernel.to_parameters(sums, splat_columns(side, beta, temperature_), slopes);
        for (std::size_t s = 0; s < k; ++s) {
            const std::size_t row = columns.index[s];
            std::copy_n(slopes.centre.row(s).begin(), d, gradient.centre.row(row).begin());
            const auto wider = slopes.log_precision.row(s);  // of ln variance: the negative
            const double all = std::accumulate(wider.begin(), wider.end(), 0.0);
            gradient.log_beta[row] = all;
            if (side.kind[s] == CovarianceKind::spherical) gradient.covariance[row] = {-all};
            else
                for (const double slope : wider) gradient.covariance[row].push_back(-slope);
        }
    }

    // Of spherical and diagonal splats: p = beta / (T variance), and p mu.
    struct Levers {
        Matrix<double> precision;  // [k, d]
        Matrix<double> pulled;     // [k, d]
    };

    // Sums as `kernel` lays them out; adds to d_coordinates.
    std::vector<double> straight_on_cpu(const BackwardSums::Columns& columns,
                                        const KernelSums& kernel, const Levers& levers,
                                        Matrix<float>& d_coordinates) const {
        const std::size_t d = registry_.dimension;
        return parallel_sum(backward_.tokens(), kernel.width(),
                            [&](std::size_t begin, std::size_t end, std::span<double> out) {
                                work_.check();
                                for_gradient_tiles(
                                    begin, end, [&](std::size_t first, std::size_t last) {
                                        const Matrix<double> g = backward_.g(columns, first, last);
                                        const Matrix<double> x = rows_of(first, last);
                                        kernel.add(g.view(), x.view(), out);
                                        Matrix<double> held(x.rows(), d);  // sum_s g p
                                        Matrix<double> dx(x.rows(), d);    // sum_s g p mu
                                        multiply(g.view(), levers.precision.view(), held.view());
                                        multiply(g.view(), levers.pulled.view(), dx.view());
                                        for (std::size_t e = 0; e < dx.size(); ++e)
                                            dx.data()[e] -= held.data()[e] * x.data()[e];
                                        add_rows(first, dx, d_coordinates);
                                    });
                            });
    }

    // The same by a card; empty where none does it.
    std::vector<double> straight_on_card(const BackwardSums::Columns& columns,
                                         const KernelSums& kernel, const Levers& levers,
                                         Matrix<float>& d_coordinates) const {
        if (!backward_.has_card()) return {};
        const std::size_t d = registry_.dimension;
        const std::size_t n = backward_.tokens();
        Matrix<float> x(n, d);
        for (std::size_t i = 0; i < n; ++i)
            for (std::size_t a = 0; a < d; ++a)
                x(i, a) = static_cast<float>(static_cast<double>(coordinates_(i, a)) - origin_[a]);
        Matrix<float> lever(2 * d, columns.index.size());
        for (std::size_t s = 0; s < columns.index.size(); ++s)
            for (std::size_t a = 0; a < d; ++a) {
                lever(a, s) = static_cast<float>(levers.pulled(s, a));
                lever(d + a, s) = static_cast<float>(levers.precision(s, a));
            }
        const Matrix<float> beside = kernel.beside(std::as_const(x).view());
        BackwardSums::ByCard made;
        if (!backward_.slopes(columns, beside.view(), std::as_const(lever).view(), made)) return {};
        for (std::size_t i = 0; i < n; ++i)
            for (std::size_t a = 0; a < d; ++a)
                d_coordinates(i, a) += made.pulled(i, a) - made.pulled(i, d + a) * x(i, a);
        std::vector<double> sums(kernel.width(), 0.0);
        kernel.add_moments(made.moments, sums);
        return sums;
    }

    // Lowrank and full splats: `width` numbers in all.
    void add_shaped(std::vector<std::size_t> rows, std::size_t width, Matrix<float>& d_coordinates,
                    AttendGradient& gradient) {
        const BackwardSums::Columns columns = backward_.columns(std::move(rows));
        std::vector<ShapeSums> shapes;
        for (const std::size_t row : columns.index) shapes.push_back(shape_sums(row));
        const std::vector<double> sums = parallel_sum(
            backward_.tokens(), width,
            [&](std::size_t begin, std::size_t end, std::span<double> out) {
                work_.check();
                for_gradient_tiles(begin, end, [&](std::size_t first, std::size_t last) {
                    const Matrix<double> g = backward_.g(columns, first, last);
                    const Matrix<double> x = rows_of(first, last);
                    Matrix<double> dx(x.rows(), x.cols());
                    std::vector<double> own(x.rows());
                    std::size_t at = 0;
                    for (std::size_t s = 0; s < shapes.size(); ++s) {
                        for (std::size_t i = 0; i < own.size(); ++i) own[i] = g(i, s);
                        shapes[s].add(own, x.view(), out.subspan(at, shapes[s].width()), dx.view());
                        at += shapes[s].width();
                    }
                    add_rows(first, dx, d_coordinates);
                });
            });
        std::size_t at = 0;
        for (std::size_t s = 0; s < shapes.size(); ++s) {
            ShapeSlopes slopes =
                shapes[s].to_parameters(std::span(sums).subspan(at, shapes[s].width()));
            at += shapes[s].width();
            const std::size_t row = columns.index[s];
            std::copy(slopes.centre.begin(), slopes.centre.end(), gradient.centre.row(row).begin());
            gradient.covariance[row] = std::move(slopes.covariance);
            gradient.log_beta[row] = slopes.log_beta;
        }
    }

    const BackwardSums& backward_;
    const SplatRegistry& registry_;
    const Matrix<float>& coordinates_;
    double temperature_;
    const Work& work_;
    std::vector<double> origin_;  // [d]
};

void check_inputs(const SplatRegistry& registry, const Coordinates& coordinates,
                  const Factors& factors, MatrixView<const float> values,
                  MatrixView<const float> d_outputs) {
    check_shapes(registry, coordinates);
    require_form_token(registry, "The gradient of outputs");
    if (factors.tokens() != coordinates.size() ||
        factors.columns() != registry.size() + (registry.background_log_weight ? 1 : 0))
        fault("factors of {} x {} for {} tokens and {} splats", factors.tokens(), factors.columns(),
              coordinates.size(), registry.size());
    if (values.rows != factors.tokens() || d_outputs.rows != values.rows ||
        d_outputs.cols != values.cols)
        fault("a gradient of {} x {} outputs with {} x {} values", d_outputs.rows, d_outputs.cols,
              values.rows, values.cols);
    if (factors.row_bound > 0.0)
        fail(
            "The gradient needs every splat of every token, and splats were dropped: set "
            "attention.splats_per_token to 0.");
}

// ln w_s = ln(w_level / sum of weights) + ln alpha_s.
void add_weights(const SplatRegistry& registry, const std::vector<double>& log_weight,
                 AttendGradient& gradient) {
    gradient.log_amplitude.assign(
        log_weight.begin(), log_weight.begin() + static_cast<std::ptrdiff_t>(registry.size()));
    if (registry.background_log_weight) gradient.background_log_weight = log_weight.back();
    gradient.log_level_weight.assign(registry.hierarchy.size(), 0.0);
    double weights = 0.0;
    for (const Level& level : registry.hierarchy.levels) weights += level.weight;
    for (std::size_t s = 0; s < registry.size(); ++s)
        gradient.log_level_weight[registry.level[s]] += log_weight[s];
    // All Z sum to 0: what the splats have in common is what the background lacks.
    for (std::size_t l = 0; l < registry.hierarchy.size(); ++l)
        gradient.log_level_weight[l] +=
            registry.hierarchy.levels[l].weight / weights * gradient.background_log_weight;
}

}  // namespace

AttendGradient attend_gradient(const SplatRegistry& registry, const Coordinates& coordinates,
                               const Factors& factors, double temperature,
                               MatrixView<const float> values, MatrixView<const float> d_outputs,
                               const Work& work, Backend* backend) {
    check_inputs(registry, coordinates, factors, values, d_outputs);
    const BackwardSums backward(factors, values, d_outputs, work, backend);
    AttendGradient gradient;
    gradient.centre = Matrix<double>(registry.size(), registry.dimension);
    gradient.covariance.resize(registry.size());
    gradient.log_beta.resize(registry.size());
    add_weights(registry, backward.log_weight(), gradient);
    for (std::size_t l = 0; l < registry.hierarchy.size(); ++l)
        gradient.coordinates.emplace_back(coordinates.size(), registry.dimension);
    for (std::size_t l = 0; l < registry.hierarchy.size(); ++l)
        LevelBackward(backward, registry, *coordinates.levels[l], temperature, work)
            .write(l, gradient);
    // 1 / T multiplies every Gaussian part as beta does.
    for (const double slope : gradient.log_beta) gradient.log_temperature -= slope;
    gradient.values = backward.d_values();
    return gradient;
}

}  // namespace hsa
