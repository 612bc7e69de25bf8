#include "engine/adapt/coverage.h"

#include "engine/core/parallel.h"
#include "tests/catch.h"
#include "tests/unit/engine/adapt/synthetic.h"

#include <cmath>

using adapt_test::count_events;
using adapt_test::Lab;
using hsa::EventKind;

namespace {

Lab make_lab(std::size_t used = 10) {
    Lab lab;
    lab.data = adapt_test::data_of(
        adapt_test::clusters(900, adapt_test::directions(10, 6, 41), used, 42), 1, false);
    return lab;
}

std::vector<hsa::Splat> splats_of(std::size_t count) {
    std::vector<hsa::Splat> splats;
    const auto around = adapt_test::directions(10, 6, 41);
    for (std::size_t s = 0; s < count; ++s) splats.push_back(adapt_test::splat_at(around[s], 4.0));
    return splats;
}

}  // namespace

TEST_CASE("coverage is 0 at the centre of the only splat and falls with distance",
          "[adapt][coverage]") {
    hsa::Splat splat;
    splat.centre = {1, 2};
    splat.variance = {2, 2};
    splat.log_amplitude = 5.0F;
    const auto backend = adapt_test::cpu();
    hsa::Matrix<float> x(2, 2);
    x(0, 0) = 1;
    x(0, 1) = 2;
    x(1, 0) = 3;
    x(1, 1) = 2;
    const auto covered = hsa::log_coverage(
        *backend, hsa::level_splats(std::vector<hsa::Splat>{splat}), 1.0, x.view());
    CHECK(covered[0] == Approx(0.0).margin(1e-6));
    CHECK(covered[1] == Approx(-1.0).epsilon(1e-5));  // -1/2 x 4 / 2
}

TEST_CASE("coverage does not depend on the number of threads", "[adapt][coverage]") {
    const Lab lab = make_lab();
    const hsa::AdaptState state = lab.begin(adapt_test::registry_of(splats_of(5)));
    hsa::CycleResult alone;
    {
        const hsa::ThreadLimit limit(1);
        alone = lab.step(state);
    }
    CHECK(hsa::same_bits(*alone.state.registry, *lab.step(state).state.registry));
}
