#include "engine/fit/drawn_rows.h"

#include "engine/attention/divergence.h"
#include "engine/attention/factors.h"
#include "engine/attention/far_mass.h"
#include "engine/attention/row_lanes.h"
#include "engine/compute/level_kernels.h"
#include "engine/core/error.h"
#include "engine/core/gather.h"
#include "engine/core/parallel.h"
#include "engine/core/products.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <span>
#include <utility>

namespace hsa {
namespace {

constexpr double kNothing = -std::numeric_limits<double>::infinity();

// Columns [begin, end) of all rows.
MatrixView<float> columns_of(Matrix<float>& m, std::size_t begin, std::size_t end) {
    return {m.data() + begin, m.rows(), end - begin, m.cols()};
}

Factors factors_of(Backend& backend, const SplatRegistry& registry, const Head& head,
                   const ExactRows& exact, const Work& work) {
    const std::size_t n = head.tokens();
    if (exact.rows.empty()) fault("a fit without rows");
    if (head.target.size() != n || (head.values.cols > 0 && head.values.rows != n))
        fault("a head of {} tokens with {} target rows and {} values", n, head.target.size(),
              head.values.rows);
    return compute_factors_of_queries(backend, registry, head.coordinates, exact.rows, {}, work);
}

// What near sets of rows are joined with the splats from.
struct Parts {
    NearSet set;
    std::vector<float> scores;     // [pairs]
    std::vector<double> log_mass;  // [b] ln M without an offset
    std::vector<double> outside;   // [b] what P K has outside

    [[nodiscard]] std::span<const float> scores_of(std::size_t row) const {
        return std::span(scores).subspan(set.begins[row], set.row(row).size());
    }
    [[nodiscard]] double log_far(std::size_t row) const {
        return outside[row] > 0.0 ? log_mass[row] + std::log(outside[row]) : kNothing;
    }
};

// Leaves P K outside the near sets in `a` [b, n], zeros elsewhere.
Parts split(const SplatRegistry& registry, const Head& head, const ExactRows& exact,
            const Factors& factors, Matrix<float>& a, const Work& work) {
    Parts parts;
    parts.set = near_set(factors, exact.rows, head.near, head.anchors);
    const Matrix<float>& queries =
        has_two_sides(registry) ? queries_of(head) : *head.coordinates.base;
    parts.log_mass = log_far_masses(registry, gather_rows(queries.view(), exact.rows).view(),
                                    factors.log_normaliser);
    parts.scores.resize(parts.set.pairs());
    parallel_for(exact.rows.size(), [&](std::size_t r) {
        for (std::size_t e = parts.set.begins[r]; e < parts.set.begins[r + 1]; ++e)
            parts.scores[e] = head.target.score(exact.rows[r], parts.set.columns[e]);
    });
    parts.outside =
        parallel_sum(head.tokens(), exact.rows.size(),
                     [&](std::size_t begin, std::size_t end, std::span<double> out) {
                         work.check();
                         const MatrixView<float> part = columns_of(a, begin, end);
                         const FactorBlock keys = factors.k.block(begin, end);
                         row_products(factors.p.values().view(), keys.view(), part);
                         for (std::size_t r = 0; r < part.rows; ++r) {
                             clear_near(head, parts.set, exact.rows[r], r, begin, part.row(r));
                             for (const float value : part.row(r))
                                 out[r] += static_cast<double>(value);
                         }
                     });
    return parts;
}

}  // namespace

void clear_near(const Head& head, const NearSet& set, std::size_t token, std::size_t row,
                std::size_t begin, std::span<float> columns) {
    const std::size_t end = begin + columns.size();
    if (head.near.causal)
        std::fill(columns.begin() +
                      static_cast<std::ptrdiff_t>(std::clamp(token + 1, begin, end) - begin),
                  columns.end(), 0.0F);
    const Range pairs = set.pairs_of(row, {begin, end});
    for (std::size_t e = pairs.begin; e < pairs.end; ++e) columns[set.columns[e] - begin] = 0.0F;
}

DrawnRows drawn_rows(Backend& backend, const SplatRegistry& registry, const Head& head,
                     const ExactRows& exact, bool to_ratio, const Work& work) {
    const std::size_t b = exact.rows.size();
    const std::size_t n = head.tokens();
    const std::size_t v = head.values.cols;
    DrawnRows drawn;
    drawn.factors = factors_of(backend, registry, head, exact, work);
    drawn.a = Matrix<float>::unwritten(b, n);
    const bool near = head.near.any();
    std::vector<float> inside;  // [pairs] A
    if (near) {
        Parts parts = split(registry, head, exact, drawn.factors, drawn.a, work);
        inside.resize(parts.set.pairs());
        for (std::size_t r = 0; r < b; ++r) {
            const JoinedRow row =
                join_row(parts.scores_of(r), parts.log_mass[r] + registry.offset.value_or(0.0),
                         parts.outside[r]);
            drawn.far_scale.push_back(row.far_scale);
            for (std::size_t e = parts.set.begins[r]; e < parts.set.begins[r + 1]; ++e)
                inside[e] = static_cast<float>(
                    std::exp(static_cast<double>(parts.scores[e]) - row.log_normaliser));
        }
        drawn.set = std::move(parts.set);
    }
    const auto join = [&](std::size_t begin, std::size_t end, MatrixView<float> a) {
        for (std::size_t r = 0; r < b; ++r) {
            const auto scale = static_cast<float>(drawn.far_scale[r]);
            for (float& value : a.row(r)) value *= scale;
            const Range pairs = drawn.set.pairs_of(r, {begin, end});
            for (std::size_t e = pairs.begin; e < pairs.end; ++e)
                a(r, drawn.set.columns[e] - begin) = inside[e];
        }
    };
    const std::vector<double> sums =
        parallel_sum(n, 1 + b * v, [&](std::size_t begin, std::size_t end, std::span<double> out) {
            const MatrixView<float> a = columns_of(drawn.a, begin, end);
            if (near) join(begin, end, a);
            else {
                const FactorBlock keys = std::as_const(drawn.factors.k).block(begin, end);
                row_products(std::as_const(drawn.factors.p).values().view(), keys.view(), a);
            }
            if (v > 0) {
                Matrix<float> missed(b, end - begin);
                for (std::size_t i = 0; i < b; ++i)
                    for (std::size_t j = begin; j < end; ++j)
                        missed(i, j - begin) = drawn.a(i, j) - exact.target(i, j);
                Matrix<float> product(b, v);
                multiply(std::as_const(missed).view(), head.values.block(begin, end),
                         product.view());
                for (std::size_t e = 0; e < product.size(); ++e)
                    out[1 + e] += static_cast<double>(product.data()[e]);
            }
            for (std::size_t i = 0; i < b; ++i) {
                const auto t = exact.target.row(i).subspan(begin, end - begin);
                out[0] += exact.factor(i) *
                          (to_ratio ? divergence_to_ratio(t, a.row(i)) : divergence(t, a.row(i)));
            }
        });
    drawn.loss.kl = sums[0] / static_cast<double>(b);
    drawn.missed = Matrix<float>(b, v);
    double square = 0.0;
    for (std::size_t e = 0; e < b * v; ++e) {
        drawn.missed.data()[e] = static_cast<float>(sums[1 + e]);
        square += exact.factor(e / v) * sums[1 + e] * sums[1 + e];
    }
    if (exact.output_square > 0.0) drawn.loss.output = square / exact.output_square;
    return drawn;
}

double offset_on_rows(Backend& backend, const SplatRegistry& registry, const Head& head,
                      const ExactRows& exact, const Work& work) {
    const Factors factors = factors_of(backend, registry, head, exact, work);
    auto a = Matrix<float>::unwritten(exact.rows.size(), head.tokens());
    const Parts parts = split(registry, head, exact, factors, a, work);
    std::vector<FarShare> rows;
    for (std::size_t r = 0; r < exact.rows.size(); ++r) {
        double near = 0.0;
        for (const std::uint32_t j : parts.set.row(r))
            near += static_cast<double>(exact.target(r, j));
        rows.push_back({join_row(parts.scores_of(r), 0.0, 0.0).log_normaliser, parts.log_far(r),
                        std::max(0.0, 1.0 - near)});
    }
    return solve_offset(rows);
}

}  // namespace hsa
