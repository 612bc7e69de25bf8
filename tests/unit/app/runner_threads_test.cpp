#include "app/runner.h"
#include "app/shell.h"
#include "app/window/window.h"
#include "tests/catch.h"

#include <nlohmann/json.hpp>

#include <atomic>
#include <chrono>
#include <thread>

using namespace splatscope;
using nlohmann::json;

namespace {

// What a window does each frame, without pixels: take outcomes, read the snapshot, ask for
// pictures.
std::vector<Outcome> frames_until_idle(Runner& runner) {
    std::vector<Outcome> all;
    hsa::PictureRequest picture;
    picture.height = 16;
    picture.width = 16;
    do {
        for (Outcome& outcome : runner.poll()) all.push_back(std::move(outcome));
        if (runner.snapshot().factors) {
            picture.rows = picture.columns = {0, runner.snapshot().dataset->size()};
            hsa::Wanted wanted;
            wanted.pictures = {picture};
            static_cast<void>(runner.want(wanted));
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(2));
    } while (runner.busy());
    return all;
}

}  // namespace

TEST_CASE("a question asked from the window is answered later, for the session it was asked of",
          "[app][runner][threads]") {
    std::atomic<int> news{0};
    Runner::Options options;
    options.on_news = [&news] { ++news; };
    Runner runner(std::move(options));
    runner.submit("open sample:creatures");
    frames_until_idle(runner);
    REQUIRE(runner.snapshot().dataset);

    runner.submit("print dataset");
    runner.submit("select.tokens 1:3");
    runner.submit("explain.token 2");
    runner.submit("select.none");
    const std::vector<Outcome> outcomes = frames_until_idle(runner);
    std::vector<std::string> answered;
    for (const Outcome& outcome : outcomes) {
        INFO(outcome.line << ": " << outcome.error);
        CHECK(outcome.error.empty());
        if (!outcome.output.empty()) {
            answered.push_back(outcome.line);
            CHECK(json::parse(outcome.output)["version"] == 1);
        }
    }
    CHECK(answered == std::vector<std::string>{"print dataset", "explain.token 2"});
    CHECK(news > 0);
}

TEST_CASE("a long exploration keeps neither questions nor pictures waiting",
          "[app][runner][threads]") {
    Runner runner({});
    runner.submit("open sample:creatures");
    frames_until_idle(runner);
    REQUIRE(runner.snapshot().target);
    runner.submit("adapt.explore 1000");
    runner.submit("explain.token 2");
    runner.submit("explain.levels");
    std::vector<Outcome> ended;
    hsa::PictureRequest picture;
    picture.height = picture.width = 16;
    picture.rows = picture.columns = {0, runner.snapshot().dataset->size()};
    hsa::Wanted wanted;
    wanted.pictures = {picture};
    bool drawn = false;
    const auto give_up = std::chrono::steady_clock::now() + std::chrono::minutes(1);
    while (std::chrono::steady_clock::now() < give_up && (ended.size() < 2 || !drawn)) {
        for (Outcome& outcome : runner.poll()) ended.push_back(std::move(outcome));
        drawn = runner.want(wanted);
        std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
    CHECK(drawn);
    REQUIRE(ended.size() == 2);
    CHECK(ended[0].line == "explain.token 2");
    CHECK(ended[1].line == "explain.levels");
    for (const Outcome& outcome : ended) CHECK(outcome.error.empty());
    CHECK(runner.busy());  // the exploration goes on
    runner.submit("cancel");
    const std::vector<Outcome> rest = frames_until_idle(runner);
    REQUIRE(rest.size() == 2);
    CHECK(rest.back().line == "adapt.explore 1000");
    CHECK(rest.back().error == "Cancelled: adapt.explore 1000");
}

TEST_CASE("cycles run while the window draws, and pausing keeps what is finished",
          "[app][runner][threads]") {
    Runner runner({});
    runner.submit("open sample:creatures");
    frames_until_idle(runner);
    runner.submit("adapt.run 500");
    const auto give_up = std::chrono::steady_clock::now() + std::chrono::minutes(2);
    while (std::chrono::steady_clock::now() < give_up &&
           !(runner.snapshot().history && runner.snapshot().history->last() >= 1))
        static_cast<void>(runner.poll());
    REQUIRE(runner.snapshot().history->last() >= 1);
    runner.submit("adapt.pause");
    frames_until_idle(runner);
    const std::int32_t finished = runner.snapshot().history->last();
    CHECK(finished < 500);
    CHECK(runner.session().document.timeline.last == finished);
    runner.submit("undo");
    frames_until_idle(runner);
    CHECK(runner.session().document.timeline.last == 0);
}

TEST_CASE("frames are drawn while both lanes work", "[app][shell][threads]") {
    const std::unique_ptr<Window> window = make_offscreen_window({1280, 720});
    std::atomic<int> news{0};
    Runner::Options options;
    options.on_news = [&news, &window] {
        ++news;
        window->wake();
    };
    Runner runner(std::move(options));
    Shell shell(*window, runner, false);
    const auto frames_until = [&](auto holds) {
        const auto give_up = std::chrono::steady_clock::now() + std::chrono::minutes(1);
        do {
            shell.build_frame(1.0F / 60.0F);
        } while (std::chrono::steady_clock::now() < give_up && (runner.busy() || !holds()));
        return holds();
    };
    runner.submit("open sample:creatures");
    CHECK(frames_until([&] { return !shell.panel("map").drawn.waiting; }));
    runner.submit("select.tokens 3:9");
    runner.submit("explain.token 3");
    runner.submit("adapt.step 2");
    CHECK(frames_until([&] { return !shell.panel("splats").drawn.lit_splats.empty(); }));
    CHECK(runner.snapshot().history->last() == 2);
    CHECK(news > 0);
}
