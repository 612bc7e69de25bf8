#include "app/commands/selecting.h"
#include "app/runner.h"
#include "app/session_file.h"
#include "engine/core/error.h"
#include "engine/core/random.h"
#include "tests/catch.h"
#include "tests/unit/app/answers.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <string>
#include <vector>

using namespace splatscope;

namespace {

const hsa::Selection& selection(const Runner& runner) {
    return runner.session().document.selection;
}

const hsa::Selection& selected(Runner& runner, const std::string& line) {
    const Outcome outcome = runner.run(line);
    INFO(line << ": " << outcome.error);
    REQUIRE(outcome.error.empty());
    return selection(runner);
}

std::string refused(Runner& runner, const std::string& line, int code) {
    const Session before = runner.session();
    const Outcome outcome = runner.run(line);
    INFO(line << " -> " << outcome.error);
    CHECK(outcome.exit_code == code);
    CHECK(runner.session() == before);
    return outcome.error;
}

bool holds(const std::string& sentence, const std::string& words) {
    INFO(sentence);
    return sentence.find(words) != std::string::npos;
}

}  // namespace

TEST_CASE("splats are selected by an expression", "[app][select]") {
    Runner runner({});
    REQUIRE(runner.run("open sample:creatures").error.empty());
    REQUIRE(runner.run("print measures").error.empty());  // waits for the splats
    const hsa::SplatRegistry& registry = *runner.snapshot().registry;
    const std::vector<double>& usage = runner.snapshot().measures->usage;
    std::vector<hsa::SplatId> expected;
    for (std::size_t s = 0; s < registry.size(); ++s)
        if (registry.level[s] == 0 && usage[s] > 1.0 / static_cast<double>(registry.size()))
            expected.push_back(registry.id[s]);
    const std::string level = registry.hierarchy.levels[0].name;
    const std::string line = "select.where 'level == \"" + level + "\" && usage > 1/k'";
    CHECK(selected(runner, line).splats == expected);
    CHECK_FALSE(expected.empty());
    // The same in the other quotes, and without any around the whole.
    CHECK(selected(runner, "select.where \"level == '" + level + "' && usage > 1/k\"").splats ==
          expected);
    CHECK(selected(runner, "select.where usage > 1/k && id >= 0").splats.size() >= expected.size());
    REQUIRE(runner.run(line).error.empty());
    CHECK(selected(runner, "select.where add 'usage >= 0'").splats == registry.id);
    CHECK(selected(runner, "select.where remove 'usage >= 0'").empty());

    CHECK(holds(refused(runner, "select.where 'usage > 2'", 1), "no splat has usage > 2"));
    CHECK(holds(refused(runner, "select.where 'usage >'", 2), "select.where: at column 8"));
    CHECK(holds(refused(runner, "select.where 'use > 1'", 2), "splats have id, level, name"));
    (void)refused(runner, "select.where", 2);
}

TEST_CASE("tokens are selected by an expression", "[app][select]") {
    Runner runner({});
    REQUIRE(runner.run("open " SPLATSCOPE_SOURCE_DIR "/tests/golden/tiny.txt").error.empty());
    REQUIRE(runner.run("print measures").error.empty());  // waits for the splats
    const hsa::Dataset& dataset = *runner.snapshot().dataset;
    const std::vector<hsa::Range>& tokens =
        selected(runner, "select.where 'length > 4 && sentence == 3'").tokens;
    for (std::size_t t = 0; t < dataset.size(); ++t)
        CHECK(hsa::covers(tokens, t) ==
              (dataset.token_text(t).size() > 4 && dataset.structure.sentence[t] == 3));
    CHECK(hsa::total_size(tokens) > 0);
    // What attention gives them can be asked for, too.
    CHECK_FALSE(selected(runner, "select.where 'received > 1'").tokens.empty());
    CHECK(hsa::total_size(selection(runner).tokens) < dataset.size());
}

TEST_CASE("a rectangle of the map is taken away from what is selected", "[app][select]") {
    Runner runner({});
    REQUIRE(runner.run("open sample:creatures").error.empty());
    (void)selected(runner, "select.tokens 0:40 60:80");
    (void)selected(runner, "select.block add 10:20 30:40");
    CHECK(selected(runner, "select.block remove 5:8 35:38").block.has_value());  // its columns
    CHECK(selection(runner).tokens == std::vector<hsa::Range>{{0, 5}, {8, 35}, {38, 40}, {60, 80}});
    CHECK_FALSE(selected(runner, "select.block remove 19:25 39:70").block.has_value());
    CHECK(selection(runner).tokens ==
          std::vector<hsa::Range>{{0, 5}, {8, 19}, {25, 35}, {38, 39}, {70, 80}});
    (void)selected(runner, "select.block add 10:20 30:40");
    CHECK_FALSE(selected(runner, "select.block remove").block.has_value());
    CHECK_FALSE(selection(runner).tokens.empty());
    (void)refused(runner, "select.block remove 5:8", 2);
}

TEST_CASE("a subtree and neighbours are selected", "[app][select]") {
    Runner runner({});
    REQUIRE(runner.run("open sample:creatures").error.empty());
    REQUIRE(runner.run("print measures").error.empty());  // waits for the splats
    const hsa::SplatRegistry& registry = *runner.snapshot().registry;
    const hsa::SplatId top = registry.id.back();
    const std::vector<hsa::SplatId> below =
        selected(runner, fmt::format("select.subtree {}", top)).splats;
    CHECK(std::binary_search(below.begin(), below.end(), top));
    for (const hsa::SplatId id : registry.id) {
        hsa::SplatId up = id;
        while (up != top && up != hsa::kNoSplat) up = registry.parent[registry.row(up)];
        CHECK(std::binary_search(below.begin(), below.end(), id) == (up == top));
    }
    CHECK(below.size() > 1);
    CHECK(selected(runner, fmt::format("select.subtree remove {}", top)).empty());
    (void)refused(runner, "select.subtree 99999", 1);
    (void)refused(runner, "select.grow", 1);

    REQUIRE(runner.run("select.tokens 5").error.empty());
    const std::size_t one = hsa::total_size(selected(runner, "select.grow").tokens);
    CHECK((one == 2 || one == 3));  // the one to and the one from may be the same
    CHECK(hsa::covers(selection(runner).tokens, 5));
    CHECK(hsa::total_size(selected(runner, "select.grow 10").tokens) >= one + 10);
    REQUIRE(runner.run("undo").error.empty());
    CHECK(hsa::total_size(selection(runner).tokens) == one);
    CHECK(selected(runner, fmt::format("select.splats {}", registry.id[0])).splats.size() == 1);
    const std::vector<hsa::SplatId> grown = selected(runner, "select.grow 2").splats;
    REQUIRE(grown.size() == 3);
    for (const hsa::SplatId id : grown) CHECK(registry.level[registry.row(id)] == 0);
    (void)refused(runner, "select.grow 0", 1);
    (void)refused(runner, "select.grow many", 2);
}

TEST_CASE("selections are kept under names, saved and used", "[app][select]") {
    Runner runner({});
    REQUIRE(runner.run("open sample:creatures").error.empty());
    REQUIRE(runner.run("print measures").error.empty());  // waits for the splats
    (void)refused(runner, "select.keep storm", 1);
    (void)refused(runner, "select.use storm", 1);
    REQUIRE(runner.run("select.tokens 3:9 20").error.empty());
    REQUIRE(runner.run("select.keep 'the \"first\" words'").error.empty());
    REQUIRE(runner.run("select.splats 1 4").error.empty());
    REQUIRE(runner.run("select.block add 0:10 5:25").error.empty());
    const hsa::Selection both = selection(runner);
    REQUIRE(runner.run("select.keep both").error.empty());
    REQUIRE(runner.run("select.none").error.empty());

    const nlohmann::json printed = answer(runner, "print selections");
    CHECK(printed["selected"]["tokens"] == 0);
    CHECK(printed["kept"].size() == 2);
    CHECK(printed["kept"]["the \"first\" words"]["tokens"] == 7);
    CHECK(printed["kept"]["the \"first\" words"]["ranges"] ==
          nlohmann::json::parse("[[3, 9], [20, 21]]"));
    CHECK(printed["kept"]["both"]["splats"] == nlohmann::json::parse("[1, 4]"));
    CHECK(printed["kept"]["both"]["block"]["columns"] == nlohmann::json::parse("[5, 25]"));
    CHECK(runner.run("expect selections.kept.both.tokens == 0").error.empty());

    CHECK(selected(runner, "select.use both") == both);
    hsa::Selection sum = both;
    sum.tokens = {{3, 9}, {20, 21}};
    CHECK(selected(runner, "select.use add 'the \"first\" words'") == sum);
    CHECK(selected(runner, "select.use remove both").tokens == sum.tokens);
    CHECK(selection(runner).splats.empty());
    CHECK_FALSE(selection(runner).block.has_value());
    CHECK(holds(refused(runner, "select.use storm", 1), "both, the \"first\" words"));

    const std::string text = write_session(runner.session(), ".");
    const Session again = read_session("x.session", text);
    CHECK(again.document.kept == runner.session().document.kept);
    CHECK(write_session(again, ".") == text);
    CHECK_THROWS_AS(read_session("x", "# splatscope-session 1\nselect.kept a\n"), hsa::Error);
    CHECK_THROWS_AS(read_session("x", "# splatscope-session 1\nselect.kept a word 3\n"),
                    hsa::Error);

    REQUIRE(runner.run("select.forget both").error.empty());
    CHECK(runner.session().document.kept.size() == 1);
    REQUIRE(runner.run("undo").error.empty());
    CHECK(runner.session().document.kept.at("both") == both);
    (void)refused(runner, "select.forget storm", 1);
    (void)refused(runner, "select.keep ''", 2);

    // Other splats: what was kept of them is gone, and the words stay. Other data: all is gone.
    REQUIRE(runner.run("select.splats 2").error.empty());
    REQUIRE(runner.run("select.keep splats").error.empty());
    REQUIRE(runner.run("splats.init kmeans 4 2").error.empty());
    CHECK(runner.session().document.kept.count("splats") == 0);
    CHECK(runner.session().document.kept.at("both").splats.empty());
    CHECK(hsa::total_size(selected(runner, "select.use 'the \"first\" words'").tokens) == 7);
    REQUIRE(runner.run("open sample:voyage").error.empty());
    CHECK(runner.session().document.kept.empty());
}

TEST_CASE("many ranges change a selection as one after another does", "[app][select]") {
    hsa::Random random{7};
    for (int round = 0; round < 200; ++round) {
        const auto some = [&] {
            std::vector<hsa::Range> ranges(random.below(8));
            for (hsa::Range& range : ranges) {
                range.begin = random.below(40);
                range.end = range.begin + random.below(9);
            }
            return ranges;
        };
        hsa::Selection selection;
        change_tokens(selection, How::add, some());
        const std::vector<hsa::Range> before = selection.tokens;
        const std::vector<hsa::Range> given = some();
        std::vector<hsa::Range> more = before;
        std::vector<hsa::Range> fewer = before;
        for (const hsa::Range& range : given) {
            more = hsa::with_range(more, range);
            fewer = hsa::without_range(fewer, range);
        }
        hsa::Selection added = selection;
        change_tokens(added, How::add, given);
        CHECK(added.tokens == more);
        change_tokens(selection, How::remove, given);
        CHECK(selection.tokens == fewer);
    }
}
