#include "engine/io/json.h"

#include "tests/catch.h"

using namespace hsa;
using nlohmann::json;

TEST_CASE("a result begins with its command, version and mark", "[io][json]") {
    const json result = {
        {"value", 0.5}, {"mark", "exact"}, {"a", 1}, {"version", 1}, {"command", "explain.cell"}};
    CHECK(json_text(result) ==
          R"({"command":"explain.cell","version":1,"mark":"exact","a":1,"value":0.5})");
    CHECK(json_text(result, 2).starts_with("{\n  \"command\": \"explain.cell\",\n"));
    CHECK(json::parse(json_text(result)) == result);
}

TEST_CASE("other values are written as they are", "[io][json]") {
    CHECK(json_text({{"b", 1}, {"a", nullptr}}) == R"({"a":null,"b":1})");
    CHECK(json_text(json::array({1, 2})) == "[1,2]");
    CHECK(json_text("caf\xe9") == "\"caf\xef\xbf\xbd\"");  // not UTF-8
}
