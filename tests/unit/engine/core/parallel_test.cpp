#include "engine/core/parallel.h"

#include "engine/core/error.h"
#include "engine/core/parts_done.h"
#include "tests/catch.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <stop_token>
#include <string_view>
#include <vector>

using namespace hsa;

TEST_CASE("every task of a parallel loop runs once", "[core][parallel][threads]") {
    for (const std::size_t count : {0U, 1U, 2U, 7U, 1000U}) {
        std::vector<int> runs(count, 0);
        parallel_for(count, [&](std::size_t i) { ++runs[i]; });
        for (const int run : runs) CHECK(run == 1);
    }
}

TEST_CASE("an error of one task reaches the caller", "[core][parallel][threads]") {
    std::atomic<int> ran{0};
    CHECK_THROWS_AS(parallel_for(64,
                                 [&](std::size_t i) {
                                     ++ran;
                                     if (i == 5) fail("task {} failed.", i);
                                 }),
                    Error);
    CHECK(ran > 0);
}

TEST_CASE("blocks cover the rows without gap or overlap", "[core][parallel][threads]") {
    constexpr std::size_t kRows = 2 * kChunkRows + 5;
    std::vector<int> covered(kRows, 0);
    parallel_blocks(kRows, kChunkRows, [&](std::size_t begin, std::size_t end) {
        for (std::size_t row = begin; row < end; ++row) ++covered[row];
    });
    for (const int times : covered) CHECK(times == 1);
}

TEST_CASE("a sum has the same bits for every number of threads", "[core][parallel][threads]") {
    constexpr std::size_t kRows = 70 * kChunkRows + 17;
    const auto sum = [] {
        return parallel_sum(kRows, 2,
                            [](std::size_t begin, std::size_t end, std::span<double> out) {
                                for (std::size_t row = begin; row < end; ++row) {
                                    out[0] += 1.0 / static_cast<double>(row + 1);
                                    out[1] += std::sin(static_cast<double>(row));
                                }
                            });
    };
    const std::vector<double> many = sum();
    const ThreadLimit one(1);
    CHECK(sum() == many);
    double harmonic = 0.0;
    for (std::size_t row = kRows; row > 0; --row) harmonic += 1.0 / static_cast<double>(row);
    CHECK(many[0] == Approx(harmonic).epsilon(1e-12));
}

TEST_CASE("parts of a parallel step are told as they are done, and end at a stop",
          "[core][parallel][threads]") {
    constexpr std::size_t kParts = 200;
    std::vector<double> told;
    std::stop_source stop;
    Work work;
    work.stop = stop.get_token();
    work.on_progress = [&](std::string_view step, double fraction) {
        if (step == "counting") told.push_back(fraction);  // never two at a time
    };
    PartsDone done(work, "counting", kParts);
    parallel_for(kParts, [&](std::size_t) { done.add(); });
    REQUIRE(told.size() == kParts);
    CHECK(std::is_sorted(told.begin(), told.end()));
    CHECK(told.front() == 1.0 / kParts);
    CHECK(told.back() == 1.0);

    stop.request_stop();
    PartsDone stopped(work, "counting", kParts);
    CHECK_THROWS_AS(parallel_for(kParts, [&](std::size_t) { stopped.add(); }), Cancelled);
}
