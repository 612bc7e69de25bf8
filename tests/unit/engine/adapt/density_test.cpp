#include "engine/adapt/density.h"

#include "engine/adapt/coverage.h"
#include "engine/core/parallel.h"
#include "engine/model/trigger.h"
#include "tests/catch.h"
#include "tests/unit/engine/adapt/synthetic.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

using adapt_test::Lab;

namespace {

constexpr std::size_t kRows = 600;
constexpr std::size_t kStray = 7;  // the row that lies far from all others

std::vector<std::vector<double>> around() { return adapt_test::directions(6, 6, 51); }

// Six clusters and one stray row.
hsa::Matrix<float> rows_with_a_stray() {
    hsa::Matrix<float> x = adapt_test::clusters(kRows, around(), 6, 52);
    for (float& value : x.row(kStray)) value *= -4.0F;
    return x;
}

// A splat for each of the first `count` clusters.
hsa::SplatRegistry splats_for(std::size_t count) {
    std::vector<hsa::Splat> splats;
    for (std::size_t s = 0; s < count; ++s)
        splats.push_back(adapt_test::splat_at(around()[s], 4.0));
    return adapt_test::registry_of(splats);
}

std::vector<std::size_t> every_row() {
    std::vector<std::size_t> rows(kRows);
    std::iota(rows.begin(), rows.end(), std::size_t{0});
    return rows;
}

}  // namespace

TEST_CASE("a region is a row with its nearest, of those that are asked for", "[adapt][density]") {
    const hsa::Matrix<float> x = rows_with_a_stray();
    std::vector<std::size_t> even;
    for (std::size_t i = 0; i < kRows; i += 2) even.push_back(i);
    const std::vector<std::size_t> region = hsa::region_of(x.view(), 40, even, 5);
    REQUIRE(region.size() == 25);  // 300 / (2 x 6)
    CHECK(region.front() == 40);
    const auto distance = [&](std::size_t i) {
        double sum = 0.0;
        for (std::size_t a = 0; a < x.cols(); ++a)
            sum += std::pow(static_cast<double>(x(i, a)) - static_cast<double>(x(40, a)), 2.0);
        return sum;
    };
    std::vector<double> distances;
    for (const std::size_t i : even) distances.push_back(distance(i));
    std::sort(distances.begin(), distances.end());
    for (std::size_t r = 0; r < region.size(); ++r) {
        CHECK(region[r] % 2 == 0);
        CHECK(distance(region[r]) == Approx(distances[r]).margin(1e-5));
    }
}

TEST_CASE("a region lacks its share times what its middle row lacks", "[adapt][density]") {
    const hsa::Matrix<float> x = rows_with_a_stray();
    const auto backend = adapt_test::cpu();
    const hsa::LevelSplats splats = hsa::level_splats(splats_for(5), 0);
    const std::vector<double> covered = hsa::log_coverage(*backend, splats, 1.0, x.view());
    const std::vector<std::size_t> all = every_row();
    const std::vector<double> lacks = hsa::region_lacks(x.view(), covered, all, splats.size());
    const auto median = [](std::vector<double> values) {
        std::sort(values.begin(), values.end());
        return values[(values.size() - 1) / 2];  // the lower of two
    };
    const double middle = median(covered);
    for (const std::size_t row : {std::size_t{0}, kStray, std::size_t{311}}) {
        std::vector<double> here;
        for (const std::size_t j : hsa::region_of(x.view(), row, all, splats.size()))
            here.push_back(std::max(0.0, middle - covered[j]));
        const double share = static_cast<double>(here.size()) / static_cast<double>(kRows);
        CHECK(lacks[row] == Approx(share * median(here)).epsilon(1e-6));
    }
    std::vector<double> alone;
    {
        const hsa::ThreadLimit limit(1);
        alone = hsa::region_lacks(x.view(), covered, all, splats.size());
    }
    CHECK(alone == lacks);
}

TEST_CASE("a dense cluster without a splat lacks more than a stray row farther away",
          "[adapt][density]") {
    const hsa::Matrix<float> x = rows_with_a_stray();
    const auto backend = adapt_test::cpu();
    const hsa::LevelSplats splats = hsa::level_splats(splats_for(5), 0);
    const std::vector<double> covered = hsa::log_coverage(*backend, splats, 1.0, x.view());
    REQUIRE(std::min_element(covered.begin(), covered.end()) - covered.begin() == kStray);
    const std::vector<double> lacks =
        hsa::region_lacks(x.view(), covered, every_row(), splats.size());
    const auto most =
        static_cast<std::size_t>(std::max_element(lacks.begin(), lacks.end()) - lacks.begin());
    CHECK(adapt_test::labels(kRows, 6, 52)[most] == 5);
    CHECK(lacks[most] > 3.0 * lacks[kStray]);
}

TEST_CASE("a dense region that nothing covers brings structure about at once",
          "[adapt][density][schedule]") {
    Lab lab;
    lab.data = adapt_test::data_of(rows_with_a_stray());
    lab.settings.every = 30;
    const auto tries = [&](double density, std::size_t covered) {
        lab.settings.density = density;
        const hsa::CycleResult result = lab.step(lab.begin(splats_for(covered)));
        bool named = false;
        for (const hsa::Event& event : result.events)
            named = named || hsa::trigger_of(event).rfind("dense region: ", 0) == 0;
        CHECK(named == result.measures.structure);
        return result.measures.structure;
    };
    CHECK_FALSE(tries(0.0, 4));
    CHECK(tries(0.1, 4));
    CHECK_FALSE(tries(0.1, 6));
    CHECK_FALSE(tries(1e3, 4));
}
