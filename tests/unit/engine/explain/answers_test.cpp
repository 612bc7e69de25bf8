#include "engine/explain/answers.h"

#include "engine/attention/cells.h"
#include "engine/core/error.h"
#include "engine/explain/cards.h"
#include "tests/catch.h"
#include "tests/unit/engine/explain/world.h"

#include <cmath>
#include <limits>
#include <set>

using explain_test::make_world;
using explain_test::snapshot_of;
using explain_test::World;
using nlohmann::json;

namespace {

using Keys = std::set<std::string>;

Keys keys_of(const json& object) {
    REQUIRE(object.is_object());
    Keys keys;
    for (const auto& item : object.items()) keys.insert(item.key());
    return keys;
}

// Command, version and mark, and exactly these keys beside them.
void check_result(const json& answer, const std::string& command, const std::string& mark,
                  Keys keys) {
    CHECK(answer.at("command") == command);
    CHECK(answer.at("version") == 1);
    CHECK(answer.at("mark") == mark);
    keys.merge(Keys{"command", "version", "mark"});
    CHECK(keys_of(answer) == keys);
    CHECK(json::parse(answer.dump()) == answer);  // numbers round-trip, nothing is not JSON
}

void check_token(const json& token, const hsa::Snapshot& snapshot) {
    CHECK(keys_of(token) == Keys{"index", "text", "begin", "end"});
    const auto index = token.at("index").get<std::size_t>();
    const auto begin = token.at("begin").get<std::size_t>();
    const auto end = token.at("end").get<std::size_t>();
    CHECK(token.at("text") == snapshot.dataset->text->substr(begin, end - begin));
    CHECK(token.at("text") == snapshot.dataset->token_text(index));
}

void check_parts(const json& answer, const hsa::Snapshot& snapshot) {
    double sum = 0.0;
    double before = std::numeric_limits<double>::infinity();
    CHECK(answer.at("parts").size() == snapshot.factors->columns());
    for (const json& part : answer.at("parts")) {
        CHECK(keys_of(part) == Keys{"splat", "level", "p", "k", "value"});
        const auto value = part.at("value").get<double>();
        CHECK(value == Approx(part.at("p").get<double>() * part.at("k").get<double>()));
        CHECK(value <= before);
        before = value;
        sum += value;
        if (part.at("splat") == "background") {
            CHECK(part.at("level").is_null());
        } else {
            const auto row = snapshot.registry->row(part.at("splat").get<hsa::SplatId>());
            CHECK(part.at("level") ==
                  snapshot.registry->hierarchy.levels[snapshot.registry->level[row]].name);
        }
    }
    CHECK(sum == Approx(answer.at("value").get<double>()).epsilon(1e-12));
}

}  // namespace

TEST_CASE("explain.cell and explain.block", "[explain][answers]") {
    const World world = make_world({});
    hsa::Snapshot snapshot = snapshot_of(world);
    const json cell = hsa::answer_cell(snapshot, 3, 17, {}, {});
    check_result(cell, "explain.cell", "exact", {"i", "j", "value", "parts"});
    check_token(cell.at("i"), snapshot);
    CHECK(cell.at("i").at("index") == 3);
    CHECK(cell.at("j").at("index") == 17);
    CHECK(cell.at("value").get<double>() ==
          Approx(explain_test::attention_of(world.factors)(3, 17)).epsilon(1e-12));
    check_parts(cell, snapshot);
    CHECK_THROWS_AS(hsa::answer_cell(snapshot, 40, 0, {}, {}), hsa::Error);

    const json block = hsa::answer_block(snapshot, {{2, 30}, {5, 6}}, {}, {});
    check_result(block, "explain.block", "exact", {"rows", "columns", "value", "parts"});
    CHECK(block.at("rows") == json::array({2, 30}));
    CHECK(block.at("columns") == json::array({5, 6}));
    check_parts(block, snapshot);
    CHECK_THROWS_AS(hsa::answer_block(snapshot, {{2, 2}, {5, 6}}, {}, {}), hsa::Error);

    hsa::AttentionSettings settings;
    settings.top_k = 1;
    const json best = hsa::answer_block(snapshot, {{3, 4}, {0, 40}}, settings, {}).at("finished");
    CHECK(best.at("steps") == "top 1");
    CHECK(best.at("value").get<double>() == Approx(1.0 / 40.0));
    CHECK(hsa::answer_cell(snapshot, 3, 17, settings, {}).at("value") == cell.at("value"));

    snapshot.factors_exact = false;
    CHECK(hsa::answer_cell(snapshot, 3, 17, {}, {}).at("mark") == "approximate");
}

TEST_CASE("explain.token", "[explain][answers]") {
    const World world = make_world({});
    const hsa::Snapshot snapshot = snapshot_of(world);
    const json answer = hsa::answer_token(snapshot, 12);
    check_result(answer, "explain.token", "exact", {"token", "splats", "to", "from", "output"});
    check_token(answer.at("token"), snapshot);
    const hsa::TokenCard card = hsa::token_card(world.factors, 12);
    REQUIRE(answer.at("splats").size() == card.splats.size());
    for (std::size_t s = 0; s < card.splats.size(); ++s) {
        const json& splat = answer.at("splats")[s];
        CHECK(keys_of(splat) == Keys{"splat", "level", "p"});
        CHECK(splat.at("p").get<float>() == card.splats[s].p);
    }
    for (const char* list : {"to", "from"}) {
        CHECK(answer.at(list).size() == 20);
        for (const json& each : answer.at(list)) {
            CHECK(keys_of(each) == Keys{"token", "value", "splat"});
            check_token(each.at("token"), snapshot);
        }
    }
    CHECK(answer.at("from")[0].at("value").get<float>() == card.from[0].value);
}

TEST_CASE("explain.splat", "[explain][answers]") {
    const World world = make_world({});
    const hsa::Snapshot snapshot = snapshot_of(world);
    const json answer = hsa::answer_splat(snapshot, 2, {});
    check_result(answer, "explain.splat", "exact",
                 {"id", "level", "parent", "parent_share", "paths", "usage", "information", "name",
                  "top", "specialisation", "spectrum", "events"});
    CHECK(answer.at("id") == 2);
    CHECK(answer.at("level") == "Fine");
    CHECK(answer.at("parent") == world.registry.parent[2]);
    CHECK(answer.at("usage").get<double>() == world.measures.usage[2]);
    CHECK(answer.at("name") == (*snapshot.names)[2]);
    CHECK(answer.at("spectrum").size() == 5);
    CHECK(answer.at("events") == json::array());
    for (const json& each : answer.at("top")) {
        CHECK(keys_of(each) == Keys{"token", "k", "context"});
        check_token(each.at("token"), snapshot);
        CHECK(each.at("context").get<std::string>().find(
                  each.at("token").at("text").get<std::string>()) != std::string::npos);
    }
    const json top = hsa::answer_splat(snapshot, 8, {});
    CHECK(top.at("parent").is_null());
    CHECK(top.at("parent_share").is_null());
    CHECK_THROWS_AS(hsa::answer_splat(snapshot, 99, {}), hsa::Error);
}

TEST_CASE("explain.event is its line and the rows that changed", "[explain][answers]") {
    const World world = make_world({});
    hsa::Snapshot snapshot = snapshot_of(world);
    hsa::SplatRegistry moved = world.registry;
    moved.gaussians.centre(0, 0) += 1.0F;
    hsa::Event event;
    event.cycle = 1;
    event.kind = hsa::EventKind::move;
    event.delta = hsa::difference(world.registry, moved);
    auto history = std::make_shared<hsa::History>(*snapshot.history);
    auto cycle = std::make_shared<hsa::Cycle>();
    cycle->events = {event};
    history->cycles.push_back(std::move(cycle));
    snapshot.history = std::move(history);
    const auto backend = hsa::backends().front().make(true);
    const json line = {{"cycle", 1}, {"kind", "move"}, {"text", "moved"}};
    const json answer = hsa::answer_event(snapshot, 0, line, *backend, {});
    check_result(answer, "explain.event", "exact", {"cycle", "kind", "text", "changed_rows"});
    REQUIRE(answer.at("changed_rows").size() == 20);
    double before = 2.0;
    for (const json& row : answer.at("changed_rows")) {
        CHECK(keys_of(row) == Keys{"token", "l1"});
        check_token(row.at("token"), snapshot);
        CHECK(row.at("l1").get<double>() <= before);
        before = row.at("l1").get<double>();
    }
    CHECK(before > 0.0);
}

TEST_CASE("explain.pairs, explain.level and explain.compare", "[explain][answers]") {
    const World world = make_world({});
    const hsa::Snapshot snapshot = snapshot_of(world);
    const json pairs = hsa::answer_pairs(snapshot, 15, {});
    check_result(pairs, "explain.pairs", "exact", {"pairs"});
    REQUIRE(pairs.at("pairs").size() == 15);
    for (const json& pair : pairs.at("pairs")) {
        CHECK(keys_of(pair) == Keys{"i", "j", "value", "splats"});
        check_token(pair.at("i"), snapshot);
        check_token(pair.at("j"), snapshot);
        CHECK_FALSE(pair.at("splats").empty());
    }

    const json level = hsa::answer_level(snapshot, 1);
    check_result(level, "explain.level", "exact",
                 {"name", "splats", "usage", "weight", "agreement"});
    CHECK(level.at("name") == "Coarse");
    CHECK(level.at("splats") == 3);

    hsa::Comparison comparison;
    comparison.whole = {0.5, std::numeric_limits<double>::quiet_NaN(), 0.25, -0.5, 1.0};
    comparison.by_level = {{"Fine", {}}};
    const json compare = hsa::answer_compare(snapshot, "cycle 3", comparison);
    const Keys numbers = {"row_kl", "js", "cosine", "spearman", "top8"};
    Keys all = numbers;
    all.merge(Keys{"with", "rows", "by_level", "by_row", "by_distance", "worst", "in_words"});
    check_result(compare, "explain.compare", "approximate", all);
    CHECK(compare.at("with") == "cycle 3");
    CHECK(compare.at("js").is_null());
    CHECK(compare.at("spearman") == -0.5);
    CHECK(keys_of(compare.at("by_level").at("Fine")) == numbers);
}

TEST_CASE("print measures", "[explain][answers]") {
    const World world = make_world({});
    hsa::Snapshot snapshot = snapshot_of(world);
    auto measures = std::make_shared<hsa::Measures>(world.measures);
    measures->row_kl = 0.5;
    measures->entropy_mean = std::numeric_limits<double>::infinity();
    snapshot.measures = measures;
    const json answer = hsa::answer_measures(snapshot);
    check_result(answer, "measures", "exact",
                 {"tokens", "dimension", "splats", "usage", "information", "information_total",
                  "entropy_mean", "row_entropy_mean", "levels", "objective", "row_kl", "shift"});
    CHECK(answer.at("tokens") == 40);
    CHECK(answer.at("splats") == 9);
    CHECK(answer.at("row_kl") == 0.5);
    CHECK(answer.at("objective").is_null());
    CHECK(answer.at("entropy_mean").is_null());
    CHECK(answer.at("usage").size() == 10);
    CHECK(answer.at("information").size() == 9);
    double usage = 0.0;
    for (const auto& item : answer.at("usage").items()) usage += item.value().get<double>();
    CHECK(usage == Approx(1.0).epsilon(1e-6));
    CHECK(answer.at("usage").at("4").get<double>() == world.measures.usage[4]);
    CHECK(keys_of(answer.at("levels")) == Keys{"Fine", "Coarse"});
    const json& fine = answer.at("levels").at("Fine");
    CHECK(keys_of(fine) == Keys{"splats", "usage", "information", "weight", "row_kl", "objective"});
    CHECK(fine.at("row_kl") == 0.5);
    CHECK(answer.at("levels").at("Coarse").at("row_kl").is_null());
    const World plain = make_world({20, 3, 4, 2, false, 1});
    CHECK_FALSE(hsa::answer_measures(snapshot_of(plain)).at("usage").contains("background"));
}

TEST_CASE("print dataset, factors and stages", "[explain][answers]") {
    const hsa::Snapshot snapshot = snapshot_of(make_world({}));
    const json dataset = hsa::answer_dataset(snapshot);
    check_result(dataset, "dataset", "exact",
                 {"tokens", "dimension", "dtype", "bytes", "nan", "hash", "source", "understood"});
    CHECK(dataset.at("tokens") == 40);
    CHECK(dataset.at("hash") == "0000000000001234");
    CHECK_THROWS_AS(hsa::answer_dataset({}), hsa::Error);

    const json factors = hsa::answer_factors(snapshot);
    check_result(factors, "factors", "exact",
                 {"shape", "bytes", "storage", "causal", "near_pairs", "row_bound", "row_error"});
    CHECK(factors.at("shape") == json::array({40, 10}));
    CHECK(factors.at("bytes") == 3200);
    CHECK(factors.at("storage") == "float32");
    CHECK(factors.at("causal") == false);

    const json stages = hsa::answer_stages(snapshot);
    check_result(stages, "stages", "exact", {"stages", "remembered_bytes", "budget_bytes"});
    CHECK(stages.at("stages") ==
          json::array({{{"name", "load"}, {"ms", 1.5}, {"cached", false}, {"hits", 0}},
                       {{"name", "factor"}, {"ms", 0.0}, {"cached", true}, {"hits", 2}}}));
}

TEST_CASE("print history and health", "[explain][answers]") {
    const World world = make_world({});
    hsa::Snapshot snapshot = snapshot_of(world);
    hsa::Event birth;
    birth.kind = hsa::EventKind::birth;
    hsa::Event death;
    death.kind = hsa::EventKind::death;
    death.accepted = false;
    auto cycle = std::make_shared<hsa::Cycle>();
    cycle->number = 1;
    cycle->events = {birth, birth, death};
    cycle->measures.row_kl = std::numeric_limits<double>::quiet_NaN();
    auto history = std::make_shared<hsa::History>(*snapshot.history);
    history->cycles.push_back(std::move(cycle));
    snapshot.history = std::move(history);
    const json answer = hsa::answer_history(snapshot);
    CHECK(answer.at("command") == "history");
    CHECK(answer.at("last") == 1);
    CHECK(answer.at("events") == 3);
    CHECK(answer.at("accepted") == json{{"birth", 2}});
    CHECK(answer.at("refused") == 1);
    CHECK(answer.at("cycles").size() == 2);
    CHECK(answer.at("cycles")[1].at("row_kl").is_null());

    snapshot.calibration = hsa::Calibration{60, 0.25, 0.001};
    const json health = hsa::answer_health(snapshot);
    CHECK(health.at("calibration").at("met") == false);
    CHECK(health.at("calibration").at("largest_deviation") == 0.25);
    CHECK(health.at("calibration").at("rounds") == 60);
    CHECK(health.at("command") == "health");
    CHECK(health.at("not_finite") == 0);
    CHECK(health.at("row_sum_error").get<double>() < 1e-6);
    CHECK(keys_of(health.at("usage_gini")) == Keys{"Fine", "Coarse"});
    const json empty = hsa::answer_health({});  // answers even where nothing was computed
    CHECK(keys_of(empty) == keys_of(health));
    CHECK(empty.at("dead").is_null());
    CHECK(hsa::answer_history({}).at("last") == 0);
}

TEST_CASE("tokens without a text have no place in bytes", "[explain][answers]") {
    hsa::Snapshot snapshot = snapshot_of(make_world({}));
    auto dataset = std::make_shared<hsa::Dataset>();
    dataset->embeddings = hsa::Embeddings::own(hsa::Matrix<float>(40, 5));
    dataset->labels.assign(40, "gull");
    snapshot.dataset = dataset;
    const json cell = hsa::answer_cell(snapshot, 1, 2, {}, {});
    CHECK(cell.at("i") ==
          json{{"index", 1}, {"text", "gull"}, {"begin", nullptr}, {"end", nullptr}});
}

TEST_CASE("floats are written by their shortest digits", "[explain][answers]") {
    World world = make_world({});
    world.factors.p(0, 0) = 0.1F;
    const json answer = hsa::answer_token(snapshot_of(world), 0);
    bool found = false;
    for (const json& splat : answer.at("splats"))
        if (splat.at("splat") == 0) found = splat.at("p").dump() == "0.1";
    CHECK(found);
}
