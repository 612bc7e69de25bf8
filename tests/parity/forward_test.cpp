#include "engine/attention/outputs.h"
#include "engine/compute/level_kernels.h"
#include "engine/core/random.h"
#include "tests/catch.h"
#include "tests/reference/cases.h"

#include <fmt/core.h>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

// The two passes that keep nothing of [n, k] against double precision, over shapes around the tiles
// of cards (16 and 64 of each kind), the chunk (1,024 rows), and widths that vectors do not divide.
namespace {

using hsa::Matrix;

struct ForwardCase {
    std::size_t tokens;
    std::vector<std::size_t> splats;  // a level
    std::size_t dimension;
    std::size_t columns;  // of values
};

const std::vector<ForwardCase>& forward_cases() {
    static const std::vector<ForwardCase> cases = {
        {1, {1}, 1, 1},     {2, {3, 1}, 4, 0},     {15, {16}, 3, 4},    {63, {17, 2}, 8, 5},
        {64, {63}, 16, 63}, {65, {64, 5}, 17, 64}, {129, {65}, 5, 65},  {200, {130, 3}, 4, 130},
        {1023, {9}, 2, 8},  {1024, {5, 4}, 6, 3},  {1025, {20}, 4, 12}, {2500, {33, 4}, 3, 2},
    };
    return cases;
}

reference::Case data_of(const ForwardCase& c, hsa::CovarianceKind kind) {
    reference::Shape shape;
    shape.tokens = c.tokens;
    shape.dimension = c.dimension;
    shape.splats = c.splats;
    shape.kind = kind;
    shape.background = c.tokens % 2 == 1;
    shape.own_blocks = true;
    return reference::random_case(shape, 51 + c.tokens);
}

Matrix<float> values_of(const ForwardCase& c) {
    Matrix<float> values(c.tokens, c.columns);
    hsa::Random random{8, c.tokens};
    for (std::size_t e = 0; e < values.size(); ++e)
        values.data()[e] = static_cast<float>(random.normal());
    return values;
}

std::string name_of(const ForwardCase& c, hsa::CovarianceKind kind) {
    return fmt::format("n = {}, k = {}, d = {}, v = {}, {}", c.tokens, c.splats.front(),
                       c.dimension, c.columns, hsa::name_of(kind));
}

// A double sum over tokens j of weight(i, j) values(j, c).
Matrix<double> product_of(const Matrix<double>& weight, const Matrix<float>& values) {
    Matrix<double> product(weight.rows(), values.cols());
    for (std::size_t i = 0; i < weight.rows(); ++i) {
        double* sums = product.row(i).data();
        for (std::size_t j = 0; j < values.rows(); ++j) {
            const double share = weight(i, j);
            const float* value = values.row(j).data();
            for (std::size_t c = 0; c < values.cols(); ++c)
                sums[c] += share * static_cast<double>(value[c]);
        }
    }
    return product;
}

double normalised_square_error(const Matrix<float>& found, const Matrix<double>& exact) {
    if (found.size() != exact.size()) return std::numeric_limits<double>::infinity();
    double error = 0.0;
    double square = 0.0;
    for (std::size_t e = 0; e < exact.size(); ++e) {
        error += std::pow(static_cast<double>(found.data()[e]) - exact.data()[e], 2);
        square += std::pow(exact.data()[e], 2);
    }
    return error == 0.0 ? 0.0 : error / square;
}

}  // namespace

TEST_CASE("parity: outputs without factors", "[parity]") {
    for (const hsa::CovarianceKind kind : reference::kKinds)
        for (const ForwardCase& c : forward_cases()) {
            INFO(name_of(c, kind));
            const reference::Case data = data_of(c, kind);
            const Matrix<float> values = values_of(c);
            const Matrix<float> found = hsa::compute_outputs(
                *reference::tested(), data.registry, data.coordinates, values.view(), {}, {});
            REQUIRE(found.rows() == c.tokens);
            REQUIRE(found.cols() == c.columns);
            CHECK(normalised_square_error(found, product_of(data.attention().a, values)) < 1e-10);
        }
}

TEST_CASE("parity: sums of values over keys", "[parity]") {
    for (const hsa::CovarianceKind kind : reference::kKinds)
        for (const ForwardCase& c : forward_cases()) {
            INFO(name_of(c, kind));
            const reference::Case data = data_of(c, kind);
            const Matrix<float> values = values_of(c);
            const reference::Attention exact = data.attention();
            const auto backend = reference::tested();
            const hsa::LevelKernel level =
                hsa::bind_level(*backend, data.registry, 0, 1.0, hsa::Side::key);
            const hsa::KeySums sums = backend->key_sums(
                *level.bound, data.coordinates.levels[0]->view(), {}, values.view(), {});
            const std::vector<double> logs = sums.mass.logs();
            Matrix<double> keys(level.rows.size(), c.tokens);
            for (std::size_t s = 0; s < level.rows.size(); ++s) {
                CHECK(logs[s] == Approx(exact.log_mass[level.rows[s]]).margin(2e-6));
                for (std::size_t j = 0; j < c.tokens; ++j) keys(s, j) = exact.k(j, level.rows[s]);
            }
            CHECK(normalised_square_error(sums.means(), product_of(keys, values)) < 1e-10);
        }
}

TEST_CASE("parity: values near the end of float32 keep their means", "[parity]") {
    const ForwardCase c{1500, {7}, 3, 2};
    const reference::Case data = data_of(c, hsa::CovarianceKind::diagonal);
    const Matrix<float> values(c.tokens, c.columns, 1e37F);
    const Matrix<float> found = hsa::compute_outputs(*reference::tested(), data.registry,
                                                     data.coordinates, values.view(), {}, {});
    for (std::size_t e = 0; e < found.size(); ++e)
        CHECK(static_cast<double>(found.data()[e]) == Approx(1e37).epsilon(1e-5));
}
