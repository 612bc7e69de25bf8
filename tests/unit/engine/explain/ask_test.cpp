#include "engine/explain/ask.h"

#include "engine/attention/near_factors.h"
#include "engine/core/parallel.h"
#include "engine/explain/linked.h"
#include "tests/catch.h"
#include "tests/reference/cases.h"
#include "tests/unit/engine/explain/world.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <set>
#include <string>
#include <vector>

using explain_test::falling;
using explain_test::make_world;
using hsa::Asked;
using hsa::AskedToken;
using hsa::AskWanted;
using hsa::Factors;
using hsa::Matrix;
using hsa::Range;

namespace {

// One cell after the other in double, by what model/factors.h says of A.
Matrix<double> formed(const Factors& factors) {
    const std::size_t n = factors.tokens();
    Matrix<double> a(n, n);
    for (std::size_t i = 0; i < n; ++i)
        for (std::size_t j = 0; j < (factors.causal ? i + 1 : n); ++j) {
            for (std::size_t s = 0; s < factors.columns(); ++s)
                a(i, j) += static_cast<double>(factors.row_weights()(i, s)) *
                           static_cast<double>(factors.keys_of_row(i)(j, s));
            if (!factors.near) continue;
            const std::size_t pair = factors.near->set.find(i, j);
            if (pair == factors.near->set.pairs()) continue;
            const auto exact = static_cast<double>(factors.near->exact[pair]);
            a(i, j) = factors.near->replaces ? exact : a(i, j) + exact;
        }
    return a;
}

reference::Case case_of(std::size_t tokens, hsa::Form form) {
    reference::Shape shape;
    shape.tokens = tokens;
    shape.dimension = 3;
    shape.splats =
        form == hsa::Form::token ? std::vector<std::size_t>{6, 3} : std::vector<std::size_t>{6};
    shape.kind = hsa::CovarianceKind::diagonal;
    shape.background = true;
    shape.form = form;
    return reference::random_case(shape, 72);
}

Factors causal_factors() {
    hsa::FactorOptions options;
    options.causal = true;
    return reference::factors_of(case_of(130, hsa::Form::token), options);
}

// Tokens come nearer to the splats step by step, by so many nats that rows need keys of their own.
Factors factors_in_segments() {
    reference::Shape shape;
    shape.tokens = 60;
    shape.dimension = 1;
    shape.splats = {2};
    reference::Case data = reference::random_case(shape, 5);
    Matrix<float> rows(60, 1);
    for (std::size_t i = 0; i < 60; ++i) {
        const std::size_t group = (59 - i) / 3;
        rows(i, 0) = 12.0F * static_cast<float>(group) + 0.1F * static_cast<float>(i % 3);
    }
    data.set_rows(rows);
    hsa::FactorOptions options;
    options.causal = true;
    return reference::factors_of(data, options);
}

Factors near_factors(bool causal) {
    const reference::Case data = case_of(70, hsa::Form::paired);
    const hsa::Target target(*data.coordinates.queries, *data.coordinates.base, 1.0, causal);
    return hsa::near_factors(data.registry, data.coordinates, target, reference::factors_of(data),
                             {2, 1, 7, 3, causal}, {});
}

// What uniform attention gives column j from row i.
double uniform(const Factors& factors, std::size_t i, std::size_t j) {
    if (!factors.causal) return 1.0 / static_cast<double>(factors.tokens());
    return j <= i ? 1.0 / static_cast<double>(i + 1) : 0.0;
}

std::set<std::size_t> indices(const std::vector<Range>& ranges) {
    std::set<std::size_t> all;
    for (const Range& range : ranges)
        for (std::size_t i = range.begin; i < range.end; ++i) all.insert(i);
    return all;
}

// A list against all values, those of the asked tokens taken out.
void check_list(const std::vector<AskedToken>& list, std::vector<double> values,
                const std::vector<double>& even, const std::set<std::size_t>& asked,
                std::size_t count) {
    for (const std::size_t i : asked) values[i] = 0.0;
    const std::vector<std::uint32_t> order = falling(values);
    const auto positive = static_cast<std::size_t>(
        std::count_if(values.begin(), values.end(), [](double value) { return value > 1e-30; }));
    REQUIRE(list.size() == std::min(count, positive));
    for (std::size_t r = 0; r < list.size(); ++r) {
        CHECK(list[r].value == Approx(values[order[r]]).epsilon(1e-6));
        CHECK(list[r].value == Approx(values[list[r].token]).epsilon(1e-6));
        CHECK(list[r].times == Approx(list[r].value / even[list[r].token]).epsilon(1e-6));
        double sum = 0.0;
        for (const hsa::SplatPart& part : list[r].parts) {
            CHECK(part.value > 0.0);
            sum += part.value;
        }
        CHECK(sum == Approx(values[list[r].token]).epsilon(1e-6));
    }
}

void check_links(const hsa::StrongestPairs& links, const Matrix<double>& a,
                 const std::set<std::size_t>& asked, bool to, std::size_t beyond,
                 std::size_t count) {
    std::vector<double> values;
    for (std::size_t i = 0; i < a.rows(); ++i)
        for (std::size_t j = 0; j < a.cols(); ++j)
            if (asked.count(to ? i : j) > 0 && std::max(i, j) - std::min(i, j) > beyond &&
                a(i, j) > 1e-30)
                values.push_back(a(i, j));
    std::sort(values.rbegin(), values.rend());
    CHECK(links.exact());
    REQUIRE(links.pairs.size() == std::min(count, values.size()));
    std::set<std::pair<std::uint32_t, std::uint32_t>> seen;
    for (std::size_t r = 0; r < links.pairs.size(); ++r) {
        const hsa::Pair& link = links.pairs[r];
        CHECK(link.value == Approx(values[r]).epsilon(1e-6));
        CHECK(link.value == Approx(a(link.i, link.j)).epsilon(1e-6));
        CHECK(asked.count(to ? link.i : link.j) == 1);
        CHECK(std::max(link.i, link.j) - std::min(link.i, link.j) > beyond);
        seen.insert({link.i, link.j});
    }
    CHECK(seen.size() == links.pairs.size());
}

void check(const Factors& factors, const std::vector<Range>& ranges, const AskWanted& wanted) {
    const Matrix<double> a = formed(factors);
    const std::size_t n = a.rows();
    const std::set<std::size_t> asked = indices(ranges);
    const auto count = static_cast<double>(asked.size());
    std::vector<double> to(n), from(n), even_to(n), even_from(n);
    double within = 0.0;
    for (const std::size_t q : asked)
        for (std::size_t t = 0; t < n; ++t) {
            to[t] += a(q, t) / count;
            even_to[t] += uniform(factors, q, t) / count;
            from[t] += a(t, q);
            even_from[t] += uniform(factors, t, q);
            if (asked.count(t) > 0) within += a(q, t) / count;
        }
    const Asked found = hsa::ask(factors, ranges, wanted, {});
    CHECK(found.tokens == ranges);
    CHECK(found.within == Approx(within).epsilon(1e-6));
    check_list(found.to, to, even_to, asked, wanted.count);
    check_list(found.from, from, even_from, asked, wanted.count);
    CHECK(found.beyond == (wanted.beyond > 0 ? wanted.beyond : hsa::far_away(n)));
    REQUIRE(found.links_to);
    REQUIRE(found.links_from);
    check_links(*found.links_to, a, asked, true, found.beyond, wanted.links);
    check_links(*found.links_from, a, asked, false, found.beyond, wanted.links);
}

}  // namespace

TEST_CASE("what is asked is answered as all of A would answer it", "[explain][ask]") {
    const std::vector<Range> two = {{2, 5}, {30, 31}};
    check(make_world({}).factors, two, {});
    check(make_world({40, 5, 6, 3, false, 2}).factors, {{0, 1}}, {7, 5, 0});
    check(make_world({300, 4, 9, 3, true, 3}).factors, {{0, 2}, {64, 130}, {299, 300}},
          {25, 40, 9});
    check(make_world({1300, 3, 4, 2, true, 4}).factors, {{10, 1200}}, {5, 4, 600});
}

TEST_CASE("a causal question sees what lies before", "[explain][ask][causal]") {
    const Factors factors = causal_factors();
    check(factors, {{3, 5}, {64, 66}, {129, 130}}, {});
    check(factors, {{0, 1}}, {200, 3, 20});
    check(factors, {{129, 130}}, {200, 3, 20});
    const Factors parted = factors_in_segments();
    REQUIRE(parted.segments().size() > 1);
    check(parted, {{4, 6}, {31, 40}, {58, 60}}, {60, 30, 3});
}

TEST_CASE("exact pairs are parts of the answers", "[explain][ask][near]") {
    for (const bool causal : {false, true}) {
        const Factors near = near_factors(causal);
        check(near, {{5, 8}, {40, 41}}, {70, 30, 2});
        const std::vector<Range> words = {{5, 8}};
        const Asked asked = hsa::ask(near, words, {70, 0, 0}, {});
        const auto exact = [](const AskedToken& answer) {
            return std::any_of(answer.parts.begin(), answer.parts.end(),
                               [](const auto& part) { return part.splat == hsa::kExactPairs; });
        };
        CHECK(std::any_of(asked.to.begin(), asked.to.end(), exact));
        CHECK_FALSE(std::all_of(asked.to.begin(), asked.to.end(), exact));
    }
}

TEST_CASE("every part is what its splat gives", "[explain][ask]") {
    const Factors factors = make_world({}).factors;
    const std::vector<Range> words = {{2, 5}, {30, 31}};
    const Asked asked = hsa::ask(factors, words, {10, 0, 0}, {});
    const auto sum_of = [&](const hsa::FactorMatrix& factor, std::size_t s) {
        double sum = 0.0;
        for (const std::size_t i : indices(words)) sum += static_cast<double>(factor(i, s));
        return sum;
    };
    const auto column = [&](hsa::SplatId id) {
        return static_cast<std::size_t>(std::find(factors.ids.begin(), factors.ids.end(), id) -
                                        factors.ids.begin());
    };
    for (const AskedToken& answer : asked.to) {
        CHECK(answer.parts.size() == factors.columns());
        for (const hsa::SplatPart& part : answer.parts) {
            const std::size_t s = column(part.splat);
            const auto k = static_cast<double>(factors.k(answer.token, s));
            CHECK(part.value == Approx(sum_of(factors.p, s) / 4.0 * k).epsilon(1e-6));
            CHECK(part.level == factors.level[s]);
        }
    }
    for (const AskedToken& answer : asked.from)
        for (const hsa::SplatPart& part : answer.parts) {
            const std::size_t s = column(part.splat);
            const auto p = static_cast<double>(factors.p(answer.token, s));
            CHECK(part.value == Approx(sum_of(factors.k, s) * p).epsilon(1e-6));
        }
    REQUIRE_FALSE(asked.splats.empty());
    double shares = 0.0;
    for (const hsa::WeightedSplat& splat : asked.splats) {
        CHECK(static_cast<double>(splat.p) ==
              Approx(sum_of(factors.p, column(splat.splat)) / 4.0).epsilon(1e-6));
        shares += static_cast<double>(splat.p);
    }
    CHECK(shares == Approx(1.0).epsilon(1e-5));
}

TEST_CASE("all answers and what stays among the words are all of their attention",
          "[explain][ask]") {
    for (const Factors& factors : {make_world({}).factors, causal_factors(), near_factors(true)}) {
        const std::vector<Range> words = {{12, 15}, {33, 36}};
        const Asked asked = hsa::ask(factors, words, {factors.tokens(), 0, 0}, {});
        CHECK_FALSE(asked.links_to);
        double sum = asked.within;
        for (const AskedToken& answer : asked.to) sum += answer.value;
        CHECK(sum == Approx(1.0).epsilon(1e-5));
        std::vector<std::uint32_t> lit = hsa::answering_tokens(asked);
        CHECK(std::is_sorted(lit.begin(), lit.end()));
        hsa::Linked linked;
        linked.tokens = {0, 13};
        hsa::light(linked, lit);
        CHECK(std::includes(linked.tokens.begin(), linked.tokens.end(), lit.begin(), lit.end()));
        CHECK(std::adjacent_find(linked.tokens.begin(), linked.tokens.end()) ==
              linked.tokens.end());
    }
    // Everything asked: nothing else is left to answer.
    const Factors factors = make_world({}).factors;
    const std::vector<Range> all = {{0, 40}};
    const Asked asked = hsa::ask(factors, all, {}, {});
    CHECK(asked.to.empty());
    CHECK(asked.from.empty());
    CHECK(asked.within == Approx(1.0).epsilon(1e-5));
    CHECK(asked.links_to->pairs.size() == 20);
}

TEST_CASE("answers do not depend on threads", "[explain][ask]") {
    const Factors factors = make_world({1300, 3, 4, 2, true, 4}).factors;
    const std::vector<Range> words = {{10, 1200}, {1250, 1251}};
    const auto numbers = [&] {
        const Asked asked = hsa::ask(factors, words, {}, {});
        std::vector<double> all = {asked.within};
        for (const auto* list : {&asked.to, &asked.from})
            for (const AskedToken& answer : *list) {
                all.push_back(answer.token);
                all.push_back(answer.value);
                for (const hsa::SplatPart& part : answer.parts) all.push_back(part.value);
            }
        for (const auto* links : {&asked.links_to, &asked.links_from})
            for (const hsa::Pair& link : (*links)->pairs) all.push_back(link.value);
        return all;
    };
    const std::vector<double> many = numbers();
    const hsa::ThreadLimit one(1);
    CHECK(numbers() == many);
}

TEST_CASE("a question about nothing is refused in a sentence", "[explain][ask]") {
    const Factors factors = make_world({}).factors;
    const auto refused = [&](const std::vector<Range>& words) {
        try {
            (void)hsa::ask(factors, words, {}, {});
        } catch (const hsa::Error& error) {
            return std::string(error.what());
        }
        return std::string();
    };
    CHECK(refused({}) == "No token is asked about: name a phrase or select words.");
    CHECK(refused({{3, 3}}) == refused({}));
    CHECK(refused({{38, 41}}) == "There is no token 40: the data have 40, counted from 0.");
    // Out of time the links found by then come with a bound; a stop is a stop.
    const Factors large = make_world({2300, 5, 6, 3, true, 6}).factors;
    hsa::Work late;
    late.until = std::chrono::steady_clock::now();
    const std::vector<Range> some = {{0, 2000}};
    CHECK_FALSE(hsa::ask(large, some, {}, late).links_to->exact());
    std::stop_source stop;
    stop.request_stop();
    CHECK_THROWS_AS(hsa::ask(large, some, {}, {stop.get_token(), {}}), hsa::Cancelled);
}
