#include "app/runner.h"
#include "app/session_file.h"
#include "engine/core/error.h"
#include "engine/io/npy.h"
#include "tests/unit/app/answers.h"
#include "tests/unit/engine/adapt/synthetic.h"
#include "tests/unit/engine/io/io_test.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <string>

using namespace splatscope;
using nlohmann::json;

namespace {

constexpr std::size_t kAxes = 8;

std::string put(const io_test::Folder& folder, const std::string& name, std::size_t n,
                std::uint64_t seed, std::size_t axes = kAxes) {
    const auto rows = adapt_test::clusters(n, adapt_test::directions(6, axes, 3), 6, seed, 0.25);
    std::string path = folder.at(name);
    io_test::put_file(path, hsa::write_npy(rows.view()));
    return path;
}

std::string measures_of(Runner& runner) { return answer(runner, "print measures").dump(); }

}  // namespace

TEST_CASE("a warm-up is a change: noted, undone, saved, and gone with its data", "[app][warm_up]") {
    const io_test::Folder folder;
    const std::string open = "open " + put(folder, "open.npy", 240, 1);
    const std::string a = put(folder, "a.npy", 200, 2);
    const std::string b = put(folder, "b b.npy", 160, 3);
    Runner runner({});
    REQUIRE(runner.run(open).error.empty());
    REQUIRE(runner.run("splats.init levels 10 3").error.empty());
    const std::string cold = measures_of(runner);
    REQUIRE(runner.run("splats.warm_up 3 " + a + " '" + b + "'").error.empty());
    const std::string warm = measures_of(runner);
    CHECK(warm != cold);
    CHECK(noted(runner, "warmed up on 2 files, 3 cycles each: "));
    CHECK(runner.session().document.timeline.last == 0);
    REQUIRE(runner.run("undo").error.empty());
    CHECK(measures_of(runner) == cold);
    CHECK_FALSE(noted(runner, "warmed up"));
    REQUIRE(runner.run("redo").error.empty());
    CHECK(measures_of(runner) == warm);

    // The session has the same cycle 0, from another folder too; its cycles go on from there.
    const std::string text = write_session(runner.session(), folder.at(""));
    CHECK(text.find("splats.warm_up 3 a.npy \"b b.npy\"") != std::string::npos);
    CHECK(read_session(folder.at("s.session"), text).document.init ==
          runner.session().document.init);
    REQUIRE(runner.run("session.save " + folder.at("s.session")).error.empty());
    Runner again({});
    REQUIRE(again.run("session.open " + folder.at("s.session")).error.empty());
    CHECK(measures_of(again) == warm);
    REQUIRE(again.run("adapt.step 2").error.empty());
    const std::string stepped = measures_of(again);
    REQUIRE(again.run("session.save " + folder.at("s.session")).error.empty());
    Runner third({});
    REQUIRE(third.run("session.open " + folder.at("s.session")).error.empty());
    CHECK(measures_of(third) == stepped);

    // Other splats are warmed up as well; without a file none are.
    REQUIRE(runner.run("splats.init kmeans 8").error.empty());
    (void)measures_of(runner);
    CHECK(noted(runner, "warmed up on 2 files"));
    REQUIRE(runner.run("splats.warm_up").error.empty());
    REQUIRE(runner.run("splats.init levels 10 3").error.empty());
    CHECK(measures_of(runner) == cold);
    REQUIRE(runner.run("splats.warm_up " + a).error.empty());
    CHECK(runner.session().document.init.warm_up_cycles == 10);
    REQUIRE(runner.run("open sample:creatures").error.empty());
    CHECK(runner.session().document.init.warm_up.empty());
}

TEST_CASE("files that are no use for a warm-up lose nothing", "[app][warm_up][faults]") {
    const io_test::Folder folder;
    const std::string a = put(folder, "a.npy", 100, 2);
    Runner runner({});
    REQUIRE(runner.run("open " + put(folder, "open.npy", 120, 1)).error.empty());
    REQUIRE(runner.run("splats.init levels 6 2").error.empty());
    const std::string cold = measures_of(runner);
    const Document before = runner.session().document;
    const auto refused = [&](const std::string& line, const std::string& part) {
        const Outcome outcome = runner.run(line);
        INFO(line << " -> " << outcome.error);
        CHECK(outcome.exit_code != 0);
        CHECK(outcome.error.find(part) != std::string::npos);
        CHECK(runner.session().document == before);
    };
    io_test::put_file(folder.at("words.txt"), "A text of some words, and no vectors at all.\n");
    refused("splats.warm_up 2 " + a + " " + folder.at("words.txt"), "co-occurrence");
    refused("splats.warm_up sample:voyage", "co-occurrence");
    refused("splats.warm_up " + folder.at("nowhere.npy"), "nowhere.npy");
    refused("splats.warm_up 0 " + a, "1 to 1000");
    refused("splats.warm_up 7", "no file");

    // What only its rows can tell is taken back when they were read.
    runner.submit("splats.warm_up 2 " + put(folder, "wide.npy", 50, 2, kAxes + 1));
    std::string said;
    for (int turn = 0; turn < 3; ++turn) {
        for (const Outcome& outcome : runner.poll()) said += outcome.error;
        runner.wait_complete();
    }
    CHECK(said.find("9 numbers") != std::string::npos);
    CHECK(runner.session().document == before);
    CHECK(measures_of(runner) == cold);

    // The forms that are fitted are not adapted.
    REQUIRE(runner.run("splats.warm_up 2 " + a).error.empty());
    REQUIRE(runner.run("set attention.form shared").error.empty());
    CHECK(runner.run("print measures").error.find("attention.form token") != std::string::npos);
    REQUIRE(runner.run("undo").error.empty());
    CHECK(runner.run("print measures").error.empty());

    // Nor are words embedded by their own co-occurrence.
    REQUIRE(runner.run("open " + folder.at("words.txt") + " alone").error.empty());
    REQUIRE(runner.run("splats.warm_up 2 " + a).error.empty());
    const Outcome words = runner.run("print measures");
    INFO(words.error << words.output);
    CHECK(words.error.find("co-occurrence") != std::string::npos);
}

TEST_CASE("splats of a corpus are written, and opened on other data", "[app][corpus]") {
    const io_test::Folder folder;
    const std::string files = put(folder, "a.npy", 150, 2) + " " + put(folder, "b.npy", 170, 3);
    const std::string out = folder.at("c.splats");
    Runner runner({});  // nothing is open
    REQUIRE(runner.run("splats.init levels 12 4").error.empty());
    const json written = answer(runner, "splats.corpus " + out + " " + files);
    CHECK(written["files"] == 2);
    CHECK(written["rows"] == 320);
    CHECK(written["rows_used"] == 320);
    CHECK(written["dimension"] == kAxes);
    CHECK(written["levels"] == json({{"Token", 12}, {"Document", 4}}));
    CHECK(runner.run("splats.corpus " + out + " " + files).exit_code == 1);  // it is there already
    const std::string bytes = io_test::get_file(out);
    REQUIRE(runner.run("splats.corpus " + out + " " + files + " overwrite").error.empty());
    CHECK(io_test::get_file(out) == bytes);

    REQUIRE(runner.run("open " + put(folder, "other.npy", 130, 5)).error.empty());
    REQUIRE(runner.run("splats.open " + out).error.empty());
    CHECK(answer(runner, "print measures")["splats"] == 16);
    CHECK(noted(runner, "a corpus's"));
    REQUIRE(runner.run("splats.warm_up 2 " + folder.at("a.npy")).error.empty());
    CHECK(answer(runner, "print measures")["row_kl"].is_number());
    REQUIRE(runner.run("open " + put(folder, "wide.npy", 60, 2, kAxes + 1)).error.empty());
    runner.submit("splats.open " + out);
    (void)runner.poll();
    runner.wait_complete();
    CHECK(runner.snapshot().error.find("rows of 8 numbers") != std::string::npos);
}

TEST_CASE("a corpus is of vectors of one model", "[app][corpus][faults]") {
    const io_test::Folder folder;
    const std::string a = put(folder, "a.npy", 50, 2);
    Runner runner({});
    const auto refused = [&](const std::string& line, const std::string& part) {
        const Outcome outcome = runner.run(line);
        INFO(line << " -> " << outcome.error);
        CHECK(outcome.exit_code != 0);
        CHECK(outcome.error.find(part) != std::string::npos);
    };
    const std::string out = folder.at("c.splats");
    refused("splats.corpus " + out + " " + a + " sample:voyage", "is a text");
    refused("splats.corpus " + out + " " + a + " " + put(folder, "w.npy", 9, 2, 7), "7 numbers");
    refused("splats.corpus " + folder.at("c.txt") + " " + a, ".splats");
    refused("splats.corpus " + out, "FILE");
    CHECK_FALSE(std::filesystem::exists(out));
}

TEST_CASE("splats that are opened on other data find a shift and say so", "[app][shift]") {
    const io_test::Folder folder;
    Runner first({});
    REQUIRE(first.run("open " + put(folder, "first.npy", 240, 1)).error.empty());
    REQUIRE(first.run("splats.init levels 10 3").error.empty());
    REQUIRE(first.run("adapt.step 3").error.empty());
    for (const std::string name : {"s.json", "s.splats"}) {
        REQUIRE(first.run("splats.save " + folder.at(name)).error.empty());
        // Rows drawn alike, then rows around other directions.
        const auto other_rows =
            adapt_test::clusters(240, adapt_test::directions(6, kAxes, 77), 6, 5, 0.25);
        io_test::put_file(folder.at("other.npy"), hsa::write_npy(other_rows.view()));
        for (const bool other : {false, true}) {
            INFO(name << (other ? " on other data" : " on the same"));
            Runner runner({});
            REQUIRE(
                runner.run("open " + folder.at(other ? "other.npy" : "first.npy")).error.empty());
            REQUIRE(runner.run("splats.open " + folder.at(name)).error.empty());
            CHECK(answer(runner, "print measures")["shift"].is_null());
            REQUIRE(runner.run("adapt.step").error.empty());
            const json shift = answer(runner, "print measures")["shift"];
            REQUIRE(shift.is_number());
            CHECK((std::abs(shift.get<double>()) >= 6.0) == other);
            const json history = answer(runner, "print history");
            CHECK(history["cycles"][1]["shift"] == shift);
            bool said = false;
            for (std::size_t e = 0; e < history["events"].get<std::size_t>(); ++e) {
                const json event = answer(runner, fmt::format("explain.event {}", e));
                if (event["trigger"].get<std::string>().starts_with("shift: ")) said = true;
            }
            CHECK(said == other);
            REQUIRE(runner.run("adapt.step").error.empty());
            CHECK(answer(runner, "print measures")["shift"] == 0.0);
        }
    }
}

TEST_CASE("exploring compares sets of parameters and changes nothing", "[app][explore]") {
    const io_test::Folder folder;
    Runner runner({});
    REQUIRE(runner.run("open " + put(folder, "open.npy", 200, 1)).error.empty());
    REQUIRE(runner.run("splats.init levels 10 3").error.empty());
    REQUIRE(runner.run("adapt.step 2").error.empty());
    const Session before = runner.session();
    const json found = answer(runner, "adapt.explore 2");
    CHECK(runner.session() == before);
    REQUIRE(found["sets"].size() == 8);
    CHECK(found["cycles"] == 2);
    CHECK(found["seeds"].size() == 2);
    const json& present = found["sets"][0];
    CHECK(present["commands"].empty());
    CHECK(present["row_kl_change"] == 0.0);
    CHECK(present["standard_error"] == 0.0);
    CHECK_FALSE(present["better"].get<bool>());
    for (const json& set : found["sets"]) {
        CHECK(set["splats"].get<double>() > 0.0);
        CHECK(set["row_kl"].get<double>() > 0.0);
        for (const json& line : set["commands"]) {
            CHECK(runner.run(line.get<std::string>()).error.empty());
            CHECK_FALSE(runner.session().document == before.document);
            CHECK(runner.run("undo").error.empty());
        }
    }
    CHECK(runner.session().document == before.document);
    // The same question has the same answer but for the time it took.
    json again = answer(runner, "adapt.explore 2");
    json same = found;
    for (json* each : {&again, &same})
        for (json& set : (*each)["sets"]) set.erase("seconds");
    CHECK(again == same);
    const json& best = found["recommended"];
    const std::string text = found["text"];
    if (best.is_null()) CHECK(text.starts_with("No set is better than the present one"));
    else CHECK(text.starts_with(best["name"].get<std::string>()));
    REQUIRE(runner.run("set target.source none").error.empty());
    const Outcome without = runner.run("adapt.explore 1");
    CHECK(without.exit_code == 1);
    CHECK(without.error.find("target.source scores") != std::string::npos);
    CHECK(runner.run("adapt.explore 0").exit_code == 1);
    CHECK(runner.run("adapt.explore some").exit_code == 2);
}
