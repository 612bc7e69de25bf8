#include "engine/fit/loss.h"

#include "engine/compute/level_kernels.h"
#include "engine/core/error.h"
#include "engine/core/gather.h"
#include "engine/core/parallel.h"
#include "engine/core/products.h"
#include "engine/fit/drawn_rows.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <span>

namespace hsa {
namespace {

constexpr std::size_t kTop = 8;

// Columns [begin, end) of all rows.
template <class T>
MatrixView<T> columns_of(MatrixView<T> m, std::size_t begin, std::size_t end) {
    return {m.data + begin, m.rows, end - begin, m.stride};
}

// Rows relative to an origin: squares of coordinates far from 0 would have no digits left.
Matrix<float> shifted(MatrixView<const float> rows, std::span<const double> origin) {
    auto out = Matrix<float>::unwritten(rows.rows, rows.cols);
    for (std::size_t i = 0; i < rows.rows; ++i)
        for (std::size_t a = 0; a < rows.cols; ++a)
            out(i, a) = static_cast<float>(static_cast<double>(rows(i, a)) - origin[a]);
    return out;
}

// The Gaussians of one side relative to the mean of their centres, and the sums that lead to their
// slopes.
class SideSums {
  public:
    SideSums(const SplatRegistry& registry, Side side)
        : beta_(registry.beta),
          origin_(registry.dimension, 0.0),
          own_(gaussians_of(registry, side)) {
        bool spherical = true;
        for (const CovarianceKind kind : own_.kind) {
            if (kind != CovarianceKind::spherical && kind != CovarianceKind::diagonal)
                fault("a fit of {} splats", name_of(kind));
            spherical = spherical && kind == CovarianceKind::spherical;
        }
        for (std::size_t s = 0; s < registry.size(); ++s)
            for (std::size_t a = 0; a < origin_.size(); ++a)
                origin_[a] +=
                    static_cast<double>(own_.centre(s, a)) / static_cast<double>(registry.size());
        own_.centre = shifted(own_.centre.view(), origin_);
        sums_ = KernelSums(registry.size(), registry.dimension, spherical);
    }

    [[nodiscard]] std::size_t width() const { return sums_.width(); }
    void add(MatrixView<const float> g, MatrixView<const float> x, std::span<double> out) const {
        sums_.add(g, shifted(x, origin_).view(), out);
    }
    void write(std::span<const double> sums, KernelSlopes& slopes,
               std::vector<double>& log_beta) const {
        sums_.to_parameters(sums, splat_columns(own_, beta_), slopes);
        for (std::size_t s = 0; s < log_beta.size(); ++s)
            for (const double slope : slopes.log_precision.row(s)) log_beta[s] += slope;
    }

  private:
    std::vector<float> beta_;
    std::vector<double> origin_;
    GaussianColumns own_;
    KernelSums sums_{0, 0, true};
};

// R of a chunk of columns, from T / A.
void to_slopes(const Head& head, std::size_t begin, std::size_t end, const Matrix<float>& step,
               std::span<const double> along, MatrixView<float> ratio) {
    if (step.cols() > 0) {
        Matrix<float> h(ratio.rows, ratio.cols);
        multiply_transposed(step.view(), head.values.block(begin, end), h.view());
        for (std::size_t i = 0; i < ratio.rows; ++i)
            for (std::size_t j = 0; j < ratio.cols; ++j)
                ratio(i, j) -= h(i, j) - static_cast<float>(along[i]);
    }
    for (std::size_t i = 0; i < ratio.rows; ++i)
        for (float& value : ratio.row(i)) value -= 1.0F;
}

// With a near set R of the far part: s_i times as much, nothing where a pair is exact or not seen.
void to_far_slopes(const Head& head, const ExactRows& exact, const DrawnRows& drawn,
                   std::size_t begin, MatrixView<float> slopes) {
    for (std::size_t i = 0; i < drawn.far_scale.size(); ++i) {
        const auto scale = static_cast<float>(drawn.far_scale[i]);
        for (float& value : slopes.row(i)) value *= scale;
        clear_near(head, drawn.set, exact.rows[i], i, begin, slopes.row(i));
    }
}

}  // namespace

FitGradient fit_gradient(Backend& backend, const SplatRegistry& registry, const Head& head,
                         const ExactRows& exact, double output_weight, const Work& work) {
    const Coordinates& coordinates = head.coordinates;
    for (const auto& level : coordinates.levels)
        if (level != coordinates.base) fault("a fit of levels with coordinates of their own");
    DrawnRows drawn = drawn_rows(backend, registry, head, exact, true, work);
    const Factors& factors = drawn.factors;
    const std::size_t b = exact.rows.size();
    const std::size_t k = registry.size();
    const std::size_t c = factors.columns();
    const auto rows = static_cast<double>(b);

    // H = step V^T, and A_i . H_i = step_i . (A V)_i.
    const bool with_values = exact.output_square > 0.0 && output_weight > 0.0;
    Matrix<float> step(b, with_values ? head.values.cols : 0);
    std::vector<double> along(b, 0.0);
    for (std::size_t i = 0; i < b; ++i)
        for (std::size_t a = 0; a < step.cols(); ++a) {
            const auto missed = static_cast<double>(drawn.missed(i, a));
            const double slope = 2.0 * output_weight * rows * missed / exact.output_square;
            step(i, a) = static_cast<float>(slope);
            along[i] += slope * (static_cast<double>(exact.outputs(i, a)) + missed);
        }

    FitGradient gradient;
    gradient.loss = drawn.loss;
    gradient.usage.assign(c, 0.0);
    Matrix<float> p = factors.p.values();  // P / b, or by the rows' weights
    for (std::size_t i = 0; i < b; ++i)
        for (std::size_t s = 0; s < c; ++s) {
            p(i, s) = static_cast<float>(exact.factor(i) * static_cast<double>(p(i, s)) / rows);
            gradient.usage[s] += static_cast<double>(p(i, s));
        }

    const bool paired = registry.form == Form::paired;
    const SideSums key(registry, Side::key);
    const std::size_t sums_at = b * c;
    const std::size_t kappa_at = sums_at + key.width();
    std::vector<double> total = parallel_sum(
        head.tokens(), kappa_at + 1,
        [&](std::size_t begin, std::size_t end, std::span<double> out) {
            work.check();
            const auto r = columns_of(drawn.a.view(), begin, end);
            const FactorBlock held = factors.k.block(begin, end);
            const MatrixView<const float>& own = held.view();
            const auto x = coordinates.base->view().block(begin, end);
            to_slopes(head, begin, end, step, along, r);
            to_far_slopes(head, exact, drawn, begin, r);
            Matrix<float> product(b, c);
            multiply(MatrixView<const float>(r), own, product.view());
            for (std::size_t e = 0; e < product.size(); ++e)
                out[e] += static_cast<double>(product.data()[e]);
            Matrix<float> g(end - begin, c);
            transposed_multiply(MatrixView<const float>(r), std::as_const(p).view(), g.view());
            for (std::size_t j = 0; j < g.rows(); ++j) {
                double all = 0.0;
                for (std::size_t s = 0; s < c; ++s) {
                    g(j, s) *= -own(j, s);
                    all += static_cast<double>(g(j, s));
                }
                double square = 0.0;
                for (const float value : x.row(j))
                    square += static_cast<double>(value) * static_cast<double>(value);
                out[kappa_at] += 0.5 * square * all;
            }
            key.add({g.data(), g.rows(), k, c}, x, out.subspan(sums_at, key.width()));
        });
    if (has_two_sides(registry)) gradient.kappa = total[kappa_at];

    const Matrix<float>& queries = has_two_sides(registry) ? queries_of(head) : *coordinates.base;
    const Matrix<float> asking = gather_rows(queries.view(), exact.rows);
    Matrix<float> dz(b, c);
    gradient.log_weight.assign(c, 0.0);
    for (std::size_t i = 0; i < b; ++i) {
        double mass = 0.0;  // the slope of ln M_i
        for (std::size_t s = 0; s < c; ++s) {
            const double slope = -static_cast<double>(p(i, s)) * total[i * c + s];
            dz(i, s) = static_cast<float>(slope);
            gradient.log_weight[s] += slope;
            mass += slope;
        }
        if (!head.near.any()) continue;  // P alone counts, and its rows sum to 1
        gradient.offset += mass;
        for (const float q : asking.row(i))
            gradient.kappa_query += 0.5 * mass * static_cast<double>(q) * static_cast<double>(q);
    }
    const MatrixView<const float> query_slopes(dz.data(), b, k, c);
    gradient.log_beta.assign(k, 0.0);
    const std::span<double> key_sums = std::span(total).subspan(sums_at, key.width());
    if (paired) {
        const SideSums query(registry, Side::query);
        std::vector<double> sums(query.width(), 0.0);
        query.add(query_slopes, asking.view(), sums);
        query.write(sums, gradient.query, gradient.log_beta);
    } else {
        key.add(query_slopes, asking.view(), key_sums);
    }
    key.write(key_sums, gradient.key, gradient.log_beta);
    return gradient;
}

double FitMeasures::output_error() const { return std::sqrt(loss.output); }

FitMeasures measure_fit(Backend& backend, const SplatRegistry& registry, const Head& head,
                        const ExactRows& exact, const Work& work) {
    const DrawnRows drawn = drawn_rows(backend, registry, head, exact, false, work);
    FitMeasures measures;
    measures.loss = drawn.loss;
    measures.rows = exact.rows.size();
    const std::size_t top = std::min(kTop, head.tokens());
    const auto strongest = [&](std::span<const float> row) {
        std::vector<std::uint32_t> order(row.size());
        std::iota(order.begin(), order.end(), 0U);
        std::partial_sort(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(top),
                          order.end(), [&](std::uint32_t x, std::uint32_t y) {
                              return row[x] != row[y] ? row[x] > row[y] : x < y;
                          });
        order.resize(top);
        std::sort(order.begin(), order.end());
        return order;
    };
    std::vector<double> share(measures.rows, 0.0);
    parallel_for(measures.rows, [&](std::size_t i) {
        const std::vector<std::uint32_t> wanted = strongest(exact.target.row(i));
        const std::vector<std::uint32_t> found = strongest(drawn.a.row(i));
        std::vector<std::uint32_t> both;
        std::set_intersection(wanted.begin(), wanted.end(), found.begin(), found.end(),
                              std::back_inserter(both));
        share[i] = static_cast<double>(both.size()) / static_cast<double>(top);
    });
    for (const double s : share) measures.top_overlap += s / static_cast<double>(measures.rows);
    return measures;
}

}  // namespace hsa
