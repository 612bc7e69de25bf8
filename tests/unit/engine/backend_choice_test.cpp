#include "engine/core/error.h"
#include "engine/lanes.h"
#include "tests/catch.h"
#include "tests/reference/fake_card.h"
#include "tests/reference/live_engine.h"

#include <algorithm>
#include <cmath>
#include <future>
#include <string>
#include <thread>
#include <vector>

// Another backend while the lanes run. The card is a fake: what it computes is the CPU's.
namespace {

using namespace hsa;

class Lanes {
  public:
    explicit Lanes(std::shared_ptr<reference::FakeSlot> slot, const std::string& name = "auto",
                   bool must = true)
        : engine_(options(slot, name, must)) {
        request_.sources.push_back({"sample:words", "text", 0});
        request_.backend.name = name;
    }

    std::shared_ptr<const Snapshot> ask(const BackendChoice& choice, std::int32_t cycles = 0) {
        request_.last_cycle = cycles;
        request_.cursor = cycles;
        return reference::answer_to(engine_, request_, choice);
    }

    // Which backend answers a question of the screen, and one that takes long.
    std::string look_lane() { return answer(&Engine::ask); }
    std::string apart_lane() { return answer(&Engine::ask_apart); }
    BackendState state() const { return engine_.backend_state(); }

  private:
    static Engine::Options options(const std::shared_ptr<reference::FakeSlot>& slot,
                                   const std::string& name, bool must) {
        Engine::Options options;
        options.read_sample = reference::few_words;
        options.offered = {reference::fake_entry(slot)};
        options.backend.name = name;
        options.backend_must = must;
        return options;
    }
    std::string answer(void (Engine::*how)(Engine::Question)) {
        std::promise<std::string> name;
        (engine_.*
         how)([&name](Backend& backend, const Work&) { name.set_value(backend.info().name); });
        return name.get_future().get();
    }

    Request request_;
    Engine engine_;
};

float furthest(const FactorMatrix& a, const FactorMatrix& b) {
    REQUIRE(a.size() == b.size());
    float most = 0.0F;
    for (std::size_t i = 0; i < a.rows(); ++i)
        for (std::size_t s = 0; s < a.cols(); ++s)
            most = std::max(most, std::abs(a(i, s) - b(i, s)));
    return most;
}

}  // namespace

TEST_CASE("another backend is taken up by every lane, and nothing is lost", "[lanes][threads]") {
    auto slot = std::make_shared<reference::FakeSlot>();
    Lanes lanes(slot);
    const auto card = lanes.ask({"auto", 0}, 3);
    CHECK(card->backend == "cuda");
    CHECK(lanes.state().memory.total == 24000000000U);
    const auto cpu = lanes.ask({"cpu", 1}, 3);
    CHECK(cpu->backend == "cpu");
    CHECK(lanes.look_lane() == "cpu");
    CHECK(lanes.apart_lane() == "cpu");
    CHECK_FALSE(lanes.state().memory.known());
    // Splats and cycles are what they were; what is looked at is the other's own.
    REQUIRE(cpu->history->last() == 3);
    for (std::size_t c = 0; c <= 3; ++c) CHECK(cpu->history->cycles[c] == card->history->cycles[c]);
    CHECK(cpu->registry == card->registry);
    CHECK(cpu->factors != card->factors);
    CHECK(furthest(cpu->factors->p, card->factors->p) <= 1e-6F);
    // Back again: its own are remembered.
    const int made = slot->made;
    const auto again = lanes.ask({"cuda", 2}, 3);
    CHECK(again->backend == "cuda");
    CHECK(again->factors == card->factors);
    CHECK(lanes.look_lane() == "cuda");
    CHECK(lanes.apart_lane() == "cuda");
    CHECK(slot->made == made + 3);
    // The same chosen again while it is well: nothing to do.
    (void)lanes.ask({"cuda", 3}, 3);
    CHECK(slot->made == made + 3);
}

TEST_CASE("a backend that cannot be had is told of, and the one before goes on",
          "[lanes][threads]") {
    auto slot = std::make_shared<reference::FakeSlot>();
    slot->there = false;
    Lanes lanes(slot);
    CHECK(lanes.ask({"auto", 0})->backend == "cpu");
    CHECK(lanes.state().refusal.empty());
    CHECK(lanes.ask({"cuda", 1})->backend == "cpu");
    CHECK_THAT(lanes.state().refusal, Catch::Contains("There is no card in these tests") &&
                                          Catch::Contains("cpu goes on"));
    CHECK(lanes.look_lane() == "cpu");
    slot->there = true;
    CHECK(lanes.ask({"cuda", 2})->backend == "cuda");
    CHECK(lanes.state().refusal.empty());
    CHECK(lanes.look_lane() == "cuda");
}

TEST_CASE("a card that is lost in the middle is told of once and may be chosen again",
          "[lanes][threads]") {
    auto slot = std::make_shared<reference::FakeSlot>();
    Lanes lanes(slot);
    const auto before = lanes.ask({"auto", 0}, 1);
    slot->good_for = 5;
    const auto after = lanes.ask({"auto", 0}, 4);
    CHECK(after->history->last() == 4);
    CHECK(after->history->cycles[1] == before->history->cycles[1]);
    const BackendState state = lanes.state();
    CHECK_THAT(state.info.note, Catch::Contains("pulled out"));
    CHECK(state.info.name == "cpu");
    CHECK(state.info.on_cpu.empty());
    CHECK_FALSE(state.memory.known());
    // The other lanes fail in their turn: it is the same story.
    (void)lanes.look_lane();
    CHECK(lanes.state().info.note == state.info.note);
    slot->good_for = 1000000;
    CHECK(lanes.ask({"auto", 1}, 4)->backend == "cuda");
    CHECK(lanes.state().info.note.empty());
    CHECK(lanes.state().info.on_cpu == std::vector<std::string>{"moments of splats"});
    CHECK(lanes.state().memory.known());
}

TEST_CASE("a backend of the user's settings that is gone does not keep the engine from running",
          "[lanes][threads]") {
    auto slot = std::make_shared<reference::FakeSlot>();
    slot->there = false;
    CHECK_THROWS_WITH(Lanes(slot, "cuda", true), Catch::Contains("There is no card"));
    Lanes lanes(slot, "cuda", false);
    CHECK(lanes.ask({"cuda", 0})->backend == "cpu");
    CHECK_THAT(lanes.state().refusal, Catch::Contains("cuda cannot be had"));
}
