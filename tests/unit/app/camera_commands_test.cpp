#include "app/runner.h"
#include "app/session_file.h"
#include "app/settings.h"
#include "tests/catch.h"

#include <algorithm>
#include <sstream>
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

TEST_CASE("cameras are kept in their order, used, forgotten and saved", "[app][camera]") {
    Runner runner({});
    const auto run = [&](const std::string& line) { return runner.run(line); };
    const auto desk = [&] { return runner.session().desk.splats; };
    const auto pose = [&] { return CameraPose(runner.session().desk.splats); };
    CHECK(run("camera.use near").error.find("camera.keep") != std::string::npos);
    REQUIRE(run("camera.set 1 0.5 3 1 2 3").error.empty());
    REQUIRE(run("camera.keep \"the whale\"").error.empty());
    const CameraPose whale = pose();
    REQUIRE(run("camera.frame all").error.empty());
    REQUIRE(run("camera.projection").error.empty());
    REQUIRE(run("camera.keep all").error.empty());
    const CameraPose all = pose();
    REQUIRE(run("camera.use \"the whale\"").error.empty());
    CHECK(pose() == whale);
    CHECK(run("camera.use whale").error.find("the whale, all") != std::string::npos);
    CHECK(run("camera.keep a,b").exit_code == 1);
    CHECK(run("camera.keep :").exit_code == 1);
    CHECK(run("camera.keep \"\"").exit_code == 2);
    CHECK(run("camera.kept x 1 2").exit_code == 2);
    CHECK(run("camera.kept x 1 2 3 4 5").exit_code == 2);

    REQUIRE(run("camera.way 0.25 1 0.5 0 everything").error.empty());
    CHECK(run("camera.way 2 1 0.5 0").exit_code == 1);
    const std::string saved = write_session(runner.session(), "/");
    Runner other({});
    std::istringstream lines(saved);
    for (std::string line; std::getline(lines, line);) REQUIRE(other.run(line).error.empty());
    CHECK(other.session().desk.splats == desk());
    REQUIRE(other.session().desk.splats.way);
    CHECK(other.session().desk.splats.way->share == 0.25);

    // Whatever places the camera ends the way; a name that is kept again keeps its place.
    REQUIRE(run("camera.front").error.empty());
    CHECK_FALSE(desk().way);
    REQUIRE(run("camera.keep \"the whale\"").error.empty());
    REQUIRE(desk().cameras.size() == 2);
    CHECK(desk().cameras[0].pose.yaw == 0.0);
    CHECK(desk().cameras[1] == KeptCamera{"all", all});
    REQUIRE(run("camera.forget all").error.empty());
    CHECK(desk().cameras.size() == 1);
    CHECK(run("camera.forget all").exit_code == 1);
}
