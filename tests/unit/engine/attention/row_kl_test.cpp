#include "engine/attention/row_kl.h"

#include "engine/core/parallel.h"
#include "tests/catch.h"
#include "tests/reference/cases.h"

#include <cmath>
#include <cstdint>
#include <numeric>
#include <span>
#include <stop_token>
#include <vector>

using hsa::row_kl;

namespace {

// A row that sums to 1 and whose numbers are spread over four powers of ten.
std::vector<float> uneven(std::size_t n, double phase) {
    std::vector<double> raw(n);
    double sum = 0.0;
    for (std::size_t j = 0; j < n; ++j)
        sum += raw[j] = std::pow(10.0, 2.0 * std::sin(phase + 0.37 * static_cast<double>(j)));
    std::vector<float> row(n);
    for (std::size_t j = 0; j < n; ++j) row[j] = static_cast<float>(raw[j] / sum);
    return row;
}

double by_hand(std::span<const float> t, std::span<const float> a) {
    double sum = 0.0;
    for (std::size_t j = 0; j < t.size(); ++j) {
        const auto wanted = static_cast<double>(t[j]);
        if (wanted > 0.0) sum += wanted * std::log(wanted / static_cast<double>(a[j]));
    }
    return sum;
}

}  // namespace

TEST_CASE("the divergence of a whole row is what float64 makes of it, however long the row is",
          "[attention][row_kl]") {
    for (const std::size_t n : {std::size_t{1}, std::size_t{7}, hsa::kChunkRows - 1,
                                hsa::kChunkRows, hsa::kChunkRows + 1, 70 * hsa::kChunkRows + 5}) {
        INFO(n);
        const std::vector<float> t = uneven(n, 0.0);
        const std::vector<float> a = uneven(n, 1.0);
        const double expected = by_hand(t, a);
        // 2e-7 a logarithm, and lanes of float32 over a chunk.
        CHECK(row_kl(t, a) ==
              Approx(expected).epsilon(0.0).margin(2e-6 * (1.0 + std::abs(expected))));
        CHECK(row_kl(t, t) == Approx(0.0).epsilon(0.0).margin(1e-6));
    }
    // A tail as small as one float32 sum over all of the row would lose.
    const std::size_t n = 200 * hsa::kChunkRows;
    std::vector<float> t(n, 1e-8F);
    const std::vector<float> a(n, 1e-8F / 2.718281828F);
    t[0] = 1.0F;
    CHECK(row_kl(t, a) - std::log(1.0 / static_cast<double>(a[0])) ==
          Approx(static_cast<double>(n - 1) * 1e-8).epsilon(0.0).margin(1e-5));
}

TEST_CASE("columns without a target add nothing, those without attention count as 1e-30",
          "[attention][row_kl]") {
    const std::vector<float> none(3000, 0.0F);
    const std::vector<float> a = uneven(3000, 1.0);
    CHECK(row_kl(none, a) == 0.0);
    CHECK(row_kl({}, {}) == 0.0);
    std::vector<float> one = none;
    one[2500] = 1.0F;
    CHECK(row_kl(one, a) ==
          Approx(-std::log(static_cast<double>(a[2500]))).epsilon(0.0).margin(1e-5));
    CHECK(row_kl(one, none) == Approx(30.0 * std::log(10.0)).epsilon(0.0).margin(1e-4));
}

TEST_CASE("rows of a joint attention are measured as each is alone, in the order asked for",
          "[attention][row_kl][threads]") {
    reference::Shape shape;
    shape.tokens = 2100;
    shape.dimension = 3;
    shape.splats = {6};
    shape.background = true;
    const reference::Case data = reference::random_case(shape, 5);
    const hsa::Factors factors = reference::factors_of(data);
    const hsa::Target target(*data.coordinates.base, 1.0);
    std::vector<std::uint32_t> rows = {2099, 0, 17};
    for (std::uint32_t i = 100; i < 140; ++i) rows.push_back(i);  // more than one stretch
    const std::vector<double> found = hsa::rows_kl(factors, target, rows, {});
    REQUIRE(found.size() == rows.size());
    for (const std::size_t r : {std::size_t{0}, std::size_t{1}, std::size_t{2}, std::size_t{42}}) {
        INFO(rows[r]);
        const std::size_t n = factors.tokens();
        std::vector<float> a(n);
        for (std::size_t j = 0; j < n; ++j) {
            double cell = 0.0;
            for (std::size_t c = 0; c < factors.columns(); ++c)
                cell += static_cast<double>(factors.p.row(rows[r])[c]) *
                        static_cast<double>(factors.k.row(j)[c]);
            a[j] = static_cast<float>(cell);
        }
        hsa::Matrix<float> t(1, n);
        target.rows(std::span(rows).subspan(r, 1), t.view());
        const double expected = by_hand(t.row(0), a);
        CHECK(found[r] == Approx(expected).epsilon(0.0).margin(1e-5 * (1.0 + expected)));
    }
    const hsa::ThreadLimit one(1);
    CHECK(hsa::rows_kl(factors, target, rows, {}) == found);
    std::stop_source stop;
    stop.request_stop();
    CHECK_THROWS_AS(hsa::rows_kl(factors, target, rows, {stop.get_token(), {}}), hsa::Cancelled);
}
