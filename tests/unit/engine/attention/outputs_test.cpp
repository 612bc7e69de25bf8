#include "engine/attention/outputs.h"

#include "engine/attention/cells.h"
#include "engine/core/error.h"
#include "engine/core/parallel.h"
#include "engine/core/random.h"
#include "tests/catch.h"
#include "tests/reference/cases.h"
#include "tests/reference/plain_backend.h"

#include <algorithm>
#include <cmath>
#include <stop_token>
#include <vector>

// O = A V without factors, against attend() on the factors.
namespace {

using hsa::Matrix;
using reference::Case;
using reference::kKinds;
using reference::Shape;

Matrix<float> values_for(std::size_t n, std::size_t v) {
    Matrix<float> values(n, v);
    for (std::size_t i = 0; i < n; ++i) {
        hsa::Random random({77, i});
        for (std::size_t c = 0; c < v; ++c) values(i, c) = static_cast<float>(random.normal());
    }
    return values;
}

Matrix<float> outputs_of(const Case& data, const Matrix<float>& values,
                         const hsa::OutputOptions& options = {}) {
    return hsa::compute_outputs(*reference::cpu(), data.registry, data.coordinates, values.view(),
                                options, {});
}

// The largest difference beside the largest number there is.
double relative_difference(const Matrix<float>& a, const Matrix<float>& b) {
    double most = 1e-300;
    for (std::size_t e = 0; e < b.size(); ++e)
        most = std::max(most, std::abs(static_cast<double>(b.data()[e])));
    return reference::largest_difference(reference::widened(a), reference::widened(b)) / most;
}

double difference_from_factors(const Case& data, std::size_t width) {
    const Matrix<float> values = values_for(data.tokens(), width);
    const Matrix<float> out = outputs_of(data, values);
    REQUIRE(out.rows() == data.tokens());
    REQUIRE(out.cols() == width);
    return relative_difference(out, hsa::attend(reference::factors_of(data), values.view()));
}

bool all_finite(const Matrix<float>& m) {
    return std::all_of(m.data(), m.data() + m.size(), [](float x) { return std::isfinite(x); });
}

}  // namespace

TEST_CASE("outputs without factors are those of the factors, over numbers of tokens", "[outputs]") {
    for (const hsa::CovarianceKind kind : kKinds)
        for (const std::size_t n :
             {0U, 1U, 2U, 15U, 63U, 64U, 65U, 127U, 128U, 129U, 1023U, 1024U, 1025U, 5000U}) {
            Shape shape;
            shape.tokens = n;
            shape.dimension = 5;
            shape.splats = {7, 4, 1};
            shape.kind = kind;
            shape.background = n % 2 == 1;
            shape.own_blocks = true;
            shape.mixed_ids = n % 3 == 0;
            INFO(hsa::name_of(kind) << ", n = " << n);
            CHECK(difference_from_factors(reference::random_case(shape, 5 + n), 3) < 1e-5);
        }
}

TEST_CASE("outputs without factors are those of the factors, over widths", "[outputs]") {
    for (const hsa::CovarianceKind kind : kKinds) {
        Shape shape;
        shape.tokens = 400;
        shape.kind = kind;
        shape.background = true;
        for (const std::size_t k : {1U, 3U, 4U, 5U, 31U, 32U, 33U, 64U, 70U, 129U}) {
            shape.dimension = 9;
            shape.splats = {k, 2};
            INFO(hsa::name_of(kind) << ", k = " << k);
            CHECK(difference_from_factors(reference::random_case(shape, k), 8) < 1e-5);
        }
        for (const std::size_t d : {1U, 2U, 16U, 17U, 64U}) {
            shape.dimension = d;
            shape.splats = {11};
            INFO(hsa::name_of(kind) << ", d = " << d);
            CHECK(difference_from_factors(reference::random_case(shape, 100 + d), 5) < 1e-5);
        }
    }
    Shape shape;
    shape.tokens = 200;
    shape.dimension = 6;
    shape.splats = {20, 9};
    const Case data = reference::random_case(shape, 9);
    for (const std::size_t v : {0U, 1U, 2U, 15U, 16U, 17U, 32U, 48U, 63U, 64U, 65U, 100U, 200U}) {
        INFO("v = " << v);
        CHECK(difference_from_factors(data, v) < 1e-5);
    }
}

TEST_CASE("outputs without factors in the forms shared and paired", "[outputs][heads]") {
    for (const hsa::Form form : {hsa::Form::shared, hsa::Form::paired})
        for (const bool background : {false, true}) {
            Shape shape;
            shape.tokens = 1500;
            shape.dimension = 7;
            shape.splats = {12, 5};
            shape.kind = hsa::CovarianceKind::diagonal;
            shape.form = form;
            shape.background = background;
            CHECK(difference_from_factors(reference::random_case(shape, 21), 6) < 1e-5);
        }
}

TEST_CASE("queries have no say in the form token", "[outputs][heads]") {
    Shape shape;
    shape.tokens = 90;
    shape.dimension = 3;
    shape.splats = {5};
    Case data = reference::random_case(shape, 3);
    const Matrix<float> values = values_for(90, 2);
    const Matrix<float> before = outputs_of(data, values);
    data.coordinates.queries = std::make_shared<Matrix<float>>(90, 3, 1e9F);
    CHECK(outputs_of(data, values) == before);
}

TEST_CASE("muted levels, level weights and temperature count in outputs", "[outputs]") {
    Shape shape;
    shape.tokens = 300;
    shape.dimension = 4;
    shape.splats = {6, 3};
    shape.background = true;
    Case data = reference::random_case(shape, 31);
    data.registry.hierarchy.levels[1].weight *= 3.0;
    data.registry.log_amplitude[2] = -INFINITY;
    const Matrix<float> values = values_for(300, 4);
    for (const double temperature : {0.3, 1.0, 4.0})
        for (const bool muted : {false, true}) {
            hsa::OutputOptions options;
            hsa::FactorOptions of_factors;
            options.temperature = of_factors.temperature = temperature;
            if (muted)
                options.mask.muted =
                    of_factors.mask.muted = {data.registry.hierarchy.levels[0].name};
            CHECK(relative_difference(
                      outputs_of(data, values, options),
                      hsa::attend(reference::factors_of(data, of_factors), values.view())) < 1e-5);
        }
    hsa::OutputOptions silent;
    for (const hsa::Level& level : data.registry.hierarchy.levels)
        silent.mask.muted.push_back(level.name);
    CHECK_THROWS_AS(outputs_of(data, values, silent), hsa::Error);
}

TEST_CASE("outputs have the same bits for any number of threads", "[outputs]") {
    for (const std::size_t n : {700U, 1024U, 7000U, 40000U}) {
        Shape shape;
        shape.tokens = n;
        shape.dimension = 6;
        shape.splats = {40, 7};
        shape.background = true;
        const Case data = reference::random_case(shape, n);
        const Matrix<float> values = values_for(n, 9);
        const auto with_threads = [&](std::size_t threads) {
            const hsa::ThreadLimit limit(threads);
            return outputs_of(data, values);
        };
        const Matrix<float> one = with_threads(1);
        CHECK(with_threads(2) == one);
        CHECK(with_threads(3) == one);
        CHECK(with_threads(0) == one);
    }
}

TEST_CASE("the default of every backend gives the outputs of the CPU's own loops", "[outputs]") {
    for (const std::size_t n : {1U, 130U, 2500U}) {
        Shape shape;
        shape.tokens = n;
        shape.dimension = 6;
        shape.splats = {40, 7};
        shape.background = true;
        shape.form = n == 130U ? hsa::Form::shared : hsa::Form::token;
        const Case data = reference::random_case(shape, n);
        const Matrix<float> values = values_for(n, 9);
        reference::PlainBackend plain(reference::cpu());
        const Matrix<float> out =
            hsa::compute_outputs(plain, data.registry, data.coordinates, values.view(), {}, {});
        CHECK(relative_difference(out, outputs_of(data, values)) < 1e-5);
    }
}

TEST_CASE("an outlier's output is that of its nearest splat", "[outputs]") {
    for (const bool background : {false, true})
        for (const float away : {30.0F, 1e3F, 1e7F, 1e15F, 1e19F}) {
            Shape shape;
            shape.tokens = 1100;
            shape.dimension = 5;
            shape.splats = {9, 3};
            shape.background = background;
            Case data = reference::random_case(shape, 8);
            Matrix<float> rows = *data.coordinates.base;
            for (std::size_t a = 0; a < 5; ++a) rows(1050, a) = away;
            rows(3, 2) = -away;
            data.set_rows(std::move(rows));
            INFO(away << (background ? ", background" : ""));
            CHECK(difference_from_factors(data, 4) < 1e-5);
        }
}

TEST_CASE("tokens as far from every splat take from all alike", "[outputs]") {
    Case data;
    data.registry.hierarchy.levels = {{"all", 1.0}};
    data.registry.dimension = 2;
    for (const float x : {-1.0F, 1.0F, 3.0F}) {
        hsa::Splat splat;
        splat.centre = {x, 0.0F};
        splat.variance = {1e-12F, 1e-12F};
        data.registry.add(splat);
    }
    Matrix<float> rows(5, 2, 0.0F);
    for (std::size_t s = 0; s < 3; ++s) rows(s, 0) = data.registry.gaussians.centre(s, 0);
    rows(3, 1) = 1e15F;
    rows(4, 0) = 1e13F;
    data.set_rows(std::move(rows));
    CHECK(difference_from_factors(data, 3) < 1e-5);
    Matrix<float> values(5, 1, 0.0F);
    values(2, 0) = 1.0F;
    const Matrix<float> out = outputs_of(data, values);
    CHECK(static_cast<double>(out(3, 0)) == Approx(1.0 / 3.0));
    CHECK(static_cast<double>(out(4, 0)) == Approx(1.0));
}

TEST_CASE("outputs are finite at any scale of rows and values", "[outputs]") {
    for (const hsa::CovarianceKind kind : kKinds)
        for (const float scale : {1e-20F, 1e-8F, 1e8F, 1e18F})
            for (const float by : {1e-30F, 1.0F, 2e38F}) {
                Shape shape;
                shape.tokens = 200;
                shape.dimension = 4;
                shape.splats = {6, 2};
                shape.kind = kind;
                Case data = reference::random_case(shape, 4);
                Matrix<float> rows = *data.coordinates.base;
                for (std::size_t e = 0; e < rows.size(); ++e) rows.data()[e] *= scale;
                data.set_rows(std::move(rows));
                Matrix<float> values(200, 3, by);
                for (std::size_t i = 0; i < 200; i += 2) values(i, 1) = -by;
                const Matrix<float> out = outputs_of(data, values);
                INFO(hsa::name_of(kind) << ", rows " << scale << ", values " << by);
                CHECK(all_finite(out));
                // Every row of A sums to 1, and no mean leaves the range of what it is of.
                for (std::size_t i = 0; i < 200; ++i) {
                    CHECK(out(i, 0) / by == Approx(1.0).epsilon(1e-5));
                    CHECK(std::abs(out(i, 1)) <= by * 1.00001F);
                }
            }
}

TEST_CASE("values of another number of rows are refused, and a stop is heard", "[outputs]") {
    Shape shape;
    shape.tokens = 50;
    shape.dimension = 2;
    const Case data = reference::random_case(shape, 1);
    CHECK_THROWS_AS(outputs_of(data, values_for(49, 2)), hsa::Error);
    std::stop_source stop;
    stop.request_stop();
    CHECK_THROWS_AS(hsa::compute_outputs(*reference::cpu(), data.registry, data.coordinates,
                                         values_for(50, 2).view(), {}, {stop.get_token(), {}}),
                    hsa::Cancelled);
}

TEST_CASE("outputs of the checked numbers of the design", "[outputs][reference]") {
    // With the unit matrix as values the outputs are the rows of A.
    const auto rows_of_a = [](const Case& data) {
        Matrix<float> unit(data.tokens(), data.tokens());
        for (std::size_t i = 0; i < unit.rows(); ++i) unit(i, i) = 1.0F;
        return outputs_of(data, unit);
    };
    const auto check_row = [](const Matrix<float>& a, std::size_t row,
                              const std::vector<double>& numbers, double margin) {
        REQUIRE(a.cols() == numbers.size());
        for (std::size_t j = 0; j < numbers.size(); ++j)
            CHECK(static_cast<double>(a(row, j)) == Approx(numbers[j]).margin(margin).epsilon(0));
    };
    const Matrix<float> a = rows_of_a(reference::d1());
    check_row(a, 0, {.1932545058, .3535579099, .2728303674, .1148610400, .0441324274, .0213637495},
              1e-5);
    check_row(a, 5, {.0702282694, .1750336703, .3002091944, .2543959667, .1329070526, .0672258466},
              1e-5);
    check_row(rows_of_a(reference::d768()), 0,
              {.1020622805, .1589245386, .1810621784, .1689092416, .1478120966, .1130231374,
               .0738359098, .0543706171},
              1e-4);
}
