#include "engine/explain/compare.h"

#include "engine/core/error.h"
#include "engine/explain/answers.h"
#include "tests/catch.h"
#include "tests/unit/engine/explain/world.h"

#include <algorithm>
#include <cmath>

using explain_test::make_world;
using explain_test::World;
using hsa::Comparison;
using hsa::RowAgreement;

TEST_CASE("numbers of two rows worked by hand", "[explain][compare]") {
    const std::vector<float> a = {0.5F, 0.25F, 0.25F, 0.0F};
    const std::vector<float> b = {0.25F, 0.5F, 0.125F, 0.125F};
    const RowAgreement found = hsa::row_agreement(a, b);
    const double kl = 0.25 * std::log(0.25 / 0.5) + 0.5 * std::log(0.5 / 0.25) +
                      0.125 * std::log(0.125 / 0.25) + 0.125 * std::log(0.125 / 1e-30);
    CHECK(found.row_kl == Approx(kl).epsilon(1e-12));
    const double js = 0.5 * (0.25 * std::log(0.25 / 0.375) + 0.5 * std::log(0.5 / 0.375) +
                             0.125 * std::log(0.125 / 0.1875) + 0.125 * std::log(2.0)) +
                      0.5 * (0.5 * std::log(0.5 / 0.375) + 0.25 * std::log(0.25 / 0.375) +
                             0.25 * std::log(0.25 / 0.1875));
    CHECK(found.js == Approx(js).epsilon(1e-12));
    CHECK(found.cosine == Approx((0.125 + 0.125 + 0.03125) / std::sqrt(0.375 * 0.34375)));
    // Ranks of a: 3, 1.5, 1.5, 0; of b: 2, 3, .5, .5: less their mean 1.5.
    CHECK(found.spearman == Approx(2.25 / std::sqrt(4.5 * 4.5)));
    CHECK(found.top8 == 1.0);  // four tokens, all among the eight
}

TEST_CASE("top 8 counts common tokens, ties to the lower index", "[explain][compare]") {
    std::vector<float> a(20, 0.0F);
    std::vector<float> b(20, 0.0F);
    for (std::size_t j = 0; j < 8; ++j) a[j] = 0.125F;
    for (std::size_t j = 6; j < 14; ++j) b[j] = 0.125F;
    CHECK(hsa::row_agreement(a, b).top8 == 0.25);
    CHECK(hsa::row_agreement(a, a).top8 == 1.0);
    std::vector<float> flat(20, 0.05F);  // its top eight are 0..7
    CHECK(hsa::row_agreement(flat, a).top8 == 1.0);
}

TEST_CASE("degenerate rows", "[explain][compare]") {
    const std::vector<float> zero(5, 0.0F);
    const std::vector<float> flat(5, 0.2F);
    const std::vector<float> one = {1.0F, 0.0F, 0.0F, 0.0F, 0.0F};
    const RowAgreement nothing = hsa::row_agreement(zero, zero);
    CHECK(nothing.row_kl == 0.0);
    CHECK(nothing.cosine == 1.0);
    CHECK(nothing.spearman == 1.0);
    CHECK(hsa::row_agreement(flat, flat).spearman == 1.0);
    CHECK(hsa::row_agreement(flat, one).spearman == 0.0);
    CHECK(hsa::row_agreement(zero, one).cosine == 0.0);
    CHECK(hsa::row_agreement(one, flat).js > 0.0);
    CHECK_THROWS_AS(hsa::row_agreement(zero, {}), hsa::Error);
}

TEST_CASE("ranks agree with counting smaller values", "[explain][compare]") {
    const World world = make_world({500, 3, 5, 2, true, 31});
    std::vector<float> a;
    std::vector<float> b;
    for (std::size_t j = 0; j < 500; ++j) {
        a.push_back(std::round(world.factors.k(j, 0) * 2e4F) / 2e4F);  // with ties
        b.push_back(world.factors.k(j, 1));
    }
    const auto ranks = [](const std::vector<float>& values) {
        std::vector<double> out;
        for (const float v : values) {
            double rank = 0.0;
            for (const float w : values) rank += w < v ? 1.0 : w == v ? 0.5 : 0.0;
            out.push_back(rank - static_cast<double>(values.size()) / 2.0);
        }
        return out;
    };
    const auto x = ranks(a);
    const auto y = ranks(b);
    double xy = 0.0;
    double xx = 0.0;
    double yy = 0.0;
    for (std::size_t j = 0; j < 500; ++j) {
        xy += x[j] * y[j];
        xx += x[j] * x[j];
        yy += y[j] * y[j];
    }
    CHECK(hsa::row_agreement(a, b).spearman == Approx(xy / std::sqrt(xx * yy)).epsilon(1e-9));
}

TEST_CASE("a comparison is the mean over rows, whole and by level", "[explain][compare]") {
    const World world = make_world({});
    World other = world;
    for (std::size_t s = 0; s < 6; ++s) other.registry.gaussians.centre(s, 0) += 0.7F;
    other.registry.hierarchy.levels = {{"Fine", 0.6}, {"Else", 0.4}};
    other.factors = explain_test::factors_of(other.registry, world.coordinates);
    const Comparison found = hsa::compare(world.factors, world.registry.hierarchy, other.factors,
                                          other.registry.hierarchy, {});
    CHECK(found.rows == 40);
    CHECK(found.exact);
    const auto a = explain_test::attention_of(world.factors);
    const auto b = explain_test::attention_of(other.factors);
    RowAgreement mean;
    for (std::size_t i = 0; i < 40; ++i) {
        const std::vector<float> x(a.row(i).begin(), a.row(i).end());
        const std::vector<float> y(b.row(i).begin(), b.row(i).end());
        const RowAgreement row = hsa::row_agreement(x, y);
        mean.row_kl += row.row_kl / 40.0;
        mean.js += row.js / 40.0;
        mean.cosine += row.cosine / 40.0;
        mean.spearman += row.spearman / 40.0;
        mean.top8 += row.top8 / 40.0;
    }
    CHECK(found.whole.row_kl == Approx(mean.row_kl).epsilon(1e-4));
    CHECK(found.whole.js == Approx(mean.js).epsilon(1e-4));
    CHECK(found.whole.cosine == Approx(mean.cosine).epsilon(1e-6));
    CHECK(found.whole.spearman == Approx(mean.spearman).epsilon(1e-4));
    CHECK(found.whole.top8 == Approx(mean.top8));
    REQUIRE(found.by_level.size() == 1);  // only Fine has a counterpart
    CHECK(found.by_level[0].name == "Fine");
    CHECK(found.by_level[0].agreement.row_kl > found.whole.row_kl);  // the change is all there
}

TEST_CASE("attention agrees with itself", "[explain][compare]") {
    const World world = make_world({300, 4, 6, 3, true, 3});
    const Comparison same = hsa::compare(world.factors, world.registry.hierarchy, world.factors,
                                         world.registry.hierarchy, {});
    CHECK(same.rows == hsa::kComparedRows);
    CHECK_FALSE(same.exact);
    REQUIRE(same.by_level.size() == 2);
    for (const RowAgreement& each :
         {same.whole, same.by_level[0].agreement, same.by_level[1].agreement}) {
        CHECK(each.row_kl == 0.0);
        CHECK(each.js == 0.0);
        CHECK(each.cosine == Approx(1.0));
        CHECK(each.spearman == Approx(1.0));
        CHECK(each.top8 == 1.0);
    }
}

TEST_CASE("a target is compared with every level", "[explain][compare]") {
    const World world = make_world({});
    const float each = 1.0F / 40.0F;
    const Comparison found =
        hsa::compare(world.factors, world.registry.hierarchy,
                     [each](std::span<const std::uint32_t> rows, hsa::MatrixView<float> out) {
                         for (std::size_t r = 0; r < rows.size(); ++r)
                             std::fill(out.row(r).begin(), out.row(r).end(), each);
                     },
                     {});
    REQUIRE(found.by_level.size() == 2);
    double cosine = 0.0;  // a row with the uniform one: 1 / (sqrt(n) |row|)
    const auto a = explain_test::attention_of(world.factors);
    for (std::size_t i = 0; i < 40; ++i) {
        double square = 0.0;
        for (std::size_t j = 0; j < 40; ++j) square += a(i, j) * a(i, j);
        cosine += 1.0 / std::sqrt(40.0 * square) / 40.0;
    }
    CHECK(found.whole.cosine == Approx(cosine).epsilon(1e-5));
}

TEST_CASE("other numbers of tokens are refused by name", "[explain][compare]") {
    const World world = make_world({});
    const World longer = make_world({41});
    std::string said;
    try {
        (void)hsa::compare(world.factors, world.registry.hierarchy, longer.factors,
                           longer.registry.hierarchy, {});
    } catch (const hsa::Error& error) {
        said = error.what();
    }
    CHECK(said.find("40") != std::string::npos);
    CHECK(said.find("41") != std::string::npos);
}

TEST_CASE("a comparison says where two attentions differ most", "[explain][compare]") {
    const World world = make_world({});
    const std::size_t n = world.factors.tokens();
    // As the splats give it, but for one row, which attends to one token alone.
    const auto other = [&](std::span<const std::uint32_t> rows, hsa::MatrixView<float> out) {
        for (std::size_t r = 0; r < rows.size(); ++r)
            for (std::size_t j = 0; j < n; ++j) {
                double sum = 0.0;
                for (std::size_t c = 0; c < world.factors.columns(); ++c)
                    sum += static_cast<double>(world.factors.p(rows[r], c)) *
                           static_cast<double>(world.factors.k(j, c));
                out(r, j) = rows[r] == 12 ? (j == 15 ? 1.0F : 0.0F) : static_cast<float>(sum);
            }
    };
    const Comparison comparison = hsa::compare(world.factors, world.registry.hierarchy, other, {});
    REQUIRE(comparison.worst.size() == 8);
    const hsa::RowDifference& worst = comparison.worst.front();
    CHECK(worst.row == 12);
    REQUIRE(worst.less.size() == 1);
    CHECK(worst.less.front().token == 15);
    CHECK(worst.less.front().with == 1.0);
    CHECK(worst.more.size() == 3);
    CHECK(comparison.worst[1].agreement.row_kl < 1e-5);
    CHECK(comparison.by_row.high < 1e-5);
    CHECK(comparison.by_row.mean == Approx(worst.agreement.row_kl / static_cast<double>(n)));
    double shown = 0.0, with = 0.0;
    for (const hsa::DistanceDifference& distance : comparison.by_distance) {
        shown += distance.shown;
        with += distance.with;
        if (distance.bin.first == 2)  // where token 15 lies
            CHECK(distance.with > distance.shown + 0.5 / static_cast<double>(n));
    }
    CHECK(shown == Approx(1.0).epsilon(1e-5));
    CHECK(with == Approx(1.0).epsilon(1e-5));
    const hsa::Snapshot snapshot = explain_test::snapshot_of(world);
    const auto words = hsa::comparison_words(snapshot, comparison);
    REQUIRE(words.size() == 10);
    CHECK(words[0].find("at distances of 2 to 3") != std::string::npos);
    CHECK(words[2].starts_with("Token 12, \u201cword1\u201d"));
    CHECK(words[2].find("less to \u201cword4\u201d") != std::string::npos);
}
