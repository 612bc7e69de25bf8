#include "engine/adapt/moments.h"

#include "engine/core/error.h"
#include "tests/catch.h"

#include <array>
#include <cmath>

using hsa::FullGaussian;
using hsa::Matrix;

namespace {

FullGaussian gaussian(std::vector<double> centre, const std::vector<std::vector<double>>& rows) {
    FullGaussian made;
    made.covariance = Matrix<double>(centre.size(), centre.size());
    for (std::size_t r = 0; r < rows.size(); ++r)
        for (std::size_t c = 0; c < rows.size(); ++c) made.covariance(r, c) = rows[r][c];
    made.centre = std::move(centre);
    return made;
}

}  // namespace

TEST_CASE("mitosis keeps mean and covariance exactly", "[adapt][moments][reference]") {
    const FullGaussian whole = gaussian({0, 0, 0}, {{2, 0, 0}, {0, 0.5, 0}, {0, 0, 1}});
    const auto [a, b] = hsa::split(whole, 0.5);
    CHECK(a.centre[0] == Approx(0.7071067812).epsilon(1e-9));
    CHECK(b.centre[0] == Approx(-0.7071067812).epsilon(1e-9));
    CHECK(std::abs(a.centre[1]) < 1e-12);
    CHECK(std::abs(a.centre[2]) < 1e-12);
    CHECK(a.covariance(0, 0) == Approx(1.5).epsilon(1e-12));
    CHECK(a.covariance(1, 1) == Approx(0.5).epsilon(1e-12));
    CHECK(a.covariance(2, 2) == Approx(1.0).epsilon(1e-12));
    const FullGaussian back = hsa::merge(a, b, 0.5);
    for (std::size_t r = 0; r < 3; ++r) {
        CHECK(std::abs(back.centre[r] - whole.centre[r]) < 1e-12);
        for (std::size_t c = 0; c < 3; ++c)
            CHECK(std::abs(back.covariance(r, c) - whole.covariance(r, c)) < 1e-12);
    }
}

TEST_CASE("a split along any direction stays positive definite and merges back",
          "[adapt][moments]") {
    const FullGaussian whole = gaussian({1, -2, 3}, {{100, 3, 0}, {3, 0.5, 0.05}, {0, 0.05, 0.02}});
    for (const std::array<double, 3> direction :
         {std::array<double, 3>{1, 1, 1}, {0, -2, 1}, {0, 0, 5}}) {
        const auto [a, b] = hsa::split(whole, 0.99, direction);
        CHECK_NOTHROW(hsa::bhattacharyya(a, b));  // factorises both
        const FullGaussian back = hsa::merge(a, b, 0.5);
        for (std::size_t r = 0; r < 3; ++r)
            for (std::size_t c = 0; c < 3; ++c)
                CHECK(back.covariance(r, c) == Approx(whole.covariance(r, c)).margin(1e-9));
    }
    CHECK_THROWS_AS(hsa::split(whole, 1.0), hsa::Error);
    CHECK_THROWS_AS(hsa::split(whole, 0.0), hsa::Error);
    const std::array<double, 3> nowhere{0, 0, 0};
    CHECK_THROWS_AS(hsa::split(whole, 0.5, nowhere), hsa::Error);
}

TEST_CASE("merge matches moments, and the overlap of Gaussians", "[adapt][moments][reference]") {
    const FullGaussian a = gaussian({0, 0}, {{1, 0}, {0, 0.5}});
    const FullGaussian b = gaussian({2, 1}, {{0.5, 0}, {0, 1}});
    const FullGaussian merged = hsa::merge(a, b, 0.75);
    CHECK(merged.centre[0] == Approx(0.5).epsilon(1e-12));
    CHECK(merged.centre[1] == Approx(0.25).epsilon(1e-12));
    CHECK(merged.covariance(0, 0) == Approx(1.625).epsilon(1e-12));
    CHECK(merged.covariance(0, 1) == Approx(0.375).epsilon(1e-12));
    CHECK(merged.covariance(1, 0) == Approx(0.375).epsilon(1e-12));
    CHECK(merged.covariance(1, 1) == Approx(0.8125).epsilon(1e-12));
    const hsa::Bhattacharyya overlap = hsa::bhattacharyya(a, b);
    CHECK(overlap.coefficient == Approx(0.409743120436).epsilon(1e-9));
    CHECK(overlap.distance == Approx(0.892224851162).epsilon(1e-9));
    CHECK_THROWS_AS(hsa::merge(a, b, 1.5), hsa::Error);
}

TEST_CASE("full moments are restricted to the kind of the splat", "[adapt][moments]") {
    hsa::Splat splat;
    splat.centre = {0, 0};
    splat.variance = {1, 1};
    splat.beta = 0.5F;
    const FullGaussian wide = gaussian({1, 2}, {{4, 1}, {1, 2}});
    hsa::restrict_to_kind(wide, splat);
    CHECK(splat.centre == std::vector<float>{1, 2});
    CHECK(splat.variance == std::vector<float>{1.5F, 1.5F});  // trace 6 / 2, times beta
    splat.kind = hsa::CovarianceKind::diagonal;
    hsa::restrict_to_kind(wide, splat);
    CHECK(splat.variance == std::vector<float>{2.0F, 1.0F});
    const FullGaussian again = hsa::kernel_gaussian(splat);
    CHECK(again.covariance(0, 0) == Approx(4.0));
    CHECK(again.covariance(0, 1) == 0.0);
    for (const hsa::CovarianceKind kind :
         {hsa::CovarianceKind::lowrank, hsa::CovarianceKind::full}) {
        splat.kind = kind;  // two dimensions: a factor of two columns says everything too
        hsa::restrict_to_kind(wide, splat);
        const FullGaussian whole = hsa::kernel_gaussian(splat);
        for (std::size_t r = 0; r < 2; ++r)
            for (std::size_t c = 0; c < 2; ++c)
                CHECK(whole.covariance(r, c) == Approx(wide.covariance(r, c)).epsilon(1e-5));
    }
}
