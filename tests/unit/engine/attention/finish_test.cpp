#include "engine/attention/finish.h"

#include "engine/attention/cells.h"
#include "engine/attention/picture.h"
#include "tests/catch.h"
#include "tests/reference/cases.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace {

using hsa::AttentionSettings;
using hsa::Matrix;
using hsa::Normalise;

AttentionSettings with(Normalise normalise, double tau = 1.0) {
    AttentionSettings settings;
    settings.normalise = normalise;
    settings.tau = tau;
    return settings;
}

// S_ij = sum_s w_s phi_s(i) phi_s(j), straight from the seeds' sum: [n, n].
Matrix<double> scores(const reference::Case& data) {
    const std::vector<reference::Splat> splats = data.splats();
    const reference::Attention attention = data.attention();
    const std::size_t n = data.tokens();
    Matrix<double> s(n, n, 0.0);
    for (std::size_t i = 0; i < n; ++i)
        for (std::size_t j = 0; j < n; ++j)
            for (std::size_t t = 0; t < splats.size(); ++t)
                s(i, j) +=
                    std::exp(splats[t].log_weight + attention.ell(i, t) + attention.ell(j, t));
    return s;
}

// Row-wise softmax of `value`.
template <class Value>
Matrix<double> softmax(const Matrix<double>& s, const Value& value) {
    Matrix<double> out(s.rows(), s.cols());
    for (std::size_t i = 0; i < s.rows(); ++i) {
        double sum = 0.0;
        for (std::size_t j = 0; j < s.cols(); ++j) sum += out(i, j) = std::exp(value(s(i, j)));
        for (std::size_t j = 0; j < s.cols(); ++j) out(i, j) /= sum;
    }
    return out;
}

Matrix<double> finished(const hsa::Factors& factors, const AttentionSettings& settings) {
    std::vector<std::uint32_t> tokens(factors.tokens());
    std::iota(tokens.begin(), tokens.end(), 0U);
    Matrix<float> rows(factors.tokens(), factors.tokens());
    hsa::attention_rows(factors, tokens, settings, rows.view());
    return reference::widened(rows);
}

reference::Case small_case(std::uint64_t seed) {
    return reference::random_case({90, 5, {6, 3}, hsa::CovarianceKind::diagonal, false, true},
                                  seed);
}

}  // namespace

TEST_CASE("softmax(tau) is the softmax of the log scores over tau", "[attention][finish]") {
    const reference::Case data = small_case(3);
    const hsa::Factors factors = reference::factors_of(data);
    const Matrix<double> s = scores(data);
    for (const double tau : {0.1, 0.5, 1.0, 2.0, 20.0}) {
        const Matrix<double> wanted = softmax(s, [tau](double x) { return std::log(x) / tau; });
        CHECK(reference::largest_difference(finished(factors, with(Normalise::softmax, tau)),
                                            wanted) < 2e-5);
    }
    CHECK(finished(factors, with(Normalise::softmax)) == finished(factors, {}));
}

TEST_CASE("softmax-linear is the softmax of the scores", "[attention][finish]") {
    const reference::Case data = small_case(4);
    const hsa::Factors factors = reference::factors_of(data);
    const Matrix<double> wanted = softmax(scores(data), [](double x) { return x; });
    CHECK(reference::largest_difference(finished(factors, with(Normalise::softmax_linear)),
                                        wanted) < 1e-6);
}

TEST_CASE("row steps keep zeros, ties and rows of one token whole", "[attention][finish]") {
    std::vector<float> row = {0.5F, 0.0F, 0.25F, 0.25F};
    hsa::soften(row, 0.5);
    CHECK(row[1] == 0.0F);
    CHECK(row[2] == row[3]);
    CHECK(row[0] == Approx(2.0 / 3.0));
    std::vector<float> tiny = {1e-30F, 1e-38F, 0.0F};
    hsa::soften(tiny, 0.01);
    CHECK(tiny == std::vector<float>{1.0F, 0.0F, 0.0F});
    std::vector<float> one = {1.0F};
    hsa::soften(one, 3.0);
    CHECK(one[0] == 1.0F);
    hsa::soften_linear(one, 5.0);
    CHECK(one[0] == 1.0F);
    std::vector<float> nothing = {0.0F, 0.0F};  // every key masked
    hsa::soften(nothing, 0.5);
    hsa::soften_linear(nothing, -1e30);
    CHECK(nothing == std::vector<float>{0.0F, 0.0F});
    std::vector<float> huge = {0.6F, 0.4F};
    hsa::soften_linear(huge, 1e6);
    CHECK(huge == std::vector<float>{1.0F, 0.0F});
    std::vector<float> strongest = {0.3F, 0.3F, 0.4F};
    AttentionSettings settings = with(Normalise::softmax, 2.0);
    settings.top_k = 2;
    hsa::finish_row(strongest, 0.0, settings);
    CHECK(strongest[1] == 0.0F);  // of the two that tie, the lower index stays
    CHECK(strongest[0] + strongest[2] == Approx(1.0));
    CHECK(strongest[2] / strongest[0] == Approx(std::sqrt(0.4 / 0.3)));
}

TEST_CASE("pictures and block means are of finished rows, or say that they are not",
          "[attention][finish]") {
    const reference::Case data = small_case(5);
    const hsa::Factors factors = reference::factors_of(data);
    const hsa::TileSums sums = hsa::tile_sums(factors);
    AttentionSettings settings = with(Normalise::softmax, 0.5);
    settings.top_k = 7;
    CHECK(hsa::row_steps_text(settings) == "softmax(0.5), top 7");
    const Matrix<double> rows = finished(factors, settings);

    const hsa::Picture picture =
        hsa::attention_picture(factors, sums, {{10, 80}, {5, 90}, 7, 5}, settings, {});
    CHECK(picture.mark == hsa::Mark::exact);
    for (std::size_t r = 0; r < 7; ++r)
        for (std::size_t c = 0; c < 5; ++c)
            CHECK(
                static_cast<double>(picture.mean(r, c)) ==
                Approx(reference::block_mean(rows, picture.row_edges[r], picture.row_edges[r + 1],
                                             picture.column_edges[c], picture.column_edges[c + 1]))
                    .margin(1e-7));
    const auto mean = hsa::finished_mean(factors, {{10, 50}, {20, 23}}, settings, {});
    REQUIRE(mean);
    CHECK(*mean == Approx(reference::block_mean(rows, 10, 50, 20, 23)).margin(1e-9));
    CHECK_FALSE(hsa::finished_mean(factors, {{10, 50}, {20, 23}}, {}, {}));

    const hsa::Factors many =
        reference::factors_of(reference::random_case({hsa::kFinishedRowsUpTo + 1, 2, {3}}, 6));
    const hsa::TileSums many_sums = hsa::tile_sums(many);
    const hsa::Range all{0, many.tokens()};
    CHECK(hsa::attention_picture(many, many_sums, {all, all, 16, 16}, settings, {}).mark ==
          hsa::Mark::approximate);
    CHECK(hsa::attention_picture(many, many_sums, {{0, 8}, {4, 12}, 8, 8}, settings, {}).mark ==
          hsa::Mark::exact);
    CHECK_FALSE(hsa::finished_mean(many, {all, {0, 1}}, settings, {}));
    CHECK(hsa::finished_mean(many, {{7, 8}, {0, 1}}, settings, {}));
}
