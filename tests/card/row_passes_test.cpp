#include "engine/adapt/gradient.h"
#include "engine/adapt/level_attention.h"
#include "engine/attention/picture.h"
#include "engine/attention/sums.h"
#include "engine/compute/level_kernels.h"
#include "tests/card/card.h"
#include "tests/catch.h"
#include "tests/reference/cases.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <vector>

// Passes over whole rows of factors that only cards do, against sums in double.
namespace {

using hsa::Matrix;

// Numbers in (0, 1], other ones for every `what`.
Matrix<float> drawn(std::size_t rows, std::size_t cols, std::size_t what) {
    Matrix<float> made(rows, cols);
    for (std::size_t e = 0; e < made.size(); ++e)
        made.data()[e] = static_cast<float>((e * 7919 + what * 104729) % 997 + 1) / 997.0F;
    return made;
}

// Squared error over the square of what is right.
double miss(const Matrix<double>& found, const Matrix<double>& wanted) {
    REQUIRE(found.size() == wanted.size());
    double error = 0.0;
    double square = 0.0;
    for (std::size_t e = 0; e < wanted.size(); ++e) {
        error += std::pow(found.data()[e] - wanted.data()[e], 2.0);
        square += std::pow(wanted.data()[e], 2.0);
    }
    return error / square;
}

Matrix<double> sums_before(const Matrix<float>& rows, std::size_t tile) {
    Matrix<double> before((rows.rows() + tile - 1) / tile + 1, rows.cols(), 0.0);
    for (std::size_t i = 0; i < rows.rows(); ++i)
        for (std::size_t t = i / tile + 1; t < before.rows(); ++t)
            for (std::size_t s = 0; s < rows.cols(); ++s)
                before(t, s) += static_cast<double>(rows(i, s));
    return before;
}

Matrix<double> mean_of(const Matrix<float>& rows, const std::vector<hsa::RowRange>& ranges,
                       const std::vector<std::uint32_t>& chosen) {
    Matrix<double> means(ranges.size(), chosen.size());
    for (std::size_t r = 0; r < ranges.size(); ++r)
        for (std::size_t c = 0; c < chosen.size(); ++c) {
            for (std::size_t i = ranges[r].begin; i < ranges[r].end; ++i)
                means(r, c) += static_cast<double>(rows(i, chosen[c]));
            means(r, c) /= ranges[r].count;
        }
    return means;
}

hsa::Picture picture_of(const hsa::Factors& factors, const hsa::TileSums& sums,
                        hsa::Backend* backend) {
    // Whole tiles, parts of them, and ranges within one.
    hsa::PictureRequest request{{3, 290}, {0, 300}, 9, 130};
    return hsa::attention_picture(factors, sums, request, {}, {}, backend);
}

}  // namespace

TEST_CASE("card: means over rectangles", "[card]") {
    const auto backend = make_tested();
    Matrix<float> p = drawn(300, 21, 1);
    const Matrix<float> k = drawn(300, 21, 2);
    const Matrix<double> p_before = sums_before(p, 64);
    Matrix<double> k_before = sums_before(k, 64);
    for (std::size_t t = 0; t < k_before.rows(); ++t)
        for (double& sum : k_before.row(t)) sum -= 150.0;  // what may be lacking
    // Inside a tile, from tile to tile, across some, to the end, and nothing.
    const std::vector<hsa::RowRange> down = {{3, 40, 37}, {64, 192, 128}, {50, 300, 250}};
    const std::vector<hsa::RowRange> across = {{0, 0, 9}, {60, 70, 20}, {128, 299, 171}, {5, 6, 1}};
    const std::vector<std::uint32_t> chosen = {0, 3, 4, 17, 20};
    auto owner = std::make_shared<int>(0);
    Matrix<float> out(3, 4, -7.0F);
    const auto ask = [&] {
        return backend->rectangle_means({{owner, p.view(), p_before.view(), 64}, down},
                                        {{owner, k.view(), k_before.view(), 64}, across}, chosen,
                                        out.view(), {});
    };
    // Those of a moving slider are asked for once, and not sent.
    CHECK_FALSE(ask());
    CHECK(out == Matrix<float>(3, 4, -7.0F));
    const Matrix<double> rows = mean_of(p, down, chosen);
    const Matrix<double> columns = mean_of(k, across, chosen);
    Matrix<double> wanted(3, 4);
    for (std::size_t r = 0; r < 3; ++r)
        for (std::size_t c = 0; c < 4; ++c)
            for (std::size_t s = 0; s < chosen.size(); ++s)
                wanted(r, c) += rows(r, s) * columns(c, s);
    REQUIRE(ask());
    CHECK(miss(reference::widened(out), wanted) <= 1e-12);
    // Other numbers at the same place have another owner.
    p = drawn(300, 21, 5);
    owner = std::make_shared<int>(1);
    CHECK_FALSE(ask());
}

TEST_CASE("card: pictures of factors that it has", "[card]") {
    reference::Shape shape;
    shape.tokens = 300;
    shape.dimension = 4;
    shape.splats = {19, 3};
    shape.background = true;
    const reference::Case data = reference::random_case(shape, 8);
    for (const bool causal : {false, true}) {
        hsa::FactorOptions options;
        options.causal = causal;
        const hsa::Factors factors = reference::factors_of(data, options);
        const hsa::TileSums sums = hsa::tile_sums(factors);
        const Matrix<float> wanted = picture_of(factors, sums, nullptr).mean;
        const auto backend = make_tested();
        for (int again = 0; again < 2; ++again) {
            INFO((causal ? "causal" : "plain") << ", " << again);
            CHECK(miss(reference::widened(picture_of(factors, sums, backend.get()).mean),
                       reference::widened(wanted)) <= 1e-12);
        }
    }
}

TEST_CASE("card: moments of splats", "[card]") {
    for (const std::size_t rows : {1U, 100U, 2100U}) {
        const Matrix<float> weight = drawn(rows, 37, 1);
        Matrix<float> beside = drawn(rows, 21, 2);
        for (std::size_t e = 0; e < beside.size(); ++e) beside.data()[e] -= 0.4F;
        Matrix<double> wanted(37, 21);
        for (std::size_t i = 0; i < rows; ++i)
            for (std::size_t s = 0; s < 37; ++s)
                for (std::size_t a = 0; a < 21; ++a)
                    wanted(s, a) +=
                        static_cast<double>(weight(i, s)) * static_cast<double>(beside(i, a));
        Matrix<double> found(37, 21);
        REQUIRE(reference::tested()->moments(weight.view(), beside.view(), found.view(), {}));
        INFO(rows << " rows");
        CHECK(miss(found, wanted) <= 1e-12);
        Matrix<double> cut(37, 21);
        REQUIRE(make_tested({}, 1)->moments(weight.view(), beside.view(), cut.view(), {}));
        CHECK(cut == found);
    }
}

namespace {

// r rows of m columns of a level's attention and what follows from them in double.
struct Compared {
    Matrix<float> weight = drawn(70, 33, 1);
    std::vector<float> background = std::vector<float>(70, 0.4F);
    Matrix<float> keys;
    Matrix<float> target;
    std::vector<std::size_t> seen;
    Matrix<float> share = drawn(70, 33, 4);
    Matrix<float> beside;

    Compared(std::size_t columns, bool causal)
        : keys(drawn(columns, 33, 2)), target(drawn(70, columns, 3)), beside(drawn(columns, 5, 5)) {
        for (std::size_t e = 0; e < keys.size(); ++e) keys.data()[e] /= static_cast<float>(columns);
        for (std::size_t i = 0; i < 70 && causal; ++i) {
            seen.push_back((i * 37) % columns + 1);
            for (std::size_t j = seen[i]; j < columns; ++j) target(i, j) = 0.0F;
        }
    }

    [[nodiscard]] hsa::ComparedRows rows() const {
        hsa::ComparedRows rows;
        rows.weight = weight.view();
        rows.background = background;
        rows.target = target.view();
        rows.seen = seen;
        rows.keys = keys.view();
        return rows;
    }
};

struct Answer {
    Matrix<double> divergence{70, 1};
    Matrix<double> product{70, 33};
    Matrix<double> moments{33, 5};

    [[nodiscard]] hsa::RowComparison views(const Compared& of, hsa::RatioForm form) {
        hsa::RowComparison out;
        out.divergence = {divergence.data(), 70};
        out.form = form;
        out.product = product.view();
        if (form == hsa::RatioForm::times_log) return out;
        out.share = of.share.view();
        out.beside = of.beside.view();
        out.moments = moments.view();
        return out;
    }
};

Answer in_double(const Compared& of, hsa::RatioForm form) {
    Answer answer;
    const std::size_t columns = of.keys.rows();
    for (std::size_t j = 0; j < columns; ++j) {
        std::vector<double> slope(33, 0.0);
        for (std::size_t i = 0; i < 70; ++i) {
            if (!of.seen.empty() && j >= of.seen[i]) continue;
            double a = static_cast<double>(of.background[i]) / static_cast<double>(columns);
            for (std::size_t s = 0; s < 33; ++s)
                a += static_cast<double>(of.weight(i, s)) * static_cast<double>(of.keys(j, s));
            const auto t = static_cast<double>(of.target(i, j));
            const double ratio = t / a;
            answer.divergence(i, 0) += t * std::log(ratio);
            const double kept = form == hsa::RatioForm::times_log ? ratio * std::log(ratio) : ratio;
            for (std::size_t s = 0; s < 33; ++s) {
                answer.product(i, s) += kept * static_cast<double>(of.keys(j, s));
                slope[s] += (1.0 - ratio) * static_cast<double>(of.share(i, s));
            }
        }
        for (std::size_t s = 0; s < 33 && form == hsa::RatioForm::plain; ++s)
            for (std::size_t a = 0; a < 5; ++a)
                answer.moments(s, a) += static_cast<double>(of.keys(j, s)) * slope[s] *
                                        static_cast<double>(of.beside(j, a));
    }
    return answer;
}

}  // namespace

TEST_CASE("card: rows held against a target", "[card]") {
    const bool compares = tested_name() == "cuda";
    for (const bool causal : {false, true})
        for (const hsa::RatioForm form : {hsa::RatioForm::plain, hsa::RatioForm::times_log}) {
            const Compared of(1100, causal);
            Answer found;
            const auto backend = reference::tested();
            REQUIRE(backend->compare_rows(of.rows(), found.views(of, form), {}) == compares);
            if (!compares) continue;
            const Answer wanted = in_double(of, form);
            INFO((causal ? "causal" : "all")
                 << ", " << (form == hsa::RatioForm::plain ? "R" : "R ln R"));
            CHECK(miss(found.divergence, wanted.divergence) <= 1e-12);
            CHECK(miss(found.product, wanted.product) <= 1e-12);
            if (form == hsa::RatioForm::times_log) continue;
            CHECK(miss(found.moments, wanted.moments) <= 1e-10);
            Answer cut;
            REQUIRE(make_tested({}, 1)->compare_rows(of.rows(), cut.views(of, form), {}));
            CHECK(cut.product == found.product);
            CHECK(cut.moments == found.moments);
        }
}

TEST_CASE("card: rows whose keys are formed there", "[card]") {
    if (tested_name() != "cuda") return;
    const auto backend = reference::tested();
    reference::Shape shape;
    shape.tokens = 200;
    shape.dimension = 5;
    shape.splats = {33};
    shape.kind = hsa::CovarianceKind::diagonal;
    const reference::Case data = reference::random_case(shape, 12);
    const hsa::LevelKernel level = hsa::bind_level(*backend, data.registry, 0, 1.0);
    const Matrix<float>& x = *data.coordinates.levels[0];
    const std::vector<double> log_mass = backend->log_mass(*level.bound, x.view(), {}, {});
    Compared of(200, false);
    Matrix<float> ell(200, 33);
    backend->log_kernel(*level.bound, x.view(), ell.view());
    for (std::size_t j = 0; j < 200; ++j)
        for (std::size_t s = 0; s < 33; ++s)
            of.keys(j, s) =
                static_cast<float>(std::exp(static_cast<double>(ell(j, s)) - log_mass[s]));
    hsa::ComparedRows rows = of.rows();
    rows.keys = {};
    rows.splats = level.bound.get();
    rows.x = x.view();
    rows.log_mass = log_mass;
    Answer found;
    REQUIRE(backend->compare_rows(rows, found.views(of, hsa::RatioForm::plain), {}));
    const Answer wanted = in_double(of, hsa::RatioForm::plain);
    CHECK(miss(found.divergence, wanted.divergence) <= 1e-11);
    CHECK(miss(found.product, wanted.product) <= 1e-11);
    CHECK(miss(found.moments, wanted.moments) <= 1e-9);
}

TEST_CASE("card: gradients and divergences of a level", "[card]") {
    constexpr std::size_t kColumns = 1100;  // enough to be worth a card's while
    reference::Shape shape;
    shape.tokens = kColumns;
    shape.dimension = 3;
    shape.splats = {64};
    const reference::Case data = reference::random_case(shape, 31);
    const hsa::LevelSplats splats = hsa::level_splats(data.registry, 0);
    const Matrix<float>& x = *data.coordinates.levels[0];
    Matrix<float> t = drawn(64, kColumns, 6);
    for (std::size_t i = 0; i < 64; ++i) {
        float sum = 0.0F;
        for (const float value : t.row(i)) sum += value;
        for (float& value : t.row(i)) value /= sum;
    }
    const std::vector<double> weight(64, 1.0 / 64.0);
    const auto gradient_of = [&](hsa::Backend& backend) {
        return hsa::sampled_gradient(backend, splats, 1.0, 0.3, x.view(), 0.0,
                                     x.view().block(0, 64), t.view(), weight);
    };
    const hsa::LevelGradient wanted = gradient_of(*reference::cpu());
    const hsa::LevelGradient found = gradient_of(*reference::tested());
    CHECK(found.loss == Approx(wanted.loss).epsilon(1e-6));
    CHECK(miss(found.centre, wanted.centre) <= 1e-8);
    CHECK(miss(found.log_precision, wanted.log_precision) <= 1e-8);
}
