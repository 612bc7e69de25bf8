#include "engine/adapt/rows.h"

#include "tests/catch.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>

using hsa::Purpose;
using hsa::RowSets;

namespace {

bool disjoint(const std::vector<std::uint32_t>& a, const std::vector<std::uint32_t>& b) {
    std::vector<std::uint32_t> both;
    std::set_intersection(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(both));
    return both.empty();
}

}  // namespace

TEST_CASE("W, V and the free rows never meet", "[adapt][rows]") {
    for (const std::size_t n : {std::size_t{64}, std::size_t{500}, std::size_t{1023},
                                std::size_t{1024}, std::size_t{5000}}) {
        const RowSets sets = hsa::row_sets(n, 128, 7);
        CAPTURE(n);
        CHECK_FALSE(sets.shared);
        CHECK(std::is_sorted(sets.report.begin(), sets.report.end()));
        CHECK(std::is_sorted(sets.probe.begin(), sets.probe.end()));
        CHECK(disjoint(sets.report, sets.probe));
        CHECK(disjoint(sets.report, sets.free));
        CHECK(disjoint(sets.probe, sets.free));
        CHECK(sets.report.size() + sets.probe.size() + sets.free.size() == n);
        CHECK(disjoint(hsa::pool_rows(sets, n, 7, 3), sets.report));
    }
    const RowSets large = hsa::row_sets(5000, 128, 7);
    CHECK(large.report.size() == 256);
    CHECK(large.probe.size() == 128);
    const RowSets small = hsa::row_sets(500, 128, 7);
    CHECK(small.report[1] == 4);
    CHECK(small.probe[1] == 5);
    const RowSets tiny = hsa::row_sets(20, 128, 7);
    CHECK(tiny.shared);
    CHECK(tiny.report.size() == 20);
    CHECK(tiny.free == tiny.probe);
}

TEST_CASE("draws depend on what they are for, not on what was drawn before", "[adapt][rows]") {
    const RowSets sets = hsa::row_sets(4096, 128, 7);
    CHECK(hsa::row_sets(4096, 128, 7).report == sets.report);
    CHECK(hsa::row_sets(4096, 128, 8).report != sets.report);
    CHECK(hsa::pool_rows(sets, 4096, 7, 3) == hsa::pool_rows(sets, 4096, 7, 3));
    CHECK(hsa::pool_rows(sets, 20000, 7, 3) != hsa::pool_rows(sets, 20000, 7, 4));
    CHECK(hsa::pool_rows(sets, 4096, 7, 3).size() == 2048);
    CHECK(hsa::pool_rows(sets, 1U << 20U, 7, 3).size() == 256);
    const auto a = hsa::stratified(sets.free, 64, 7, 1, Purpose::adjust, 0);
    CHECK(a.size() == 64);
    CHECK(a != hsa::stratified(sets.free, 64, 7, 1, Purpose::adjust, 1));
    CHECK(std::set<std::uint32_t>(a.begin(), a.end()).size() == 64);
}

TEST_CASE("weights make a mean over drawn rows unbiased for the pool", "[adapt][rows]") {
    const std::size_t n = 40;
    std::vector<double> pull(n, 0.0);
    std::vector<double> value(n);
    for (std::size_t i = 0; i < n; ++i) {
        pull[i] = i < 5 ? 1.0 : 0.01;
        value[i] = i < 5 ? 2.0 : -0.5;
    }
    std::vector<std::size_t> places(n);
    std::iota(places.begin(), places.end(), std::size_t{0});
    const double truth = std::accumulate(value.begin(), value.end(), 0.0) / static_cast<double>(n);
    double sum = 0.0;
    std::size_t strong = 0;
    constexpr std::size_t kRepeats = 2000;
    constexpr std::size_t kDraws = 48;
    for (std::uint64_t repeat = 0; repeat < kRepeats; ++repeat) {
        std::size_t total = 0;
        for (const hsa::DrawnRow& row : hsa::draw_rows(pull, places, kDraws, 1, 2, repeat)) {
            sum += row.weight * static_cast<double>(row.times) * value[row.place] /
                   static_cast<double>(kDraws);
            total += row.times;
            if (row.place < 5) strong += row.times;
        }
        REQUIRE(total == kDraws);
    }
    CHECK(sum / kRepeats == Approx(truth).margin(0.01));
    CHECK(strong > kRepeats * kDraws / 2);  // it looks where the pull is
}

TEST_CASE("long data sample their columns", "[adapt][rows]") {
    hsa::Coordinates coordinates;
    const std::size_t n = 20000;
    auto rows = std::make_shared<hsa::Matrix<float>>(n, 2);
    for (std::size_t i = 0; i < n; ++i) (*rows)(i, 0) = static_cast<float>(i);
    coordinates.base = rows;
    coordinates.levels = {rows, rows};
    const hsa::Columns columns = hsa::choose_columns(coordinates, 3, 1);
    CHECK(columns.size() == hsa::kColumnLimit);
    CHECK(columns.log_weight == Approx(std::log(20000.0 / 16384.0)));
    for (const std::size_t j : {std::size_t{0}, std::size_t{777}, columns.size() - 1})
        CHECK(columns.x[1](j, 0) == static_cast<float>(columns.token(j)));
    hsa::Coordinates small;
    auto few = std::make_shared<hsa::Matrix<float>>(10, 2);
    small.base = few;
    small.levels = {few};
    const hsa::Columns all = hsa::choose_columns(small, 3, 1);
    CHECK(all.sample.empty());
    CHECK(all.token(4) == 4);
}

TEST_CASE("halves of a pool share nothing and follow no rhythm", "[adapt][rows]") {
    const hsa::Halves halves = hsa::halve(1001, 5, 3, 0);
    CHECK(halves.one.size() == 500);
    CHECK(halves.other.size() == 501);
    std::vector<std::size_t> all = halves.one;
    all.insert(all.end(), halves.other.begin(), halves.other.end());
    std::sort(all.begin(), all.end());
    for (std::size_t p = 0; p < all.size(); ++p) REQUIRE(all[p] == p);
    CHECK(std::is_sorted(halves.one.begin(), halves.one.end()));
    for (const std::size_t period : {2U, 4U, 6U})
        for (std::size_t phase = 0; phase < period; ++phase) {
            const auto seen = std::count_if(halves.one.begin(), halves.one.end(),
                                            [&](std::size_t p) { return p % period == phase; });
            CHECK(static_cast<double>(seen) ==
                  Approx(500.0 / static_cast<double>(period)).epsilon(0.3));
        }
    CHECK(hsa::halve(1, 5, 3, 0).one == std::vector<std::size_t>{0});
    CHECK(hsa::halve(10, 5, 3, 0).one != hsa::halve(10, 5, 4, 0).one);
}
