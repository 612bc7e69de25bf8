#include "app/runner.h"
#include "app/settings.h"
#include "tests/catch.h"

#include <algorithm>
#include <string>
#include <vector>

using namespace splatscope;

TEST_CASE("camera.frame frames the splats, or far outliers too", "[app][camera]") {
    Runner runner({});
    const auto run = [&](const std::string& line) { return runner.run(line); };
    const auto camera = [&] { return runner.session().desk.splats; };
    REQUIRE(run("camera.set 1 0.5 3 1 2 3").error.empty());
    REQUIRE(run("camera.frame all").error.empty());
    CHECK(camera().everything);
    CHECK(camera().distance == 0.0);
    CHECK(camera().yaw == 1.0);
    REQUIRE(run("camera.frame").error.empty());
    CHECK_FALSE(camera().everything);
    CHECK(run("camera.frame near").exit_code == 2);
    REQUIRE(run("set camera.everything true").error.empty());
    REQUIRE(run("camera.reset").error.empty());
    CHECK(camera() == SplatsDesk{});
}

TEST_CASE("what the 3-D view draws is set and kept with the session", "[app][camera]") {
    Runner runner({});
    const std::vector<std::string> lines = {"set view.splats.opacity age",
                                            "set view.splats.point_colour inside",
                                            "set view.splats.trails 20",
                                            "set view.splats.edges true",
                                            "set view.splats.grid false",
                                            "set view.splats.cube false",
                                            "set view.splats.point_colour distance",
                                            "set camera.everything true"};
    for (const std::string& line : lines) {
        CAPTURE(line);
        REQUIRE(runner.run(line).error.empty());
        const std::vector<std::string> kept = setting_lines(runner.session());
        CHECK(std::find(kept.begin(), kept.end(), line) != kept.end());
    }
    CHECK(runner.run("set view.splats.trails 257").exit_code == 1);
    CHECK(runner.run("set view.splats.trails -1").exit_code == 1);
    CHECK(runner.run("set view.splats.point_colour outside").exit_code == 2);
    CHECK(runner.session().desk.splats.trails == 20);
}
