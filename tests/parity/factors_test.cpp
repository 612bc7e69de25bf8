#include "engine/attention/factors.h"

#include "engine/attention/cells.h"
#include "engine/attention/picture.h"
#include "tests/catch.h"
#include "tests/reference/cases.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <vector>

// P, K, masses, outputs and pictures against double precision.
namespace {

using hsa::Matrix;
using reference::Shape;

std::vector<Shape> shapes() {
    std::vector<Shape> all;
    for (const hsa::CovarianceKind kind :
         {hsa::CovarianceKind::spherical, hsa::CovarianceKind::diagonal,
          hsa::CovarianceKind::lowrank, hsa::CovarianceKind::full}) {
        Shape shape;
        shape.dimension = 6;
        shape.kind = kind;
        for (const std::size_t n :
             {0U, 1U, 2U, 63U, 64U, 65U, 127U, 128U, 129U, 1023U, 1024U, 1025U}) {
            shape.tokens = n;
            shape.splats = {5, 3, 1};
            shape.background = n % 2 == 1;
            shape.own_blocks = true;
            shape.mixed_ids = n % 3 == 0;
            all.push_back(shape);
        }
        shape.tokens = 200;
        shape.dimension = 64;
        shape.splats = {1};
        shape.mixed_ids = false;
        all.push_back(shape);
        shape.splats = {100, 50, 20, 5};
        shape.background = true;
        all.push_back(shape);
        shape.mixed_ids = true;
        all.push_back(shape);
    }
    return all;
}

std::string name_of(const Shape& shape) {
    return fmt::format("n = {}, d = {}, levels = {}, {}{}{}", shape.tokens, shape.dimension,
                       shape.splats.size(), hsa::name_of(shape.kind),
                       shape.background ? ", background" : "",
                       shape.mixed_ids ? ", mixed ids" : "");
}

double worst_relative(const std::vector<double>& a, const std::vector<double>& b) {
    double worst = a.size() == b.size() ? 0.0 : INFINITY;
    for (std::size_t s = 0; s < std::min(a.size(), b.size()); ++s)
        worst = std::max(worst, std::abs(a[s] - b[s]) / (1.0 + std::abs(b[s])));
    return worst;
}

void check_factors(const reference::Case& data, const hsa::Factors& factors) {
    const reference::Attention exact = data.attention();
    const bool background = data.registry.background_log_weight.has_value();
    REQUIRE(factors.tokens() == data.tokens());
    REQUIRE(factors.columns() == data.registry.size() + (background ? 1 : 0));
    REQUIRE(factors.has_background() == background);
    CHECK(reference::largest_difference(reference::widened(factors.p), exact.p) < 1e-5);
    CHECK(reference::largest_difference(reference::widened(factors.k), exact.k) < 1e-5);
    if (data.tokens() == 0) return;
    CHECK(worst_relative(factors.log_mass, exact.log_mass) < 1e-5);
    CHECK(worst_relative({factors.log_normaliser.begin(), factors.log_normaliser.end()},
                         exact.log_normaliser) < 2e-6);
    // Relative, so that weak cells are compared as sharply as strong ones.
    double worst = 0.0;
    for (std::size_t x = 0; x < exact.p.size(); ++x)
        if (exact.p.data()[x] > 1e-15)
            worst = std::max(worst, std::abs(static_cast<double>(factors.p.values().data()[x]) /
                                                 exact.p.data()[x] -
                                             1.0));
    CHECK(worst < 1e-4);
}

}  // namespace

TEST_CASE("parity: factors", "[parity]") {
    for (const Shape& shape : shapes()) {
        INFO(name_of(shape));
        const reference::Case data = reference::random_case(shape, 11);
        check_factors(data, reference::factors_of(data));
    }
}

TEST_CASE("parity: factors of queries and keys", "[parity][heads][plain]") {
    for (const hsa::Form form : {hsa::Form::shared, hsa::Form::paired})
        for (Shape shape : shapes()) {
            shape.form = form;
            INFO(hsa::name_of(form) << ", " << name_of(shape));
            const reference::Case data = reference::random_case(shape, 15);
            const hsa::Factors factors = reference::factors_of(data);
            check_factors(data, factors);
            // The reference forms A from S = sum_s w_s phi^q phi^k, never from P and K.
            if (shape.tokens <= 200)
                CHECK(reference::largest_difference(reference::product(factors),
                                                    data.attention().a) < 1e-5);
        }
}

TEST_CASE("parity: factors of some queries", "[parity][heads]") {
    for (const hsa::Form form : {hsa::Form::token, hsa::Form::shared, hsa::Form::paired}) {
        Shape shape;
        shape.tokens = 1100;
        shape.dimension = 7;
        shape.splats = {20, 6};
        shape.background = true;
        shape.own_blocks = true;
        shape.form = form;
        const reference::Case data = reference::random_case(shape, 17);
        const hsa::Factors whole = reference::factors_of(data);
        const std::vector<std::uint32_t> rows = {1099, 0, 513, 7};
        const hsa::Factors some = hsa::compute_factors_of_queries(
            *reference::tested(), data.registry, data.coordinates, rows, {}, {});
        CHECK(some.log_mass == whole.log_mass);
        CHECK(some.k == whole.k);
        REQUIRE(some.p.rows() == rows.size());
        for (std::size_t r = 0; r < rows.size(); ++r) {
            for (std::size_t s = 0; s < some.columns(); ++s)
                CHECK(static_cast<double>(some.p(r, s)) ==
                      Approx(static_cast<double>(whole.p(rows[r], s))).margin(1e-6));
            CHECK(static_cast<double>(some.log_normaliser[r]) ==
                  Approx(static_cast<double>(whole.log_normaliser[rows[r]])).margin(1e-5));
        }
    }
}

TEST_CASE("parity: kappa, temperature and queries that are the keys", "[parity][heads]") {
    Shape shape;
    shape.tokens = 150;
    shape.dimension = 5;
    shape.splats = {6, 3};
    shape.background = true;
    for (const hsa::Form form : {hsa::Form::shared, hsa::Form::paired})
        for (const double kappa : {0.0, 1.0, -0.4})
            for (const double temperature : {0.5, 2.0}) {
                shape.form = form;
                INFO(hsa::name_of(form) << ", kappa " << kappa << ", T " << temperature);
                reference::Case data = reference::random_case(shape, 16);
                data.registry.kappa = kappa;
                hsa::FactorOptions options;
                options.temperature = temperature;
                CHECK(reference::largest_difference(
                          reference::product(reference::factors_of(data, options)),
                          data.attention(temperature).a) < 1e-5);
                data.coordinates.queries = nullptr;
                CHECK(reference::largest_difference(
                          reference::product(reference::factors_of(data, options)),
                          data.attention(temperature).a) < 1e-5);
            }
    // With kappa 0 and no queries of its own, shared is token.
    shape.form = hsa::Form::shared;
    reference::Case data = reference::random_case(shape, 16);
    data.registry.kappa = 0.0;
    data.coordinates.queries = nullptr;
    const hsa::Factors shared = reference::factors_of(data);
    data.registry.form = hsa::Form::token;
    const hsa::Factors token = reference::factors_of(data);
    CHECK(shared.k == token.k);
    CHECK(reference::largest_difference(reference::widened(shared.p), reference::widened(token.p)) <
          1e-6);
}

TEST_CASE("parity: temperature", "[parity]") {
    Shape shape;
    shape.tokens = 90;
    shape.dimension = 4;
    shape.splats = {6, 3};
    const reference::Case data = reference::random_case(shape, 12);
    for (const double temperature : {0.25, 1.0, 3.0}) {
        hsa::FactorOptions options;
        options.temperature = temperature;
        const hsa::Factors factors = reference::factors_of(data, options);
        CHECK(reference::largest_difference(reference::product(factors),
                                            data.attention(temperature).a) < 1e-5);
    }
}

TEST_CASE("parity: O = A V", "[parity]") {
    for (const std::size_t width : {0U, 1U, 3U, 17U}) {
        Shape shape;
        shape.tokens = 1100;
        shape.dimension = 3;
        shape.splats = {7, 2};
        shape.background = true;
        const reference::Case data = reference::random_case(shape, 13);
        Matrix<float> values(shape.tokens, width);
        for (std::size_t x = 0; x < values.size(); ++x)
            values.data()[x] = static_cast<float>(std::sin(0.37 * static_cast<double>(x)));
        const Matrix<float> out = hsa::attend(reference::factors_of(data), values.view());
        const reference::Attention exact = data.attention();
        Matrix<double> expected(shape.tokens, width);
        for (std::size_t i = 0; i < shape.tokens; ++i)
            for (std::size_t j = 0; j < shape.tokens; ++j)
                for (std::size_t v = 0; v < width; ++v)
                    expected(i, v) += exact.a(i, j) * static_cast<double>(values(j, v));
        CHECK(reference::largest_difference(reference::widened(out), expected) < 1e-5);
    }
}

TEST_CASE("parity: pictures are the means of their blocks", "[parity]") {
    for (const std::size_t n : {1U, 63U, 64U, 65U, 700U}) {
        Shape shape;
        shape.tokens = n;
        shape.dimension = 3;
        shape.splats = {6, 3};
        shape.background = true;
        const reference::Case data = reference::random_case(shape, 14);
        const reference::Attention exact = data.attention();
        const hsa::Factors factors = reference::factors_of(data);
        const hsa::TileSums sums = hsa::tile_sums(factors);
        const std::vector<hsa::PictureRequest> requests = {
            {{0, n}, {0, n}, 1, 1},
            {{0, n}, {0, n}, 13, 7},
            {{n / 3, n}, {0, (n + 1) / 2}, 50, 64},
            {{n / 2, n / 2 + 1}, {0, n}, 8, 5000},
        };
        for (const hsa::PictureRequest& request : requests) {
            INFO("n = " << n << ", " << request.height << " x " << request.width);
            const hsa::Picture picture = hsa::attention_picture(factors, sums, request, {}, {});
            REQUIRE(picture.mean.rows() == std::min(request.height, request.rows.size()));
            REQUIRE(picture.mean.cols() == std::min(request.width, request.columns.size()));
            CHECK(picture.mark == hsa::Mark::exact);
            CHECK(picture.row_edges.back() == std::max(request.rows.end, picture.row_edges.back()));
            double worst = 0.0;
            for (std::size_t r = 0; r < picture.mean.rows(); ++r)
                for (std::size_t c = 0; c < picture.mean.cols(); ++c) {
                    const double mean = reference::block_mean(
                        exact.a, picture.row_edges[r], picture.row_edges[r + 1],
                        picture.column_edges[c], picture.column_edges[c + 1]);
                    worst = std::max(
                        worst, std::abs(static_cast<double>(picture.mean(r, c)) - mean) / mean);
                }
            CHECK(worst < 1e-4);
        }
    }
}
