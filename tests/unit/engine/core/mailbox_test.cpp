#include "engine/core/mailbox.h"

#include "tests/catch.h"

#include <numeric>
#include <thread>
#include <vector>

using namespace hsa;

TEST_CASE("a mailbox holds the newest value alone", "[core][mailbox]") {
    Mailbox<int> box;
    CHECK_FALSE(box.take().has_value());
    box.put(1);
    box.put(2);
    CHECK(box.take() == 2);
    CHECK_FALSE(box.take().has_value());
}

TEST_CASE("a mailbox never goes back to an older value and never loses the last",
          "[core][mailbox][threads]") {
    constexpr int kLast = 2000;
    Mailbox<int> box;
    std::vector<int> seen;
    std::jthread reader([&](const std::stop_token& stop) {
        while (seen.empty() || seen.back() != kLast) {
            const std::optional<int> value = box.wait(stop);
            if (!value) return;
            seen.push_back(*value);
        }
    });
    for (int value = 1; value <= kLast; ++value) box.put(value);
    reader.join();
    REQUIRE_FALSE(seen.empty());
    CHECK(seen.back() == kLast);
    for (std::size_t i = 1; i < seen.size(); ++i) CHECK(seen[i - 1] < seen[i]);
}

TEST_CASE("a queue keeps everything, each writer's values in their order",
          "[core][mailbox][threads]") {
    constexpr int kWriters = 3;
    constexpr int kEach = 500;
    Queue<int> queue;
    std::vector<int> seen;
    std::jthread reader([&](const std::stop_token& stop) {
        while (seen.size() < std::size_t{kWriters} * kEach) {
            const std::optional<int> value = queue.wait(stop);
            if (!value) return;
            seen.push_back(*value);
        }
    });
    {
        std::vector<std::jthread> writers;
        writers.reserve(kWriters);
        for (int w = 0; w < kWriters; ++w)
            writers.emplace_back([&queue, w] {
                for (int i = 0; i < kEach; ++i) queue.put(w * kEach + i);
            });
    }
    reader.join();
    REQUIRE(seen.size() == std::size_t{kWriters} * kEach);
    std::vector<int> next(kWriters);
    for (int w = 0; w < kWriters; ++w) next[static_cast<std::size_t>(w)] = w * kEach;
    for (const int value : seen) CHECK(value == next[static_cast<std::size_t>(value / kEach)]++);
}

TEST_CASE("who waits at an empty mailbox is let go by a stop", "[core][mailbox][threads]") {
    Mailbox<int> box;
    Queue<int> queue;
    bool box_left_empty = false;
    bool queue_left_empty = false;
    {
        std::jthread at_box(
            [&](const std::stop_token& stop) { box_left_empty = !box.wait(stop).has_value(); });
        std::jthread at_queue(
            [&](const std::stop_token& stop) { queue_left_empty = !queue.wait(stop).has_value(); });
    }
    CHECK(box_left_empty);
    CHECK(queue_left_empty);
}
