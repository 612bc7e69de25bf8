#include "engine/model/selection.h"

#include "engine/core/random.h"
#include "tests/catch.h"

#include <vector>

using hsa::Range;
using Ranges = std::vector<Range>;

TEST_CASE("ranges: added ranges merge when they touch", "[model]") {
    CHECK(hsa::with_range({}, {3, 5}) == Ranges{{3, 5}});
    CHECK(hsa::with_range({{3, 5}}, {5, 7}) == Ranges{{3, 7}});
    CHECK(hsa::with_range({{3, 5}}, {6, 7}) == Ranges{{3, 5}, {6, 7}});
    CHECK(hsa::with_range({{3, 5}, {8, 9}}, {0, 20}) == Ranges{{0, 20}});
    CHECK(hsa::with_range({{3, 5}}, {4, 4}) == Ranges{{3, 5}});
}

TEST_CASE("ranges: removed ranges cut, split and leave", "[model]") {
    CHECK(hsa::without_range({{3, 9}}, {5, 6}) == Ranges{{3, 5}, {6, 9}});
    CHECK(hsa::without_range({{3, 9}}, {0, 20}).empty());
    CHECK(hsa::without_range({{3, 9}}, {9, 12}) == Ranges{{3, 9}});
    CHECK(hsa::without_range({{3, 9}}, {4, 4}) == Ranges{{3, 9}});
}

TEST_CASE("ranges: any sequence of edits equals the same edits of a set", "[model]") {
    constexpr std::size_t kSize = 40;
    Ranges ranges;
    std::vector<bool> set(kSize, false);
    for (std::uint64_t step = 0; step < 2000; ++step) {
        hsa::Random random({1, step});
        const std::size_t begin = random.below(kSize);
        const Range range{begin, begin + random.below(kSize - begin + 1)};
        const bool add = random.below(2) == 0;
        ranges = add ? hsa::with_range(ranges, range) : hsa::without_range(ranges, range);
        for (std::size_t i = range.begin; i < range.end; ++i) set[i] = add;
        std::size_t total = 0;
        for (std::size_t i = 0; i < kSize; ++i) {
            REQUIRE(hsa::covers(ranges, i) == set[i]);
            total += set[i] ? 1 : 0;
        }
        REQUIRE(hsa::total_size(ranges) == total);
        for (std::size_t r = 0; r < ranges.size(); ++r) {
            REQUIRE_FALSE(ranges[r].empty());
            if (r > 0) REQUIRE(ranges[r].begin > ranges[r - 1].end);
        }
    }
}
