#include "engine/attention/cells.h"
#include "engine/core/parallel.h"
#include "engine/core/random.h"
#include "engine/explain/cards.h"
#include "tests/catch.h"
#include "tests/unit/engine/explain/world.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <stop_token>
#include <tuple>

using explain_test::attention_of;
using explain_test::make_world;
using explain_test::World;
using hsa::Pair;

namespace {

// The strongest cells by forming and sorting all of A.
std::vector<Pair> by_sorting(const hsa::Factors& factors, std::size_t count) {
    const auto a = attention_of(factors);
    std::vector<Pair> pairs;
    for (std::uint32_t i = 0; i < a.rows(); ++i)
        for (std::uint32_t j = 0; j < a.cols(); ++j) pairs.push_back({i, j, a(i, j), {}});
    std::stable_sort(pairs.begin(), pairs.end(),
                     [](const Pair& x, const Pair& y) { return x.value > y.value; });
    pairs.resize(std::min(count, pairs.size()));
    return pairs;
}

void check(const hsa::Factors& factors, std::size_t count) {
    const std::vector<Pair> expected = by_sorting(factors, count);
    const std::vector<Pair> found = hsa::strongest_pairs(factors, count, {}).pairs;
    REQUIRE(found.size() == expected.size());
    std::vector<std::pair<std::uint32_t, std::uint32_t>> a;
    std::vector<std::pair<std::uint32_t, std::uint32_t>> b;
    for (std::size_t r = 0; r < found.size(); ++r) {
        CHECK(found[r].value == Approx(expected[r].value).epsilon(1e-12));
        a.emplace_back(found[r].i, found[r].j);
        b.emplace_back(expected[r].i, expected[r].j);
    }
    std::sort(a.begin(), a.end());
    std::sort(b.begin(), b.end());
    CHECK(a == b);
}

// Rows of P and columns of K drawn freely, the more peaked the larger `sharpness`.
hsa::Factors random_factors(std::size_t n, std::size_t columns, double sharpness,
                            std::uint64_t seed) {
    hsa::Random random({seed});
    hsa::Factors factors;
    factors.p = hsa::Matrix<float>(n, columns);
    factors.k = hsa::Matrix<float>(n, columns);
    std::vector<double> mass(columns, 0.0);
    for (std::size_t i = 0; i < n; ++i) {
        double row = 0.0;
        for (std::size_t s = 0; s < columns; ++s) {
            factors.p(i, s) = static_cast<float>(std::exp(sharpness * random.normal()));
            factors.k(i, s) = static_cast<float>(std::exp(sharpness * random.normal()));
            row += static_cast<double>(factors.p(i, s));
            mass[s] += static_cast<double>(factors.k(i, s));
        }
        for (std::size_t s = 0; s < columns; ++s)
            factors.p(i, s) = static_cast<float>(static_cast<double>(factors.p(i, s)) / row);
    }
    for (std::size_t s = 0; s < columns; ++s) {
        factors.ids.push_back(static_cast<hsa::SplatId>(s));
        factors.level.push_back(0);
        for (std::size_t j = 0; j < n; ++j)
            factors.k(j, s) = static_cast<float>(static_cast<double>(factors.k(j, s)) / mass[s]);
    }
    return factors;
}

}  // namespace

TEST_CASE("the strongest pairs are those of all cells sorted", "[explain][pairs]") {
    for (const std::size_t n : {std::size_t{1}, std::size_t{2}, std::size_t{63}, std::size_t{64},
                                std::size_t{65}, std::size_t{300}})
        for (const std::size_t count : {std::size_t{1}, std::size_t{20}, std::size_t{500}})
            check(make_world({n, 4, 9, 3, true, n}).factors, count);
}

TEST_CASE("flat and peaked factors give the same answer as sorting", "[explain][pairs]") {
    for (const double sharpness : {0.0, 0.01, 0.5, 3.0})
        for (const std::size_t count : {std::size_t{7}, std::size_t{300}})
            check(random_factors(200, 12, sharpness, 5), count);
}

TEST_CASE("pairs over more than one group of tiles", "[explain][pairs][plain]") {
    check(random_factors(2300, 5, 1.5, 6), 100);
    check(make_world({2100, 3, 4, 2, true, 6}).factors, 100);
}

TEST_CASE("all pairs, and more than there are", "[explain][pairs]") {
    const World world = make_world({12, 4, 5, 2, true, 6});
    check(world.factors, 144);
    CHECK(hsa::strongest_pairs(world.factors, 100000, {}).pairs.size() == 144);
    CHECK(hsa::strongest_pairs(world.factors, 0, {}).pairs.empty());
    CHECK(hsa::strongest_pairs(hsa::Factors{}, 5, {}).pairs.empty());
}

TEST_CASE("equal pairs come by lower index", "[explain][pairs]") {
    // Every token the same: A is uniform.
    const std::size_t n = 200;
    hsa::Factors factors;
    factors.p = hsa::Matrix<float>(n, 3, 0.25F);
    factors.k = hsa::Matrix<float>(n, 3, 1.0F / 200.0F);
    factors.ids = {0, 1, 2};
    factors.level = {0, 0, 0};
    const std::vector<Pair> pairs = hsa::strongest_pairs(factors, 450, {}).pairs;
    REQUIRE(pairs.size() == 450);
    for (std::uint32_t r = 0; r < 450; ++r) {
        CHECK(pairs[r].i == r / 200);
        CHECK(pairs[r].j == r % 200);
    }
}

TEST_CASE("a pair names the splats that make .8 of it", "[explain][pairs]") {
    const World world = make_world({50, 4, 9, 3, true, 6});
    for (const Pair& pair : hsa::strongest_pairs(world.factors, 30, {}).pairs) {
        const hsa::CellParts cell = hsa::cell_parts(world.factors, pair.i, pair.j);
        CHECK(pair.value == cell.value);
        double sum = 0.0;
        for (std::size_t s = 0; s < pair.splats.size(); ++s) {
            CHECK(sum < 0.8 * cell.value);
            CHECK(pair.splats[s] == cell.parts[s].splat);
            sum += cell.parts[s].value;
        }
        CHECK(sum >= 0.8 * cell.value);
    }
}

TEST_CASE("pairs do not depend on threads", "[explain][pairs]") {
    const hsa::Factors factors = random_factors(700, 8, 1.0, 9);
    const std::vector<Pair> many = hsa::strongest_pairs(factors, 200, {}).pairs;
    const hsa::ThreadLimit one(1);
    const std::vector<Pair> single = hsa::strongest_pairs(factors, 200, {}).pairs;
    REQUIRE(single.size() == many.size());
    for (std::size_t r = 0; r < many.size(); ++r) {
        CHECK(single[r].i == many[r].i);
        CHECK(single[r].j == many[r].j);
        CHECK(single[r].value == many[r].value);
    }
}

TEST_CASE("out of time the pairs found so far come with what the rest can be at most",
          "[explain][pairs]") {
    const hsa::Factors factors = random_factors(2300, 5, 1.5, 6);
    hsa::Work late;
    late.until = std::chrono::steady_clock::now();
    const hsa::StrongestPairs some = hsa::strongest_pairs(factors, 50, late);
    const hsa::StrongestPairs all = hsa::strongest_pairs(factors, 50, {});
    CHECK(all.exact());
    CHECK_FALSE(some.exact());
    CHECK(some.left_out >= all.pairs.front().value);
    std::stop_source stop;
    stop.request_stop();
    CHECK_THROWS_AS(hsa::strongest_pairs(factors, 50, {stop.get_token(), {}}), hsa::Cancelled);
}

TEST_CASE("where no pair is far enough away nothing is searched and nothing left out",
          "[explain][pairs]") {
    const hsa::Factors factors = random_factors(1300, 6, 1.5, 6);
    hsa::Work late;
    late.until = std::chrono::steady_clock::now();
    hsa::PairsWanted wanted;
    wanted.beyond = 1299;
    const hsa::StrongestPairs none = hsa::strongest_pairs(factors, 10, late, wanted);
    CHECK(none.pairs.empty());
    CHECK(none.exact());
    // A tenth of the text alone cannot be farther apart than it is long.
    wanted.beyond = 400;
    wanted.rows = {{500, 600}};
    wanted.columns = {{450, 700}};
    CHECK(hsa::strongest_pairs(factors, 10, late, wanted).exact());
    wanted.columns = {{0, 50}};
    const hsa::StrongestPairs some = hsa::strongest_pairs(factors, 10, late, wanted);
    const hsa::StrongestPairs all = hsa::strongest_pairs(factors, 10, {}, wanted);
    CHECK_FALSE(some.exact());
    CHECK(all.exact());
    CHECK(some.left_out >= all.pairs.front().value);
}

TEST_CASE("what is left out counts only cells that are looked at", "[explain][pairs]") {
    // All that is strong lies within 64 tokens of the diagonal: 32 blocks that only see themselves.
    constexpr std::size_t kTokens = 2048;
    constexpr std::size_t kBlock = 64;
    hsa::Factors factors = random_factors(kTokens, 32, 1.5, 6);
    for (std::size_t i = 0; i < kTokens; ++i)
        for (std::size_t s = 0; s < 32; ++s) {
            const bool own = i / kBlock == s;
            factors.p(i, s) = own ? 0.969F : 0.001F;
            factors.k(i, s) = own ? 0.0155F : 1e-6F;
        }
    hsa::Work late;
    late.until = std::chrono::steady_clock::now();
    hsa::PairsWanted far;
    far.beyond = 128;
    const hsa::StrongestPairs some = hsa::strongest_pairs(factors, 10, late, far);
    const hsa::StrongestPairs all = hsa::strongest_pairs(factors, 10, {}, far);
    CHECK_FALSE(some.exact());
    CHECK(some.left_out >= all.pairs.front().value);
    CHECK(some.left_out < 0.01);  // the diagonal has 0.015
}
