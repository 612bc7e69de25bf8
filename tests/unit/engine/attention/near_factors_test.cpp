#include "engine/attention/near_factors.h"

#include "engine/attention/blend.h"
#include "engine/attention/bound_picture.h"
#include "engine/attention/factors.h"
#include "engine/attention/far_mass.h"
#include "engine/attention/finish.h"
#include "engine/attention/near_sums.h"
#include "engine/attention/picture.h"
#include "engine/attention/sums.h"
#include "engine/core/parallel.h"
#include "engine/explain/cards.h"
#include "tests/catch.h"
#include "tests/reference/cases.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

using hsa::Matrix;

namespace {

struct Problem {
    reference::Case data;
    std::shared_ptr<const hsa::Target> target;

    [[nodiscard]] hsa::Factors near(const hsa::NearOptions& options) const {
        return hsa::near_factors(data.registry, data.coordinates, *target,
                                 reference::factors_of(data), options, {});
    }
};

Problem problem_of(hsa::Form form, bool causal, std::size_t tokens = 70) {
    reference::Shape shape;
    shape.tokens = tokens;
    shape.dimension = 3;
    shape.splats = {6};
    shape.kind = hsa::CovarianceKind::diagonal;
    shape.background = true;
    shape.form = form;
    Problem problem{reference::random_case(shape, 72), nullptr};
    const hsa::Coordinates& c = problem.data.coordinates;
    problem.target = std::make_shared<const hsa::Target>(*c.queries, *c.base, 1.0, causal);
    return problem;
}

reference::Near near_of(const Problem& problem, const hsa::Factors& near) {
    const hsa::SplatRegistry& registry = problem.data.registry;
    const std::size_t n = problem.data.tokens();
    reference::Near out;
    out.causal = problem.target->causal();
    out.score = Matrix<double>(n, n);
    out.inside.assign(n, std::vector<bool>(n, false));
    for (std::size_t i = 0; i < n; ++i) {
        double extra = near.near->offset;
        for (std::size_t a = 0; a < registry.dimension; ++a) {
            const auto q = static_cast<double>((*problem.data.coordinates.queries)(i, a));
            const double by =
                registry.query_quadratic.empty()
                    ? registry.kappa_query.value_or(registry.form == hsa::Form::shared ? 1.0 : 0.0)
                    : registry.query_quadratic[a];
            extra += 0.5 * by * q * q;
            for (std::size_t j = 0; j < n; ++j)
                out.score(i, j) += q * static_cast<double>((*problem.data.coordinates.base)(j, a));
        }
        out.log_extra.push_back(extra);
        for (const std::uint32_t j : near.near->set.row(i)) out.inside[i][j] = true;
    }
    return out;
}

Matrix<double> reference_of(const Problem& problem, const hsa::Factors& near) {
    const reference::Case& data = problem.data;
    reference::Heads heads;
    heads.query = data.splats(hsa::Side::query);
    heads.key = data.splats(hsa::Side::key);
    heads.keys = data.blocks();
    heads.norms = reference::widened(*data.coordinates.base);
    heads.queries = reference::widened(*data.coordinates.queries);
    heads.kappa = data.registry.kappa;
    return reference::near_and_far(heads, data.registry.background_log_weight,
                                   near_of(problem, near));
}

std::vector<std::uint32_t> all_of(std::size_t n) {
    std::vector<std::uint32_t> rows(n);
    std::iota(rows.begin(), rows.end(), 0U);
    return rows;
}

Matrix<double> rows_of(const hsa::Factors& near) {
    const std::size_t n = near.near->set.rows();
    Matrix<float> a(n, n);
    hsa::attention_rows(near, all_of(n), {}, a.view());
    return reference::widened(a);
}

}  // namespace

TEST_CASE("near and far are the reference's in every reading", "[near][heads]") {
    const hsa::Form form = GENERATE(hsa::Form::shared, hsa::Form::paired);
    const bool causal = GENERATE(false, true);
    const int scalars = GENERATE(0, 1, 2);
    INFO(hsa::name_of(form) << (causal ? ", causal" : "") << ", scalars " << scalars);
    Problem problem = problem_of(form, causal);
    if (scalars > 0) problem.data.registry.offset = 0.4;
    if (scalars == 1) problem.data.registry.kappa_query = 0.7;
    if (scalars == 2) problem.data.registry.query_quadratic = {0.2, 0.9, 0.5};
    const hsa::NearOptions options{2, 1, 7, 3, causal};
    const hsa::Factors near = problem.near(options);
    const std::size_t n = problem.data.tokens();
    const Matrix<double> wanted = reference_of(problem, near);
    if (scalars > 0) CHECK(near.near->offset == 0.4);

    CHECK(reference::largest_difference(rows_of(near), wanted) < 2e-6);
    for (const std::size_t i : {0U, 3U, 41U, 69U})
        for (std::size_t j = 0; j < n; ++j) {
            const hsa::CellParts cell = hsa::cell_parts(near, i, j);
            CHECK(cell.value == Approx(wanted(i, j)).margin(2e-6));
            const auto row = near.near->set.row(i);
            const bool inside = std::binary_search(row.begin(), row.end(), j);
            CHECK(cell.parts.size() == (inside ? 1 : near.columns()));
            CHECK((cell.parts.front().level == hsa::kExactLevel) == inside);
        }

    Matrix<float> values(n, 2);
    for (std::size_t x = 0; x < values.size(); ++x)
        values.data()[x] = static_cast<float>(std::sin(0.9 * static_cast<double>(x)) + 0.3);
    const Matrix<float> outputs = hsa::attend(near, values.view());
    for (std::size_t i = 0; i < n; ++i)
        for (std::size_t v = 0; v < 2; ++v) {
            double sum = 0.0;
            for (std::size_t j = 0; j < n; ++j)
                sum += wanted(i, j) * static_cast<double>(values(j, v));
            CHECK(static_cast<double>(outputs(i, v)) == Approx(sum).margin(5e-6));
        }

    const hsa::TileSums sums = hsa::tile_sums(near);
    for (const hsa::Block& block :
         {hsa::Block{{0, n}, {0, n}}, {{3, 60}, {10, 70}}, {{5, 6}, {4, 5}}, {{10, 20}, {30, 69}}})
        CHECK(hsa::block_parts(near, sums, block).value ==
              Approx(reference::block_mean(wanted, block.rows.begin, block.rows.end,
                                           block.columns.begin, block.columns.end))
                  .margin(1e-6));

    const std::vector<double> usage = hsa::near_usage(near);
    double exact = 0.0;
    for (std::size_t i = 0; i < n; ++i)
        for (const std::uint32_t j : near.near->set.row(i))
            exact += wanted(i, j) / static_cast<double>(n);
    CHECK(usage.back() == Approx(exact).epsilon(1e-5));
    CHECK(std::accumulate(usage.begin(), usage.end(), 0.0) == Approx(1.0).epsilon(1e-5));
    double first = 0.0;  // of the first splat, pair by pair
    for (std::size_t i = 0; i < n; ++i) {
        const auto row = near.near->set.row(i);
        for (std::size_t j = 0; j < (causal ? i + 1 : n); ++j)
            if (!std::binary_search(row.begin(), row.end(), j))
                first += static_cast<double>(near.p(i, 0)) * static_cast<double>(near.k(j, 0)) /
                         static_cast<double>(n);
    }
    CHECK(usage.front() == Approx(first).epsilon(1e-4).margin(1e-7));
}

TEST_CASE("every reading of near and far is that of its rows", "[near][heads]") {
    const bool causal = GENERATE(false, true);
    const bool blended = GENERATE(false, true);
    INFO((causal ? "causal, " : "") << (blended ? "blended" : "one normaliser"));
    const Problem problem = problem_of(hsa::Form::shared, causal, 150);
    const std::size_t n = problem.data.tokens();
    const hsa::Factors near =
        blended ? hsa::blend_window(
                      hsa::compute_factors(*reference::cpu(), problem.data.registry,
                                           problem.data.coordinates, {1.0, 0, {}, causal}, {}),
                      *problem.target, 3, 0.7, {})
                : problem.near({2, 1, 7, 3, causal});
    const Matrix<double> a = rows_of(near);
    for (std::size_t i = 0; i < n; ++i)
        CHECK(std::accumulate(a.row(i).begin(), a.row(i).end(), 0.0) == Approx(1.0).epsilon(1e-5));
    const hsa::TileSums sums = hsa::tile_sums(near);

    for (const std::size_t t : {0U, 5U, 149U}) {
        const std::vector<float> column = hsa::attention_column(near, t);
        for (std::size_t i = 0; i < n; ++i)
            CHECK(static_cast<double>(column[i]) == Approx(a(i, t)).margin(2e-6));
        for (std::size_t j = 0; j < n; ++j) {
            const hsa::CellParts cell = hsa::cell_parts(near, t, j);
            double parts = 0.0;
            for (const hsa::Part& part : cell.parts) parts += part.value;
            CHECK(parts == Approx(a(t, j)).margin(2e-6));
        }
    }
    const std::vector<hsa::Range> some = {{3, 9}, {140, 150}};
    const std::vector<float> row = hsa::mean_row(near, some);
    const std::vector<float> column = hsa::mean_column(near, some);
    for (std::size_t t = 0; t < n; ++t) {
        double from = 0.0;
        double to = 0.0;
        for (const hsa::Range& range : some)
            for (std::size_t i = range.begin; i < range.end; ++i) {
                from += a(i, t) / 16.0;
                to += a(t, i) / 16.0;
            }
        CHECK(static_cast<double>(row[t]) == Approx(from).margin(2e-6));
        CHECK(static_cast<double>(column[t]) == Approx(to).margin(2e-6));
    }
    for (const hsa::Block& block :
         {hsa::Block{{0, n}, {0, n}}, {{3, 60}, {10, 70}}, {{5, 6}, {4, 5}}}) {
        const hsa::CellParts parts = hsa::block_parts(near, sums, block);
        double sum = 0.0;
        for (const hsa::Part& part : parts.parts) {
            CHECK(part.value >= 0.0);
            sum += part.value;
        }
        CHECK(sum == Approx(parts.value).epsilon(1e-9));
        CHECK(parts.value == Approx(reference::block_mean(a, block.rows.begin, block.rows.end,
                                                          block.columns.begin, block.columns.end))
                                 .margin(1e-6));
    }
    // The map at every size: the whole, and one level alone less what it says of exact pairs.
    for (const std::size_t pixels : {std::size_t{1}, std::size_t{7}, n}) {
        hsa::PictureRequest request{{0, n}, {0, n}, pixels, pixels};
        const hsa::Picture all = hsa::attention_picture(near, sums, request, {}, {});
        CHECK(all.mark == hsa::Mark::exact);
        request.part.level = 0;
        const hsa::Picture level = hsa::attention_picture(near, sums, request, {}, {});
        for (std::size_t r = 0; r < pixels; ++r)
            for (std::size_t c = 0; c < pixels; ++c) {
                const hsa::Block block{{all.row_edges[r], all.row_edges[r + 1]},
                                       {all.column_edges[c], all.column_edges[c + 1]}};
                CHECK(static_cast<double>(all.mean(r, c)) ==
                      Approx(reference::block_mean(a, block.rows.begin, block.rows.end,
                                                   block.columns.begin, block.columns.end))
                          .margin(2e-6));
                double own = 0.0;
                for (const hsa::Part& part : hsa::block_parts(near, sums, block).parts)
                    if (part.level == 0) own += part.value;
                CHECK(static_cast<double>(level.mean(r, c)) == Approx(own).margin(2e-6));
            }
    }
    // The largest cell of a pixel, exactly and as a bound.
    hsa::PictureRequest largest{{0, n}, {0, n}, 7, 7};
    largest.statistic = hsa::Statistic::most;
    const hsa::Picture most = hsa::attention_picture(near, sums, largest, {}, {});
    CHECK(most.mark == hsa::Mark::exact);
    std::vector<std::size_t> columns(near.columns());
    std::iota(columns.begin(), columns.end(), std::size_t{0});
    hsa::Picture bound = most;
    std::fill(bound.mean.data(), bound.mean.data() + bound.mean.size(), 0.0F);
    hsa::bound_picture(near, columns, bound, {});
    for (std::size_t r = 0; r < 7; ++r)
        for (std::size_t c = 0; c < 7; ++c) {
            double wanted = 0.0;
            for (std::size_t i = most.row_edges[r]; i < most.row_edges[r + 1]; ++i)
                for (std::size_t j = most.column_edges[c]; j < most.column_edges[c + 1]; ++j)
                    wanted = std::max(wanted, a(i, j));
            CHECK(static_cast<double>(most.mean(r, c)) == Approx(wanted).margin(2e-6));
            CHECK(static_cast<double>(bound.mean(r, c)) >= wanted * (1.0 - 1e-5) - 1e-9);
            if (causal && c > r) CHECK(bound.mean(r, c) == 0.0F);
        }
    // The strongest pairs are those of a sort.
    std::vector<double> values(a.data(), a.data() + a.size());
    std::sort(values.rbegin(), values.rend());
    const std::vector<hsa::Pair> pairs = hsa::strongest_pairs(near, 40, {}).pairs;
    REQUIRE(pairs.size() == 40);
    for (std::size_t p = 0; p < pairs.size(); ++p) {
        CHECK(pairs[p].value == Approx(values[p]).margin(2e-6));
        CHECK(pairs[p].value == Approx(a(pairs[p].i, pairs[p].j)).margin(2e-6));
    }
}

TEST_CASE("all pairs near are exact attention, none are P K", "[near][heads]") {
    for (const bool causal : {false, true}) {
        const Problem problem = problem_of(hsa::Form::shared, causal);
        const std::size_t n = problem.data.tokens();
        Matrix<float> target(n, n);
        problem.target->rows(all_of(n), target.view());
        const hsa::Factors whole = problem.near({n, 0, 64, 0, causal});
        CHECK(whole.near->set.pairs() == (causal ? n * (n + 1) / 2 : n * n));
        CHECK(reference::largest_difference(rows_of(whole), reference::widened(target)) < 1e-6);
        for (const float scale : whole.near->far_scale) CHECK(scale == 0.0F);
    }
    const Problem problem = problem_of(hsa::Form::paired, false);
    const hsa::Factors none = problem.near({});
    const hsa::Factors plain = reference::factors_of(problem.data);
    CHECK(none.near->set.pairs() == 0);
    CHECK(none.p == plain.p);
    CHECK(none.k == plain.k);
}

TEST_CASE("a calibrated far part has the share of the exact rows", "[near][heads]") {
    for (const bool causal : {false, true}) {
        const Problem problem = problem_of(hsa::Form::paired, causal, 64);  // all rows are sampled
        const hsa::Factors near = problem.near({2, 0, 64, 2, causal});
        Matrix<float> target(64, 64);
        problem.target->rows(all_of(64), target.view());
        double mine = 0.0;
        double wanted = 0.0;
        for (std::size_t i = 0; i < 64; ++i)
            for (std::size_t e = near.near->set.begins[i]; e < near.near->set.begins[i + 1]; ++e) {
                mine += static_cast<double>(near.near->exact[e]);
                wanted += static_cast<double>(target(i, near.near->set.columns[e]));
            }
        CHECK(mine == Approx(wanted).epsilon(1e-5));
    }
    // Where M is the exact sum of a row up to a factor, the offset is that factor.
    std::vector<hsa::FarShare> rows;
    for (int r = 0; r < 5; ++r) {
        const double near = 300.0 * r;
        const double far = near - 2.0 + r;
        rows.push_back({near, far + 1.7, 1.0 / (1.0 + std::exp(near - far))});
    }
    CHECK(hsa::solve_offset(rows) == Approx(-1.7).margin(1e-9));
    CHECK(hsa::solve_offset({}) == 0.0);
}

TEST_CASE("scores of thousands of nats stay in the log domain", "[near][heads]") {
    Problem problem = problem_of(hsa::Form::shared, false);
    Matrix<float> queries = *problem.data.coordinates.queries;
    for (std::size_t x = 0; x < queries.size(); ++x) queries.data()[x] *= 3000.0F;
    problem.target =
        std::make_shared<const hsa::Target>(queries, *problem.data.coordinates.base, 1.0);
    const hsa::Factors near = problem.near({4, 0, 64, 1, false});
    for (std::size_t i = 0; i < near.near->set.rows(); ++i) {
        double sum = 0.0;
        const Matrix<double> a = rows_of(near);
        for (const double value : a.row(i)) sum += value;
        CHECK(sum == Approx(1.0).epsilon(1e-5));
        if (i > 4) break;
    }
    CHECK(std::isfinite(near.near->offset));
}

TEST_CASE("near and far do not depend on threads", "[near][threads]") {
    const Problem problem = problem_of(hsa::Form::shared, true, 2500);
    const auto run = [&](std::size_t threads) {
        const hsa::ThreadLimit limit(threads);
        return problem.near({3, 1, 20, 2, true});
    };
    const hsa::Factors one = run(1);
    const hsa::Factors many = run(0);
    CHECK(one.near->exact == many.near->exact);
    CHECK(one.near->correction == many.near->correction);
    CHECK(one.p == many.p);
    CHECK(hsa::near_usage(one) == hsa::near_usage(many));
    CHECK(hsa::near_block(one, {{0, 2500}, {7, 1900}}).exact ==
          hsa::near_block(many, {{0, 2500}, {7, 1900}}).exact);
}

TEST_CASE("row steps finish near and far together", "[near]") {
    const Problem problem = problem_of(hsa::Form::shared, false);
    const hsa::Factors near = problem.near({1, 1, 5, 1, false});
    hsa::AttentionSettings settings;
    settings.top_k = 3;
    const Matrix<double> whole = rows_of(near);
    Matrix<float> top(1, 70);
    hsa::attention_rows(near, std::vector<std::uint32_t>{9}, settings, top.view());
    Matrix<float> wanted(1, 70);
    for (std::size_t j = 0; j < 70; ++j) wanted(0, j) = static_cast<float>(whole(9, j));
    hsa::keep_strongest(wanted.row(0), 3, 0.0);
    CHECK(reference::largest_difference(reference::widened(top), reference::widened(wanted)) <
          1e-7);
}

TEST_CASE("relative masses cannot stand beside exact scores", "[near]") {
    Problem problem = problem_of(hsa::Form::shared, false);
    problem.data.registry.form = hsa::Form::token;
    CHECK_THROWS_WITH(problem.near({2, 0, 64, 0, false}), Catch::Contains("shared or paired"));
}
