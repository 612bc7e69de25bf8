#include "app/runner.h"
#include "app/session_file.h"
#include "engine/core/error.h"
#include "tests/catch.h"
#include "tests/unit/app/answers.h"

#include <nlohmann/json.hpp>

#include <string>

using namespace splatscope;

TEST_CASE("a splat is named by hand, undone, saved and restored", "[app][names]") {
    Runner runner({});
    REQUIRE(runner.run("open sample:creatures").error.empty());
    const std::string made = answer(runner, "explain.splat 3")["name"];
    REQUIRE(runner.run("splats.name 3 \"birds of the 'coast'\"").error.empty());
    CHECK(answer(runner, "explain.splat 3")["name"] == "birds of the 'coast'");
    CHECK(answer(runner, "explain.specialisation 3")["splats"][0]["name"] ==
          "birds of the 'coast'");
    const std::string text = write_session(runner.session(), ".");
    CHECK(read_session("x.session", text).document.names == runner.session().document.names);

    REQUIRE(runner.run("undo").error.empty());
    CHECK(answer(runner, "explain.splat 3")["name"] == made);
    REQUIRE(runner.run("redo").error.empty());
    REQUIRE(runner.run("splats.name 3 ''").error.empty());
    CHECK(answer(runner, "explain.splat 3")["name"] == made);
    CHECK(runner.session().document.names.empty());

    CHECK(runner.run("splats.name 3").exit_code == 2);
    CHECK(runner.run("splats.name 99999 x").exit_code == 1);
    CHECK(runner.run("splats.name 3 \"two\nlines\"").exit_code == 2);
    CHECK(runner.run("splats.name 3 " + std::string(81, 'x')).exit_code == 1);
    CHECK(runner.run("splats.name 3 \xff\xfe").exit_code == 1);
    // Other splats have other names.
    REQUIRE(runner.run("splats.name 3 mine").error.empty());
    REQUIRE(runner.run("splats.init kmeans 4 2").error.empty());
    CHECK(runner.session().document.names.empty());
}
