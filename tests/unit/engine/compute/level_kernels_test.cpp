#include "engine/compute/level_kernels.h"

#include "engine/core/error.h"
#include "tests/catch.h"
#include "tests/reference/cases.h"

#include <algorithm>
#include <cstdint>
#include <stop_token>
#include <string_view>
#include <vector>

TEST_CASE("kernels of all levels say which level they are at, and stop there", "[compute]") {
    reference::Shape shape;
    shape.tokens = 50;
    shape.dimension = 3;
    shape.splats = {5, 3, 2};
    const reference::Case data = reference::random_case(shape, 5);
    const std::size_t levels = data.registry.hierarchy.size();
    REQUIRE(levels > 1);
    const std::vector<std::uint32_t> tokens = {0, 1};
    std::vector<double> told;
    hsa::Work work;
    work.on_progress = [&](std::string_view, double fraction) { told.push_back(fraction); };
    const auto backend = reference::cpu();
    (void)hsa::joint_kernel(*backend, data.registry, data.coordinates, tokens, 1.0, work);
    CHECK(told.size() == levels);
    CHECK(std::is_sorted(told.begin(), told.end()));
    std::stop_source source;
    work.stop = source.get_token();
    told.clear();
    work.on_progress = [&](std::string_view, double fraction) {
        told.push_back(fraction);
        if (fraction > 0.0) source.request_stop();
    };
    CHECK_THROWS_AS(hsa::joint_kernel(*backend, data.registry, data.coordinates, tokens, 1.0, work),
                    hsa::Cancelled);
    CHECK(told.size() == 2);
}
