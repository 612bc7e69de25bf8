#include "app/runner.h"
#include "tests/catch.h"
#include "tests/unit/app/answers.h"
#include "tests/unit/engine/embed/tiny_model.h"

#include <cstdlib>
#include <filesystem>
#include <string>

using namespace splatscope;
using nlohmann::json;

namespace {

const char* const kText =
    "The ship was at sea.\n\nThe wind was in the sails, and the day was at the mast. We ate.\n\n"
    "It was the day of the wind, and it was the sea of the ship.\n";

// The tiny model where models are looked for, as `minilm`.
class Models {
  public:
    Models() {
        std::filesystem::create_directories(folder_.at("models/minilm"));
        tiny::write(folder_.at("models/minilm"));
        ::setenv("SPLATSCOPE_MODELS", folder_.at("models").c_str(), 1);
        io_test::put_file(folder_.at("text.txt"), kText);
    }
    ~Models() { ::setenv("SPLATSCOPE_MODELS", "", 1); }
    Models(const Models&) = delete;
    Models& operator=(const Models&) = delete;
    [[nodiscard]] std::string text() const { return folder_.at("text.txt"); }
    [[nodiscard]] const io_test::Folder& folder() const { return folder_; }

  private:
    io_test::Folder folder_;
};

std::string refused(Runner& runner, const std::string& line) {
    const Outcome outcome = runner.run(line);
    CHECK(outcome.exit_code == 1);
    return outcome.error;
}

}  // namespace

TEST_CASE("a text is read by a model where one is found, else by co-occurrence", "[app][model]") {
    const io_test::Folder alone;
    io_test::put_file(alone.at("text.txt"), kText);
    Runner without({});
    REQUIRE(without.run("open " + alone.at("text.txt")).error.empty());
    const json words = answer(without, "print dataset");
    CHECK(noted(without, "words are embedded by their co-occurrence in this text"));
    REQUIRE(without.run("set embed.method model").error.empty());
    CHECK(refused(without, "print measures").find("There is no model 'minilm'") !=
          std::string::npos);

    const Models models;
    Runner runner({});
    REQUIRE(runner.run("open " + models.text()).error.empty());
    const json pieces = answer(runner, "print dataset");
    CHECK(pieces["dimension"] == tiny::kHidden);
    CHECK(pieces["tokens"].get<std::size_t>() > words["tokens"].get<std::size_t>());
    CHECK(pieces["understood"].get<std::string>().find("WordPiece") != std::string::npos);
    CHECK(noted(runner, "minilm reads the text in 2 windows of 40 tokens, 38 apart"));
    REQUIRE(runner.run("set embed.method cooccurrence").error.empty());
    CHECK(answer(runner, "print dataset")["tokens"] == words["tokens"]);
}

TEST_CASE("heads of a model open one by one and tell of themselves", "[app][model][heads]") {
    const Models models;
    Runner runner({});
    REQUIRE(runner.run("open " + models.text()).error.empty());
    const json table = answer(runner, "print heads");
    CHECK(table["heads"].size() == tiny::kLayers * tiny::kHeads);
    REQUIRE(runner.run("splats.init distil 4").error.empty());
    REQUIRE(runner.run("heads.show 1 2 paired").error.empty());
    const json head = answer(runner, "print dataset");
    CHECK(head["layer"] == 1);
    CHECK(head["head"] == 2);
    CHECK(head["dimension"] == tiny::kHidden / tiny::kHeads);
    CHECK(answer(runner, "print heads")["heads"] == table["heads"]);
    CHECK(answer(runner, "print splats")["form"] == "paired");
    CHECK(noted(runner, "head 2 of layer 1: 2 layers of 4 heads"));
    // The row of a head in its own window sums to one over what the model sees and beyond.
    const json token = answer(runner, "explain.token 0");
    CHECK(token["token"]["text"] == "[CLS]");
    REQUIRE(runner.run("heads.show 0 states").error.empty());
    REQUIRE(runner.run("reset attention.form").error.empty());
    REQUIRE(runner.run("splats.init levels").error.empty());
    CHECK(answer(runner, "print dataset")["dimension"] == tiny::kHidden);
    REQUIRE(runner.run("heads.show 2 0").error.empty());
    CHECK(refused(runner, "print measures").find("no layer 2") != std::string::npos);
}

TEST_CASE("what a model cannot do is said", "[app][model]") {
    const Models models;
    Runner runner({});
    REQUIRE(runner.run("open " + models.text()).error.empty());
    REQUIRE(runner.run("set embed.head 9").error.empty());
    CHECK(refused(runner, "print measures").find("no head 9") != std::string::npos);
    REQUIRE(runner.run("reset embed.head").error.empty());
    REQUIRE(runner.run("set embed.model nowhere").error.empty());
    REQUIRE(runner.run("set embed.method model").error.empty());
    CHECK(refused(runner, "print measures").find("There is no model 'nowhere'") !=
          std::string::npos);
    REQUIRE(runner.run("set embed.model minilm").error.empty());
    REQUIRE(runner.run("set embed.tokenizer words").error.empty());
    CHECK(refused(runner, "print measures").find("reset embed.tokenizer") != std::string::npos);
}

TEST_CASE("replace.report runs the model with splats and says what it needs", "[app][replace]") {
    const Models models;
    Runner runner({});
    REQUIRE(runner.run("open " + models.text()).error.empty());
    CHECK(refused(runner, "replace.report").find("set replace.heads") != std::string::npos);
    REQUIRE(runner.run("set replace.heads 0:1").error.empty());
    REQUIRE(runner.run("set replace.bound 100").error.empty());
    REQUIRE(runner.run("set embed.head 0").error.empty());
    REQUIRE(runner.run("splats.init distil 4").error.empty());
    const json report = answer(runner, "replace.report");
    REQUIRE(report["heads"].size() == 1);
    CHECK(report["layers"].size() == tiny::kLayers);
    CHECK(report["layers"][0]["relative_error"].get<double>() > 0.0);
    CHECK(report["sentences"]["count"].get<int>() >= 2);
    REQUIRE(runner.run("set replace.blend 0").error.empty());
    CHECK(answer(runner, "replace.report")["layers"][1]["relative_error"] == 0.0);
}
