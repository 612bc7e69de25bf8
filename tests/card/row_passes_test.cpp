#include "engine/adapt/gradient.h"
#include "engine/adapt/level_attention.h"
#include "engine/adapt/rows.h"
#include "engine/attention/picture.h"
#include "engine/attention/sums.h"
#include "engine/compute/level_kernels.h"
#include "engine/compute/sharded_backend.h"
#include "tests/card/card.h"
#include "tests/card/card_rows.h"
#include "tests/catch.h"
#include "tests/reference/cases.h"
#include "tests/reference/shared_backend.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <utility>
#include <vector>

// Passes over whole rows of factors that only cards do, against sums in double.
namespace {

using hsa::Matrix;
using reference::drawn;
using reference::miss;
using reference::two_tested;

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

// Remembers what became of the rectangles it was asked for.
class Watched : public reference::SharedBackend {
  public:
    using SharedBackend::SharedBackend;
    std::vector<bool> made;

  private:
    bool do_rectangle_means(const hsa::RangesOfRows& p, const hsa::RangesOfRows& k,
                            std::span<const std::uint32_t> chosen, hsa::MatrixView<float> out,
                            const hsa::Work& work) override {
        made.push_back(inner_->rectangle_means(p, k, chosen, out, work));
        return made.back();
    }
};

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

TEST_CASE("card: rectangles that are more than a block are cut", "[card]") {
    // What is kept fits into this, neither the cells nor the means of the columns do.
    constexpr std::uint64_t kBlock = 60000;
    const Matrix<float> p = drawn(300, 21, 1);
    const Matrix<float> k = drawn(300, 21, 2);
    const Matrix<double> p_before = sums_before(p, 64);
    const Matrix<double> k_before = sums_before(k, 64);
    std::vector<std::uint32_t> chosen(21);
    for (std::uint32_t s = 0; s < 21; ++s) chosen[s] = s;
    std::vector<hsa::RowRange> down;
    for (std::uint32_t i = 0; i < 130; ++i) down.push_back({i, 2 * i + 1, i + 1});
    std::vector<hsa::RowRange> across;
    for (std::uint32_t j = 0; j < 800; ++j) across.push_back({j % 200, j % 200 + 70, 70});
    REQUIRE(across.size() * chosen.size() * sizeof(float) > kBlock);
    const auto asked_of = [&](hsa::Backend& backend) {
        const auto owner = std::make_shared<int>(0);  // a card of tests may be shared and know it
        Matrix<float> out(down.size(), across.size() + 3, -7.0F);
        const hsa::MatrixView<float> cells(out.data(), down.size(), across.size(), out.cols());
        const hsa::RangesOfRows left{{owner, p.view(), p_before.view(), 64}, down};
        const hsa::RangesOfRows right{{owner, k.view(), k_before.view(), 64}, across};
        CHECK_FALSE(backend.rectangle_means(left, right, chosen, cells, {}));
        REQUIRE(backend.rectangle_means(left, right, chosen, cells, {}));
        return out;
    };
    const Matrix<double> rows = mean_of(p, down, chosen);
    const Matrix<double> columns = mean_of(k, across, chosen);
    Matrix<double> wanted(down.size(), across.size() + 3, -7.0);  // beside the cells: as it was
    for (std::size_t r = 0; r < down.size(); ++r)
        for (std::size_t c = 0; c < across.size(); ++c) {
            wanted(r, c) = 0.0;
            for (std::size_t s = 0; s < chosen.size(); ++s)
                wanted(r, c) += rows(r, s) * columns(c, s);
        }
    const auto cut = make_tested({}, kBlock);
    const Matrix<float> found = asked_of(*cut);
    CHECK(miss(reference::widened(found), wanted) <= 1e-12);
    CHECK(found == asked_of(*reference::tested()));
    CHECK(found == asked_of(*two_tested()));
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
        Watched backend(make_tested());
        for (int again = 0; again < 2; ++again) {
            INFO((causal ? "causal" : "plain") << ", " << again);
            backend.made.clear();
            CHECK(miss(reference::widened(picture_of(factors, sums, &backend).mean),
                       reference::widened(wanted)) <= 1e-12);
            REQUIRE_FALSE(backend.made.empty());
            for (const bool made : backend.made) CHECK(made == (again == 1));
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
    for (const bool causal : {false, true})
        for (const hsa::RatioForm form : {hsa::RatioForm::plain, hsa::RatioForm::times_log}) {
            const Compared of(1100, causal);
            Answer found;
            const auto backend = reference::tested();
            REQUIRE(backend->compare_rows(of.rows(), found.views(of, form), {}));
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

TEST_CASE("card: two cards hold rows against a target as one does", "[card]") {
    const auto two = two_tested();
    CHECK(two->has(hsa::RowPass::comparison));
    for (const bool causal : {false, true}) {
        Compared of(1100, causal);  // 70 rows: 64 and 6
        Answer found;
        REQUIRE(two->compare_rows(of.rows(), found.views(of, hsa::RatioForm::plain), {}));
        Answer one;
        REQUIRE(
            reference::tested()->compare_rows(of.rows(), one.views(of, hsa::RatioForm::plain), {}));
        INFO((causal ? "causal" : "all"));
        CHECK(found.divergence == one.divergence);
        CHECK(found.product == one.product);
        CHECK(miss(found.moments, in_double(of, hsa::RatioForm::plain).moments) <= 1e-10);
        // A row of the second card's share is told by its place among all.
        of.target(67, 3) = std::numeric_limits<float>::infinity();
        CHECK_THROWS_WITH(two->compare_rows(of.rows(), one.views(of, hsa::RatioForm::plain), {}),
                          Catch::Contains("Row 67, column 3 of the target rows"));
    }
}

TEST_CASE("card: two cards sum moments as one does", "[card]") {
    const auto two = two_tested();
    Matrix<float> weight = drawn(2100, 17, 1);
    const Matrix<float> beside = drawn(2100, 9, 2);
    Matrix<double> found(17, 9);
    Matrix<double> one(17, 9);
    REQUIRE(two->moments(weight.view(), beside.view(), found.view(), {}));
    REQUIRE(reference::tested()->moments(weight.view(), beside.view(), one.view(), {}));
    CHECK(miss(found, one) <= 1e-24);
    weight(2077, 4) = std::numeric_limits<float>::quiet_NaN();
    CHECK_THROWS_WITH(two->moments(weight.view(), beside.view(), found.view(), {}),
                      Catch::Contains("Row 2077, column 4 of the weights of rows"));
}

TEST_CASE("card: what is not finite is refused where rows are compared, and only there", "[card]") {
    const auto backend = reference::tested();
    CHECK(backend->has(hsa::RowPass::comparison));
    Compared of(90, false);
    Answer found;
    const auto ask = [&] {
        return backend->compare_rows(of.rows(), found.views(of, hsa::RatioForm::plain), {});
    };
    const auto refuses = [&](float& number, const char* what) {
        const float before = std::exchange(number, std::numeric_limits<float>::infinity());
        INFO(what);
        CHECK_THROWS_WITH(ask(), Catch::Contains(what));
        number = before;
    };
    refuses(of.weight(2, 1), "Row 2, column 1 of the shares of tokens");
    refuses(of.target(5, 8), "Row 5, column 8 of the target rows");
    refuses(of.keys(9, 3), "Row 9, column 3 of the keys");
    refuses(of.share(11, 0), "Row 11, column 0 of the weights of rows");
    refuses(of.beside(60, 4), "Row 60, column 4 of the rows");
    CHECK(ask());
}

TEST_CASE("card: divergences of rows over more columns than are held at once", "[card]") {
    // The first piece is worth a card's while, the second is not: both, and what they share.
    constexpr std::size_t kTokens = hsa::kColumnLimit + 300;
    reference::Shape shape;
    shape.tokens = kTokens;
    shape.dimension = 2;
    shape.splats = {16};
    shape.background = true;
    const reference::Case data = reference::random_case(shape, 37);
    const hsa::LevelSplats splats = hsa::level_splats(data.registry, 0);
    const double background = hsa::background_logit(data.registry, kTokens);
    std::vector<std::uint32_t> rows;  // on both sides of the cut
    for (std::uint32_t r = 0; r < 17; ++r) rows.push_back(r * 1041 + 3);
    REQUIRE(rows.back() > hsa::kColumnLimit);
    REQUIRE(rows.back() < kTokens);
    for (const bool causal : {false, true}) {
        const hsa::Target target(*data.coordinates.levels[0], 1.0, causal);
        const hsa::TargetRows wanted_rows(target, rows, {});
        const auto divergences = [&](hsa::Backend& backend) {
            return hsa::full_row_divergence(backend, splats, 1.0, background,
                                            data.coordinates.levels[0]->view(), wanted_rows, {});
        };
        const std::vector<double> wanted = divergences(*reference::cpu());
        const std::vector<double> found = divergences(*reference::tested());
        INFO((causal ? "causal" : "all"));
        REQUIRE(found.size() == rows.size());
        for (std::size_t i = 0; i < rows.size(); ++i)
            CHECK(found[i] == Approx(wanted[i]).epsilon(1e-4).margin(1e-5));
    }
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
