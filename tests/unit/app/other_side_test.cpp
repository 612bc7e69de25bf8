// Two files open for comparison: the second side, computed in the background.
#include "app/runner.h"
#include "app/session_file.h"
#include "engine/io/file.h"
#include "tests/catch.h"
#include "tests/unit/app/answers.h"
#include "tests/unit/engine/io/io_test.h"

#include <fmt/core.h>

#include <string>

using namespace splatscope;
using nlohmann::json;

namespace {

// `words` words of a small vocabulary that begins at `first`.
std::string text(std::size_t words, std::size_t first) {
    std::string all;
    for (std::size_t w = 0; w < words; ++w)
        all += fmt::format("word{}{}", first + (w * (7 + first) + w / (5 + first)) % 19,
                           w % 12 == 11 ? ".\n" : " ");
    return all;
}

std::string put(const io_test::Folder& folder, const std::string& name, const std::string& bytes) {
    std::string path = folder.at(name);
    io_test::put_file(path, bytes);
    return path;
}

void done(Runner& runner, const std::string& line) {
    const Outcome outcome = runner.run(line);
    INFO(line << ": " << outcome.error);
    REQUIRE(outcome.error.empty());
}

}  // namespace

TEST_CASE("a second file has data and splats of its own", "[app][compare][second]") {
    const io_test::Folder folder;
    const std::string first = put(folder, "first.txt", text(300, 0));
    const std::string second = put(folder, "second.txt", text(300, 5));
    Runner runner({});
    done(runner, "open " + first);
    const json nothing = answer(runner, "print compare");
    CHECK(nothing["kind"] == "none");
    CHECK(nothing["state"] == "none");
    CHECK(nothing["second"].is_null());
    done(runner, "compare.open " + second);
    const json told = answer(runner, "print compare");
    CHECK(told["state"] == "ready");
    CHECK(told["with"] == second);
    CHECK(told["first"]["tokens"] == told["second"]["tokens"]);
    CHECK(told["same_tokens"] == true);
    CHECK(told["first"]["hash"] != told["second"]["hash"]);
    REQUIRE(runner.other().snapshot != nullptr);
    CHECK(runner.other().name == "second.txt");
    CHECK(runner.other().snapshot->dataset->token_text(1) !=
          runner.snapshot().dataset->token_text(1));
    const json apart = answer(runner, "explain.compare");
    CHECK(apart["row_kl"].get<double>() > 0.0);
    CHECK(apart["js"].get<double>() > 0.0);

    // The same settings on both sides, also those that are changed later.
    done(runner, "set attention.temperature 2");
    CHECK(answer(runner, "print compare")["state"] == "ready");
    CHECK(runner.other().snapshot->temperature == 2.0);

    // The look lane answers for both sides, each in its own tokens.
    hsa::Wanted wanted;
    hsa::PictureRequest request;
    request.rows = request.columns = {0, 300};
    request.width = request.height = 50;
    wanted.pictures = wanted.others = {request};
    wanted.comparison = true;
    runner.wait_look(wanted);
    REQUIRE(runner.look().others.size() == 1);
    REQUIRE(runner.look().comparison != nullptr);
    CHECK(runner.look().comparison->whole.row_kl > 0.0);
    const hsa::Matrix<float>& a = runner.look().pictures[0]->mean;
    const hsa::Matrix<float>& b = runner.look().others[0]->mean;
    bool differs = false;
    for (std::size_t e = 0; e < a.size(); ++e) differs = differs || a.data()[e] != b.data()[e];
    CHECK(differs);

    done(runner, "compare.set none");
    CHECK(runner.other().stage == OtherState::Stage::none);
    CHECK(runner.other().snapshot == nullptr);
    done(runner, "undo");
    CHECK(answer(runner, "print compare")["state"] == "ready");
}

TEST_CASE("sides of different lengths are both there, and no rows are compared",
          "[app][compare][second]") {
    const io_test::Folder folder;
    Runner runner({});
    done(runner, "open " + put(folder, "first.txt", text(300, 0)));
    done(runner, "compare.open " + put(folder, "second.txt", text(200, 0)));
    const json told = answer(runner, "print compare");
    CHECK(told["same_tokens"] == false);
    CHECK(told["second"]["tokens"].get<std::size_t>() < told["first"]["tokens"].get<std::size_t>());
    const Outcome refused = runner.run("explain.compare");
    CHECK(refused.exit_code == 1);
    CHECK(refused.error.find("the same tokens") != std::string::npos);
    hsa::Wanted wanted;
    wanted.comparison = true;
    runner.wait_look(wanted);
    CHECK(runner.look().comparison == nullptr);
}

TEST_CASE("a second file that is none is refused in a sentence and changes nothing",
          "[app][compare][second][faults]") {
    const io_test::Folder folder;
    const std::string first = put(folder, "first.txt", text(120, 0));
    Runner runner({});
    const Outcome early = runner.run("compare.open " + first);
    CHECK(early.error.find("open the data first") != std::string::npos);
    done(runner, "open " + first);
    const Outcome missing = runner.run("compare.open " + folder.at("none.txt"));
    CHECK(missing.exit_code == 1);
    CHECK(missing.error.find("none.txt") != std::string::npos);
    CHECK(runner.session().document.compare.kind == CompareKind::none);
    // What is found to be wrong only while it is read.
    const std::string broken = put(folder, "broken.npy", "\x93NUMPY\x01 and nothing more");
    (void)runner.run("compare.open " + broken);
    const json told = answer(runner, "print compare");
    if (runner.session().document.compare.kind == CompareKind::file) {
        CHECK(told["state"] == "failed");
        CHECK(told["error"].get<std::string>().find("broken.npy") != std::string::npos);
        CHECK(runner.run("explain.compare").error == told["error"].get<std::string>());
    }
    CHECK(runner.snapshot().error.empty());
    CHECK(runner.complete());
    // A session whose second file is gone opens, and says so.
    done(runner, "compare.set file " + folder.at("gone.txt"));
    CHECK(answer(runner, "print compare")["state"] == "failed");
}

TEST_CASE("a session keeps the second file by its relative path and the hash of its data",
          "[app][compare][second]") {
    const io_test::Folder folder;
    Runner runner({});
    done(runner, "open " + put(folder, "first.txt", text(120, 0)));
    const std::string second = put(folder, "second.txt", text(120, 5));
    done(runner, "compare.open " + second);
    const std::string hash = answer(runner, "print compare")["second"]["hash"];
    const std::string saved = folder.at("work.session");
    done(runner, "session.save " + saved);
    const std::string lines = hsa::read_file(saved);
    CHECK(lines.find("compare.set file second.txt\n") != std::string::npos);
    CHECK(lines.find("compare.data " + hash) != std::string::npos);

    Runner again({});
    REQUIRE(again.run("open " + saved).error.empty());
    const json told = answer(again, "print compare");
    CHECK(told["state"] == "ready");
    CHECK(told["second"]["hash"] == hash);
    CHECK(again.poll().empty());

    io_test::put_file(second, text(120, 9));
    Runner other({});
    REQUIRE(other.run("open " + saved).error.empty());
    CHECK(answer(other, "print compare")["second"]["hash"] != hash);
    bool said = false;
    for (const Outcome& news : other.poll())
        said = said || news.error.find("not what it was") != std::string::npos;
    CHECK(said);
}

TEST_CASE("a cycle of the history is a second side without computing it again",
          "[app][compare][second]") {
    Runner runner({});
    done(runner, "open sample:creatures");
    done(runner, "adapt.step 2");
    done(runner, "compare.set cycle 0");
    const json told = answer(runner, "print compare");
    CHECK(told["state"] == "ready");
    CHECK(told["first"]["cycle"] == 2);
    CHECK(told["second"]["cycle"] == 0);
    CHECK(runner.other().snapshot->dataset == runner.snapshot().dataset);
    CHECK(runner.other().snapshot->factors != runner.snapshot().factors);
    // The first side at that cycle is the same attention.
    const auto then = runner.other().snapshot->factors;
    done(runner, "adapt.goto 0");
    (void)answer(runner, "print compare");
    CHECK(runner.snapshot().factors->p(3, 1) == Approx(then->p(3, 1)).epsilon(1e-5));
    done(runner, "compare.set target");
    CHECK(answer(runner, "print compare")["same_tokens"] == true);
}
