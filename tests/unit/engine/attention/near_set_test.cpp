#include "engine/attention/near_set.h"

#include "engine/core/parallel.h"
#include "engine/core/random.h"
#include "tests/catch.h"
#include "tests/reference/cases.h"

#include <algorithm>
#include <numeric>
#include <set>

using hsa::Matrix;
using Columns = std::vector<std::uint32_t>;

namespace {

// Two levels, the finest of them first, and a background: what near sets are drawn from.
reference::Case case_of(std::size_t tokens) {
    reference::Shape shape;
    shape.tokens = tokens;
    shape.dimension = 3;
    shape.splats = {5, 2};
    shape.background = true;
    shape.mixed_ids = true;
    shape.form = hsa::Form::shared;
    return reference::random_case(shape, 71);
}

hsa::Target target_of(const reference::Case& data, bool causal = false) {
    return {*data.coordinates.queries, *data.coordinates.base, 1.0, causal};
}

// The near set of one row by its definition.
std::set<std::uint32_t> by_definition(const hsa::Factors& factors, std::size_t place, std::size_t i,
                                      const hsa::NearOptions& options, const Columns& anchors) {
    const std::size_t n = factors.k.rows();
    const auto sees = [&](std::size_t j) { return !options.causal || j <= i; };
    std::set<std::uint32_t> columns;
    for (std::size_t j = 0; j < n; ++j)
        if (options.window > 0 && (j > i ? j - i : i - j) <= options.window && sees(j))
            columns.insert(static_cast<std::uint32_t>(j));
    for (const std::uint32_t anchor : anchors)
        if (sees(anchor)) columns.insert(anchor);
    Columns splats;
    for (std::size_t s = 0; s < factors.columns(); ++s)
        if (factors.level[s] == 0) splats.push_back(static_cast<std::uint32_t>(s));
    std::stable_sort(splats.begin(), splats.end(),
                     [&](auto a, auto b) { return factors.p(place, a) > factors.p(place, b); });
    for (std::size_t b = 0; b < std::min(options.near, splats.size()); ++b) {
        Columns own;
        for (std::uint32_t j = 0; j < n; ++j) {
            bool belongs = sees(j);
            for (const std::uint32_t other : splats)
                belongs = belongs && factors.k(j, other) <= factors.k(j, splats[b]);
            if (belongs) own.push_back(j);
        }
        std::stable_sort(own.begin(), own.end(), [&](auto x, auto y) {
            return factors.k(x, splats[b]) > factors.k(y, splats[b]);
        });
        own.resize(std::min(own.size(), options.near_limit));
        columns.insert(own.begin(), own.end());
    }
    return columns;
}

}  // namespace

TEST_CASE("a near set is what its definition says", "[near]") {
    const reference::Case data = case_of(90);
    const hsa::Factors factors = reference::factors_of(data);
    const Columns anchors{0, 4, 61};
    std::vector<hsa::NearOptions> all = {
        {3, 0, 64, 0, false}, {0, 2, 64, 0, false},    {0, 3, 4, 0, false}, {0, 99, 1, 0, false},
        {2, 2, 5, 3, false},  {1000, 0, 64, 0, false}, {0, 2, 0, 0, false}, {0, 0, 64, 0, false}};
    for (std::size_t o = all.size(); o-- > 0;) {
        all.push_back(all[o]);
        all.back().causal = true;
    }
    for (const hsa::NearOptions& options : all) {
        INFO("window " << options.window << ", near " << options.near << ", limit "
                       << options.near_limit << (options.causal ? ", causal" : ""));
        const Columns own = options.anchors > 0 ? anchors : Columns{};
        const hsa::NearSet set = hsa::near_set(factors, {}, options, own);
        REQUIRE(set.rows() == 90);
        REQUIRE(set.begins.front() == 0);
        REQUIRE(set.begins.back() == set.pairs());
        for (std::size_t i = 0; i < 90; ++i) {
            const std::set<std::uint32_t> wanted = by_definition(factors, i, i, options, own);
            const auto row = set.row(i);
            CHECK(Columns(row.begin(), row.end()) == Columns(wanted.begin(), wanted.end()));
        }
    }
    // Rows that were drawn have the sets of their tokens.
    const Columns rows{1, 17, 18, 60, 89};
    const hsa::Factors drawn = hsa::compute_factors_of_queries(*reference::cpu(), data.registry,
                                                               data.coordinates, rows, {}, {});
    for (const bool causal : {false, true}) {
        const hsa::NearOptions options{1, 2, 6, 3, causal};
        const hsa::NearSet set = hsa::near_set(drawn, rows, options, anchors);
        const hsa::NearSet whole = hsa::near_set(factors, {}, options, anchors);
        for (std::size_t r = 0; r < rows.size(); ++r) {
            const auto mine = set.row(r);
            const auto wanted = whole.row(rows[r]);
            CHECK(Columns(mine.begin(), mine.end()) == Columns(wanted.begin(), wanted.end()));
        }
    }
    CHECK_THROWS(hsa::near_set(drawn, Columns{1, 17, 60, 18, 89}, {1, 0, 64, 0, false}, {}));
    CHECK_THROWS(hsa::near_set(drawn, {}, {1, 0, 64, 0, false}, {}));
}

TEST_CASE("a token that no splat reaches belongs to none", "[near]") {
    reference::Case data = case_of(40);
    Matrix<float> rows = *data.coordinates.base;
    for (float& x : rows.row(7)) x = 1e4F;
    data.registry.kappa = 0.0;
    data.set_rows(std::move(rows));
    const hsa::NearSet set =
        hsa::near_set(reference::factors_of(data), {}, {0, 5, 64, 0, false}, {});
    CHECK(set.pairs() > 0);
    CHECK(std::count(set.columns.begin(), set.columns.end(), 7U) == 0);
}

TEST_CASE("near sets do not depend on threads", "[near][threads]") {
    const reference::Case data = case_of(9000);  // three tasks
    const hsa::Factors factors = reference::factors_of(data);
    for (const bool causal : {false, true}) {
        const hsa::NearOptions options{2, 2, 16, 0, causal};
        const auto run = [&](std::size_t threads) {
            const hsa::ThreadLimit limit(threads);
            return hsa::near_set(factors, {}, options, {});
        };
        const hsa::NearSet one = run(1);
        const hsa::NearSet many = run(0);
        CHECK(one.columns == many.columns);
        CHECK(one.begins == many.begins);
        if (!causal) continue;
        for (const std::size_t i : {0U, 4095U, 4096U, 8191U, 8999U}) {
            const std::set<std::uint32_t> wanted = by_definition(factors, i, i, options, {});
            const auto row = one.row(i);
            CHECK(Columns(row.begin(), row.end()) == Columns(wanted.begin(), wanted.end()));
        }
    }
}

TEST_CASE("anchors are the columns of the largest sums", "[near]") {
    const reference::Case data = case_of(60);  // all rows are sampled
    for (const bool causal : {false, true}) {
        const hsa::Target target = target_of(data, causal);
        Columns all(60);
        std::iota(all.begin(), all.end(), 0U);
        CHECK(hsa::sampled_rows(60) == all);
        Matrix<float> t(60, 60);
        target.rows(all, t.view());
        std::vector<double> mass(60, 0.0);
        for (std::size_t i = 0; i < 60; ++i)
            for (std::size_t j = 0; j < 60; ++j) mass[j] += static_cast<double>(t(i, j));
        const Columns anchors = hsa::heaviest_columns(target, 5);
        REQUIRE(anchors.size() == 5);
        CHECK(std::is_sorted(anchors.begin(), anchors.end()));
        double least = 1e9;
        for (const std::uint32_t a : anchors) least = std::min(least, mass[a]);
        CHECK(std::count_if(mass.begin(), mass.end(), [&](double m) { return m > least; }) == 4);
        CHECK(hsa::heaviest_columns(target, 0).empty());
        CHECK(hsa::heaviest_columns(target, 100).size() == 60);
    }
    const Columns rows = hsa::sampled_rows(1000);
    REQUIRE(rows.size() == 64);
    for (std::size_t r = 0; r < 64; ++r) {
        CHECK(rows[r] >= r * 1000 / 64);
        CHECK(rows[r] < (r + 1) * 1000 / 64);
    }
}
