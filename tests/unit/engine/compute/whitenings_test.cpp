#include "engine/compute/cpu/whitenings.h"

#include "engine/core/random.h"
#include "tests/catch.h"

#include <vector>

namespace {

constexpr std::size_t kSplats = 12;
constexpr std::size_t kDimensions = 5;

struct Shapes {
    hsa::Matrix<float> centre{kSplats, kDimensions};
    hsa::Matrix<float> variance{kSplats, kDimensions};
    std::vector<hsa::CovarianceKind> kind;
    std::vector<std::vector<float>> shape;
    std::vector<float> beta;

    // Full ones, and a spherical, a diagonal and a lowrank one.
    Shapes() : kind(kSplats, hsa::CovarianceKind::full), shape(kSplats), beta(kSplats, 1.0F) {
        hsa::Random random{3};
        for (std::size_t s = 0; s < kSplats; ++s) {
            for (float& v : variance.row(s)) v = static_cast<float>(1.0 + random.uniform());
            shape[s].assign(kDimensions * (kDimensions - 1) / 2, 0.1F);
        }
        kind[0] = hsa::CovarianceKind::spherical;
        kind[1] = hsa::CovarianceKind::diagonal;
        kind[2] = hsa::CovarianceKind::lowrank;
        shape[0].clear();
        shape[1].clear();
        shape[2].assign(2 * kDimensions, 0.3F);
        for (float& v : variance.row(0)) v = 2.0F;
    }
    [[nodiscard]] hsa::SplatColumns columns() const {
        return {centre.view(), kind, variance.view(), shape, beta, 1.0};
    }
};

}  // namespace

TEST_CASE("a covariance is factorised once, and again only when it changes", "[compute]") {
    hsa::Whitenings whitenings(1U << 20U);
    Shapes shapes;
    const auto first = whitenings.of(shapes.columns());
    CHECK(whitenings.made() == 10);  // not the spherical and the diagonal one
    const auto second = whitenings.of(shapes.columns());
    CHECK(whitenings.made() == 10);
    for (std::size_t s = 2; s < kSplats; ++s) CHECK(first[s] == second[s]);
    shapes.variance(5, 2) *= 1.5F;
    shapes.shape[2][3] = 0.2F;
    const auto third = whitenings.of(shapes.columns());
    CHECK(whitenings.made() == 12);
    const std::vector<double> delta = {1.0, -2.0, 0.5, 3.0, 1.0};
    for (std::size_t s = 0; s < kSplats; ++s) {
        const hsa::Whitening fresh(shapes.columns().covariance(s));
        CHECK(third[s]->squared(delta) == fresh.squared(delta));
        CHECK(third[s]->log_determinant() == fresh.log_determinant());
    }
}

TEST_CASE("kept factorisations stay below their limit", "[compute]") {
    hsa::Whitenings whitenings(2000);
    Shapes shapes;
    for (int round = 0; round < 3; ++round) {
        (void)whitenings.of(shapes.columns());
        CHECK(whitenings.bytes() <= 2000);
        CHECK(whitenings.bytes() > 0);
    }
    CHECK(whitenings.made() > 10);
}

TEST_CASE("a covariance that is not positive definite is refused and not kept", "[compute]") {
    hsa::Whitenings whitenings(1U << 20U);
    Shapes shapes;
    shapes.shape[7].assign(shapes.shape[7].size(), 50.0F);
    CHECK_THROWS_WITH((void)whitenings.of(shapes.columns()),
                      Catch::Contains("not positive definite"));
    CHECK_THROWS((void)whitenings.of(shapes.columns()));
}
