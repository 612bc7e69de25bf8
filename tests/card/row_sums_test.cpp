#include "engine/attention/attend_gradient.h"
#include "engine/attention/cells.h"
#include "engine/attention/target.h"
#include "tests/card/card.h"
#include "tests/card/card_rows.h"
#include "tests/catch.h"
#include "tests/reference/cases.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <utility>
#include <vector>

// Outputs of a past, normalisers of exact rows and slopes on cards, against sums in double.
namespace {

using hsa::Matrix;
using reference::drawn;
using reference::miss;
using reference::two_tested;

// Whether the card of this program has them: the others leave them to the CPU, and say so.
bool has_sums() { return tested_name() == "cuda"; }

// Some chunks of kPastRows and tiles that are not whole, over more rows than the smallest block.
struct Past {
    Matrix<float> weight = drawn(1100, 33, 1);
    Matrix<float> keys = drawn(1100, 33, 2);
    Matrix<float> values = drawn(1100, 5, 3);

    [[nodiscard]] hsa::PastRows rows(std::size_t first) const {
        return {weight.view(), keys.view(), values.view(), first};
    }
    [[nodiscard]] Matrix<double> in_double(std::size_t first) const {
        Matrix<double> out(weight.rows() - first, values.cols());
        Matrix<double> u(weight.cols(), values.cols());
        for (std::size_t i = 0; i < weight.rows(); ++i)
            for (std::size_t s = 0; s < u.rows(); ++s)
                for (std::size_t c = 0; c < u.cols(); ++c) {
                    u(s, c) += static_cast<double>(keys(i, s)) * static_cast<double>(values(i, c));
                    if (i >= first)
                        out(i - first, c) += static_cast<double>(weight(i, s)) * u(s, c);
                }
        return out;
    }
};

struct Slopes {
    static constexpr std::size_t kRows = 1100;
    static constexpr std::size_t kSplats = 67;
    Matrix<float> p = drawn(kRows, kSplats, 1);
    Matrix<float> k = drawn(kRows, kSplats, 2);
    Matrix<float> d_outputs = drawn(kRows, 5, 3);
    Matrix<float> values = drawn(kRows, 5, 4);
    std::vector<float> along = std::vector<float>(kRows, 0.7F);
    Matrix<float> u = drawn(kSplats, 5, 5);
    Matrix<float> b = drawn(kSplats, 5, 6);
    std::vector<float> shift = std::vector<float>(kSplats, -0.4F);
    Matrix<float> beside = drawn(kRows, 4, 7);
    Matrix<float> lever = drawn(6, kSplats, 8);

    [[nodiscard]] hsa::SlopeRows rows() const {
        return {p.view(), k.view(), d_outputs.view(), values.view(),
                along,    u.view(), b.view(),         shift};
    }
    [[nodiscard]] Matrix<double> g() const {
        Matrix<double> made(kRows, kSplats);
        for (std::size_t i = 0; i < kRows; ++i)
            for (std::size_t s = 0; s < kSplats; ++s) {
                auto asked = -static_cast<double>(along[i]);
                auto heard = static_cast<double>(shift[s]);
                for (std::size_t c = 0; c < 5; ++c) {
                    asked += static_cast<double>(d_outputs(i, c)) * static_cast<double>(u(s, c));
                    heard += static_cast<double>(values(i, c)) * static_cast<double>(b(s, c));
                }
                made(i, s) =
                    static_cast<double>(p(i, s)) * asked + static_cast<double>(k(i, s)) * heard;
            }
        return made;
    }
};

struct SlopeAnswer {
    Matrix<double> moments{Slopes::kSplats, 4};
    Matrix<float> pulled{Slopes::kRows, 6};

    [[nodiscard]] hsa::SlopeSums views(const Slopes& of) {
        return {of.beside.view(), moments.view(), of.lever.view(), pulled.view()};
    }
};

// Every number of one kind: the largest difference beside the largest number.
void check_alike(const std::string& what, std::span<const double> found,
                 std::span<const double> wanted) {
    REQUIRE(found.size() == wanted.size());
    double largest = 0.0;
    double worst = 0.0;
    for (std::size_t e = 0; e < wanted.size(); ++e) {
        largest = std::max(largest, std::abs(wanted[e]));
        worst = std::max(worst, std::abs(found[e] - wanted[e]));
    }
    INFO(what << ": " << worst << " beside " << largest);
    CHECK(worst <= 1e-5 * largest + 3e-7);
}

std::vector<double> wide(const Matrix<float>& from) {
    return {from.data(), from.data() + from.size()};
}

std::vector<double> flat(const std::vector<std::vector<double>>& rows) {
    std::vector<double> all;
    for (const std::vector<double>& row : rows) all.insert(all.end(), row.begin(), row.end());
    return all;
}

}  // namespace

TEST_CASE("card: what it leaves to the CPU is said by its name", "[card]") {
    const std::vector<std::string> left = reference::tested()->info().on_cpu;
    for (const hsa::RowPass pass : hsa::kRowPasses) {
        const std::string words = hsa::words_of(pass);
        INFO(words);
        // The program asks for no slopes.
        CHECK((pass == hsa::RowPass::slopes || reference::tested()->has(pass)) ==
              (std::find(left.begin(), left.end(), words) == left.end()));
    }
    CHECK(left.empty() == has_sums());
    CHECK(two_tested()->info().on_cpu == left);
}

TEST_CASE("card: outputs of each row's past", "[card]") {
    const Past of;
    for (const std::size_t first : {std::size_t{0}, std::size_t{300}, std::size_t{1030}}) {
        INFO("from row " << first);
        Matrix<float> found(1100 - first, 5);
        REQUIRE(reference::tested()->past_outputs(of.rows(first), found.view(), {}) == has_sums());
        if (!has_sums()) continue;
        CHECK(miss(reference::widened(found), of.in_double(first)) <= 1e-12);
        Matrix<float> cut(1100 - first, 5);  // blocks of 1,024 rows
        REQUIRE(make_tested({}, 1)->past_outputs(of.rows(first), cut.view(), {}));
        CHECK(cut == found);
        Matrix<float> two(1100 - first, 5);
        REQUIRE(two_tested()->past_outputs(of.rows(first), two.view(), {}));
        CHECK(two == found);
    }
}

TEST_CASE("card: causal outputs of factors", "[card]") {
    reference::Shape shape;
    shape.tokens = 1100;
    shape.dimension = 3;
    shape.splats = {60, 3};
    shape.background = true;
    const reference::Case data = reference::random_case(shape, 5);
    hsa::FactorOptions options;
    options.causal = true;
    const hsa::Factors factors = reference::factors_of(data, options);
    const Matrix<float> values = drawn(1100, 64, 4);
    const auto backend = reference::tested();
    const Matrix<float> found = hsa::attend(factors, values.view(), backend.get());
    const Matrix<float> wanted = hsa::attend(factors, values.view());
    CHECK(miss(reference::widened(found), reference::widened(wanted)) <= 1e-11);
    CHECK((found == wanted) == !has_sums());
}

TEST_CASE("card: normalisers of scores", "[card]") {
    const Matrix<float> queries = drawn(70, 9, 1);
    Matrix<float> keys = drawn(1100, 9, 2);
    for (std::size_t e = 0; e < keys.size(); ++e) keys.data()[e] = 40.0F * keys.data()[e] - 20.0F;
    for (const bool causal : {false, true}) {
        INFO((causal ? "causal" : "all"));
        std::vector<std::size_t> seen;
        for (std::size_t i = 0; i < 70 && causal; ++i) seen.push_back(i == 3 ? 0 : (i * 37) % 1101);
        const auto totals_of = [&](hsa::Backend& backend) {
            std::vector<double> totals(70);
            REQUIRE(backend.score_totals({queries.view(), keys.view(), seen}, totals, {}) ==
                    has_sums());
            return totals;
        };
        const std::vector<double> found = totals_of(*reference::tested());
        if (!has_sums()) continue;
        for (std::size_t i = 0; i < 70; ++i) {
            double sum = 0.0;
            for (std::size_t j = 0; j < (causal ? seen[i] : 1100); ++j) {
                double score = 0.0;
                for (std::size_t c = 0; c < 9; ++c)
                    score += static_cast<double>(queries(i, c)) * static_cast<double>(keys(j, c));
                sum += std::exp(score);
            }
            INFO("row " << i);
            if (sum > 0.0) CHECK(found[i] == Approx(std::log(sum)).epsilon(1e-6).margin(1e-5));
            else CHECK(found[i] == -std::numeric_limits<double>::infinity());
        }
        const std::vector<double> cut = totals_of(*make_tested({}, 1));
        const std::vector<double> two = totals_of(*two_tested());
        CHECK(two == found);
        for (std::size_t i = 0; i < 70; ++i)
            CHECK((cut[i] == found[i] || cut[i] == Approx(found[i]).epsilon(1e-13)));
    }
}

TEST_CASE("card: normalisers of a target's rows", "[card]") {
    Matrix<float> rows = drawn(300, 4, 9);
    for (std::size_t e = 0; e < rows.size(); ++e) rows.data()[e] = 4.0F * rows.data()[e] - 2.0F;
    const std::vector<std::uint32_t> asked = {0, 1, 7, 64, 65, 200, 299};
    for (const bool causal : {false, true})
        for (const std::vector<std::uint32_t>& masked :
             {std::vector<std::uint32_t>{}, std::vector<std::uint32_t>{0, 1, 64, 130}}) {
            const hsa::Target target(rows, 0.5, causal, masked);
            const auto backend = reference::tested();
            const std::vector<double> found = target.log_normalisers(asked, {}, backend.get());
            const std::vector<double> wanted = target.log_normalisers(asked);
            INFO((causal ? "causal, " : "all, ") << masked.size() << " masked");
            for (std::size_t i = 0; i < asked.size(); ++i)
                CHECK((found[i] == wanted[i] ||
                       found[i] == Approx(wanted[i]).epsilon(1e-6).margin(1e-6)));
        }
}

TEST_CASE("card: slopes of log kernels", "[card]") {
    const Slopes of;
    SlopeAnswer found;
    REQUIRE(reference::tested()->slopes(of.rows(), found.views(of), {}) == has_sums());
    if (!has_sums()) return;
    const Matrix<double> g = of.g();
    Matrix<double> moments(Slopes::kSplats, 4);
    Matrix<double> pulled(Slopes::kRows, 6);
    for (std::size_t i = 0; i < g.rows(); ++i)
        for (std::size_t s = 0; s < g.cols(); ++s) {
            for (std::size_t a = 0; a < 4; ++a)
                moments(s, a) += g(i, s) * static_cast<double>(of.beside(i, a));
            for (std::size_t e = 0; e < 6; ++e)
                pulled(i, e) += g(i, s) * static_cast<double>(of.lever(e, s));
        }
    CHECK(miss(found.moments, moments) <= 1e-12);
    CHECK(miss(reference::widened(found.pulled), pulled) <= 1e-12);
    SlopeAnswer cut;
    REQUIRE(make_tested({}, 1)->slopes(of.rows(), cut.views(of), {}));
    CHECK(cut.moments == found.moments);
    CHECK(cut.pulled == found.pulled);
    SlopeAnswer two;
    REQUIRE(two_tested()->slopes(of.rows(), two.views(of), {}));
    CHECK(miss(two.moments, found.moments) <= 1e-24);
    CHECK(two.pulled == found.pulled);
}

TEST_CASE("card: the gradient of outputs", "[card]") {
    for (const hsa::CovarianceKind kind : reference::kKinds) {
        reference::Shape shape;
        shape.tokens = 130;
        shape.dimension = 3;
        shape.splats = {9, 2};
        shape.kind = kind;
        shape.background = true;
        const reference::Case data = reference::random_case(shape, 14);
        const hsa::Factors factors = reference::factors_of(data, {});
        const Matrix<float> values = drawn(130, 4, 1);
        const Matrix<float> d_outputs = drawn(130, 4, 2);
        const auto backend = reference::tested();
        const auto gradient_of = [&](hsa::Backend* by) {
            return hsa::attend_gradient(data.registry, data.coordinates, factors, 1.0,
                                        values.view(), d_outputs.view(), {}, by);
        };
        const hsa::AttendGradient found = gradient_of(backend.get());
        const hsa::AttendGradient wanted = gradient_of(nullptr);
        INFO("kind " << static_cast<int>(kind));
        check_alike("centres", {found.centre.data(), found.centre.size()},
                    {wanted.centre.data(), wanted.centre.size()});
        check_alike("covariances", flat(found.covariance), flat(wanted.covariance));
        check_alike("ln beta", found.log_beta, wanted.log_beta);
        check_alike("ln amplitude", found.log_amplitude, wanted.log_amplitude);
        check_alike("ln level weight", found.log_level_weight, wanted.log_level_weight);
        for (std::size_t l = 0; l < 2; ++l)
            check_alike("coordinates", wide(found.coordinates[l]), wide(wanted.coordinates[l]));
        check_alike("values", wide(found.values), wide(wanted.values));
        CHECK((found.log_beta == wanted.log_beta) == !has_sums());
    }
}

TEST_CASE("card: what is not finite is refused where a card sums up rows", "[card]") {
    if (!has_sums()) return;
    const auto backend = reference::tested();
    Past past;
    Matrix<float> out(1100, 5);
    past.keys(8, 2) = std::numeric_limits<float>::quiet_NaN();
    CHECK_THROWS_WITH(backend->past_outputs(past.rows(0), out.view(), {}),
                      Catch::Contains("Row 8, column 2 of the shares of keys"));
    Slopes slopes;
    SlopeAnswer answer;
    slopes.values(1090, 1) = std::numeric_limits<float>::infinity();
    CHECK_THROWS_WITH(two_tested()->slopes(slopes.rows(), answer.views(slopes), {}),
                      Catch::Contains("Row 1090, column 1 of the values"));
    std::vector<double> totals(1100);
    CHECK_THROWS_WITH(backend->score_totals({past.weight.view(), past.keys.view(), {}}, totals, {}),
                      Catch::Contains("Row 8, column 2 of the keys"));
}
