// Every job of the list can be cancelled by itself.
#include "app/runner.h"
#include "tests/catch.h"

#include <algorithm>
#include <chrono>
#include <future>
#include <string>
#include <vector>

using namespace splatscope;

namespace {

// What ends until `done` says so, or for ten seconds.
template <class Done>
std::vector<Outcome> outcomes_until(Runner& runner, const Done& done) {
    std::vector<Outcome> all;
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    do {
        for (Outcome& outcome : runner.poll()) all.push_back(std::move(outcome));
        runner.engine().wait_news();
    } while (!done(all) && std::chrono::steady_clock::now() < end);
    return all;
}

const Outcome* of_line(const std::vector<Outcome>& outcomes, const std::string& line) {
    const auto found = std::find_if(outcomes.begin(), outcomes.end(),
                                    [&](const Outcome& each) { return each.line == line; });
    return found == outcomes.end() ? nullptr : &*found;
}

std::vector<std::string> names(const Runner& runner) {
    std::vector<std::string> all;
    for (const Job& job : runner.jobs()) all.push_back(job.name);
    return all;
}

// Nothing that is asked of the look lane is answered while this lives.
class BusyLane {
  public:
    explicit BusyLane(Runner& runner) {
        runner.engine().ask(
            [end = end_.get_future().share()](hsa::Backend&, const hsa::Work&) { end.wait(); });
    }
    ~BusyLane() { end_.set_value(); }
    BusyLane(const BusyLane&) = delete;
    BusyLane& operator=(const BusyLane&) = delete;

  private:
    std::promise<void> end_;
};

}  // namespace

TEST_CASE("one question of several is cancelled, the others are answered", "[app][jobs]") {
    Runner runner({});
    REQUIRE(runner.run("open sample:creatures").error.empty());
    runner.wait_complete();
    CHECK(runner.jobs().empty());
    const std::string first = "map.jumps 2";
    const std::string second = "map.jumps 3";
    {
        const BusyLane busy(runner);
        runner.submit(first);
        runner.submit(second);
        (void)runner.poll();
        CHECK(names(runner) == std::vector<std::string>{first, second});
        CHECK_FALSE(runner.jobs()[0].waits);
        CHECK(runner.jobs()[1].waits);
        runner.submit("cancel \"map.jumps 3\"");
        CHECK(runner.poll().size() == 1);  // of the command itself
    }
    const std::vector<Outcome> outcomes = outcomes_until(
        runner, [&](const std::vector<Outcome>& all) { return of_line(all, second) != nullptr; });
    REQUIRE((of_line(outcomes, first) != nullptr && of_line(outcomes, second) != nullptr));
    CHECK(of_line(outcomes, first)->error.empty());
    CHECK(of_line(outcomes, second)->error == "Cancelled: map.jumps 3");
    CHECK(runner.jobs().empty());
}

TEST_CASE("the work alone is cancelled, and a line that waits for it alone", "[app][jobs]") {
    Runner runner({});
    REQUIRE(runner.run("open sample:creatures").error.empty());
    runner.wait_complete();
    const std::string question = "map.jumps 2";
    std::vector<Outcome> outcomes;
    {
        const BusyLane busy(runner);
        runner.submit(question);
        (void)runner.poll();
        runner.submit("adapt.run 500");
        runner.submit("print measures");
        runner.submit("print dataset");
        (void)runner.poll();
        REQUIRE(names(runner) ==
                std::vector<std::string>{"work", question, "print measures", "print dataset"});
        runner.submit("cancel \"print measures\"");
        runner.submit("cancel work");
        outcomes =
            outcomes_until(runner, [&](const std::vector<Outcome>&) { return runner.complete(); });
        const Outcome* cancelled = of_line(outcomes, "print measures");
        REQUIRE(cancelled != nullptr);
        CHECK(cancelled->error == "Cancelled: print measures");
        // The question is not: it is answered when its lane is free.
        CHECK(of_line(outcomes, question) == nullptr);
    }
    CHECK(runner.session().document.timeline.last < 500);
    const std::vector<Outcome> later = outcomes_until(runner, [&](const std::vector<Outcome>& all) {
        return of_line(all, "print dataset") != nullptr;
    });
    REQUIRE(of_line(later, question) != nullptr);
    CHECK(of_line(later, question)->error.empty());
    REQUIRE(of_line(later, "print dataset") != nullptr);
    CHECK(of_line(later, "print dataset")->error.empty());
    const Outcome nothing = runner.run("cancel \"print measures\"");
    CHECK(nothing.error.find("no such job") != std::string::npos);
}
