#include "engine/attention/cells.h"
#include "engine/attention/picture.h"
#include "tests/catch.h"
#include "tests/reference/cases.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace {

using hsa::Factors;
using hsa::Matrix;
using hsa::Picture;
using hsa::Range;

reference::Case data_of(std::size_t n) {
    reference::Shape shape;
    shape.tokens = n;
    shape.dimension = 4;
    shape.splats = {7, 4};
    shape.background = true;
    return reference::random_case(shape, 90 + n);
}

// A of every splat or of one level, cell by cell in float64.
Matrix<double> all_cells(const Factors& factors, const hsa::PicturePart& part) {
    Matrix<double> a(factors.tokens(), factors.tokens(), 0.0);
    for (std::size_t i = 0; i < a.rows(); ++i)
        for (std::size_t j = 0; j < a.cols(); ++j)
            for (const hsa::Part& one : hsa::cell_parts(factors, i, j).parts)
                if (part.whole() || one.level == part.level) a(i, j) += one.value;
    return a;
}

double mean(const Matrix<double>& a, Range rows, Range columns) {
    double sum = 0.0;
    for (std::size_t i = rows.begin; i < rows.end; ++i)
        for (std::size_t j = columns.begin; j < columns.end; ++j) sum += a(i, j);
    return sum / static_cast<double>(rows.size() * columns.size());
}

void check_profiles(const Factors& factors, Range rows, Range columns, std::size_t pixels,
                    const hsa::PicturePart& part) {
    const Matrix<double> a = all_cells(factors, part);
    hsa::PictureRequest request{rows, columns, std::min(pixels, rows.size()),
                                std::min(pixels, columns.size()), part};
    const Picture picture =
        hsa::attention_picture(factors, hsa::tile_sums(factors), request, {}, {});
    REQUIRE(picture.row_profile.size() == picture.mean.rows());
    REQUIRE(picture.column_profile.size() == picture.mean.cols());
    for (std::size_t r = 0; r < picture.row_profile.size(); ++r)
        CHECK(picture.row_profile[r] ==
              Approx(mean(a, {picture.row_edges[r], picture.row_edges[r + 1]}, columns))
                  .epsilon(1e-6)
                  .margin(1e-15));
    for (std::size_t c = 0; c < picture.column_profile.size(); ++c)
        CHECK(picture.column_profile[c] ==
              Approx(mean(a, rows, {picture.column_edges[c], picture.column_edges[c + 1]}))
                  .epsilon(1e-6)
                  .margin(1e-15));
}

}  // namespace

TEST_CASE("profiles are the means of A's shown rows and columns", "[attention][map]") {
    for (const std::size_t n : {9UL, 65UL, 150UL}) {
        const Factors factors = reference::factors_of(data_of(n));
        CAPTURE(n);
        for (const std::uint16_t level : {hsa::kAllLevels, std::uint16_t{0}, std::uint16_t{1}}) {
            check_profiles(factors, {0, n}, {0, n}, n, {level});
            check_profiles(factors, {0, n}, {0, n}, 6, {level});
            check_profiles(factors, {2, 8}, {1, n}, 5, {level});
        }
    }
}

TEST_CASE("causal profiles are, too", "[attention][map][causal]") {
    hsa::FactorOptions options;
    options.causal = true;
    const Factors factors = reference::factors_of(data_of(130), options);
    check_profiles(factors, {0, 130}, {0, 130}, 130, {});
    check_profiles(factors, {60, 130}, {10, 100}, 9, {});
}

TEST_CASE("pixels that were left out do not count in a profile", "[attention][map]") {
    const float nan = std::numeric_limits<float>::quiet_NaN();
    Picture picture;
    picture.mean = Matrix<float>(2, 2);
    picture.mean(0, 0) = 0.5F;
    picture.mean(0, 1) = 0.25F;
    picture.mean(1, 0) = picture.mean(1, 1) = nan;
    picture.row_edges = {0, 1, 3};
    picture.column_edges = {0, 3, 4};
    hsa::add_profiles(picture);
    CHECK(picture.row_profile[0] == Approx((3 * 0.5 + 0.25) / 4));
    CHECK(std::isnan(picture.row_profile[1]));
    CHECK(picture.column_profile[0] == Approx(0.5));
    CHECK(picture.column_profile[1] == Approx(0.25));
    picture.request.statistic = hsa::Statistic::most;
    hsa::add_profiles(picture);
    CHECK(picture.row_profile[0] == Approx(0.5));
}
