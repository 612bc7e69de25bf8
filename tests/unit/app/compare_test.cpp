#include "app/runner.h"
#include "app/session_file.h"
#include "tests/catch.h"
#include "tests/unit/app/answers.h"

#include <nlohmann/json.hpp>

#include <string>

using namespace splatscope;
using nlohmann::json;

namespace {

json compared(Runner& runner, const std::string& with) {
    const Outcome set = runner.run(with);
    INFO(with << ": " << set.error);
    REQUIRE(set.error.empty());
    return answer(runner, "explain.compare");
}

void check_equal(const json& answer) {
    CHECK(answer["row_kl"].get<double>() == Approx(0.0).margin(1e-6));
    CHECK(answer["cosine"].get<double>() == Approx(1.0).margin(1e-6));
    CHECK(answer["top8"].get<double>() == Approx(1.0));
    for (const json& level : answer["by_level"])
        CHECK(level["row_kl"].get<double>() == Approx(0.0).margin(1e-6));
}

}  // namespace

TEST_CASE("attention is compared with another cycle, a branch, the target and a file",
          "[app][compare]") {
    Runner runner({});
    REQUIRE(runner.run("open sample:creatures").error.empty());
    REQUIRE(runner.run("adapt.step 2").error.empty());

    check_equal(compared(runner, "compare.set cycle 2"));
    const json first = compared(runner, "compare.set cycle 0");
    CHECK(first["with"] == "cycle 0");
    CHECK(first["row_kl"].get<double>() > 1e-4);
    CHECK(first["by_level"].size() == 4);

    // The target, as the measures see it: other rows, the same attention.
    const json target = compared(runner, "compare.set target");
    const Outcome measures = runner.run("print measures");
    const double row_kl = json::parse(measures.output)["row_kl"].get<double>();
    CHECK(target["row_kl"].get<double>() == Approx(row_kl).epsilon(0.25));

    // The same file begins at cycle 0.
    REQUIRE(runner.run("adapt.goto 0").error.empty());
    check_equal(compared(runner, "compare.open sample:creatures"));

    // An edit at cycle 0 leaves the two cycles as a branch, which stands at its cycle 0.
    REQUIRE(runner.run("splats.split 0").error.empty());
    const json branch = compared(runner, "compare.set branch 0");
    CHECK(branch["with"] == "branch 0");
    CHECK(branch["row_kl"].get<double>() > 0.0);
}

TEST_CASE("what cannot be compared is refused in one sentence", "[app][compare][faults]") {
    Runner runner({});
    REQUIRE(runner.run("open sample:creatures").error.empty());
    const auto refused = [&](const std::string& line, int code, const std::string& part) {
        const Outcome outcome = runner.run(line);
        INFO(line << " -> " << outcome.error);
        CHECK(outcome.exit_code == code);
        CHECK(outcome.error.find(part) != std::string::npos);
    };
    refused("explain.compare", 1, "compare.open");
    refused("compare.set sideways", 2, "sideways");
    refused("compare.set cycle", 2, "one more word");
    refused("compare.set cycle 99", 1, "cycles 0 to 0");
    refused("compare.set branch 0", 1, "no branch");
    refused("compare.set head", 2, "one more word");
    refused("compare.set head 3", 2, "LAYER:HEAD");
    refused("compare.set head 0:-1", 1, "counted from 0");
    REQUIRE(runner.run("compare.open sample:voyage").error.empty());
    refused("explain.compare", 1, "5125 tokens");
    refused("compare.open no/such/file.npy", 1, "no/such/file.npy");
    REQUIRE(runner.run("compare.set file no/such/file.npy").error.empty());
    refused("explain.compare", 1, "no/such/file.npy");
    REQUIRE(runner.run("set target.source none").error.empty());
    REQUIRE(runner.run("compare.set target").error.empty());
    refused("explain.compare", 1, "no target");
}

TEST_CASE("a session keeps what it is compared with, and another file ends it", "[app][compare]") {
    Runner runner({});
    REQUIRE(runner.run("open sample:creatures").error.empty());
    REQUIRE(runner.run("compare.open sample:voyage").error.empty());
    const std::string text = write_session(runner.session(), ".");
    CHECK(read_session("saved.session", text).document.compare ==
          runner.session().document.compare);
    REQUIRE(runner.run("undo").error.empty());
    CHECK(runner.session().document.compare.kind == CompareKind::none);
    REQUIRE(runner.run("redo").error.empty());
    CHECK(runner.session().document.compare.kind == CompareKind::file);
    REQUIRE(runner.run("open sample:voyage").error.empty());
    CHECK(runner.session().document.compare.kind == CompareKind::none);
}
