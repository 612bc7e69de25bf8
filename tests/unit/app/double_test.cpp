#include "app/runner.h"
#include "tests/catch.h"
#include "tests/unit/app/answers.h"

#include <string>

using namespace splatscope;
using nlohmann::json;

namespace {

const hsa::StageTime& stage_of(const Runner& runner, const std::string& name) {
    for (const hsa::StageTime& stage : runner.snapshot().stages)
        if (stage.name == name) return stage;
    FAIL("no stage " << name);
    return runner.snapshot().stages.front();
}

}  // namespace

TEST_CASE("compute.precision double computes anew and comes near", "[app][double]") {
    Runner runner({});
    REQUIRE(runner.run("open sample:creatures").error.empty());
    const json single = answer(runner, "print measures");
    CHECK(runner.snapshot().backend == "cpu");
    REQUIRE(runner.run("set compute.precision double").error.empty());
    const json twofold = answer(runner, "print measures");
    CHECK(runner.snapshot().backend == "cpu, double");
    CHECK(stage_of(runner, "load").cached);
    for (const char* name : {"initialise", "factor", "measure"}) {
        INFO(name);
        CHECK_FALSE(stage_of(runner, name).cached);
    }
    const double kl = single["row_kl"].get<double>();
    CHECK(twofold["row_kl"].get<double>() == Approx(kl).epsilon(1e-3));
    CHECK(twofold["row_kl"] != single["row_kl"]);
    CHECK(twofold["entropy_mean"].get<double>() ==
          Approx(single["entropy_mean"].get<double>()).epsilon(1e-3));
    // Both are remembered apart.
    REQUIRE(runner.run("undo").error.empty());
    CHECK(answer(runner, "print measures") == single);
    CHECK(runner.snapshot().backend == "cpu");
    CHECK(stage_of(runner, "factor").cached);
    REQUIRE(runner.run("redo").error.empty());
    CHECK(answer(runner, "print measures") == twofold);
    REQUIRE(runner.run("adapt.step 1").error.empty());
    CHECK(runner.run("print measures").error.empty());
}
