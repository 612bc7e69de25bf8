#include "app/runner.h"
#include "app/session_file.h"
#include "app/settings.h"
#include "engine/io/file.h"
#include "engine/io/npy.h"
#include "tests/catch.h"
#include "tests/unit/app/answers.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <string>

using namespace splatscope;
using nlohmann::json;

namespace {

double value_of(Runner& runner, const std::string& question) {
    return answer(runner, question)["value"].get<double>();
}

}  // namespace

TEST_CASE("attention.causal reaches cells, cards, measures and cycles", "[app][causal]") {
    Runner runner({});
    REQUIRE(runner.run("open sample:creatures").error.empty());
    const json plain = answer(runner, "print measures");
    REQUIRE(runner.run("set attention.causal true").error.empty());
    CHECK(value_of(runner, "explain.cell 3 7") == 0.0);
    CHECK(value_of(runner, "explain.cell 7 3") > 0.0);
    CHECK(value_of(runner, "explain.cell 0 0") == Approx(1.0).epsilon(1e-6));
    const json token = answer(runner, "explain.token 5");
    CHECK(token["to"].size() == 6);
    double sum = 0.0;
    for (const json& to : token["to"]) {
        CHECK(to["token"]["index"].get<int>() <= 5);
        sum += to["value"].get<double>();
    }
    CHECK(sum == Approx(1.0).epsilon(1e-5));
    for (const json& from : token["from"]) CHECK(from["token"]["index"].get<int>() >= 5);
    const json pairs = answer(runner, "explain.pairs 30");
    for (const json& pair : pairs["pairs"])
        CHECK(pair["j"]["index"].get<int>() <= pair["i"]["index"].get<int>());
    const json causal = answer(runner, "print measures");
    CHECK(causal["row_kl"] != plain["row_kl"]);
    REQUIRE(runner.run("adapt.step 4").error.empty());
    CHECK(answer(runner, "print measures")["row_kl"].get<double>() <
          causal["row_kl"].get<double>());
    CHECK(value_of(runner, "explain.cell 3 7") == 0.0);
}

TEST_CASE("attention.causal belongs to the history from its cycle on", "[app][causal][plain]") {
    Runner runner({});
    REQUIRE(runner.run("open sample:voyage").error.empty());
    REQUIRE(runner.run("adapt.step 1").error.empty());
    REQUIRE(runner.run("set attention.causal true").error.empty());
    CHECK(value_of(runner, "explain.cell 3 700") == 0.0);
    CHECK(noted(runner, "smoothed over tokens that follow"));
    const std::string saved = write_session(runner.session(), ".");
    CHECK(read_session("saved.session", saved).document.timeline ==
          runner.session().document.timeline);
    CHECK(read_session("saved.session", saved).document.attention.causal);
    REQUIRE(runner.run("adapt.goto 0").error.empty());
    CHECK(value_of(runner, "explain.cell 3 700") > 0.0);
    REQUIRE(runner.run("undo").error.empty());
    CHECK(value_of(runner, "explain.cell 3 700") == 0.0);
    REQUIRE(runner.run("undo").error.empty());
    CHECK(value_of(runner, "explain.cell 3 700") > 0.0);
    // From cycle 0 on, coordinates look back only.
    REQUIRE(runner.run("undo").error.empty());
    REQUIRE(runner.run("set attention.causal true").error.empty());
    CHECK(value_of(runner, "explain.cell 3 700") == 0.0);
    CHECK(noted(runner, "coordinates look back only"));
    CHECK_FALSE(noted(runner, "smoothed over tokens that follow"));
}

TEST_CASE("causal outputs and factors are saved as they are", "[app][causal]") {
    const auto folder = std::filesystem::temp_directory_path() / "splatscope-test-causal";
    std::filesystem::create_directories(folder);
    const auto path = [&](const char* name) { return (folder / name).string(); };
    Runner runner({});
    REQUIRE(runner.run("open sample:creatures").error.empty());
    REQUIRE(runner.run("set attention.causal true").error.empty());
    const auto save = [&](const std::string& line) { return answer(runner, line + " overwrite"); };
    save("embeddings.save " + path("v.npy"));
    save("output.save " + path("v.npy") + " " + path("o.npy"));
    save("attention.save " + path("a.npy"));
    const json factors = save("factors.save " + path("p.npy") + " " + path("k.npy"));
    CHECK(factors["causal"] == true);
    const auto read = [&](const char* name) {
        return hsa::read_npy(path(name), hsa::read_file(path(name))).values;
    };
    const auto v = read("v.npy");
    const auto o = read("o.npy");
    const auto a = read("a.npy");
    const auto p = read("p.npy");
    const auto k = read("k.npy");
    for (std::size_t i = 0; i < a.rows(); i += 3) {
        for (std::size_t c = 0; c < v.cols(); c += 5) {
            double sum = 0.0;
            for (std::size_t j = 0; j <= i; ++j)
                sum += static_cast<double>(a(i, j)) * static_cast<double>(v(j, c));
            CHECK(static_cast<double>(o(i, c)) == Approx(sum).epsilon(1e-4).margin(1e-5));
        }
        // The formula that factors.save prints.
        for (std::size_t j = 0; j < a.cols(); j += 7) {
            double cell = 0.0;
            for (std::size_t s = 0; s < p.cols() && j <= i; ++s) {
                double seen = 0.0;
                for (std::size_t t = 0; t <= i; ++t) seen += static_cast<double>(k(s, t));
                if (seen > 0.0)
                    cell += static_cast<double>(p(i, s)) * static_cast<double>(k(s, j)) / seen;
            }
            CHECK(static_cast<double>(a(i, j)) == Approx(cell).epsilon(1e-4).margin(1e-7));
        }
    }
    std::filesystem::remove_all(folder);
}
