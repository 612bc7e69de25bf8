#include "engine/model/hierarchy.h"

#include "engine/core/error.h"
#include "tests/catch.h"

#include <cmath>
#include <limits>
#include <set>
#include <string>

using hsa::Hierarchy;

namespace {

void check_shares(const Hierarchy& hierarchy, const std::vector<double>& shares) {
    REQUIRE(hierarchy.size() == shares.size());
    for (std::size_t l = 0; l < shares.size(); ++l)
        CHECK(hierarchy.share(l) == Approx(shares[l]).margin(1e-10).epsilon(0));
}

}  // namespace

TEST_CASE("hierarchy: shares follow levels that come and go", "[model]") {
    Hierarchy hierarchy;
    hierarchy.levels = {{"token", 0.6}, {"phrase", 0.3}, {"section", 0.1}};
    hierarchy.insert(3, {"doc", 0.25});
    check_shares(hierarchy, {.48, .24, .08, .2});
    hierarchy.remove(1);
    check_shares(hierarchy, {.6315789474, .1052631579, .2631578947});
}

TEST_CASE("hierarchy: five levels without weights all weigh something", "[model]") {
    for (const std::size_t tokens : {10U, 100000U})
        for (std::size_t count = 1; count <= 9; ++count) {
            const Hierarchy hierarchy = hsa::make_hierarchy(count, tokens);
            REQUIRE(hierarchy.size() == count);
            std::set<std::string> names;
            for (const hsa::Level& level : hierarchy.levels) {
                CHECK(level.weight > 0.0);
                names.insert(level.name);
            }
            CHECK(names.size() == count);
            CHECK(hierarchy.levels.front().name == "Token");
        }
    CHECK_THROWS_AS(hsa::make_hierarchy(0, 10), hsa::Error);
}

TEST_CASE("hierarchy: the default weights are those of the recipe", "[model]") {
    check_shares(hsa::default_hierarchy(1999), {.4, .3, .2, .1});
    check_shares(hsa::default_hierarchy(2000), {.25, .25, .25, .25});
    const Hierarchy hierarchy = hsa::default_hierarchy(5);
    CHECK(hierarchy.index_of("Document") == 3U);
    CHECK_FALSE(hierarchy.index_of("Chapter"));
}

TEST_CASE("hierarchy: faults are refused by name and change nothing", "[model]") {
    Hierarchy hierarchy = hsa::default_hierarchy(5);
    const Hierarchy before = hierarchy;
    CHECK_THROWS_WITH(hierarchy.insert(0, {"Phrase", 1.0}), Catch::Contains("Phrase"));
    CHECK_THROWS_WITH(hierarchy.insert(0, {"New", -1.0}), Catch::Contains("-1"));
    CHECK_THROWS_AS(hierarchy.insert(0, {"New", std::nan("")}), hsa::Error);
    CHECK_THROWS_AS(hierarchy.insert(0, {"New", std::numeric_limits<double>::infinity()}),
                    hsa::Error);
    CHECK_THROWS_AS(hierarchy.insert(5, {"New", 1.0}), hsa::Error);
    CHECK_THROWS_AS(hierarchy.remove(4), hsa::Error);
    CHECK(hierarchy == before);
    hierarchy.levels.resize(1);
    CHECK_THROWS_WITH(hierarchy.remove(0), Catch::Contains("Token"));
}
