#include "app/commands/table.h"
#include "app/runner.h"
#include "tests/catch.h"
#include "tests/unit/app/answers.h"

#include <nlohmann/json.hpp>

#include <string>

using namespace splatscope;
using nlohmann::json;

TEST_CASE("map.jumps lists blocks whose means explain.block gives", "[app][map]") {
    Runner runner({});
    REQUIRE(runner.run("open sample:creatures").error.empty());
    const json list = answer(runner, "map.jumps 5");
    REQUIRE(list["blocks"].size() == 5);
    CHECK(list["by"] == "value");
    double before = 1e9;
    for (const json& block : list["blocks"]) {
        const auto ends = [&](const char* side) {
            return block[side][0].dump() + ":" + block[side][1].dump();
        };
        const json parts = answer(runner, "explain.block " + ends("rows") + " " + ends("columns"));
        CHECK(block["value"].get<double>() == Approx(parts["value"].get<double>()).epsilon(1e-9));
        CHECK(block["strength"].get<double>() <= before);
        before = block["strength"].get<double>();
        CHECK(!block["row_words"].get<std::string>().empty());
    }
    CHECK(!runner.run("map.jumps 0").error.empty());
}

TEST_CASE("map.next goes around the list and a mix is checked against the data", "[app][map]") {
    Runner runner({});
    REQUIRE(runner.run("open sample:creatures").error.empty());
    const std::size_t count = answer(runner, "map.jumps")["blocks"].size();
    REQUIRE(count > 1);
    // The list is found on a lane, so that a long text does not hold the window up.
    for (const char* name : {"map.next", "map.previous", "map.go"}) {
        CHECK(find_command(name).search);
        CHECK_FALSE(find_command(name).change);
    }
    REQUIRE(runner.run("map.next").error.empty());
    CHECK(runner.session().desk.map.jump == 1);
    const MapDesk first = runner.session().desk.map;
    for (std::size_t step = 0; step < count; ++step) REQUIRE(runner.run("map.next").error.empty());
    CHECK(runner.session().desk.map == first);
    REQUIRE(runner.run("map.previous").error.empty());
    CHECK(runner.session().desk.map.jump == count);
    REQUIRE(runner.run("map.go 0").error.empty());
    CHECK(runner.session().desk.map == MapDesk{});

    CHECK(!runner.run("map.mix Token Chapter").error.empty());
    CHECK(!runner.run("map.mix Token").error.empty());
    REQUIRE(runner.run("map.mix Token Phrase Document").error.empty());
    CHECK(runner.session().desk.map.channels == "Token,Phrase,Document");
    REQUIRE(runner.run("select.splats 1 2").error.empty());
    REQUIRE(runner.run("map.mix selected").error.empty());
    CHECK(runner.session().desk.map.channels == "splat:1,splat:2");
    REQUIRE(runner.run("map.mix").error.empty());
    CHECK(runner.session().desk.map.channels.empty());

    REQUIRE(runner.run("map.range 0.1 20").error.empty());
    CHECK(*runner.session().desk.map.high == 20.0);
    CHECK(!runner.run("map.range 3 2").error.empty());
    REQUIRE(runner.run("map.range").error.empty());
    CHECK(!runner.session().desk.map.low);
}

TEST_CASE("map.blink starts and stops, map.flip shows the other side", "[app][map]") {
    Runner runner({});
    REQUIRE(runner.run("map.blink").error.empty());
    CHECK(runner.session().desk.map.compare == MapCompare::blink);
    CHECK(runner.session().desk.map.blinking);
    REQUIRE(runner.run("map.blink").error.empty());
    CHECK(!runner.session().desk.map.blinking);
    REQUIRE(runner.run("map.flip").error.empty());
    CHECK(runner.session().desk.map.side == MapSide::second);
}
