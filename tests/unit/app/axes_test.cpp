#include "engine/explain/axes.h"

#include "app/runner.h"
#include "app/session_file.h"
#include "engine/core/error.h"
#include "engine/model/selection.h"
#include "tests/catch.h"
#include "tests/unit/app/answers.h"

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include <cctype>
#include <cmath>
#include <memory>
#include <string>
#include <vector>

using namespace splatscope;
using nlohmann::json;

namespace {

void must(Runner& runner, const std::string& line) {
    const Outcome outcome = runner.run(line);
    INFO(line << ": " << outcome.error);
    REQUIRE(outcome.error.empty());
}

std::string refused(Runner& runner, const std::string& line) {
    const Session before = runner.session();
    const Outcome outcome = runner.run(line);
    INFO(line << " -> " << outcome.error);
    CHECK(outcome.exit_code != 0);
    CHECK(runner.session() == before);
    return outcome.error;
}

const hsa::AxesChoice& axes(const Runner& runner) { return runner.session().document.axes; }

// The splat of the finest level that speaks most for token 0.
hsa::SplatId splat_of_first(const hsa::Snapshot& snapshot) {
    const hsa::Factors& factors = *snapshot.factors;
    const hsa::FactorRow row = factors.p.row(0);
    std::size_t best = 0;
    for (std::size_t c = 0; c < factors.columns(); ++c)
        if (factors.level[c] == 0 && row[c] > row[best]) best = c;
    return factors.ids[best];
}

// Rows of the sample whose label begins so: they stand together.
std::string rows_of(const Runner& runner, const std::string& label) {
    const hsa::Dataset& dataset = *runner.snapshot().dataset;
    std::size_t begin = 0;
    while (begin < dataset.size() && !std::string(dataset.token_text(begin)).starts_with(label))
        ++begin;
    std::size_t end = begin;
    while (end < dataset.size() && std::string(dataset.token_text(end)).starts_with(label)) ++end;
    REQUIRE(begin < end);
    return fmt::format("{}:{}", begin, end);
}

double explained(const json& answer) {
    double sum = 0.0;
    for (const json& share : answer["explained"]) sum += share.get<double>();
    return sum;
}

}  // namespace

TEST_CASE("axes separate the selection of the moment they were asked for", "[app][axes]") {
    Runner runner({});
    must(runner, "open sample:creatures");
    const json first = answer(runner, "print axes");
    CHECK(first["kind"] == "splats");
    CHECK(first["level"].is_null());
    CHECK(refused(runner, "axes.separate").find("selected") != std::string::npos);
    must(runner, "select.tokens " + rows_of(runner, "owl/wood/tuwick"));
    const std::vector<hsa::Range> selected = runner.session().document.selection.tokens;
    must(runner, "axes.separate");
    const json separate = answer(runner, "print axes");
    CHECK(separate["kind"] == "separate");
    CHECK(separate["name"] == "LDA: owl/wood/tuwick against the rest");
    CHECK(separate["shrinkage"].get<double>() > 0.0);
    CHECK(separate["gap"].get<double>() > 1.0);
    CHECK(separate["marks"].size() == 2);
    CHECK(explained(separate) < 1.0);
    CHECK(separate["axes"].size() == 3);
    CHECK(separate["axes"][0].size() == separate["dimension"].get<std::size_t>());
    REQUIRE(axes(runner).classes.size() == 1);
    CHECK(axes(runner).classes[0].tokens == selected);
    // Frozen: another selection and another cycle leave the axes alone.
    must(runner, "select.tokens 3:9");
    must(runner, "adapt.step");
    const json later = answer(runner, "print axes");
    CHECK(later["axes"] == separate["axes"]);
    // Sessions and undo keep them.
    const std::string text = write_session(runner.session(), ".");
    CHECK(read_session("x", text).document.axes == axes(runner));
    must(runner, "axes.splats");
    CHECK(answer(runner, "print axes")["kind"] == "splats");
    must(runner, "undo");
    CHECK(answer(runner, "print axes")["axes"] == separate["axes"]);
    must(runner, "select.all");
    CHECK(refused(runner, "axes.separate").find("no rest") != std::string::npos);
}

TEST_CASE("the tokens of a selected splat, kept selections and levels part too", "[app][axes]") {
    Runner runner({});
    must(runner, "open sample:creatures");
    must(runner, "print measures");
    const std::shared_ptr<const hsa::Snapshot> held = runner.snapshot_pointer();
    const hsa::Snapshot& snapshot = *held;
    const hsa::SplatId splat = splat_of_first(snapshot);
    must(runner, "select.splats " + std::to_string(splat));
    must(runner, "axes.separate");
    const hsa::Factors& factors = *snapshot.factors;
    const std::size_t column = snapshot.registry->row(splat);
    const hsa::AxesClass& of_splat = axes(runner).classes.at(0);
    CHECK(hsa::covers(of_splat.tokens, 0));
    std::size_t wrong = 0;
    for (std::size_t i = 0; i < factors.tokens(); ++i) {
        const hsa::FactorRow row = factors.p.row(i);
        bool best = true;
        for (std::size_t c = 0; c < factors.columns(); ++c)
            best = best && !(factors.level[c] == 0 && row[c] > row[column]);
        wrong += hsa::covers(of_splat.tokens, i) == best ? 0U : 1U;
    }
    CHECK(wrong == 0);
    must(runner, "select.tokens 0:40");
    must(runner, "select.keep beginning");
    must(runner, "select.tokens 100:140");
    must(runner, "select.keep middle");
    must(runner, "select.tokens 200:240");
    must(runner, "select.keep 'later on'");
    must(runner, "axes.separate beginning middle 'later on'");
    const json three = answer(runner, "print axes");
    CHECK(three["marks"].size() == 3);
    CHECK(three["gap"].is_null());
    CHECK(three["ratio"].get<double>() > 0.0);
    CHECK(refused(runner, "axes.separate nowhere").find("nowhere") != std::string::npos);
    // The rows of vectors stand alike at every level.
    CHECK(refused(runner, "axes.levels").find("same coordinates") != std::string::npos);
}

TEST_CASE("axes lead from a text to another", "[app][axes]") {
    Runner runner({});
    must(runner, "open sample:voyage");
    must(runner, "axes.between water whales");
    const json between = answer(runner, "print axes");
    CHECK(between["name"] == "from water to whales");
    REQUIRE(between["marks"].size() == 2);
    CHECK(between["marks"][0]["name"] == "water");
    const auto at = [&](std::size_t m, std::size_t a) {
        return between["marks"][m]["at"][a].get<double>();
    };
    CHECK(at(0, 0) == Approx(-at(1, 0)));
    CHECK(at(1, 0) > 0.0);
    for (const std::size_t m : {0U, 1U})
        for (const std::size_t a : {1U, 2U}) CHECK(at(m, a) == Approx(0.0).margin(1e-5));
    const hsa::Dataset& dataset = *runner.snapshot().dataset;
    for (const hsa::Range& range : axes(runner).classes.at(1).tokens)
        for (std::size_t i = range.begin; i < range.end; ++i) {
            std::string word(dataset.token_text(i));
            for (char& c : word) c = static_cast<char>(std::tolower(c));
            CHECK(word == "whales");
        }
    must(runner, "axes.levels");
    CHECK(answer(runner, "print axes")["marks"].size() ==
          runner.snapshot().registry->hierarchy.size());
    CHECK(refused(runner, "axes.levels Nothing").find("Nothing") != std::string::npos);
    must(runner, "axes.between 0:20 'token 30'");
    CHECK(axes(runner).classes[0].tokens == std::vector<hsa::Range>{{0, 20}});
    CHECK(axes(runner).classes[1].tokens == std::vector<hsa::Range>{{30, 31}});
    must(runner,
         "axes.between 'splat " + std::to_string(splat_of_first(runner.snapshot())) + "' water");
    CHECK(hsa::covers(axes(runner).classes[0].tokens, 0));
    CHECK(refused(runner, "axes.between water water").find("same") != std::string::npos);
    CHECK_FALSE(refused(runner, "axes.between water unicornia").empty());
    CHECK_FALSE(refused(runner, "axes.between water").empty());
}

TEST_CASE("a tour moves by the window's clock, stops, and its moments are kept", "[app][axes]") {
    Runner runner({});
    must(runner, "open sample:creatures");
    CHECK(refused(runner, "axes.pause").find("axes.tour") != std::string::npos);
    runner.set_now(100.0);
    must(runner, "axes.tour 7");
    CHECK(is_touring(runner.session()));
    CHECK(tour_second(runner.session(), 103.5) == Approx(3.5));
    runner.set_now(104.0);
    must(runner, "set view.splats.tour_speed 2");  // goes on from where it is
    CHECK(tour_second(runner.session(), 104.0) == Approx(4.0));
    CHECK(tour_second(runner.session(), 105.0) == Approx(6.0));
    runner.set_now(105.0);
    must(runner, "axes.pause");
    CHECK_FALSE(is_touring(runner.session()));
    CHECK(axes(runner).second == Approx(6.0));
    const json moment = answer(runner, "print axes");
    CHECK(moment["second"].get<double>() == Approx(6.0));
    CHECK(moment["seed"] == 7);
    must(runner, "axes.pause");
    runner.set_now(106.0);
    must(runner, "axes.freeze view");
    CHECK(axes(runner).second == Approx(8.0));
    CHECK_FALSE(is_touring(runner.session()));
    const json frozen = answer(runner, "print axes");
    CHECK(frozen["axes"] != moment["axes"]);
    must(runner, "axes.at 30");
    CHECK(answer(runner, "print axes")["axes"] != frozen["axes"]);
    const Session again = read_session("x", write_session(runner.session(), "."));
    CHECK(again.document.axes == axes(runner));
    CHECK(again.document.kept_axes == runner.session().document.kept_axes);
    must(runner, "axes.use view");
    CHECK(answer(runner, "print axes")["axes"] == frozen["axes"]);
    CHECK(refused(runner, "axes.use other").find("'view'") != std::string::npos);
    must(runner, "axes.forget view");
    CHECK(runner.session().document.kept_axes.empty());
    CHECK_FALSE(refused(runner, "axes.at -1").empty());
    // Without a clock nothing moves: a script gives the same picture each time.
    must(runner, "axes.tour");
    must(runner, "axes.pause");
    CHECK(axes(runner).second == Approx(8.0));
}

TEST_CASE("axes whose tokens are not in other data give way to those of the splats",
          "[app][axes]") {
    Runner runner({});
    must(runner, "open sample:creatures");
    must(runner,
         "axes.restore between level Nowhere class A '' token 0:4 class B '' token "
         "4000000:4000001");
    const json answered = answer(runner, "print axes");
    CHECK(answered["name"] == "PCA of splats, weighted by usage");
    CHECK(answered["note"].get<std::string>().find("no token of 'B'") != std::string::npos);
    CHECK_FALSE(refused(runner, "axes.restore sideways").empty());
    CHECK_FALSE(refused(runner, "axes.restore between token 3:4").empty());
    must(runner, "open sample:voyage");
    CHECK(axes(runner) == hsa::AxesChoice{});
}
