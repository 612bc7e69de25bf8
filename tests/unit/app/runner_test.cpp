#include "app/runner.h"

#include "app/autosave.h"
#include "app/shell.h"
#include "app/window/window.h"
#include "engine/core/error.h"
#include "engine/io/file.h"
#include "tests/catch.h"
#include "tests/unit/app/answers.h"

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include <chrono>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <string>
#include <vector>

using namespace splatscope;
using nlohmann::json;

namespace {

// What the window is told until nothing is left to do.
std::vector<Outcome> notices(Runner& runner) {
    std::vector<Outcome> told;
    const auto give_up = std::chrono::steady_clock::now() + std::chrono::minutes(1);
    do {
        for (Outcome& outcome : runner.poll()) told.push_back(std::move(outcome));
        if (runner.busy()) runner.engine().wait_news();
    } while (runner.busy() && std::chrono::steady_clock::now() < give_up);
    return told;
}

// No level has the name: a session file's line, which is not held against the splats on screen, is
// found out when it is evaluated.
std::string failing_entry(int cycle) {
    return "history.entry " + std::to_string(cycle) + " \"weight Nowhere 2\"";
}

}  // namespace

TEST_CASE("the voyage sample answers by command, and its parts sum", "[app][runner]") {
    Runner runner({});
    REQUIRE(runner.run("open sample:voyage").error.empty());
    const json dataset = answer(runner, "print dataset");
    CHECK(dataset["tokens"].get<int>() > 5000);
    const json cell = answer(runner, "explain.cell 100 2700");
    double sum = 0.0;
    for (const json& part : cell["parts"]) sum += part["value"].get<double>();
    CHECK(sum == Approx(cell["value"].get<double>()).epsilon(1e-9));
    const json block = answer(runner, "explain.block 100:160 2600:2700");
    sum = 0.0;
    for (const json& part : block["parts"]) sum += part["value"].get<double>();
    CHECK(sum == Approx(block["value"].get<double>()).epsilon(1e-9));
    CHECK(runner.run("expect measures.levels.Token.splats >= 8").exit_code == 0);
    CHECK(runner.run("expect measures.levels.Token.splats < 8").exit_code == 4);
    CHECK(runner.run("expect measures.levels.Nowhere.splats < 8").exit_code == 2);
}

TEST_CASE("stepping, looking back, undo and redo", "[app][runner]") {
    Runner runner({});
    REQUIRE(runner.run("open sample:creatures").error.empty());
    const json first = answer(runner, "print measures");
    REQUIRE(runner.run("adapt.step 3").error.empty());
    CHECK(answer(runner, "print history")["last"] == 3);
    const json third = answer(runner, "print measures");
    REQUIRE(runner.run("adapt.goto 0").error.empty());
    CHECK(answer(runner, "print measures") == first);
    REQUIRE(runner.run("adapt.step 3").error.empty());
    CHECK(answer(runner, "print measures") == third);
    REQUIRE(runner.run("splats.split 0").error.empty());
    CHECK(answer(runner, "print measures")["splats"].get<int>() == third["splats"].get<int>() + 1);
    REQUIRE(runner.run("undo").error.empty());
    CHECK(answer(runner, "print measures") == third);
    REQUIRE(runner.run("redo").error.empty());
    CHECK(answer(runner, "print measures")["splats"].get<int>() == third["splats"].get<int>() + 1);
}

TEST_CASE("an edit that fails when it is evaluated is taken back with one notice",
          "[app][runner][faults]") {
    const std::string fails = failing_entry(1);
    Runner runner({});
    REQUIRE(runner.run("open sample:creatures").error.empty());
    REQUIRE(runner.run("adapt.step 1").error.empty());
    REQUIRE(runner.run("splats.split 0").error.empty());
    const json good = answer(runner, "print measures");
    const Document before = runner.session().document;
    const std::vector<std::string> log = runner.log();

    REQUIRE(runner.run(fails).error.empty());
    CHECK(runner.session().document.timeline.entries.size() == 2);
    const std::vector<Outcome> told = notices(runner);
    REQUIRE(told.size() == 1);
    CHECK(told[0].line == fails);
    CHECK(told[0].exit_code == 1);
    CHECK(told[0].error ==
          fails + " failed and was taken back: There is no level 'Nowhere' to weigh.");
    CHECK(runner.session().document == before);
    CHECK(runner.log() == log);
    CHECK(runner.undo_history().undo_name() == "splats.split 0");
    CHECK_FALSE(runner.undo_history().can_redo());
    CHECK(runner.snapshot().error.empty());
    CHECK(answer(runner, "print measures") == good);
    CHECK(notices(runner).empty());

    // Undone before its failure was known it may come back, and fails then.
    REQUIRE(runner.run(fails).error.empty());
    REQUIRE(runner.run("undo").error.empty());
    CHECK(notices(runner).empty());
    REQUIRE(runner.run("redo").error.empty());
    CHECK(notices(runner).size() == 1);
    CHECK(runner.session().document == before);
    CHECK_FALSE(runner.undo_history().can_redo());
    REQUIRE(runner.run("undo").error.empty());
    CHECK(answer(runner, "print measures")["splats"].get<int>() == good["splats"].get<int>() - 1);
}

TEST_CASE("an edit that failed takes what followed it along, and none of what came before",
          "[app][runner][faults]") {
    const std::string fails = failing_entry(0);
    Runner runner({});
    REQUIRE(runner.run("open sample:creatures").error.empty());
    const json first = answer(runner, "print measures");
    const std::string level = first["levels"].begin().key();
    const std::string works = "set attention.level." + level + ".weight 3";
    REQUIRE(runner.run(works).error.empty());
    REQUIRE(runner.run(fails).error.empty());
    REQUIRE(runner.run("set adapt.lambda 0.02").error.empty());
    // A script is told at the next line that needs the numbers, which does not run.
    const Outcome outcome = runner.run("print measures");
    CHECK(outcome.line == fails);
    CHECK(outcome.exit_code == 1);
    CHECK(outcome.output.empty());
    CHECK(outcome.error.find("taken back, with set adapt.lambda 0.02: ") != std::string::npos);
    CHECK(runner.undo_history().undo_name() == works);
    CHECK(runner.session().document.timeline.entries.size() == 1);
    const json after = answer(runner, "print measures");
    CHECK(after["levels"][level]["weight"].get<double>() >
          first["levels"][level]["weight"].get<double>());
}

TEST_CASE("what is wrong gets one sentence and changes nothing", "[app][runner][faults]") {
    Runner runner({});
    REQUIRE(runner.run("open sample:creatures").error.empty());
    const Session before = runner.session();
    const auto refused = [&](const std::string& line, int code) {
        const Outcome outcome = runner.run(line);
        INFO(line << " -> " << outcome.error);
        CHECK(outcome.exit_code == code);
        CHECK_FALSE(outcome.error.empty());
        CHECK(runner.session() == before);
    };
    refused("open no/such/file.txt", 1);
    refused("open sample:nothing", 1);
    refused("session.open .", 1);
    refused("select.tokens 5:4000000", 1);
    refused("select.splats 4000000", 1);
    refused("splats.merge 0 0", 1);
    refused("adapt.goto 99", 1);
    refused("explain.cell 0 4000000", 1);
    refused("splats.init nonsense", 2);
    refused("nonsense", 2);
    refused("set attention.temperature -1", 1);
    refused("open 'unclosed", 2);
    refused("view.export map x.png", 3);
}

TEST_CASE("a run that was saved opens as it was", "[app][runner][laws]") {
    const std::string path =
        (std::filesystem::temp_directory_path() / "splatscope-test.run").string();
    json events;
    json measures;
    {
        Runner runner({});
        REQUIRE(runner.run("open sample:creatures").error.empty());
        REQUIRE(runner.run("adapt.step 4").error.empty());
        REQUIRE(runner.run("splats.split 0").error.empty());
        REQUIRE(runner.run("adapt.step 2").error.empty());
        events = answer(runner, "print history");
        measures = answer(runner, "print measures");
        REQUIRE(runner.run("run.save " + path + " overwrite").error.empty());
    }
    Runner runner({});
    REQUIRE(runner.run("run.open " + path).error.empty());
    CHECK(answer(runner, "print history") == events);
    CHECK(answer(runner, "print measures") == measures);
    const json verified = answer(runner, "run.verify");
    CHECK(verified["same"] == true);
    REQUIRE(runner.run("adapt.step").error.empty());
    CHECK(answer(runner, "print history")["last"] == 7);
    std::filesystem::remove(path);
}

TEST_CASE("a session whose last cycle keeps only what changed is saved and opens as it was",
          "[app][runner][session]") {
    const std::string folder =
        (std::filesystem::temp_directory_path() / "splatscope-thin").string();
    std::filesystem::create_directories(folder);
    const std::string file = folder + "/thin.session";
    // An undo that goes back to a cycle between whole states, and a branch that begins at one.
    const std::vector<std::vector<std::string>> ways = {
        {"open sample:creatures", "adapt.run 8", "print measures", "adapt.run 33", "print measures",
         "undo"},
        {"open sample:creatures", "adapt.run 41", "print measures", "adapt.goto 5",
         "set attention.temperature 1.5"}};
    for (const std::vector<std::string>& way : ways) {
        INFO(way.back());
        json measures;
        Timeline timeline;
        {
            Runner runner({});
            for (const std::string& line : way) REQUIRE(runner.run(line).error.empty());
            measures = answer(runner, "print measures");
            REQUIRE_FALSE(runner.snapshot().history->cycles.back()->state);
            timeline = runner.session().document.timeline;
            REQUIRE(runner.run("session.save " + file).error.empty());
            Autosave autosave(folder);
            autosave.write_now(runner.session(), runner.snapshot_pointer());
            // A .run ends with a whole state: the sentence says what to do.
            const Outcome refused = runner.run("run.save " + folder + "/thin.run overwrite");
            CHECK(refused.error.find("adapt.step") != std::string::npos);
        }
        Runner runner({});
        REQUIRE(runner.run("session.open " + file).error.empty());
        CHECK(answer(runner, "print measures") == measures);
        CHECK(runner.session().document.timeline == timeline);
    }
    std::filesystem::remove_all(folder);
}

TEST_CASE("every view is drawn without a window, twice the same", "[app][pictures]") {
    const std::filesystem::path folder =
        std::filesystem::temp_directory_path() / "splatscope-test-pictures";
    std::filesystem::create_directories(folder);
    const auto window = make_offscreen_window({640, 400});
    Runner* self = nullptr;
    std::unique_ptr<Shell> shell;
    Runner::Options options;
    options.export_view = [&](const PictureAsked& asked) {
        if (!shell) shell = std::make_unique<Shell>(*window, *self, false);
        shell->export_view(asked);
    };
    Runner runner(std::move(options));
    self = &runner;
    REQUIRE(runner.run("open sample:creatures").error.empty());
    REQUIRE(runner.run("adapt.step 2").error.empty());
    REQUIRE(runner.run("select.tokens 3:6").error.empty());
    std::vector<std::string> views = {"window"};
    for (const auto& view : make_views()) views.push_back(view->id());
    CHECK(views.size() == 17);
    for (const std::string& view : views) {
        INFO(view);
        const std::string first = (folder / (view + "-1.png")).string();
        const std::string second = (folder / (view + "-2.png")).string();
        CHECK(runner.run(fmt::format("view.export {} {} 640x400 overwrite", view, first))
                  .error.empty());
        CHECK(runner.run(fmt::format("view.export {} {} 640x400 overwrite", view, second))
                  .error.empty());
        CHECK(runner.run(fmt::format("view.export {} {} 640x400", view, second)).exit_code == 1);
        const std::string bytes = hsa::read_file(first);
        CHECK(bytes.size() > 3000);
        CHECK(bytes == hsa::read_file(second));
    }
    shell.reset();
    std::filesystem::remove_all(folder);
}
