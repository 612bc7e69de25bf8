#include "engine/io/events_jsonl.h"

#include "tests/unit/engine/io/io_test.h"

#include <cmath>

TEST_CASE("events are lines in the order of the contract", "[io][events]") {
    hsa::Event event;
    event.cycle = 3;
    event.level = 1;
    event.level_name = "Phrase";
    event.kind = hsa::EventKind::mitosis;
    event.before = {17};
    event.after = {41, 42};
    event.decided_by = {{"error_share", 0.031, 0.01}};
    event.d = 0.1;
    event.se = std::nan("");
    event.accepted = false;
    event.tokens = {5};
    event.text = "Splat 17 \"split\".";
    auto cycle = std::make_shared<hsa::Cycle>();
    cycle->events = {event, event};
    hsa::History history;
    history.cycles = {cycle};
    const std::string line =
        R"({"cycle":3,"level":"Phrase","kind":"mitosis","by":"controller","before":[17],"after":[41,42],)"
        R"("decided_by":[{"name":"error_share","value":0.031,"threshold":0.01}],"d":0.1,"se":null,)"
        R"("objective_before":0.0,"objective_after":0.0,"accepted":false,"tokens":[5],)"
        R"("text":"Splat 17 \"split\".","trigger":"error share"})";
    CHECK(hsa::write_events(history) == line + "\n" + line + "\n");
    event.level_name.clear();
    CHECK(hsa::event_json(event)["level"].is_null());
}

TEST_CASE("tokens are lines with their bytes and structure", "[io][events]") {
    hsa::Dataset data;
    data.text = std::make_shared<const std::string>("caf\xC3\xA9 .");
    data.tokens = {{0, 5}, {6, 7}};
    data.structure.sentence = {0, 0};
    data.structure.paragraph = {0, 0};
    data.structure.section = {2, 2};
    CHECK(hsa::write_tokens(data) ==
          "{\"index\":0,\"text\":\"caf\xC3\xA9\",\"begin\":0,\"end\":5,\"sentence\":0,"
          "\"paragraph\":0,\"section\":2}\n"
          "{\"index\":1,\"text\":\".\",\"begin\":6,\"end\":7,\"sentence\":0,\"paragraph\":0,"
          "\"section\":2}\n");
    hsa::Dataset vectors;
    vectors.embeddings = hsa::Embeddings::own(hsa::Matrix<float>(1, 2));
    vectors.labels = {"gull"};
    CHECK(hsa::write_tokens(vectors) ==
          "{\"index\":0,\"text\":\"gull\",\"begin\":null,\"end\":null,\"sentence\":null,"
          "\"paragraph\":null,\"section\":null}\n");
}
