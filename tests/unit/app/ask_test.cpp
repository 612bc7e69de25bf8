#include "app/commands/phrases.h"
#include "app/runner.h"
#include "engine/attention/cells.h"
#include "engine/embed/words.h"
#include "tests/catch.h"
#include "tests/unit/app/answers.h"

#include <nlohmann/json.hpp>

#include <memory>
#include <string>
#include <vector>

using namespace splatscope;
using nlohmann::json;

namespace {

constexpr const char* kOpen = "open " SPLATSCOPE_SOURCE_DIR "/tests/golden/tiny.txt";

hsa::Dataset words_of(const char* text) {
    return hsa::split_words("text", std::make_shared<const std::string>(text), {});
}

// Tokens of a vocabulary that cuts words: spans of the text.
hsa::Dataset pieces_of(const char* text, const std::vector<hsa::Span>& spans) {
    hsa::Dataset dataset;
    dataset.text = std::make_shared<const std::string>(text);
    dataset.tokens = spans;
    return dataset;
}

}  // namespace

TEST_CASE("a phrase is found wherever its words stand together", "[app][ask]") {
    const hsa::Dataset text = words_of("The sea. the  SEA and the sea, the");
    using Ranges = std::vector<hsa::Range>;
    const Ranges found = places_of("x", text, "the sea");
    REQUIRE(found.size() == 3);
    for (const hsa::Range& place : found) CHECK(place.size() == 2);
    CHECK(places_of("x", text, "AND  the") == Ranges{{5, 7}});
    // A phrase that overlaps itself.
    CHECK(places_of("x", words_of("ha ha ha"), "ha ha") == Ranges{{0, 2}, {1, 3}});
    // A word of several pieces, whole alone: light|house lighthouse's light
    const hsa::Dataset pieces =
        pieces_of("lighthouse light housed", {{0, 5}, {5, 10}, {11, 16}, {17, 22}, {22, 23}});
    CHECK(places_of("x", pieces, "Lighthouse") == Ranges{{0, 2}});
    CHECK(places_of("x", pieces, "light") == Ranges{{2, 3}});
    CHECK(places_of("x", pieces, "lighthouse light housed") == Ranges{{0, 5}});
    CHECK_THROWS_WITH(places_of("x", pieces, "house"), "x: \"house\" does not stand in this text.");
    CHECK_THROWS_WITH(places_of("x", pieces, "lighthouselight"),
                      "x: \"lighthouselight\" does not stand in this text.");
}

TEST_CASE("a phrase is asked about in one line", "[app][ask]") {
    Runner runner({});
    REQUIRE(runner.run(kOpen).error.empty());
    REQUIRE(runner.run("print measures").error.empty());  // waits for the splats
    const hsa::Snapshot& snapshot = runner.snapshot();
    const std::string word = snapshot.dataset->token_text(7);
    const std::vector<hsa::Range> places = places_of("x", *snapshot.dataset, word);
    const json asked = answer(runner, "explain.ask " + word + " 6 beyond 5");
    CHECK(asked["command"] == "explain.ask");
    CHECK(asked["version"] == 1);
    CHECK(asked["mark"] == "exact");
    CHECK(asked["phrase"] == word);
    REQUIRE(asked["places"].size() == places.size());
    CHECK(asked["places"][0] == json::array({places[0].begin, places[0].end}));
    CHECK(asked["row_steps"].is_null());
    CHECK(asked["to"].size() == 6);
    CHECK(asked["from"].size() == 6);
    for (const json& one : asked["to"]) {
        const std::size_t j = one["token"]["index"];
        double value = 0.0;
        for (const hsa::Range& place : places)
            for (std::size_t i = place.begin; i < place.end; ++i)
                value += hsa::cell_parts(*snapshot.factors, i, j).value /
                         static_cast<double>(hsa::total_size(places));
        CHECK(one["value"].get<double>() == Approx(value).epsilon(1e-6));
        CHECK(one["times"].get<double>() ==
              Approx(value * static_cast<double>(snapshot.dataset->size())).epsilon(1e-6));
        double parts = one["others"];
        for (const json& part : one["parts"]) parts += part["value"].get<double>();
        CHECK(parts == Approx(value).epsilon(1e-6));
        CHECK(one["others"].get<double>() <= 0.2 * value);
        CHECK(one["context"].get<std::string>().find(one["token"]["text"].get<std::string>()) !=
              std::string::npos);
    }
    CHECK(asked["beyond"] == 5);
    CHECK(asked["links_to"].size() == 6);
    for (const char* list : {"links_to", "links_from"})
        for (const json& link : asked[list]) {
            CHECK(link["distance"].get<std::size_t>() > 5);
            const std::size_t i = link["i"]["index"], j = link["j"]["index"];
            CHECK(link["value"].get<double>() ==
                  Approx(hsa::cell_parts(*snapshot.factors, i, j).value).epsilon(1e-6));
            CHECK(hsa::covers(places, std::string(list) == "links_to" ? i : j));
        }

    // Without a phrase, of what is selected: the same answer but for the phrase.
    REQUIRE(runner.run("select.text " + word).error.empty());
    json selected = answer(runner, "explain.ask '' 6 beyond 5");
    CHECK(selected["phrase"].is_null());
    selected["phrase"] = word;
    CHECK(selected == asked);
    CHECK(answer(runner, "explain.ask")["to"].size() == 20);
    // Steps that are applied to rows after A are named.
    REQUIRE(runner.run("set attention.top_k 8").error.empty());
    CHECK(answer(runner, "explain.ask " + word)["row_steps"] == "top 8");
}

TEST_CASE("questions that cannot be asked are refused in a sentence", "[app][ask]") {
    Runner runner({});
    const auto refused = [&](const std::string& line, int code) {
        const Outcome outcome = runner.run(line);
        INFO(line << " -> " << outcome.error);
        CHECK(outcome.exit_code == code);
        return outcome.error;
    };
    CHECK(refused("explain.ask sea", 1).find("Nothing is open") != std::string::npos);
    REQUIRE(runner.run(kOpen).error.empty());
    CHECK(refused("explain.ask zeppelin", 1) ==
          "explain.ask: \"zeppelin\" does not stand in this text.");
    CHECK(refused("explain.ask", 1) ==
          "explain.ask: no tokens are selected: name a phrase in quotes, or select words first.");
    CHECK(refused("explain.ask the 0", 2).find("from 1, not '0'") != std::string::npos);
    CHECK(refused("explain.ask the sea", 2).find("stands in quotes") != std::string::npos);
    CHECK(refused("explain.ask the 5 beyond far", 2).find("not 'far'") != std::string::npos);
    CHECK(refused("explain.ask a b c d e", 2).find("takes") != std::string::npos);
}

TEST_CASE("selected words light what answers to them", "[app][ask]") {
    Runner runner({});
    REQUIRE(runner.run(kOpen).error.empty());
    REQUIRE(runner.run("print measures").error.empty());
    REQUIRE(runner.run("select.tokens 4:7 20").error.empty());
    runner.wait_look({});
    const hsa::LookResult& look = runner.look();
    REQUIRE(look.asked);
    CHECK(look.asked->tokens == std::vector<hsa::Range>{{4, 7}, {20, 21}});
    CHECK(look.linked->tokens == hsa::answering_tokens(*look.asked));
    CHECK(look.asked->links_to);
    CHECK(look.asked->links_from);
}
