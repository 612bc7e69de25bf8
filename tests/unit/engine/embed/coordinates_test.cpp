#include "engine/embed/coordinates.h"

#include "engine/core/error.h"
#include "engine/core/parallel.h"
#include "engine/model/smoothing.h"
#include "tests/unit/engine/embed/embed_test.h"

#include <cmath>
#include <limits>
#include <set>

using hsa::Coordinates;
using hsa::CoordinateSettings;
using hsa::Dataset;
using hsa::Matrix;

namespace {

Coordinates estimate(const Dataset& dataset, const CoordinateSettings& settings = {}) {
    return hsa::estimate_coordinates(dataset, hsa::default_hierarchy(dataset.size()), settings,
                                     hsa::Work{});
}

bool same(const Coordinates& a, const Coordinates& b) {
    if (*a.base != *b.base || a.levels.size() != b.levels.size()) return false;
    for (std::size_t l = 0; l < a.levels.size(); ++l)
        if (*a.levels[l] != *b.levels[l]) return false;
    return true;
}

void check_healthy(const Coordinates& coordinates, std::size_t n) {
    REQUIRE(coordinates.size() == n);
    REQUIRE(coordinates.dimension() >= 1);
    REQUIRE(coordinates.token_weight.size() == n);
    CHECK(embed_test::all_finite(coordinates.base->view()));
    for (const auto& level : coordinates.levels) {
        CHECK(level->rows() == n);
        CHECK(level->cols() == coordinates.dimension());
        CHECK(embed_test::all_finite(level->view()));
    }
}

}  // namespace

TEST_CASE("rows of Y0 have one length and a mean square of 1", "[embed][coordinates]") {
    const Dataset dataset = embed_test::embedded(embed_test::made_up_text(2500, 1));
    const Coordinates coordinates = estimate(dataset);
    check_healthy(coordinates, dataset.size());
    CHECK(coordinates.dimension() == 64);
    CHECK(embed_test::mean_square(coordinates.base->view()) == Approx(1.0).epsilon(1e-6));
    for (std::size_t i = 0; i < dataset.size(); ++i)
        REQUIRE(embed_test::norm(coordinates.base->row(i)) == Approx(8.0).epsilon(1e-5));
}

TEST_CASE("every level has a mean square of 1 and rows of nearly one length",
          "[embed][coordinates]") {
    const Dataset dataset = embed_test::embedded(embed_test::made_up_text(2500, 1));
    const Coordinates coordinates = estimate(dataset);
    for (const auto& level : coordinates.levels) {
        CHECK(embed_test::mean_square(level->view()) == Approx(1.0).epsilon(1e-6));
        for (std::size_t i = 0; i < dataset.size(); ++i) {
            const double norm = embed_test::norm(level->row(i));
            REQUIRE(norm > 7.5);
            REQUIRE(norm < 8.5);
        }
    }
    // Neighbours grow alike from level to level.
    double last = -1.0;
    for (const auto& level : coordinates.levels) {
        double alike = 0.0;
        for (std::size_t i = 1; i < dataset.size(); ++i)
            for (std::size_t a = 0; a < level->cols(); ++a)
                alike +=
                    static_cast<double>((*level)(i, a)) * static_cast<double>((*level)(i - 1, a));
        CHECK(alike > last);
        last = alike;
    }
}

TEST_CASE("token weights are a / (a + share) for words and 1 for rows", "[embed][coordinates]") {
    const Dataset dataset = embed_test::embedded("a b a c a d a e");
    const Coordinates coordinates = estimate(dataset);
    CHECK(coordinates.token_weight[0] == Approx(1e-3 / (1e-3 + 0.5)));
    CHECK(coordinates.token_weight[1] == Approx(1e-3 / (1e-3 + 0.125)));
    CHECK(coordinates.recipe->token_weight_a == 1e-3);
    const Coordinates rows = estimate(embed_test::vectors(embed_test::clusters(20, 3, 2, 1)));
    for (const float w : rows.token_weight) CHECK(w == 1.0F);
    CHECK(rows.recipe->token_weight_a == 0.0);
}

TEST_CASE("axes are orthonormal, by falling variance, largest entry positive",
          "[embed][coordinates]") {
    const Dataset dataset = embed_test::vectors(embed_test::clusters(3000, 80, 12, 4));
    const Coordinates coordinates = estimate(dataset);
    const Matrix<double>& axes = coordinates.recipe->axes;
    REQUIRE(axes.rows() == 64);
    REQUIRE(axes.cols() == 80);
    double last = std::numeric_limits<double>::infinity();
    for (std::size_t r = 0; r < axes.rows(); ++r) {
        double top = 0.0;
        for (const double v : axes.row(r))
            if (std::abs(v) > std::abs(top)) top = v;
        CHECK(top > 0.0);
        for (std::size_t q = 0; q <= r; ++q) {
            double dot = 0.0;
            for (std::size_t a = 0; a < 80; ++a) dot += axes(r, a) * axes(q, a);
            REQUIRE(dot == Approx(q == r ? 1.0 : 0.0).margin(1e-9));
        }
        // Variance along the axis.
        double variance = 0.0;
        for (std::size_t i = 0; i < dataset.size(); ++i) {
            double place = 0.0;
            for (std::size_t a = 0; a < 80; ++a)
                place += axes(r, a) * (static_cast<double>(dataset.embeddings.rows(i, a)) -
                                       coordinates.recipe->mean[a]);
            variance += place * place;
        }
        CHECK(variance <= last * (1.0 + 1e-4));
        last = variance;
    }
}

TEST_CASE("rows without an order share one block at every level", "[embed][coordinates]") {
    const Coordinates coordinates =
        estimate(embed_test::vectors(embed_test::clusters(500, 6, 3, 2)));
    for (const auto& level : coordinates.levels) CHECK(level == coordinates.levels[0]);
    for (const auto& level : coordinates.recipe->levels) CHECK(level.h == 0.0);
}

TEST_CASE("smoothing off, trailing and by a factor", "[embed][coordinates]") {
    const Dataset dataset = embed_test::embedded(embed_test::made_up_text(600, 1));
    CoordinateSettings settings;
    settings.smoothing = hsa::Smoothing::off;
    const Coordinates off = estimate(dataset, settings);
    for (const auto& level : off.levels) CHECK(level == off.levels[0]);
    settings.smoothing = hsa::Smoothing::factor;
    settings.smoothing_factor = 0.5;
    const Coordinates half = estimate(dataset, settings);
    const std::vector<double> widths = hsa::smoothing_widths(dataset.size(), 4);
    for (std::size_t l = 0; l < 4; ++l) CHECK(half.recipe->levels[l].h == 0.5 * widths[l]);
    settings.smoothing = hsa::Smoothing::trailing;
    const Coordinates trailing = estimate(dataset, settings);
    CHECK(trailing.recipe->trailing);
    CHECK(*trailing.levels[2] != *estimate(dataset).levels[2]);
}

TEST_CASE("position is one more coordinate, after unit norm", "[embed][coordinates]") {
    const Dataset dataset = embed_test::embedded(embed_test::made_up_text(600, 1));
    CoordinateSettings settings;
    settings.position = 0.2;
    const Coordinates coordinates = estimate(dataset, settings);
    const Matrix<float>& y = *coordinates.base;
    const std::size_t last = y.cols() - 1;
    CHECK(coordinates.recipe->dimension() == y.cols());
    CHECK(coordinates.recipe->axes.rows() == last);
    CHECK(embed_test::mean_square(y.view()) == Approx(1.0).epsilon(1e-6));
    for (const std::size_t i : {0U, 123U, 599U}) {
        CHECK(
            static_cast<double>(y(i, last)) ==
            Approx(0.2 * static_cast<double>(i) / 600.0 * coordinates.recipe->scale).margin(1e-6));
        CHECK(embed_test::norm(y.row(i).first(last)) ==
              Approx(coordinates.recipe->scale).epsilon(1e-5));
    }
}

TEST_CASE("a stored recipe makes the same bits again", "[embed][coordinates]") {
    for (const double position : {0.0, 0.1})
        for (const hsa::Smoothing smoothing :
             {hsa::Smoothing::automatic, hsa::Smoothing::trailing}) {
            const Dataset dataset = embed_test::embedded(embed_test::made_up_text(2100, 6));
            CoordinateSettings settings;
            settings.position = position;
            settings.smoothing = smoothing;
            const Coordinates first = estimate(dataset, settings);
            const Coordinates again = hsa::apply_coordinates(dataset, first.recipe, hsa::Work{});
            CHECK(same(first, again));
            CHECK(first.token_weight == again.token_weight);
        }
    const Dataset rows = embed_test::vectors(embed_test::clusters(300, 7, 3, 2));
    const Coordinates first = estimate(rows);
    CHECK(same(first, hsa::apply_coordinates(rows, first.recipe, hsa::Work{})));
    const Dataset narrower = embed_test::vectors(embed_test::clusters(300, 6, 3, 2));
    CHECK_THROWS_AS(hsa::apply_coordinates(narrower, first.recipe, hsa::Work{}), hsa::Error);
}

TEST_CASE("coordinates have the same bits for any number of threads", "[embed][coordinates]") {
    const Dataset dataset = embed_test::embedded(embed_test::made_up_text(5000, 2));
    const auto run = [&](std::size_t threads) {
        const hsa::ThreadLimit limit(threads);
        return estimate(dataset);
    };
    CHECK(same(run(1), run(4)));
}

TEST_CASE("data with nothing to tell apart have finite coordinates", "[embed][coordinates]") {
    for (const std::string& text :
         {std::string("one"), std::string("one two"), std::string("same same same same same"),
          std::string("a b a b"), std::string("a a a b")}) {
        const Dataset dataset = embed_test::embedded(text);
        check_healthy(estimate(dataset), dataset.size());
    }
    check_healthy(estimate(embed_test::vectors(Matrix<float>(1, 5, 2.0F))), 1);
    check_healthy(estimate(embed_test::vectors(Matrix<float>(9, 5, 2.0F))), 9);
    check_healthy(estimate(embed_test::vectors(Matrix<float>(9, 1, 0.0F))), 9);
    check_healthy(estimate(embed_test::vectors(embed_test::clusters(3, 100, 2, 1))), 3);
    // Numbers as large and as small as float32 holds in comfort.
    Matrix<float> large = embed_test::clusters(50, 4, 3, 1);
    Matrix<float> small = large;
    for (std::size_t e = 0; e < large.size(); ++e) {
        large.data()[e] *= 1e15F;
        small.data()[e] *= 1e-15F;
    }
    check_healthy(estimate(embed_test::vectors(large)), 50);
    check_healthy(estimate(embed_test::vectors(small)), 50);
}

TEST_CASE("a number that is not finite is named by row and column", "[embed][coordinates]") {
    Matrix<float> rows = embed_test::clusters(10, 4, 2, 1);
    rows(7, 2) = std::numeric_limits<float>::quiet_NaN();
    try {
        (void)estimate(embed_test::vectors(rows));
        FAIL("NaN was accepted");
    } catch (const hsa::Error& error) {
        const std::string said = error.what();
        CHECK(said.find("row 7") != std::string::npos);
        CHECK(said.find("column 2") != std::string::npos);
    }
}

TEST_CASE("raw coordinates are the rows themselves", "[embed][coordinates]") {
    const Dataset dataset = embed_test::vectors(embed_test::clusters(10, 4, 2, 1));
    const Coordinates raw = hsa::raw_coordinates(dataset, 3);
    CHECK(raw.recipe == nullptr);
    CHECK(raw.levels.size() == 3);
    for (std::size_t i = 0; i < 10; ++i)
        for (std::size_t a = 0; a < 4; ++a)
            CHECK((*raw.levels[1])(i, a) == dataset.embeddings.rows(i, a));
}

TEST_CASE("the voyage sample has the coordinates of the reference", "[embed][coordinates]") {
    // An independent float64 version of the recipe, exact SVD: mean lengths and likeness by level.
    const Dataset dataset = embed_test::embedded(embed_test::sample("voyage.txt"));
    const Coordinates coordinates = estimate(dataset);
    const auto cosine = [&](std::size_t l) {
        const auto a = coordinates.levels[l]->row(1000);
        const auto b = coordinates.levels[l]->row(3500);
        double dot = 0.0;
        for (std::size_t c = 0; c < a.size(); ++c)
            dot += static_cast<double>(a[c]) * static_cast<double>(b[c]);
        return dot / (embed_test::norm(a) * embed_test::norm(b));
    };
    CHECK(dataset.size() == 5125);
    CHECK(cosine(2) == Approx(0.455).margin(0.06));
    CHECK(cosine(3) == Approx(0.672).margin(0.06));
}
