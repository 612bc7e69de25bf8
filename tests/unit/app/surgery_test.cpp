// Edits of one splat's Gaussian through the session: one event, one step of undo, bit for bit.
#include "app/runner.h"
#include "app/session_file.h"
#include "engine/explain/cards.h"
#include "engine/io/file.h"
#include "tests/catch.h"
#include "tests/unit/app/answers.h"
#include "tests/unit/engine/io/io_test.h"

#include <fmt/core.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <memory>
#include <set>
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
    refused("splats.stretch 0 2 1 2 3", "a direction of");
    refused("splats.turn 0 0.5 1 2 3", "two directions");
    std::string turn = "splats.turn 0 0.5";
    for (std::size_t a = 0; a < 2 * registry.dimension; ++a) turn += a == 1 ? " 1" : " 0.5";
    refused(turn, "every side");
    std::string stretch = "splats.stretch 0 2";
    for (std::size_t a = 0; a < registry.dimension; ++a) stretch += a == 1 ? " 1" : " 0.5";
    refused(stretch, "spherical");
    refused("splats.widen 999999 2", "999999");
}

TEST_CASE("every kind of edit is told in the report and in the list of its splats",
          "[app][surgery]") {
    const io_test::Folder folder;
    Runner runner({});
    for (const char* line : {"set splats.kernel full", "open sample:creatures", "print measures"})
        REQUIRE(runner.run(line).error.empty());
    const hsa::SplatRegistry& first = *runner.snapshot().registry;
    const std::string level = first.hierarchy.levels[0].name;
    const std::size_t d = first.dimension;
    const auto direction = [&](std::size_t axis) {
        std::string words;
        for (std::size_t a = 0; a < d; ++a) words += a == axis ? " 1" : " 0";
        return words;
    };
    const auto id = [&](std::size_t l, std::size_t which) {
        const hsa::SplatRegistry& now = *runner.snapshot().registry;
        return now.id[now.rows_of_level(l).at(which)];
    };
    std::set<hsa::Edit::Kind> seen;
    const auto make = [&](const std::string& line) {
        INFO(line);
        const Outcome outcome = runner.run(line);
        INFO(outcome.error);
        REQUIRE(outcome.error.empty());
        runner.wait_complete();
        const auto& entries = runner.session().document.timeline.entries;
        REQUIRE(!entries.empty());
        REQUIRE(entries.back().edit.has_value());
        seen.insert(entries.back().edit->kind);
    };
    make(fmt::format("splats.move {}{}", id(0, 0), direction(0)));
    make(fmt::format("splats.widen {} 1.2", id(0, 0)));
    make(fmt::format("splats.stretch {} 1.3{}", id(0, 0), direction(1)));
    make(fmt::format("splats.amplitude {} 1.5", id(0, 0)));
    make(fmt::format("splats.turn {} 0.3{}{}", id(0, 0), direction(0), direction(1)));
    make(fmt::format("splats.reparent {} {}", id(0, 0), id(1, 0)));
    make(fmt::format("splats.split {}", id(0, 1)));
    make(fmt::format("splats.merge {} {}", id(0, 2), id(0, 3)));
    make(fmt::format("splats.remove {}", id(0, 4)));
    REQUIRE(runner.run("select.tokens 3:9").error.empty());
    make("splats.add");
    make("splats.calibrate");
    make(fmt::format("set attention.level.{}.weight 0.4", level));
    make("recover.repair");
    make(fmt::format("levels.add Between after {}", level));
    make("levels.rename Between Middle");
    make("levels.remove Middle");
    make("levels.optimise");
    for (int kind = 0; kind <= static_cast<int>(hsa::Edit::kLastKind); ++kind) {
        CAPTURE(kind);
        CHECK(seen.count(static_cast<hsa::Edit::Kind>(kind)) == 1);
    }
    const std::string path = folder.at("report.md");
    REQUIRE(runner.run("report.save " + path).error.empty());
    const std::string report = hsa::read_file(path);
    const hsa::Snapshot& snapshot = runner.snapshot();
    std::size_t index = 0;
    std::size_t edits = 0;
    for (const auto& cycle : snapshot.history->cycles)
        for (const hsa::Event& event : cycle->events) {
            const std::size_t here = index++;
            if (event.by != hsa::Actor::user || !event.accepted) continue;
            ++edits;
            CAPTURE(event.text);
            CHECK(report.find(event.text.substr(0, event.text.find_first_of("|<&*_`[("))) !=
                  std::string::npos);
            std::vector<hsa::SplatId> named = event.after;
            named.insert(named.end(), event.before.begin(), event.before.end());
            for (const hsa::SplatId splat : named) {
                if (!snapshot.registry->find(splat)) continue;
                const hsa::SplatCard card =
                    hsa::splat_card(*snapshot.factors, *snapshot.registry, *snapshot.measures,
                                    *snapshot.history, snapshot.cycle, splat);
                CHECK(std::find(card.events.begin(), card.events.end(), here) != card.events.end());
            }
        }
    CHECK(edits >= 12);
}

TEST_CASE("while a gesture lasts everything is of what it would do, and nothing is done",
          "[app][surgery]") {
    Runner runner({});
    REQUIRE(runner.run("open sample:creatures").error.empty());
    REQUIRE(runner.run("select.splats 4").error.empty());
    runner.wait_complete();
    hsa::Wanted wanted;
    wanted.pictures.push_back(
        {{0, runner.snapshot().dataset->size()}, {0, runner.snapshot().dataset->size()}, 24, 24});
    runner.wait_look(wanted);
    const Document document = runner.session().document;
    const std::shared_ptr<const hsa::Snapshot> shown = runner.snapshot_pointer();
    const hsa::LookResult before = runner.look();
    const std::size_t steps = runner.undo_history().past_names().size();
    const auto preview = [&](const std::string& line, hsa::PreviewKind kind) {
        const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
        while (std::chrono::steady_clock::now() < end) {
            (void)runner.want(wanted, line);
            (void)runner.poll();
            const hsa::Snapshot* now = runner.preview();
            if (now != nullptr && now->preview == kind && runner.want(wanted, line)) return now;
            runner.engine().wait_news();
        }
        FAIL("no preview of " << line);
        return static_cast<const hsa::Snapshot*>(nullptr);
    };
    const std::string line = "splats.amplitude 4 30";
    const hsa::Snapshot* exact = preview(line, hsa::PreviewKind::exact);
    CHECK(runner.session().document == document);
    CHECK(runner.snapshot_pointer() == shown);
    CHECK(exact->measures->usage[4] > 1.5 * shown->measures->usage[4]);
    const hsa::LookResult during = runner.look();
    REQUIRE(during.pictures.size() == 1);
    CHECK_FALSE(during.pictures[0]->mean == before.pictures[0]->mean);
    CHECK(during.splat->usage == exact->measures->usage[4]);
    const std::shared_ptr<const hsa::Factors> factors = exact->factors;
    // Put back: what was there is there again, to the bit and at once.
    (void)runner.want(wanted);
    CHECK(runner.preview() == nullptr);
    CHECK(runner.look().pictures == before.pictures);
    runner.wait_look(wanted);
    CHECK(runner.look().of == shown);
    CHECK(runner.look().pictures[0]->mean == before.pictures[0]->mean);
    CHECK(runner.undo_history().past_names().size() == steps);
    // Let go: one command, and what it makes is what was shown.
    REQUIRE(runner.run(line).error.empty());
    runner.wait_complete();
    CHECK(runner.undo_history().past_names().size() == steps + 1);
    CHECK(runner.snapshot().factors->p == factors->p);
    CHECK(runner.snapshot().factors->k == factors->k);
    CHECK(runner.snapshot().history->cycles.front()->events.size() ==
          shown->history->cycles.front()->events.size() + 1);
    // What cannot be done previews nothing.
    (void)runner.want(wanted, "splats.amplitude 4 -1");
    CHECK(runner.preview() == nullptr);
    (void)runner.want(wanted);
    // Nor does it wait for ever when the gesture came from what can be done and ends there.
    (void)preview("splats.amplitude 4 20", hsa::PreviewKind::exact);
    const auto answered = [&](const std::string& asked) {
        const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
        bool is_there = false;
        while (!is_there && std::chrono::steady_clock::now() < end) {
            (void)runner.poll();
            is_there = runner.want(wanted, asked);
            if (!is_there) runner.engine().wait_news();
        }
        return is_there;
    };
    CHECK(answered("splats.amplitude 4 -1"));
    CHECK(answered(""));
    CHECK(runner.preview() == nullptr);
}
