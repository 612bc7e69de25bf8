#include "app/runner.h"
#include "app/session_file.h"
#include "app/settings.h"
#include "engine/io/file.h"
#include "tests/catch.h"
#include "tests/unit/app/answers.h"

#include <fmt/core.h>

#include <cmath>
#include <filesystem>
#include <functional>
#include <map>
#include <set>
#include <string>

using namespace splatscope;
using nlohmann::json;

namespace {

std::string scratch(const std::string& name) {
    return (std::filesystem::temp_directory_path() / name).string();
}

std::set<std::string> kinds(const json& findings) {
    std::set<std::string> names;
    for (const json& finding : findings) names.insert(finding["kind"]);
    return names;
}

// Splats of the sample saved, changed and opened again.
void open_changed(Runner& runner, const std::string& name,
                  const std::function<void(json& splats)>& change) {
    const std::string path = scratch(name);
    REQUIRE(runner.run("splats.save " + path + " overwrite").error.empty());
    json file = json::parse(hsa::read_file(path));
    change(file["splats"]);
    hsa::write_file(path, file.dump(), hsa::Existing::replace);
    REQUIRE(runner.run("open " + path + " as splats").error.empty());
}

}  // namespace

TEST_CASE("nothing is found in the samples, whatever they are looked at with",
          "[app][recover][plain]") {
    for (const char* sample : {"creatures", "voyage", "adapted"}) {
        Runner runner({});
        REQUIRE(runner.run(std::string("open sample:") + sample).error.empty());
        const auto sound = [&](const std::string& change) {
            if (!change.empty()) REQUIRE(runner.run(change).error.empty());
            const json report = answer(runner, "recover.check");
            INFO(sample << ", " << change << ": " << report["findings"].dump());
            CHECK(report["findings"].empty());
            CHECK(report["complete"] == true);
            CHECK(report["checks"].size() > 20);
        };
        sound("");
        sound("adapt.step 2");
        sound("set compute.storage 8bit");
        sound("reset compute.storage");
        sound("set attention.causal true");
    }
}

TEST_CASE("print health and recover.check are one truth", "[app][recover]") {
    Runner runner({});
    REQUIRE(runner.run("open sample:creatures").error.empty());
    REQUIRE(runner.run("set attention.temperature 100").error.empty());
    const json check = answer(runner, "recover.check");
    CHECK(check["warnings"].get<int>() >= 1);
    CHECK(kinds(check["findings"]).count("configuration") == 1);
    const json health = answer(runner, "print health");
    CHECK(health["findings"] == check["findings"]);
    CHECK(health["checks"] == check["checks"]);
    CHECK(health["row_sum_error"].get<double>() < 1e-4);
}

TEST_CASE("splats of a file that are out of proportion are repaired by command, undone and redone",
          "[app][recover][plain]") {
    Runner runner({});
    REQUIRE(runner.run("open sample:voyage").error.empty());
    const double sound = answer(runner, "print measures")["row_kl"];
    open_changed(runner, "recover_loud.json", [](json& splats) {
        for (const std::size_t s : {3U, 9U})
            splats[s]["log_amplitude"] = splats[s].value("log_amplitude", 0.0) + std::log(1e12);
    });
    const json before = answer(runner, "recover.check");
    CHECK(kinds(before["findings"]).count("configuration") == 1);
    CHECK(answer(runner, "print measures")["row_kl"].get<double>() > 1.05 * sound);
    REQUIRE(runner.run("recover.repair").error.empty());
    CHECK(answer(runner, "recover.check")["findings"].empty());
    CHECK(answer(runner, "print measures")["row_kl"].get<double>() < 1.05 * sound);
    const json history = answer(runner, "print history");
    CHECK(history["accepted"]["repair"].get<int>() >= 1);
    REQUIRE(runner.run("undo").error.empty());
    CHECK(answer(runner, "recover.check")["findings"] == before["findings"]);
    REQUIRE(runner.run("redo").error.empty());
    REQUIRE(runner.run("adapt.step 1").error.empty());
    // What was done by hand is in the session and in the run, and both give it back.
    const Session again = read_session("/x", write_session(runner.session(), "/"));
    CHECK(again.document.timeline.entries == runner.session().document.timeline.entries);
    const std::string run = scratch("recover_loud.run");
    REQUIRE(runner.run("run.save " + run + " overwrite").error.empty());
    REQUIRE(runner.run("run.open " + run).error.empty());
    CHECK(answer(runner, "run.verify")["same"] == true);
}

TEST_CASE("recover.automatic all repairs between cycles; a bad kind is refused",
          "[app][recover][plain]") {
    Runner runner({});
    REQUIRE(runner.run("open sample:voyage").error.empty());
    open_changed(runner, "recover_torn.json", [](json& splats) {
        // Every splat's parent is that of another one of its level.
        std::map<std::string, json> last;
        for (json& splat : splats) {
            json& kept = last[splat["level"]];
            const json own = splat["parent"];
            if (!kept.is_null()) splat["parent"] = kept;
            kept = own;
        }
    });
    const std::set<std::string> found = kinds(answer(runner, "recover.check")["findings"]);
    CHECK(found == std::set<std::string>{"orphans"});
    REQUIRE(runner.run("set recover.automatic all").error.empty());
    REQUIRE(runner.run("adapt.step 1").error.empty());
    CHECK(answer(runner, "recover.check")["findings"].empty());
    CHECK(runner.run("recover.repair everything").exit_code == 2);
    CHECK(runner.run("set recover.automatic some").exit_code == 2);
    Runner empty({});
    CHECK(empty.run("recover.repair").exit_code == 1);
    CHECK(empty.run("recover.check").exit_code == 1);
}

TEST_CASE("recover.fallback shows exact attention, on demand or beyond a bound", "[app][recover]") {
    Runner runner({});
    REQUIRE(runner.run("open sample:creatures").error.empty());
    const double splats = answer(runner, "explain.cell 3 7")["value"];
    const double row_kl = answer(runner, "print measures")["row_kl"];
    REQUIRE(runner.run("set recover.fallback dense").error.empty());
    const double exact = answer(runner, "explain.cell 3 7")["value"];
    CHECK(exact != splats);
    CHECK(noted(runner, "exact attention over all pairs"));
    // The rows are the target's own; measures stay those of the splats.
    CHECK(answer(runner, "print measures")["row_kl"] == row_kl);
    const json token = answer(runner, "explain.cell 3 7");
    double sum = 0.0;
    for (const json& part : token["parts"]) sum += part["value"].get<double>();
    CHECK(sum == Approx(exact).epsilon(1e-6));
    REQUIRE(runner.run("set recover.fallback local").error.empty());
    REQUIRE(runner.run("set recover.window 8").error.empty());
    CHECK(answer(runner, "explain.cell 3 7")["value"].get<double>() > 0.0);
    CHECK(answer(runner, "explain.cell 3 40")["value"].get<double>() == 0.0);
    CHECK(noted(runner, "8 tokens on either side"));
    // A bound that holds leaves the splats; one that fails does not.
    REQUIRE(runner.run(fmt::format("set recover.bound {}", 2.0 * row_kl)).error.empty());
    CHECK(answer(runner, "explain.cell 3 7")["value"] == splats);
    REQUIRE(runner.run(fmt::format("set recover.bound {}", 0.5 * row_kl)).error.empty());
    CHECK(answer(runner, "explain.cell 3 40")["value"].get<double>() == 0.0);
    CHECK(noted(runner, "is above recover.bound"));
    REQUIRE(runner.run("set target.source none").error.empty());
    CHECK(runner.run("explain.cell 3 7").error.empty());  // no row-KL is above no bound
    REQUIRE(runner.run("set recover.bound 0").error.empty());
    CHECK(runner.run("explain.cell 3 7").error.find("target.source is none") != std::string::npos);
}
