#include "engine/adapt/places.h"
#include "engine/core/parallel.h"
#include "tests/unit/engine/embed/embed_test.h"

#include <algorithm>
#include <numeric>
#include <set>
#include <stop_token>
#include <string>
#include <string_view>

using hsa::Matrix;
using hsa::Places;
using hsa::share_out;
using hsa::weighted_kmeans;

namespace {

std::vector<std::uint32_t> all(std::size_t n) {
    std::vector<std::uint32_t> rows(n);
    std::iota(rows.begin(), rows.end(), 0U);
    return rows;
}

Places kmeans(const Matrix<float>& y, std::size_t k, std::uint64_t seed = 1) {
    return weighted_kmeans(y, std::vector<float>(y.rows(), 1.0F), all(y.rows()), k, seed,
                           hsa::Work{});
}

void check_labels(const Places& places, std::size_t n) {
    REQUIRE(places.label.size() == n);
    std::set<std::uint32_t> used(places.label.begin(), places.label.end());
    CHECK(used.size() == places.count);
    CHECK(*used.rbegin() + 1 == places.count);
}

double within(const Matrix<float>& y, const Places& places) {
    Matrix<double> mean(places.count, y.cols(), 0.0);
    std::vector<double> members(places.count, 0.0);
    for (std::size_t i = 0; i < y.rows(); ++i) {
        members[places.label[i]] += 1.0;
        for (std::size_t a = 0; a < y.cols(); ++a)
            mean(places.label[i], a) += static_cast<double>(y(i, a));
    }
    double sum = 0.0;
    for (std::size_t i = 0; i < y.rows(); ++i)
        for (std::size_t a = 0; a < y.cols(); ++a) {
            const double delta =
                static_cast<double>(y(i, a)) - mean(places.label[i], a) / members[places.label[i]];
            sum += delta * delta;
        }
    return sum / static_cast<double>(y.rows());
}

}  // namespace

TEST_CASE("k-means finds clusters that are there", "[adapt][initialise][places]") {
    Matrix<float> y(900, 2);
    for (std::size_t i = 0; i < 900; ++i) {
        y(i, 0) = static_cast<float>(i % 3) * 10.0F + static_cast<float>(i % 7) * 0.1F;
        y(i, 1) = static_cast<float>(i % 3) * -5.0F + static_cast<float>(i % 5) * 0.1F;
    }
    for (std::uint64_t seed = 1; seed <= 5; ++seed) {
        const Places places = kmeans(y, 3, seed);
        check_labels(places, 900);
        CHECK(places.count == 3);
        for (std::size_t i = 3; i < 900; ++i) REQUIRE(places.label[i] == places.label[i % 3]);
    }
}

TEST_CASE("weights pull the centres", "[adapt][initialise][places]") {
    // Two pairs of points; with the weight on the right pair the cells part the right pair.
    Matrix<float> y(4, 1);
    y(0, 0) = 0.0F;
    y(1, 0) = 1.0F;
    y(2, 0) = 4.0F;
    y(3, 0) = 5.0F;
    const std::vector<float> heavy_right = {1e-4F, 1e-4F, 1e4F, 1e4F};
    const Places places = weighted_kmeans(y, heavy_right, all(4), 2, 3, hsa::Work{});
    CHECK(places.label[2] != places.label[3]);
    const Places even = kmeans(y, 2, 3);
    CHECK(even.label[2] == even.label[3]);
}

TEST_CASE("fewer distinct rows than splats give fewer cells", "[adapt][initialise][places]") {
    Matrix<float> y(12, 3, 1.0F);
    for (std::size_t i = 0; i < 12; ++i) y(i, 1) = static_cast<float>(i % 3);
    const Places places = kmeans(y, 8);
    check_labels(places, 12);
    CHECK(places.count == 3);
    const Places one = kmeans(Matrix<float>(5, 2, 7.0F), 4);
    CHECK(one.count == 1);
    check_labels(kmeans(Matrix<float>(1, 2, 7.0F), 4), 1);
    check_labels(kmeans(y, 1), 12);
}

TEST_CASE("no cell is empty where rows suffice", "[adapt][initialise][places]") {
    // Most rows are copies: a plain start would leave cells empty.
    Matrix<float> y = embed_test::clusters(400, 3, 30, 5);
    for (std::size_t i = 40; i < 400; ++i) std::copy_n(y.row(i % 5).begin(), 3, y.row(i).begin());
    const Places places = kmeans(y, 30);
    check_labels(places, 400);
    CHECK(places.count >= 28);
}

TEST_CASE("more rows than the sample holds are all assigned to the nearest",
          "[adapt][initialise][places]") {
    const Matrix<float> y = embed_test::clusters(30000, 4, 12, 2);
    const std::vector<float> weight(y.rows(), 1.0F);
    const Places sampled = weighted_kmeans(y, weight, all(y.rows()), 12, 1, hsa::Work{}, 2000);
    const Places whole = weighted_kmeans(y, weight, all(y.rows()), 12, 1, hsa::Work{}, 30000);
    check_labels(sampled, 30000);
    CHECK(within(y, sampled) < 1.25 * within(y, whole));
}

TEST_CASE("splats go to cells in proportion to the root of their members",
          "[adapt][initialise][places]") {
    const auto shared = [](std::vector<std::size_t> members, std::size_t k) {
        return share_out(members, k);
    };
    CHECK(shared({100, 400, 900}, 12) == std::vector<std::size_t>{2, 4, 6});
    CHECK(shared({10000, 1, 1}, 10) == std::vector<std::size_t>{8, 1, 1});
    CHECK(shared({50}, 7) == std::vector<std::size_t>{7});
    CHECK(shared({2, 100}, 10) == std::vector<std::size_t>{1, 9});
    CHECK(shared({2, 2}, 10) == std::vector<std::size_t>{2, 2});       // never more than members
    CHECK(shared({5, 5, 5}, 2) == std::vector<std::size_t>{1, 1, 1});  // at least one each
    // Largest remainder: shares 3.33, 3.33, 3.33.
    const std::vector<std::size_t> tied = shared({9, 9, 9}, 10);
    CHECK(std::accumulate(tied.begin(), tied.end(), std::size_t{0}) == 10);
}

TEST_CASE("nested cells never cross the cells above", "[adapt][initialise][places]") {
    const Matrix<float> coarse = embed_test::clusters(3000, 4, 5, 1);
    const Matrix<float> fine = embed_test::clusters(3000, 4, 40, 2);
    const std::vector<float> weight(3000, 1.0F);
    const Places parent = kmeans(coarse, 5);
    const Places inside = hsa::nested_kmeans(fine, weight, parent, 20, 9, hsa::Work{});
    check_labels(inside, 3000);
    CHECK(inside.count == 20);
    std::vector<std::set<std::uint32_t>> above(inside.count);
    for (std::size_t i = 0; i < 3000; ++i) above[inside.label[i]].insert(parent.label[i]);
    for (const auto& cells : above) CHECK(cells.size() == 1);
}

TEST_CASE("places without k-means use distinct rows", "[adapt][initialise][places]") {
    Matrix<float> y = embed_test::clusters(500, 5, 6, 3);
    for (std::size_t i = 100; i < 500; ++i)
        std::copy_n(y.row(i % 100).begin(), 5, y.row(i).begin());
    for (const std::size_t k : {1U, 2U, 7U, 40U}) {
        const Places axes = hsa::axis_places(y, k, {});
        check_labels(axes, 500);
        CHECK(axes.count == k);
        const Places random = hsa::random_places(y, k, 4, {});
        check_labels(random, 500);
        CHECK(random.count == k);
    }
    CHECK(hsa::random_places(y, 40, 4, {}).label == hsa::random_places(y, 40, 4, {}).label);
    CHECK(hsa::random_places(y, 40, 4, {}).label != hsa::random_places(y, 40, 5, {}).label);
    CHECK(hsa::axis_places(Matrix<float>(6, 2, 1.0F), 3, {}).count == 1);
    CHECK(hsa::random_places(Matrix<float>(6, 2, 1.0F), 3, 1, {}).count == 1);
}

TEST_CASE("places have the same bits for any number of threads", "[adapt][initialise][places]") {
    const Matrix<float> y = embed_test::clusters(9000, 16, 20, 7);
    const auto run = [&](std::size_t threads) {
        const hsa::ThreadLimit limit(threads);
        return kmeans(y, 50, 3).label;
    };
    CHECK(run(1) == run(4));
}

TEST_CASE("k-means says how far it is and stops, among its last rows too", "[adapt][init]") {
    const std::size_t n = 200000;
    Matrix<float> y(n, 2);
    for (std::size_t i = 0; i < n; ++i) {
        y(i, 0) = static_cast<float>(i % 17);
        y(i, 1) = static_cast<float>(i % 101);
    }
    const std::vector<float> weight(n, 1.0F);
    std::vector<double> told;
    hsa::Work work;
    work.on_progress = [&](std::string_view, double fraction) { told.push_back(fraction); };
    (void)weighted_kmeans(y, weight, all(n), 6, 1, work, 1000);
    CHECK(std::is_sorted(told.begin(), told.end()));
    CHECK(std::count_if(told.begin(), told.end(), [](double f) { return f >= 0.7; }) >= 3);
    for (const double at : {0.1, 0.5, told.back()}) {
        std::stop_source source;
        work.stop = source.get_token();
        double last = 0.0;
        work.on_progress = [&](std::string_view, double fraction) {
            last = fraction;
            if (fraction >= at) source.request_stop();
        };
        CHECK_THROWS_AS(weighted_kmeans(y, weight, all(n), 6, 1, work, 1000), hsa::Cancelled);
        CHECK(last <= std::max(at, 0.5) + 0.1);
    }
    // Inside the cells of another clustering it is a part of them.
    Places parent;
    parent.label = std::vector<std::uint32_t>(n, 0);
    for (std::size_t i = n / 2; i < n; ++i) parent.label[i] = 1;
    parent.count = 2;
    told.clear();
    std::vector<std::string> steps;
    work.stop = {};
    work.on_progress = [&](std::string_view step, double fraction) {
        steps.emplace_back(step);
        told.push_back(fraction);
    };
    (void)hsa::nested_kmeans(y, weight, parent, 6, 1, work);
    CHECK(std::is_sorted(told.begin(), told.end()));
    CHECK(told.back() > 0.8);
    CHECK(told.back() <= 1.0);
    CHECK(std::count(steps.begin(), steps.end(), "placing splats") ==
          static_cast<std::ptrdiff_t>(steps.size()));
}
