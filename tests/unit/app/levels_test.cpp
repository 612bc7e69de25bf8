#include "app/runner.h"
#include "app/session_file.h"
#include "engine/io/file.h"
#include "tests/catch.h"
#include "tests/unit/app/answers.h"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <string>
#include <vector>

using namespace splatscope;
using nlohmann::json;

namespace {

std::string scratch(const std::string& name) {
    return (std::filesystem::temp_directory_path() / name).string();
}

// The beginning of a sample: some hundred words.
std::string short_text() {
    constexpr std::size_t kBytes = 5000;
    std::string text =
        hsa::read_file(std::string(SPLATSCOPE_SOURCE_DIR) + "/assets/samples/voyage.txt");
    text.resize(text.rfind('\n', kBytes));
    std::string path = scratch("levels-short.txt");
    std::ofstream(path) << text;
    return path;
}

void ok(Runner& runner, const std::string& line) {
    const Outcome outcome = runner.run(line);
    INFO(line << ": " << outcome.error);
    REQUIRE(outcome.error.empty());
}

std::string level_names(Runner& runner) {
    std::string names;
    const json splats = answer(runner, "print splats");
    for (const json& level : splats["levels"]) names += level["name"].get<std::string>() + " ";
    return names;
}

}  // namespace

TEST_CASE("levels come, go and change their names, each one step that undoes",
          "[app][levels][plain]") {
    Runner runner({});
    ok(runner, "open " + short_text());
    const json before = answer(runner, "print splats");
    ok(runner, "adapt.step 1");
    ok(runner, "levels.add Clause before Phrase 12");
    CHECK(level_names(runner) == "Token Clause Phrase Section Document ");
    const json measures = answer(runner, "print measures");
    CHECK(measures["levels"]["Clause"]["splats"] == 12);
    for (const auto& [name, level] : measures["levels"].items())
        CHECK(level["usage"].get<double>() == Approx(level["weight"].get<double>()).margin(0.01));
    ok(runner, "adapt.step 2");
    ok(runner, "set attention.level.Clause.mute true");
    ok(runner, "set map.level Clause");
    ok(runner, "set adapt.level.Clause.lambda 0.01");
    ok(runner, "levels.rename Clause \"Word group\"");
    CHECK(runner.session().document.adapt.level.at("Word group").lambda == 0.01);
    CHECK(runner.session().document.mask.muted == std::vector<std::string>{"Word group"});
    CHECK(runner.session().desk.map.level == "Word group");
    ok(runner, "levels.remove Section");
    CHECK(level_names(runner) == "Token Word group Phrase Document ");
    ok(runner, "adapt.step 2");
    CHECK(answer(runner, "print splats")["coordinates"]["levels"].size() == 4);
    // The past is as it was.
    ok(runner, "adapt.goto 0");
    CHECK(answer(runner, "print splats") == before);
    ok(runner, "adapt.goto 2");
    CHECK(level_names(runner) == "Token Clause Phrase Section Document ");
    CHECK(answer(runner, "print measures")["levels"].contains("Clause"));
    ok(runner, "adapt.goto 5");
    const json last = answer(runner, "print splats");
    // Lists say the names of their time.
    const std::string events = scratch("levels.jsonl");
    ok(runner, "events.save " + events + " overwrite");
    std::ifstream file(events);
    std::vector<json> changes;
    for (std::string line; std::getline(file, line);) {
        const json event = json::parse(line);
        REQUIRE(event["level"].is_string());
        if (event["cycle"] == 2 && event["by"] == "controller")
            CHECK(event["level"] != "Word group");
        if (event["kind"] == "level") changes.push_back(event);
    }
    REQUIRE(changes.size() == 3);
    CHECK(changes[0]["level"] == "Clause");
    CHECK(changes[1]["level"] == "Word group");
    CHECK(changes[2]["level"] == "Section");
    const json history = answer(runner, "print history");
    CHECK(history["cycles"][3]["levels"][1] == "Word group");
    CHECK(history["cycles"][2]["levels"][1] == "Clause");
    // Session and run give it back; the run holds what is recomputed.
    const Session again = read_session("/x", write_session(runner.session(), "/"));
    CHECK(again.document.timeline.entries == runner.session().document.timeline.entries);
    CHECK(answer(runner, "run.verify")["same"] == true);
    const std::string run = scratch("levels.run");
    ok(runner, "run.save " + run + " overwrite");
    Runner other({});
    ok(other, "open " + run);
    CHECK(answer(other, "print splats") == last);
    ok(other, "adapt.goto 1");
    CHECK(level_names(other) == "Token Clause Phrase Section Document ");
    CHECK(answer(other, "run.verify")["same"] == true);
    ok(other, "adapt.goto 5");
    ok(other, "adapt.step 1");
    // Undone step by step.
    for (int steps = 0; steps < 2; ++steps) ok(runner, "undo");  // the goto's of above are none
    ok(runner, "redo");
    while (level_names(runner) != "Token Phrase Section Document ") ok(runner, "undo");
    ok(runner, "adapt.goto 0");
    CHECK(answer(runner, "print splats") == before);
}

TEST_CASE("an edit at cycle 0 that a run brought is not made again", "[app][levels]") {
    const std::string run = scratch("levels_first.run");
    Runner runner({});
    ok(runner, "open sample:creatures");
    ok(runner, "levels.add Clause before Phrase 6");
    ok(runner, "run.save " + run + " overwrite");
    Runner other({});
    ok(other, "open " + run);
    CHECK(answer(other, "run.verify")["same"] == true);
    ok(other, "levels.rename Clause Group");
    CHECK(level_names(other) == "Token Group Phrase Section Document ");
}

TEST_CASE("what no levels can be is a sentence", "[app][levels]") {
    Runner runner({});
    const auto error = [&](const std::string& line) { return runner.run(line).error; };
    ok(runner, "open sample:creatures");
    CHECK_THAT(error("levels.add Token before Phrase"), Catch::Contains("a level Token already"));
    CHECK_THAT(error("levels.add Clause beside Phrase"), Catch::Contains("before"));
    CHECK_THAT(error("levels.add Clause before Chapter"), Catch::Contains("no level 'Chapter'"));
    CHECK_THAT(error("levels.add Clause before Phrase 0"), Catch::Contains("holds 1 to"));
    CHECK_THAT(error("levels.add Clause before Phrase 99999"), Catch::Contains("holds 1 to"));
    CHECK_THAT(error("levels.add '' before Phrase"), Catch::Contains("needs a name"));
    CHECK_THAT(error("levels.rename Phrase Token"), Catch::Contains("a level Token already"));
    CHECK_THAT(error("levels.remove Chapter"), Catch::Contains("no level 'Chapter'"));
    for (const char* level : {"Token", "Phrase", "Section"})
        ok(runner, std::string("levels.remove ") + level);
    CHECK_THAT(error("levels.remove Document"), Catch::Contains("the only level"));
    ok(runner, "set attention.form shared");
    CHECK_THAT(error("levels.add Clause before Token"), Catch::Contains("token"));
}

TEST_CASE("what is suggested has its numbers and a command that does it", "[app][levels][plain]") {
    Runner runner({});
    ok(runner, "open sample:voyage");
    // Reasons for the same change are one suggestion.
    std::set<std::string> commands;
    const json first = answer(runner, "levels.suggest")["suggestions"];
    for (const json& suggestion : first) commands.insert(suggestion["command"].get<std::string>());
    CHECK(commands.size() == first.size());
    ok(runner, "levels.remove Phrase");
    ok(runner, "levels.remove Section");
    const json advice = answer(runner, "levels.suggest");
    CHECK(advice["tokens"] == answer(runner, "print dataset")["tokens"]);
    CHECK(advice["by_length"].get<double>() > 2.5);
    REQUIRE(advice["levels"].size() == 2);
    CHECK(advice["levels"][0]["row_kl_without"].get<double>() > 0.0);
    CHECK(advice["parts"].size() >= 2);
    bool by_length = false;
    for (const json& suggestion : advice["suggestions"]) {
        by_length = by_length || suggestion["by"] == "length";
        CHECK_FALSE(suggestion["text"].get<std::string>().empty());
        CHECK(suggestion["decided_by"].size() >= 1);
        ok(runner, suggestion["command"]);
        CHECK(level_names(runner) != "Token Document ");
        ok(runner, "undo");
        CHECK(level_names(runner) == "Token Document ");
    }
    CHECK(by_length);
    // The limits hold them back.
    ok(runner, "set levels.most 2");
    ok(runner, "set levels.least 2");
    CHECK(answer(runner, "levels.suggest")["suggestions"].empty());
    ok(runner, "levels.optimise");
    CHECK(level_names(runner) == "Token Document ");
    const json history = answer(runner, "print history");
    CHECK(history["accepted"]["level"] == 2);
    ok(runner, "set levels.least 1");
    ok(runner, "set levels.most 6");
    ok(runner, "levels.optimise");
    CHECK(answer(runner, "run.verify")["same"] == true);
    ok(runner, "set levels.least 3");
    ok(runner, "set levels.most 2");
    CHECK_THAT(runner.run("levels.optimise").error, Catch::Contains("at least"));
    ok(runner, "reset levels.most");
    ok(runner, "set target.source none");
    CHECK_THAT(runner.run("levels.optimise").error, Catch::Contains("target.source"));
    CHECK(answer(runner, "levels.suggest")["row_kl"].is_null());
}
