#include "engine/adapt/shape_edits.h"

#include "engine/core/error.h"
#include "tests/catch.h"

#include <cmath>
#include <limits>

using hsa::CovarianceKind;

namespace {

constexpr std::size_t kDimension = 4;

hsa::Splat splat_of(CovarianceKind kind, bool round = true) {
    hsa::Splat splat;
    splat.id = 17;
    splat.kind = kind;
    splat.centre.assign(kDimension, 0.5F);
    splat.variance.assign(kDimension, 0.8F);
    if (kind == CovarianceKind::diagonal || kind == CovarianceKind::full || !round)
        splat.variance = {1.5F, 0.8F, 0.6F, 0.9F};
    if (kind == CovarianceKind::lowrank)
        splat.shape = {0.5F, 0.1F, -0.3F, 0.2F, 0.0F, 0.4F, 0.2F, -0.1F};
    if (kind == CovarianceKind::full) splat.shape = {0.2F, -0.1F, 0.15F, 0.05F, 0.1F, -0.2F};
    return splat;
}

void check_near(const hsa::Matrix<double>& a, const hsa::Matrix<double>& b) {
    for (std::size_t r = 0; r < a.rows(); ++r)
        for (std::size_t c = 0; c < a.cols(); ++c) CHECK(a(r, c) == Approx(b(r, c)).margin(2e-6));
}

const std::vector<double> kFrom = {1, 0, 0, 0};
const std::vector<double> kTo = {0.4, 0, 3, 0};  // at a right angle: the third axis

// Q Sigma Q^T written out: a turn from the first axis to the third.
hsa::Matrix<double> turned_by_hand(const hsa::Matrix<double>& sigma, double angle) {
    hsa::Matrix<double> q(kDimension, kDimension, 0.0);
    for (std::size_t a = 0; a < kDimension; ++a) q(a, a) = 1.0;
    q(0, 0) = q(2, 2) = std::cos(angle);
    q(2, 0) = std::sin(angle);
    q(0, 2) = -std::sin(angle);
    hsa::Matrix<double> out(kDimension, kDimension, 0.0);
    for (std::size_t r = 0; r < kDimension; ++r)
        for (std::size_t c = 0; c < kDimension; ++c)
            for (std::size_t a = 0; a < kDimension; ++a)
                for (std::size_t b = 0; b < kDimension; ++b)
                    out(r, c) += q(r, a) * sigma(a, b) * q(c, b);
    return out;
}

}  // namespace

TEST_CASE("a splat of any kind becomes wider in every direction alike", "[adapt][edits]") {
    const CovarianceKind kind = GENERATE(CovarianceKind::spherical, CovarianceKind::diagonal,
                                         CovarianceKind::lowrank, CovarianceKind::full);
    const hsa::Splat before = splat_of(kind);
    const hsa::Splat after = hsa::widened(before, 1.5);
    hsa::Matrix<double> wanted = hsa::dense_covariance(before.covariance());
    for (std::size_t r = 0; r < kDimension; ++r)
        for (double& entry : wanted.row(r)) entry *= 2.25;
    check_near(hsa::dense_covariance(after.covariance()), wanted);
    CHECK(after.centre == before.centre);
    CHECK(after.log_amplitude == before.log_amplitude);
    for (const double factor : {0.0, -1.0, 1e-3, 1e3, std::numeric_limits<double>::quiet_NaN()})
        CHECK_THROWS_WITH(hsa::widened(before, factor), Catch::Contains("17"));
}

TEST_CASE("a splat is stretched along one direction within its kind", "[adapt][edits]") {
    const CovarianceKind kind =
        GENERATE(CovarianceKind::diagonal, CovarianceKind::lowrank, CovarianceKind::full);
    const double factor = GENERATE(0.4, 1.0, 2.5);
    const hsa::Splat before = splat_of(kind);
    CHECK(hsa::why_not_stretched(before.covariance()).empty());
    // v^T Sigma v, v of length 1.
    const auto along = [](const hsa::Splat& splat, const std::vector<double>& v) {
        const hsa::Matrix<double> sigma = hsa::dense_covariance(splat.covariance());
        double sum = 0.0;
        double square = 0.0;
        for (std::size_t a = 0; a < kDimension; ++a) square += v[a] * v[a];
        for (std::size_t a = 0; a < kDimension; ++a)
            for (std::size_t b = 0; b < kDimension; ++b) sum += v[a] * sigma(a, b) * v[b] / square;
        return sum;
    };
    for (const std::vector<double>& v :
         {std::vector<double>{0.0, 2.0, 0.0, 0.0}, std::vector<double>{0.5, -0.7, 0.1, 0.3}}) {
        const hsa::Splat after = hsa::stretched(before, factor, v);
        CHECK(after.kind == kind);
        CHECK(after.centre == before.centre);
        CHECK(along(after, v) == Approx(factor * factor * along(before, v)).epsilon(1e-4));
        CHECK(after.log_amplitude == before.log_amplitude);
    }
    // Along a coordinate nothing else changes, but in what a full one has in common with it.
    const hsa::Splat one = hsa::stretched(before, factor, kFrom);
    hsa::Matrix<double> wanted = hsa::dense_covariance(before.covariance());
    for (std::size_t a = 0; a < kDimension; ++a) {
        wanted(0, a) *= factor;
        wanted(a, 0) *= factor;
    }
    check_near(hsa::dense_covariance(one.covariance()), wanted);
    CHECK_THROWS_WITH(hsa::stretched(before, factor, std::vector<double>(kDimension, 0.0)),
                      Catch::Contains("17"));
    for (const double wrong : {0.0, -1.0, 1e3, std::numeric_limits<double>::quiet_NaN()})
        CHECK_THROWS_WITH(hsa::stretched(before, wrong, kFrom), Catch::Contains("times as wide"));
}

TEST_CASE("a spherical splat is not stretched", "[adapt][edits]") {
    const hsa::Splat round = splat_of(CovarianceKind::spherical);
    CHECK_THROWS_WITH(hsa::stretched(round, 2.0, kFrom),
                      Catch::Contains("17") && Catch::Contains("spherical"));
}

TEST_CASE("a full covariance, and one of low rank on a round rest, is turned in a plane",
          "[adapt][edits]") {
    const CovarianceKind kind = GENERATE(CovarianceKind::lowrank, CovarianceKind::full);
    const hsa::Splat before = splat_of(kind);
    CHECK(hsa::why_not_turned(before.covariance()).empty());
    const hsa::Splat after = hsa::turned(before, 0.7, kFrom, kTo);
    check_near(hsa::dense_covariance(after.covariance()),
               turned_by_hand(hsa::dense_covariance(before.covariance()), 0.7));
    CHECK(after.kind == kind);
    // Back again.
    check_near(hsa::dense_covariance(hsa::turned(after, -0.7, kFrom, kTo).covariance()),
               hsa::dense_covariance(before.covariance()));
}

TEST_CASE("what cannot be turned within its kind is refused, and why is said", "[adapt][edits]") {
    const auto refused = [](const hsa::Splat& splat, const std::string& part) {
        CHECK_THROWS_WITH(hsa::turned(splat, 0.5, kFrom, kTo),
                          Catch::Contains(part) && Catch::Contains("17"));
    };
    refused(splat_of(CovarianceKind::spherical), "from every side");
    refused(splat_of(CovarianceKind::diagonal), "diagonal");
    refused(splat_of(CovarianceKind::lowrank, false), "unlike variance");
    const hsa::Splat full = splat_of(CovarianceKind::full);
    CHECK_THROWS_WITH(hsa::turned(full, 0.5, kFrom, kFrom), Catch::Contains("parallel"));
    CHECK_THROWS_WITH(hsa::turned(full, 0.5, kFrom, std::vector<double>(kDimension, 0.0)),
                      Catch::Contains("zero"));
    CHECK_THROWS_AS(hsa::turned(full, std::numeric_limits<double>::infinity(), kFrom, kTo),
                    hsa::Error);
}
