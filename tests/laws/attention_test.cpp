#include "engine/attention/cells.h"
#include "engine/attention/factors.h"
#include "engine/attention/picture.h"
#include "engine/core/parallel.h"
#include "engine/core/random.h"
#include "tests/catch.h"
#include "tests/reference/cases.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <string>
#include <vector>

// What holds for any data (maths.md 2).
namespace {

using hsa::Factors;
using hsa::Matrix;
using reference::kKinds;
using reference::Shape;

Shape shape_of(std::size_t tokens, hsa::CovarianceKind kind = hsa::CovarianceKind::spherical,
               bool background = false) {
    Shape shape;
    shape.tokens = tokens;
    shape.dimension = 9;
    shape.splats = {20, 7, 2};
    shape.kind = kind;
    shape.background = background;
    shape.own_blocks = true;
    return shape;
}

void check_stochastic(const Factors& factors) {
    double row = 0.0;
    double column = 0.0;
    bool sound = true;
    std::vector<double> columns(factors.columns(), 0.0);
    for (std::size_t i = 0; i < factors.tokens(); ++i) {
        double sum = 0.0;
        for (std::size_t s = 0; s < factors.columns(); ++s) {
            sound = sound && std::isfinite(factors.p(i, s)) && factors.p(i, s) >= 0.0F &&
                    std::isfinite(factors.k(i, s)) && factors.k(i, s) >= 0.0F;
            sum += static_cast<double>(factors.p(i, s));
            columns[s] += static_cast<double>(factors.k(i, s));
        }
        row = std::max(row, std::abs(sum - 1.0));
        sound = sound && std::isfinite(factors.log_normaliser[i]);
    }
    for (const double sum : columns) column = std::max(column, std::abs(sum - 1.0));
    CHECK(sound);
    CHECK(row < 1e-6);
    CHECK(column < 1e-6);
}

void check_rows_of_a(const Factors& factors, const hsa::AttentionSettings& settings = {}) {
    std::vector<std::uint32_t> tokens(std::min<std::size_t>(factors.tokens(), 40));
    for (std::size_t r = 0; r < tokens.size(); ++r)
        tokens[r] = static_cast<std::uint32_t>(r * factors.tokens() / tokens.size());
    Matrix<float> rows(tokens.size(), factors.tokens());
    hsa::attention_rows(factors, tokens, settings, rows.view());
    for (std::size_t r = 0; r < tokens.size(); ++r) {
        const auto row = rows.row(r);
        CHECK(std::accumulate(row.begin(), row.end(), 0.0) == Approx(1.0).margin(2e-6));
    }
}

bool same_bits(const Factors& a, const Factors& b) {
    return a.p == b.p && a.k == b.k && a.log_mass == b.log_mass &&
           a.log_normaliser == b.log_normaliser;
}

}  // namespace

TEST_CASE("law: rows of A and P and columns of K sum to 1", "[laws][attention]") {
    for (const std::size_t n : {1U, 2U, 129U, 3000U})
        for (const hsa::CovarianceKind kind : kKinds)
            for (const bool background : {true, false}) {
                const Factors factors =
                    reference::factors_of(reference::random_case(shape_of(n, kind, background), n));
                check_stochastic(factors);
                check_rows_of_a(factors);
                hsa::AttentionSettings settings;
                settings.top_k = 5;
                check_rows_of_a(factors, settings);
                settings.top_k = 0;
                settings.threshold = 0.01;
                check_rows_of_a(factors, settings);
                settings.normalise = hsa::Normalise::softmax_linear;
                check_rows_of_a(factors, settings);
                settings = {};
                settings.normalise = hsa::Normalise::softmax;
                settings.tau = 0.25;
                check_rows_of_a(factors, settings);
            }
}

TEST_CASE("law: block means are the means of cells, parts sum to the cell", "[laws][attention]") {
    const std::size_t n = 700;
    const Factors factors = reference::factors_of(
        reference::random_case(shape_of(n, hsa::CovarianceKind::spherical, true), 21));
    const hsa::TileSums sums = hsa::tile_sums(factors);
    const Matrix<double> a = reference::product(factors);
    for (std::uint64_t draw = 0; draw < 60; ++draw) {
        hsa::Random random({22, draw});
        const auto range = [&random] {
            const std::size_t begin = random.below(n);
            return hsa::Range{begin, begin + 1 + random.below(n - begin)};
        };
        const hsa::Block block{range(), range()};
        const hsa::CellParts parts = hsa::block_parts(factors, sums, block);
        const double mean = reference::block_mean(a, block.rows.begin, block.rows.end,
                                                  block.columns.begin, block.columns.end);
        CHECK(parts.value == Approx(mean).epsilon(1e-9));
        double total = 0.0;
        for (const hsa::Part& part : parts.parts) {
            CHECK(part.value == part.p * part.k);
            total += part.value;
        }
        CHECK(total == Approx(parts.value).epsilon(1e-13));

        const std::size_t i = block.rows.begin;
        const std::size_t j = block.columns.begin;
        const hsa::CellParts cell = hsa::cell_parts(factors, i, j);
        CHECK(cell.value == Approx(a(i, j)).epsilon(1e-12));
        CHECK(cell.parts.size() == factors.columns());
        CHECK(std::is_sorted(
            cell.parts.begin(), cell.parts.end(),
            [](const hsa::Part& x, const hsa::Part& y) { return x.value > y.value; }));
    }
}

TEST_CASE("law: level pictures sum to the picture of everything", "[laws][attention]") {
    const Factors factors = reference::factors_of(
        reference::random_case(shape_of(500, hsa::CovarianceKind::spherical, true), 23));
    const hsa::TileSums sums = hsa::tile_sums(factors);
    hsa::PictureRequest request{{0, 500}, {100, 400}, 40, 30};
    const Matrix<double> whole =
        reference::widened(hsa::attention_picture(factors, sums, request, {}, {}).mean);
    Matrix<double> total(40, 30);
    for (const std::uint16_t level :
         {std::uint16_t{0}, std::uint16_t{1}, std::uint16_t{2}, hsa::kBackgroundLevel}) {
        request.part.level = level;
        const hsa::Picture part = hsa::attention_picture(factors, sums, request, {}, {});
        for (std::size_t x = 0; x < total.size(); ++x)
            total.data()[x] += static_cast<double>(part.mean.data()[x]);
    }
    CHECK(reference::largest_difference(total, whole) < 1e-9);
}

TEST_CASE("law: pictures of splats sum to the picture of everything", "[laws][attention]") {
    const Factors factors = reference::factors_of(
        reference::random_case(shape_of(300, hsa::CovarianceKind::spherical, true), 25));
    const hsa::TileSums sums = hsa::tile_sums(factors);
    hsa::PictureRequest request{{0, 300}, {50, 300}, 30, 20};
    const Matrix<double> whole =
        reference::widened(hsa::attention_picture(factors, sums, request, {}, {}).mean);
    Matrix<double> total(30, 20);
    std::vector<hsa::SplatId> even;
    Matrix<double> of_even(30, 20);
    for (const hsa::SplatId id : factors.ids) {
        request.part.splats = {id};
        const hsa::Picture part = hsa::attention_picture(factors, sums, request, {}, {});
        for (std::size_t x = 0; x < total.size(); ++x) {
            total.data()[x] += static_cast<double>(part.mean.data()[x]);
            if (id % 2 == 0) of_even.data()[x] += static_cast<double>(part.mean.data()[x]);
        }
        if (id % 2 == 0) even.push_back(id);
    }
    CHECK(reference::largest_difference(total, whole) < 1e-9);
    request.part.splats = even;
    CHECK(reference::largest_difference(
              reference::widened(hsa::attention_picture(factors, sums, request, {}, {}).mean),
              of_even) < 1e-9);
    request.part.splats = {9999};
    const hsa::Picture none = hsa::attention_picture(factors, sums, request, {}, {});
    CHECK(std::all_of(none.mean.data(), none.mean.data() + none.mean.size(),
                      [](float x) { return x == 0.0F; }));
}

TEST_CASE("law: one thread and many give the same bits", "[laws][attention]") {
    for (const hsa::CovarianceKind kind : kKinds) {
        Shape shape = shape_of(5000, kind, true);
        shape.mixed_ids = true;
        const reference::Case data = reference::random_case(shape, 24);
        Matrix<float> values(5000, 3);
        for (std::size_t x = 0; x < values.size(); ++x)
            values.data()[x] = static_cast<float>(std::sin(0.1 * static_cast<double>(x)));
        struct Result {
            Factors factors;
            hsa::TileSums sums;
            hsa::Picture picture;
            Matrix<float> output;
            std::vector<float> row;
        };
        const auto compute = [&](std::size_t threads) {
            const hsa::ThreadLimit limit(threads);
            Result result;
            hsa::FactorOptions options;
            options.splats_per_token = 6;
            result.factors = reference::factors_of(data, options);
            result.sums = hsa::tile_sums(result.factors);
            result.picture = hsa::attention_picture(result.factors, result.sums,
                                                    {{0, 5000}, {17, 4711}, 90, 80}, {}, {});
            result.output = hsa::attend(result.factors, values.view());
            const std::vector<hsa::Range> some = {{3, 900}, {1200, 4999}};
            result.row = hsa::mean_row(result.factors, some);
            return result;
        };
        const Result one = compute(1);
        for (const std::size_t threads : {2U, 0U}) {
            const Result many = compute(threads);
            CHECK(same_bits(one.factors, many.factors));
            CHECK(one.factors.row_bound == many.factors.row_bound);
            CHECK(one.sums.p == many.sums.p);
            CHECK(one.sums.k == many.sums.k);
            CHECK(one.picture.mean == many.picture.mean);
            CHECK(one.output == many.output);
            CHECK(one.row == many.row);
        }
    }
}

TEST_CASE("law: permuting tokens permutes A", "[laws][attention]") {
    const std::size_t n = 300;
    Shape shape = shape_of(n);
    shape.own_blocks = false;
    const reference::Case data = reference::random_case(shape, 25);
    std::vector<std::size_t> order(n);
    std::iota(order.begin(), order.end(), std::size_t{0});
    hsa::Random random({26});
    for (std::size_t i = n; i > 1; --i) std::swap(order[i - 1], order[random.below(i)]);
    Matrix<float> rows(n, data.coordinates.dimension());
    for (std::size_t i = 0; i < n; ++i)
        std::copy_n(data.coordinates.base->row(order[i]).begin(), rows.cols(), rows.row(i).begin());
    reference::Case other = data;
    other.set_rows(std::move(rows));
    const Matrix<double> a = reference::product(reference::factors_of(data));
    const Matrix<double> permuted = reference::product(reference::factors_of(other));
    double worst = 0.0;
    for (std::size_t i = 0; i < n; ++i)
        for (std::size_t j = 0; j < n; ++j)
            worst = std::max(worst, std::abs(permuted(i, j) - a(order[i], order[j])));
    CHECK(worst < 1e-7);
}

TEST_CASE("law: identical tokens attend to each other equally", "[laws][attention]") {
    for (const bool background : {true, false}) {
        reference::Case data =
            reference::random_case(shape_of(1, hsa::CovarianceKind::spherical, background), 27);
        const std::size_t n = 150;
        Matrix<float> rows(n, data.coordinates.dimension());
        for (std::size_t i = 0; i < n; ++i)
            std::copy_n(data.coordinates.base->row(0).begin(), rows.cols(), rows.row(i).begin());
        data.set_rows(std::move(rows));
        const Factors factors = reference::factors_of(data);
        check_stochastic(factors);
        for (std::size_t i = 0; i < n; ++i)
            for (std::size_t s = 0; s < factors.columns(); ++s) {
                CHECK(factors.p(i, s) == factors.p(0, s));
                CHECK(factors.k(i, s) == factors.k(0, s));
            }
        CHECK(static_cast<double>(factors.k(0, 0)) == Approx(1.0 / 150.0));
    }
}

TEST_CASE("law: huge and small coordinates stay finite and mean the same", "[laws][attention]") {
    const reference::Case data = reference::random_case(shape_of(260), 28);
    const Factors plain = reference::factors_of(data);
    // Powers of ten whose squares float32 can hold as variances.
    for (const int power : {-18, -12, -3, 3, 12, 18}) {
        const auto scale = static_cast<float>(std::pow(10.0, power));
        reference::Case scaled = data;
        hsa::SplatRegistry& registry = scaled.registry;
        for (std::size_t x = 0; x < registry.gaussians.centre.size(); ++x) {
            registry.gaussians.centre.data()[x] *= scale;
            registry.gaussians.variance.data()[x] *= scale * scale;
        }
        for (auto& level : scaled.coordinates.levels) {
            Matrix<float> rows = *level;
            for (std::size_t x = 0; x < rows.size(); ++x) rows.data()[x] *= scale;
            level = std::make_shared<const Matrix<float>>(std::move(rows));
        }
        INFO("scale 1e" << power);
        const Factors factors = reference::factors_of(scaled);
        check_stochastic(factors);
        CHECK(reference::largest_difference(reference::widened(factors.p),
                                            reference::widened(plain.p)) < 2e-5);
        CHECK(reference::largest_difference(reference::widened(factors.k),
                                            reference::widened(plain.k)) < 2e-5);
    }
}

TEST_CASE("law: data at any distance and scale never make a number that is not one",
          "[laws][attention]") {
    for (const hsa::CovarianceKind kind : kKinds)
        for (const bool background : {true, false})
            for (const float scale : {1e-20F, 1e-10F, 1e10F, 1e20F, 1e30F}) {
                INFO("data times " << scale << ", splats as they are");
                reference::Case data = reference::random_case(shape_of(140, kind, background), 29);
                Matrix<float> rows = *data.coordinates.base;
                for (std::size_t x = 0; x < rows.size(); ++x) rows.data()[x] *= scale;
                rows(3, 0) = 0.0F;
                data.set_rows(std::move(rows));
                check_stochastic(reference::factors_of(data));
                for (float& beta : data.registry.beta) beta *= 1e20F;
                check_stochastic(reference::factors_of(data));
                for (float& beta : data.registry.beta) beta *= 1e-35F;
                check_stochastic(reference::factors_of(data));
            }
}

TEST_CASE("law: heads of any form, distance and scale stay finite and stochastic",
          "[laws][attention][heads]") {
    for (const hsa::Form form : {hsa::Form::shared, hsa::Form::paired})
        for (const hsa::CovarianceKind kind : kKinds)
            for (const bool background : {true, false})
                for (const float scale : {1e-20F, 1e-10F, 1.0F, 1e10F, 1e20F, 1e30F}) {
                    INFO(hsa::name_of(form) << ", data times " << scale);
                    Shape shape = shape_of(140, kind, background);
                    shape.form = form;
                    reference::Case data = reference::random_case(shape, 32);
                    Matrix<float> queries = *data.coordinates.queries;
                    Matrix<float> rows = *data.coordinates.base;
                    for (std::size_t x = 0; x < rows.size(); ++x) {
                        rows.data()[x] *= scale;
                        queries.data()[x] *= scale;
                    }
                    rows(3, 0) = queries(5, 1) = 0.0F;
                    data.set_rows(std::move(rows));
                    data.coordinates.queries =
                        std::make_shared<const Matrix<float>>(std::move(queries));
                    for (const double kappa : {1.0, 0.0, -1.0}) {
                        data.registry.kappa = kappa;
                        check_stochastic(reference::factors_of(data));
                    }
                    for (float& beta : data.registry.beta) beta *= 1e20F;
                    check_stochastic(reference::factors_of(data));
                }
}

TEST_CASE("law: a query beyond every splat goes to the nearest", "[laws][attention][heads]") {
    reference::Case data;
    data.registry.hierarchy.levels = {{"all", 1.0}};
    data.registry.dimension = 2;
    data.registry.form = hsa::Form::shared;
    for (const float x : {-1.0F, 1.0F, 3.0F}) {
        hsa::Splat splat;
        splat.centre = {x, 0.0F};
        splat.variance = {1e-12F, 1e-12F};
        data.registry.add(splat);
    }
    Matrix<float> keys(3, 2, 0.0F);
    for (std::size_t s = 0; s < 3; ++s) keys(s, 0) = data.registry.gaussians.centre(s, 0);
    data.set_rows(std::move(keys));
    Matrix<float> queries(3, 2, 0.0F);
    queries(0, 0) = 1e13F;
    queries(1, 0) = -1e13F;
    queries(2, 1) = 1e15F;  // as far from all three
    data.coordinates.queries = std::make_shared<const Matrix<float>>(std::move(queries));
    data.registry.kappa = 0.0;
    const Factors factors = reference::factors_of(data);
    check_stochastic(factors);
    CHECK(factors.p(0, 2) == 1.0F);
    CHECK(factors.p(1, 0) == 1.0F);
    for (std::size_t s = 0; s < 3; ++s)
        CHECK(static_cast<double>(factors.p(2, s)) == Approx(1.0 / 3.0));
}

TEST_CASE("law: of heads, threads change no bit and permutations carry over",
          "[laws][attention][heads]") {
    for (const hsa::Form form : {hsa::Form::shared, hsa::Form::paired}) {
        Shape shape = shape_of(2500, hsa::CovarianceKind::diagonal, true);
        shape.form = form;
        shape.own_blocks = false;
        const reference::Case data = reference::random_case(shape, 33);
        const auto with_threads = [&](std::size_t threads) {
            const hsa::ThreadLimit limit(threads);
            return reference::factors_of(data);
        };
        const Factors one = with_threads(1);
        CHECK(same_bits(one, with_threads(2)));

        // Queries and keys are permuted apart: rows and columns of A follow.
        const std::size_t n = 300;
        const auto cut = [&](const Matrix<float>& from, std::size_t step) {
            Matrix<float> rows(n, from.cols());
            for (std::size_t i = 0; i < n; ++i)
                std::copy_n(from.row(i * step % n).begin(), rows.cols(), rows.row(i).begin());
            return rows;
        };
        reference::Case straight = data;
        straight.set_rows(cut(*data.coordinates.base, 1));
        straight.coordinates.queries =
            std::make_shared<const Matrix<float>>(cut(*data.coordinates.queries, 1));
        reference::Case turned = data;
        turned.set_rows(cut(*data.coordinates.base, 7));
        turned.coordinates.queries =
            std::make_shared<const Matrix<float>>(cut(*data.coordinates.queries, 11));
        const Matrix<double> a = reference::product(reference::factors_of(straight));
        const Matrix<double> b = reference::product(reference::factors_of(turned));
        double worst = 0.0;
        for (std::size_t i = 0; i < n; ++i)
            for (std::size_t j = 0; j < n; ++j)
                worst = std::max(worst, std::abs(b(i, j) - a(i * 11 % n, j * 7 % n)));
        CHECK(worst < 1e-6);
    }
}

TEST_CASE("law: a row beyond every splat goes to the nearest, ties are equal",
          "[laws][attention]") {
    reference::Case data;
    data.registry.hierarchy.levels = {{"all", 1.0}};
    data.registry.dimension = 2;
    for (const float x : {-1.0F, 1.0F, 3.0F}) {
        hsa::Splat splat;
        splat.centre = {x, 0.0F};
        splat.variance = {1e-12F, 1e-12F};
        data.registry.add(splat);
    }
    Matrix<float> rows(4, 2, 0.0F);
    rows(0, 1) =
        1e15F;  // as far from all three: their log kernels differ by less than a double holds
    rows(1, 0) = 1e13F;  // nearest to the third
    rows(2, 0) = -1.0F;
    rows(3, 1) = -1e15F;
    data.set_rows(std::move(rows));
    const Factors factors = reference::factors_of(data);
    check_stochastic(factors);
    CHECK(factors.p(1, 2) == 1.0F);
    CHECK(factors.p(2, 0) == 1.0F);
    for (std::size_t s = 0; s < 3; ++s) {
        CHECK(factors.p(0, s) == factors.p(3, s));
    }
}

TEST_CASE("law: tight splats far from the middle keep their digits", "[laws][attention]") {
    // Two clusters 2,000 deviations apart: the expanded square alone would be wrong by 0.1 and
    // more.
    reference::Case data;
    data.registry.hierarchy.levels = {{"all", 1.0}};
    const std::size_t d = 8;
    data.registry.dimension = d;
    for (std::size_t s = 0; s < 6; ++s) {
        hsa::Random random({30, s});
        hsa::Splat splat;
        splat.kind = hsa::CovarianceKind::diagonal;
        for (std::size_t a = 0; a < d; ++a) {
            splat.centre.push_back((s % 2 == 0 ? 1.0F : -1.0F) +
                                   static_cast<float>(1e-3 * random.normal()));
            splat.variance.push_back(1e-6F);
        }
        data.registry.add(splat);
    }
    Matrix<float> rows(300, d);
    for (std::size_t i = 0; i < rows.rows(); ++i) {
        hsa::Random random({31, i});
        const auto centre = data.registry.gaussians.centre.row(i % 6);
        for (std::size_t a = 0; a < d; ++a)
            rows(i, a) = centre[a] + static_cast<float>(1e-3 * random.normal());
    }
    data.set_rows(std::move(rows));
    for (const hsa::CovarianceKind kind : kKinds) {
        hsa::GaussianColumns& side = data.registry.gaussians;
        for (std::size_t s = 0; s < data.registry.size(); ++s) {
            side.kind[s] = kind;
            side.shape[s] = hsa::from_variances(side.variance.row(s), kind).shape;
        }
        const reference::Attention exact = data.attention();
        const Factors factors = reference::factors_of(data);
        CHECK(reference::largest_difference(reference::widened(factors.p), exact.p) < 1e-5);
        CHECK(reference::largest_difference(reference::widened(factors.k), exact.k) < 1e-5);
    }
}
