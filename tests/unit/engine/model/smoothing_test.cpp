#include "engine/model/smoothing.h"

#include "engine/core/parallel.h"
#include "tests/unit/engine/embed/embed_test.h"

#include <algorithm>
#include <cmath>
#include <stop_token>
#include <string_view>
#include <vector>

using hsa::Matrix;
using hsa::smooth;
using hsa::smoothing_widths;

namespace {

std::vector<float> weights(std::size_t n) {
    hsa::Random random{4};
    std::vector<float> w(n);
    for (float& each : w) each = static_cast<float>(0.01 + random.uniform());
    return w;
}

// The kernel as the ruling says it, taps from -reach to reach.
std::vector<double> taps(double h) {
    if (h <= 24.0) {
        const auto reach = static_cast<int>(std::floor(4.0 * h));
        std::vector<double> g;
        for (int t = -reach; t <= reach; ++t) g.push_back(std::exp(-0.5 * t * t / (h * h)));
        return g;
    }
    const double wanted = std::sqrt(4.0 * h * h + 1.0);
    std::size_t width = 1;
    while (std::abs(static_cast<double>(width + 2) - wanted) <=
           std::abs(static_cast<double>(width) - wanted))
        width += 2;
    std::vector<double> g = {1.0};
    for (int pass = 0; pass < 3; ++pass) {
        std::vector<double> wider(g.size() + width - 1, 0.0);
        for (std::size_t a = 0; a < g.size(); ++a)
            for (std::size_t b = 0; b < width; ++b) wider[a + b] += g[a];
        g = wider;
    }
    return g;
}

double smoothed(const Matrix<float>& y, const std::vector<float>& w, const std::vector<double>& g,
                bool trailing, bool boxes, std::size_t i, std::size_t a) {
    const auto n = static_cast<std::ptrdiff_t>(y.rows());
    const auto reach = static_cast<std::ptrdiff_t>(g.size() / 2);
    double above = 0.0;
    double below = 0.0;
    for (std::ptrdiff_t t = 0; t < static_cast<std::ptrdiff_t>(g.size()); ++t) {
        // Trailing boxes are moved back until the last tap is the token; a direct kernel is cut.
        const std::ptrdiff_t j =
            static_cast<std::ptrdiff_t>(i) + t - (trailing && boxes ? 2 * reach : reach);
        if (j < 0 || j >= n || (trailing && j > static_cast<std::ptrdiff_t>(i))) continue;
        const auto row = static_cast<std::size_t>(j);
        const double weight = g[static_cast<std::size_t>(t)] * static_cast<double>(w[row]);
        above += weight * static_cast<double>(y(row, a));
        below += weight;
    }
    return above / below;
}

void check_against_definition(std::size_t n, double h, bool trailing) {
    const Matrix<float> y = embed_test::clusters(n, 3, 5, 2);
    const std::vector<float> w = weights(n);
    const Matrix<float> found = smooth(y, w, h, trailing, hsa::Work{});
    const std::vector<double> g = taps(h);
    std::vector<std::size_t> rows = {0, 1, n / 3, n / 2, n - 2, n - 1};
    for (std::size_t border = 4096; border < n; border += 4096) {
        rows.push_back(border - 1);
        rows.push_back(border);
        rows.push_back(border + 1);
    }
    for (const std::size_t i : rows)
        for (std::size_t a = 0; a < 3; ++a) {
            INFO("h " << h << " row " << i);
            CHECK(static_cast<double>(found(i, a)) ==
                  Approx(smoothed(y, w, g, trailing, h > 24.0, i, a)).epsilon(1e-6).margin(1e-7));
        }
}

}  // namespace

TEST_CASE("smoothing is the weighted mean the ruling defines", "[embed][smoothing]") {
    for (const double h : {0.3, 2.0, 6.5, 16.0, 24.0, 24.5, 64.0, 200.0})
        for (const bool trailing : {false, true}) check_against_definition(9001, h, trailing);
}

TEST_CASE("smoothing of a few rows uses the rows there are", "[embed][smoothing]") {
    for (const std::size_t n : {2U, 3U, 40U})
        for (const double h : {2.0, 24.0, 100.0}) {
            check_against_definition(n, h, false);
            check_against_definition(n, h, true);
        }
    const Matrix<float> one(1, 3, 0.5F);
    const Matrix<float> kept = smooth(one, weights(1), 30.0, false, hsa::Work{});
    for (std::size_t a = 0; a < 3; ++a) CHECK(kept(0, a) == Approx(0.5F));
}

TEST_CASE("h = 0 copies", "[embed][smoothing]") {
    const Matrix<float> y = embed_test::clusters(5000, 4, 3, 6);
    CHECK(smooth(y, weights(5000), 0.0, false, hsa::Work{}) == y);
}

TEST_CASE("a constant stays constant", "[embed][smoothing]") {
    const Matrix<float> y(6000, 2, 3.25F);
    for (const double h : {3.0, 40.0, 256.0}) {
        const Matrix<float> found = smooth(y, weights(6000), h, false, hsa::Work{});
        for (std::size_t e = 0; e < found.size(); ++e)
            REQUIRE(found.data()[e] == Approx(3.25F).epsilon(1e-6));
    }
}

TEST_CASE("trailing smoothing never looks ahead", "[embed][smoothing]") {
    constexpr std::size_t kChanged = 5000;
    const Matrix<float> y = embed_test::clusters(9000, 3, 4, 8);
    Matrix<float> other = y;
    for (std::size_t i = kChanged; i < y.rows(); ++i) other(i, 1) += 5.0F;
    const std::vector<float> w = weights(y.rows());
    for (const double h : {8.0, 80.0}) {
        const Matrix<float> a = smooth(y, w, h, true, hsa::Work{});
        const Matrix<float> b = smooth(other, w, h, true, hsa::Work{});
        for (std::size_t i = 0; i < kChanged; ++i)
            REQUIRE(std::equal(a.row(i).begin(), a.row(i).end(), b.row(i).begin()));
        CHECK(a(kChanged, 1) != b(kChanged, 1));
    }
}

TEST_CASE("a block of rows depends on its halo alone", "[embed][smoothing]") {
    // Rows far outside the halo of the second block are changed: its bits stay.
    const Matrix<float> y = embed_test::clusters(16384, 3, 4, 9);
    Matrix<float> other = y;
    for (std::size_t i = 0; i < 2000; ++i) other(i, 0) += 1.0F;
    for (std::size_t i = 12000; i < 16384; ++i) other(i, 2) -= 1.0F;
    const std::vector<float> w = weights(y.rows());
    for (const double h : {20.0, 256.0}) {
        const Matrix<float> a = smooth(y, w, h, false, hsa::Work{});
        const Matrix<float> b = smooth(other, w, h, false, hsa::Work{});
        for (std::size_t i = 4096; i < 8192; ++i)
            REQUIRE(std::equal(a.row(i).begin(), a.row(i).end(), b.row(i).begin()));
    }
}

TEST_CASE("smoothing has the same bits for any number of threads", "[embed][smoothing]") {
    const Matrix<float> y = embed_test::clusters(20000, 5, 4, 3);
    const std::vector<float> w = weights(y.rows());
    const auto run = [&](std::size_t threads) {
        const hsa::ThreadLimit limit(threads);
        return smooth(y, w, 100.0, false, hsa::Work{});
    };
    CHECK(run(1) == run(4));
}

TEST_CASE("widths grow with the level and the text", "[embed][smoothing]") {
    CHECK(smoothing_widths(25000, 4) == std::vector<double>{0.0, 16.0, 64.0, 256.0});
    CHECK(smoothing_widths(100, 4) == std::vector<double>{0.0, 2.0, 6.0, 12.0});
    const std::vector<double> middle = smoothing_widths(1500, 4);
    CHECK(middle[1] == Approx(10.0));
    CHECK(middle[2] == Approx(30.0));
    CHECK(middle[3] == Approx(60.0));
    CHECK(smoothing_widths(25000, 1) == std::vector<double>{0.0});
    CHECK(smoothing_widths(25000, 2) == std::vector<double>{0.0, 256.0});
    const std::vector<double> seven = smoothing_widths(25000, 7);
    CHECK(seven[2] == Approx(16.0));
    CHECK(seven[3] == Approx(32.0));  // half way in the log
    CHECK(seven[6] == Approx(256.0));
    for (std::size_t l = 1; l < seven.size(); ++l) CHECK(seven[l] > seven[l - 1]);
}

TEST_CASE("smoothing says how far it is and ends at a stop", "[embed][smoothing]") {
    constexpr std::size_t kRows = 9 * 4096;
    const Matrix<float> y = embed_test::clusters(kRows, 2, 4, 9);
    const std::vector<float> w = weights(kRows);
    for (const double h : {0.0, 2.0, 40.0}) {
        std::vector<double> told;
        hsa::Work work;
        work.on_progress = [&](std::string_view, double fraction) { told.push_back(fraction); };
        (void)smooth(y, w, h, false, work);
        REQUIRE(told.size() == 9);
        CHECK(std::is_sorted(told.begin(), told.end()));
        CHECK(told.back() == 1.0);
    }
    std::stop_source stop;
    stop.request_stop();
    hsa::Work stopped;
    stopped.stop = stop.get_token();
    CHECK_THROWS_AS(smooth(y, w, 2.0, false, stopped), hsa::Cancelled);
}
