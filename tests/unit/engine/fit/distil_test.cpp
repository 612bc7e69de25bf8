#include "engine/fit/distil.h"

#include "tests/catch.h"
#include "tests/reference/cases.h"
#include "tests/unit/engine/fit/heads.h"

#include <cmath>

namespace {

hsa::Distilled distilled(const TestHead& head, std::vector<std::size_t> counts) {
    hsa::InitSettings init;
    init.counts = std::move(counts);
    return hsa::distil(*reference::cpu(), {}, head.coordinates, *head.target, hsa::Form::shared,
                       init, {}, {}, {});
}

}  // namespace

TEST_CASE("the entropy of rows asks for the splats that were measured", "[fit][distil]") {
    // real-heads.md 6: for KL .1 with the near set k = 45, 24, 13, 7, 4 at H = 1..5.
    const std::size_t near[] = {45, 24, 13, 7, 4};
    for (std::size_t h = 0; h < 5; ++h)
        CHECK(std::abs(
                  static_cast<double>(hsa::splats_for_entropy(static_cast<double>(h + 1), true)) -
                  static_cast<double>(near[h])) <= 1.0);
    CHECK(hsa::splats_for_entropy(0.0, false) > 1000);
    CHECK(hsa::splats_for_entropy(50.0, false) == 1);
}

TEST_CASE("the number of splats doubles until the rows are met or there are no more",
          "[fit][distil]") {
    const TestHead easy = clustered_head(300, 6, 5, 1.0, 3);
    const hsa::Distilled few = distilled(easy, {});
    CHECK(few.chosen_here);
    CHECK(few.fit.report.reached.loss.kl < 0.15);
    const hsa::Distilled asked = distilled(easy, {7});
    CHECK_FALSE(asked.chosen_here);
    CHECK(asked.fit.registry.size() <= 7);
    CHECK(asked.row_entropy == few.row_entropy);

    // Rows of noise, far from each other: nothing meets them, and n / 2 splats are the most.
    const TestHead hard = clustered_head(60, 8, 60, 6.0, 4);
    const hsa::Distilled most = distilled(hard, {});
    CHECK(most.fit.registry.size() <= 30);
    CHECK(most.fit.registry.size() > 16);
}
