#include "engine/lanes.h"

#include "engine/core/error.h"
#include "tests/catch.h"

#include <atomic>
#include <chrono>
#include <future>
#include <string>
#include <thread>

using namespace hsa;

namespace {

// A small text without a file: the sample reader of these tests makes it up.
std::string small_text(const std::string& name) {
    if (name == "missing") fail("There is no sample '{}'.", name);
    std::string text;
    for (int line = 0; line < 40; ++line)
        text += line % 2 == 0 ? "The river runs to the grey sea under a low sky.\n\n"
                              : "A gear turns the slow wheel of the old mill again.\n\n";
    return text;
}

Request request_for(const std::string& name, std::uint64_t id) {
    Request request;
    request.id = id;
    request.sources.push_back({"sample:" + name, "text", 0});
    return request;
}

Engine::Options options() {
    Engine::Options options;
    options.read_sample = small_text;
    return options;
}

// The last snapshot that answers the request; fails the test after a minute without one.
std::shared_ptr<const Snapshot> wait_for(Engine& engine, std::uint64_t id) {
    const auto give_up = std::chrono::steady_clock::now() + std::chrono::minutes(1);
    while (std::chrono::steady_clock::now() < give_up) {
        if (auto snapshot = engine.take_snapshot())
            if (snapshot->request_id == id && (snapshot->complete || snapshot->cancelled))
                return snapshot;
        engine.wait_news();
    }
    FAIL("no snapshot answered request " << id);
    return nullptr;
}

}  // namespace

TEST_CASE("the work lane publishes a complete snapshot and says that there is news",
          "[lanes][threads]") {
    std::atomic<int> told{0};
    Engine::Options given = options();
    given.on_news = [&told] { ++told; };
    Engine engine(std::move(given));
    engine.request(request_for("small", 1));
    const auto snapshot = wait_for(engine, 1);
    CHECK(snapshot->error.empty());
    REQUIRE(snapshot->dataset);
    CHECK(snapshot->dataset->size() > 400);
    CHECK(told > 0);
}

TEST_CASE("an error on the lane arrives as a sentence, and the lane goes on", "[lanes][threads]") {
    Engine engine(options());
    engine.request(request_for("missing", 1));
    const auto failed = wait_for(engine, 1);
    CHECK(failed->error == "There is no sample 'missing'.");
    engine.request(request_for("small", 2));
    CHECK(wait_for(engine, 2)->error.empty());
}

TEST_CASE("an edit that cannot be done is named by its place among the entries",
          "[lanes][threads]") {
    Engine engine(options());
    Request request = request_for("small", 1);
    for (const char* level : {"Token", "Nowhere"}) {
        HistoryEntry entry;
        entry.edit = Edit{};
        entry.edit->kind = Edit::Kind::level_weight;
        entry.edit->level = level;
        entry.edit->values = {2.0};
        request.entries.push_back(std::move(entry));
    }
    engine.request(request);
    CHECK(wait_for(engine, 1)->error == "There is no level 'Nowhere' to weigh.");
    CHECK(engine.failed_edit(1) == std::optional<std::size_t>(1));
    request.entries.pop_back();
    request.id = 2;
    engine.request(request);
    CHECK(wait_for(engine, 2)->error.empty());
    CHECK_FALSE(engine.failed_edit(2));
}

TEST_CASE("of requests that follow each other quickly the last is answered", "[lanes][threads]") {
    Engine engine(options());
    for (std::uint64_t id = 1; id <= 20; ++id) {
        Request request = request_for("small", id);
        request.splats.seed = id;
        engine.request(std::move(request));
    }
    CHECK(wait_for(engine, 20)->error.empty());
}

TEST_CASE("a run of cycles that is cancelled keeps those it finished", "[lanes][threads]") {
    Engine engine(options());
    Request request = request_for("small", 1);
    engine.request(request);
    const auto first = wait_for(engine, 1);
    request.id = 2;
    request.last_cycle = 100000;
    request.cursor = request.last_cycle;
    engine.request(request);
    // A run shows itself as it goes; it is stopped when it has shown a cycle.
    std::shared_ptr<const Snapshot> live;
    const auto give_up = std::chrono::steady_clock::now() + std::chrono::minutes(1);
    while (!(live && live->history && live->history->last() >= 1) &&
           std::chrono::steady_clock::now() < give_up) {
        engine.wait_news();
        if (auto snapshot = engine.take_snapshot()) live = std::move(snapshot);
    }
    REQUIRE((live && live->history && live->history->last() >= 1));
    CHECK_FALSE(live->complete);
    engine.cancel();
    const auto stopped = wait_for(engine, 2);
    CHECK(stopped->complete);
    CHECK(stopped->history->last() >= live->history->last());
    CHECK(stopped->error.empty());
    REQUIRE(stopped->history);
    CHECK(stopped->history->last() < request.last_cycle);
    // What was finished is there for the next request: it needs no cancelling to end.
    request.id = 3;
    request.last_cycle = stopped->history->last();
    request.cursor = request.last_cycle;
    engine.request(request);
    CHECK(wait_for(engine, 3)->history->last() == request.last_cycle);
}

TEST_CASE("questions are answered in their order while the work lane works", "[lanes][threads]") {
    Engine engine(options());
    engine.request(request_for("small", 1));
    std::vector<int> order;
    std::promise<void> last;
    for (int question = 0; question < 50; ++question)
        engine.ask([&order, &last, question](Backend&, const Work&) {
            order.push_back(question);
            if (question == 49) last.set_value();
        });
    last.get_future().get();
    REQUIRE(order.size() == 50);
    for (int question = 0; question < 50; ++question)
        CHECK(order[static_cast<std::size_t>(question)] == question);
    wait_for(engine, 1);
}

TEST_CASE("a question that is cancelled is told so, and the next one runs", "[lanes][threads]") {
    Engine engine(options());
    std::promise<void> started;
    std::promise<bool> cancelled;
    engine.ask([&](Backend&, const Work& work) {
        started.set_value();
        try {
            while (true) {
                work.check();
                std::this_thread::sleep_for(std::chrono::milliseconds(1));
            }
        } catch (const Cancelled&) {
            cancelled.set_value(true);
        }
    });
    started.get_future().get();
    engine.cancel();
    CHECK(cancelled.get_future().get());
    std::promise<bool> free_to_run;
    engine.ask(
        [&](Backend&, const Work& work) { free_to_run.set_value(!work.stop.stop_requested()); });
    CHECK(free_to_run.get_future().get());
}

TEST_CASE("a question that takes long keeps no other waiting, and is stopped with them",
          "[lanes][threads]") {
    Engine engine(options());
    std::promise<void> answered;
    std::shared_future<void> others = answered.get_future().share();
    std::promise<bool> in_time;
    std::promise<bool> cancelled;
    engine.ask_apart([&](Backend&, const Work& work) {
        in_time.set_value(others.wait_for(std::chrono::seconds(20)) == std::future_status::ready);
        try {
            while (true) {
                work.check();
                std::this_thread::sleep_for(std::chrono::milliseconds(1));
            }
        } catch (const Cancelled&) {
            cancelled.set_value(true);
        }
    });
    std::promise<bool> next;
    engine.ask_apart(
        [&](Backend&, const Work& work) { next.set_value(!work.stop.stop_requested()); });
    engine.ask([&](Backend&, const Work&) { answered.set_value(); });
    CHECK(in_time.get_future().get());
    engine.cancel();
    CHECK(cancelled.get_future().get());
    CHECK(next.get_future().get());
}

TEST_CASE("an engine that is busy can be let go", "[lanes][threads]") {
    Engine engine(options());
    Request request = request_for("small", 1);
    request.last_cycle = 100000;
    engine.request(request);
    engine.wait_news();
    const auto until_stopped = [](Backend&, const Work& work) {
        while (!work.stop.stop_requested())
            std::this_thread::sleep_for(std::chrono::milliseconds(1));
    };
    engine.ask(until_stopped);
    engine.ask_apart(until_stopped);
}
