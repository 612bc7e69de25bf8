#include "engine/attention/sparse_factors.h"

#include "engine/core/error.h"
#include "engine/core/parallel.h"
#include "engine/core/random.h"
#include "tests/catch.h"
#include "tests/reference/cases.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

// A of few splats a token, against the same written out densely in double precision, and the laws
// that hold whatever is dropped.
namespace {

using hsa::Matrix;
using hsa::SparseFactors;
using reference::Case;
using reference::Shape;

SparseFactors sparse(const Case& data, const hsa::SparseOptions& options) {
    return hsa::compute_sparse_factors(*reference::cpu(), data.registry, data.coordinates, options,
                                       {});
}

hsa::SparseOptions keeping(std::size_t m, bool spatial = false, std::size_t scored = 0) {
    hsa::SparseOptions options;
    options.splats = m;
    options.spatial = spatial;
    options.scored = scored;
    options.temperature = 1.2;
    return options;
}

Case small_case(hsa::Form form, bool background, std::uint64_t seed) {
    Shape shape;
    shape.tokens = 150;
    shape.dimension = 4;
    shape.splats = {17, 6};
    shape.kind = hsa::CovarianceKind::diagonal;
    shape.form = form;
    shape.background = background;
    shape.mixed_ids = true;
    return reference::random_case(shape, seed);
}

std::vector<std::uint32_t> all_rows(std::size_t n) {
    std::vector<std::uint32_t> rows(n);
    std::iota(rows.begin(), rows.end(), 0U);
    return rows;
}

Matrix<double> attention_of(const SparseFactors& factors) {
    const std::size_t n = factors.tokens();
    Matrix<float> a(n, n);
    hsa::attention_rows(factors, all_rows(n), {}, a.view());
    return reference::widened(a);
}

// The numbers that a side keeps of those of the reference: zero elsewhere.
Matrix<double> kept_of(const Matrix<double>& whole, const Matrix<std::uint32_t>& column) {
    Matrix<double> kept(whole.rows(), whole.cols());
    for (std::size_t i = 0; i < kept.rows(); ++i)
        for (const std::uint32_t s : column.row(i)) kept(i, s) = whole(i, s);
    return kept;
}

// A by the rule: what P and K drop goes to the background, without one to the rest in proportion.
Matrix<double> written_out(const reference::Attention& whole, const SparseFactors& factors) {
    const std::size_t n = factors.tokens();
    const std::size_t c = factors.columns();
    const bool background = factors.has_background();
    const std::size_t splats = c - (background ? 1 : 0);
    Matrix<double> p = kept_of(whole.p, *factors.p_column);
    Matrix<double> k = kept_of(whole.k, *factors.k_column);
    std::vector<double> lacks(splats);
    for (std::size_t s = 0; s < splats; ++s) {
        double sum = 0.0;
        for (std::size_t j = 0; j < n; ++j) sum += k(j, s);
        lacks[s] = background || sum == 0.0 ? 1.0 - sum : 0.0;
        for (std::size_t j = 0; j < n && !background && sum > 0.0; ++j) k(j, s) /= sum;
    }
    Matrix<double> a(n, n);
    for (std::size_t i = 0; i < n; ++i) {
        double sum = 0.0;
        for (std::size_t s = 0; s < splats; ++s) sum += p(i, s);
        double rest = background ? 1.0 - sum : 0.0;
        for (std::size_t s = 0; s < splats; ++s) {
            if (!background) p(i, s) /= sum;
            rest += p(i, s) * lacks[s];
        }
        for (std::size_t j = 0; j < n; ++j) {
            a(i, j) = rest * (background ? whole.k(j, splats) : 1.0 / static_cast<double>(n));
            for (std::size_t s = 0; s < splats; ++s) a(i, j) += p(i, s) * k(j, s);
        }
    }
    return a;
}

double row_error(const Matrix<double>& a, const Matrix<double>& b, std::size_t i) {
    double sum = 0.0;
    for (std::size_t j = 0; j < a.cols(); ++j) sum += std::abs(a(i, j) - b(i, j));
    return sum;
}

void check_rows_sum_to_one(const Matrix<double>& a) {
    for (std::size_t i = 0; i < a.rows(); ++i) {
        const auto row = a.row(i);
        CHECK_THAT(std::accumulate(row.begin(), row.end(), 0.0),
                   Catch::Matchers::WithinAbs(1.0, 2e-5));
    }
}

}  // namespace

TEST_CASE("few splats a token give A with what they drop moved by the rule", "[sparse]") {
    for (const hsa::Form form : {hsa::Form::token, hsa::Form::shared, hsa::Form::paired})
        for (const bool background : {false, true})
            for (const std::size_t m : {1U, 3U, 8U, 23U}) {
                INFO(hsa::name_of(form) << ", background " << background << ", m = " << m);
                const Case data = small_case(form, background, 40 + m);
                const reference::Attention whole = data.attention(1.2);
                const SparseFactors factors = sparse(data, keeping(m));
                const Matrix<double> a = attention_of(factors);
                CHECK(!factors.estimated);
                CHECK(reference::largest_difference(a, written_out(whole, factors)) < 1e-5);
                check_rows_sum_to_one(a);
                for (std::size_t i = 0; i < a.rows(); ++i) {
                    const auto kept = factors.p_column->row(i);
                    double least = 1.0;
                    double sum = background ? whole.p(i, 23) : 0.0;
                    for (const std::uint32_t s : kept) {
                        least = std::min(least, whole.p(i, s));
                        sum += whole.p(i, s);
                    }
                    for (std::uint32_t s = 0; s < 23; ++s)
                        if (!std::binary_search(kept.begin(), kept.end(), s))
                            CHECK(whole.p(i, s) <= least + 1e-5);
                    CHECK_THAT(static_cast<double>(factors.kept[i]),
                               Catch::Matchers::WithinAbs(sum, 1e-5));
                    CHECK(row_error(a, whole.a, i) <= static_cast<double>(factors.bound[i]) + 2e-5);
                }
                if (m < 23) continue;
                CHECK(reference::largest_difference(a, whole.a) < 1e-5);
                CHECK(factors.largest_bound() < 2e-5F);
            }
}

TEST_CASE("all readings of sparse factors are those of their A", "[sparse]") {
    for (const hsa::Form form : {hsa::Form::token, hsa::Form::paired})
        for (const bool background : {false, true}) {
            const Case data = small_case(form, background, 7);
            const SparseFactors factors = sparse(data, keeping(4));
            const Matrix<double> a = attention_of(factors);
            const std::size_t n = a.rows();
            double worst = 0.0;
            for (std::size_t i = 0; i < n; i += 3)
                for (std::size_t j = 0; j < n; ++j) {
                    const hsa::CellParts cell = hsa::cell_parts(factors, i, j);
                    double sum = 0.0;
                    for (const hsa::Part& part : cell.parts) sum += part.value;
                    worst = std::max(
                        {worst, std::abs(cell.value - a(i, j)), std::abs(sum - cell.value)});
                }
            CHECK(worst < 1e-6);
            for (const hsa::Block& block :
                 {hsa::Block{{0, n}, {0, n}}, hsa::Block{{3, 77}, {60, 61}},
                  hsa::Block{{149, 150}, {0, 90}}})
                CHECK_THAT(hsa::block_parts(factors, block).value,
                           Catch::Matchers::WithinAbs(
                               reference::block_mean(a, block.rows.begin, block.rows.end,
                                                     block.columns.begin, block.columns.end),
                               1e-7));
            const std::vector<hsa::Range> tokens = {{2, 9}, {50, 120}};
            const std::vector<float> row = hsa::mean_row(factors, tokens);
            const std::vector<float> column = hsa::mean_column(factors, tokens);
            for (std::size_t x = 0; x < n; ++x) {
                double along = 0.0;
                double down = 0.0;
                for (const hsa::Range& range : tokens)
                    for (std::size_t t = range.begin; t < range.end; ++t) {
                        along += a(t, x) / 77.0;
                        down += a(x, t) / 77.0;
                    }
                CHECK_THAT(static_cast<double>(row[x]), Catch::Matchers::WithinAbs(along, 1e-6));
                CHECK_THAT(static_cast<double>(column[x]), Catch::Matchers::WithinAbs(down, 1e-6));
            }
            Matrix<float> values(n, 5);
            for (std::size_t x = 0; x < values.size(); ++x)
                values.data()[x] = static_cast<float>(hsa::Random{9, x}.normal());
            const Matrix<float> out = hsa::attend(factors, values.view());
            Matrix<double> expected(n, 5);
            for (std::size_t i = 0; i < n; ++i)
                for (std::size_t j = 0; j < n; ++j)
                    for (std::size_t v = 0; v < 5; ++v)
                        expected(i, v) += a(i, j) * static_cast<double>(values(j, v));
            CHECK(reference::largest_difference(reference::widened(out), expected) < 1e-5);
            hsa::AttentionSettings settings;
            settings.top_k = 5;
            Matrix<float> finished(1, n);
            hsa::attention_rows(factors, std::vector<std::uint32_t>{6}, settings, finished.view());
            CHECK(std::count_if(finished.data(), finished.data() + n,
                                [](float x) { return x > 0.0F; }) == 5);
            CHECK_THROWS_AS(hsa::cell_parts(factors, n, 0), hsa::Error);
            CHECK_THROWS_AS(hsa::block_parts(factors, {{0, n + 1}, {0, 1}}), hsa::Error);
            CHECK_THROWS_AS(hsa::attend(factors, values.view().block(0, 3)), hsa::Error);
        }
}

TEST_CASE("through cells what was kept is estimated", "[sparse]") {
    for (const hsa::Form form : {hsa::Form::token, hsa::Form::paired})
        for (const bool background : {false, true}) {
            Shape shape;
            shape.tokens = 9000;
            shape.dimension = 12;
            shape.splats = {200, 56};
            shape.kind = hsa::CovarianceKind::diagonal;
            shape.form = form;
            shape.background = background;
            const Case data = reference::random_case(shape, 31);
            const SparseFactors whole = sparse(data, keeping(12));
            const SparseFactors some = sparse(data, keeping(12, true, 48));
            INFO(hsa::name_of(form) << ", background " << background);
            CHECK(some.estimated);
            CHECK(some.recall > 0.97);
            const auto mean = [](const std::vector<float>& of) {
                return std::accumulate(of.begin(), of.end(), 0.0) / static_cast<double>(of.size());
            };
            CHECK_THAT(mean(some.kept), Catch::Matchers::WithinAbs(mean(whole.kept), 0.01));
            CHECK_THAT(mean(some.bound), Catch::Matchers::WithinAbs(mean(whole.bound), 0.05));
            double worst_mass = 0.0;
            for (std::size_t s = 0; s < 256; ++s)
                worst_mass = std::max(worst_mass, std::abs(some.log_mass[s] - whole.log_mass[s]));
            CHECK(worst_mass < 0.2);
            double off = 0.0;
            for (std::size_t i = 0; i < 9000; ++i)
                off += std::abs(static_cast<double>(some.kept[i] - whole.kept[i])) / 9000.0;
            CHECK(off < 0.05);
            Matrix<float> rows(2, 9000);
            hsa::attention_rows(some, std::vector<std::uint32_t>{5, 8765}, {}, rows.view());
            check_rows_sum_to_one(reference::widened(rows));
        }
}

TEST_CASE("sparse factors do not depend on the threads, nor see muted levels", "[sparse]") {
    Shape shape;
    shape.tokens = 5000;
    shape.dimension = 6;
    shape.splats = {150, 9};
    shape.background = true;
    const Case data = reference::random_case(shape, 3);
    for (const bool spatial : {false, true}) {
        const SparseFactors many = sparse(data, keeping(6, spatial));
        Matrix<float> values(5000, 3, 0.5F);
        values(17, 1) = 4.0F;
        const Matrix<float> out = hsa::attend(many, values.view());
        const hsa::ThreadLimit one(1);
        const SparseFactors few = sparse(data, keeping(6, spatial));
        CHECK(*many.p_column == *few.p_column);
        CHECK(many.p == few.p);
        CHECK(many.key_values == few.key_values);
        CHECK(many.key_tokens == few.key_tokens);
        CHECK(many.bound == few.bound);
        CHECK(many.rest == few.rest);
        CHECK(hsa::attend(few, values.view()) == out);
        CHECK(many.k_column == many.p_column);  // one list for both sides
        CHECK(many.bytes() < 5000 * 6 * 24 + 5000 * 24);
    }
    hsa::SparseOptions muted = keeping(20);
    muted.mask.muted = {data.registry.hierarchy.levels[0].name};
    const SparseFactors coarse = sparse(data, muted);
    CHECK(coarse.p.cols() == 9);
    for (const std::uint32_t s : coarse.p_column->row(11)) CHECK(data.registry.level[s] == 1);
    CHECK(coarse.largest_bound() < 2e-5F);
}
