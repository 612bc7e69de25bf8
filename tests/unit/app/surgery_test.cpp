// Edits of one splat's Gaussian through the session: one event, one step of undo, bit for bit.
#include "app/runner.h"
#include "app/session_file.h"
#include "tests/catch.h"
#include "tests/unit/app/answers.h"

#include <fmt/core.h>

#include <cmath>
#include <string>
#include <vector>

using namespace splatscope;

namespace {

std::string move_command(const hsa::SplatRegistry& registry, hsa::SplatId id) {
    std::string line = fmt::format("splats.move {}", id);
    for (std::size_t a = 0; a < registry.dimension; ++a)
        line += fmt::format(" {}", a == 2 ? 0.375 : 0.0);
    return line;
}

}  // namespace

TEST_CASE("surgery on a splat is one event and one step of undo, bit for bit", "[app][surgery]") {
    Runner runner({});
    REQUIRE(runner.run("open sample:creatures").error.empty());
    REQUIRE(runner.run("print measures").error.empty());
    const hsa::SplatRegistry before = *runner.snapshot().registry;
    const hsa::SplatId id = before.id[4];
    for (const std::string& line :
         {move_command(before, id), fmt::format("splats.widen {} 1.5", id),
          fmt::format("splats.amplitude {} 2.5", id)}) {
        CAPTURE(line);
        const std::size_t events = runner.snapshot().history->cycles.front()->events.size();
        REQUIRE(runner.run(line).error.empty());
        REQUIRE(runner.run("print measures").error.empty());
        const hsa::SplatRegistry& now = *runner.snapshot().registry;
        CHECK_FALSE(hsa::same_bits(now, before));
        const std::size_t row = now.row(id);
        if (line.starts_with("splats.move"))
            CHECK(now.gaussians.centre(row, 2) == before.gaussians.centre(row, 2) + 0.375F);
        if (line.starts_with("splats.widen"))
            CHECK(now.gaussians.variance(row, 0) ==
                  Approx(2.25F * before.gaussians.variance(row, 0)));
        if (line.starts_with("splats.amplitude"))
            CHECK(now.log_amplitude[row] == Approx(std::log(2.5F)));
        for (std::size_t s = 0; s < now.size(); ++s)
            if (s != row) CHECK(now.splat(s).centre == before.splat(s).centre);
        std::size_t more = 0;
        for (const auto& cycle : runner.snapshot().history->cycles) more += cycle->events.size();
        CHECK(more == events + 1);
        const std::string text = write_session(runner.session(), ".");
        CHECK(read_session("kept.session", text).document.timeline ==
              runner.session().document.timeline);
        REQUIRE(runner.run("undo").error.empty());
        REQUIRE(runner.run("print measures").error.empty());
        CHECK(hsa::same_bits(*runner.snapshot().registry, before));
    }
}

TEST_CASE("surgery that cannot be done is refused in one sentence", "[app][surgery][faults]") {
    Runner runner({});
    REQUIRE(runner.run("open sample:creatures").error.empty());
    REQUIRE(runner.run("print measures").error.empty());
    const hsa::SplatRegistry& registry = *runner.snapshot().registry;
    const auto refused = [&](const std::string& line, const std::string& part) {
        const Outcome outcome = runner.run(line);
        INFO(line << " -> " << outcome.error);
        CHECK(outcome.exit_code != 0);
        CHECK(outcome.error.find(part) != std::string::npos);
        CHECK(runner.session().document.timeline.entries.empty());
    };
    refused("splats.widen 0 0", "times as wide");
    refused("splats.widen 0", "splats.widen");
    refused("splats.amplitude 0 -1", "above 0");
    refused("splats.turn 0 0.5 1 2 3", "two directions");
    std::string turn = "splats.turn 0 0.5";
    for (std::size_t a = 0; a < 2 * registry.dimension; ++a) turn += a == 1 ? " 1" : " 0.5";
    refused(turn, "every side");
    refused("splats.widen 999999 2", "999999");
}
