#include "engine/io/splats_json.h"

#include "engine/io/json.h"
#include "tests/unit/engine/io/io_test.h"
#include "tests/unit/engine/io/registries.h"

#include <bit>
#include <cstdint>
#include <cstring>
#include <limits>

using hsa::read_splats_json;
using hsa::SplatRegistry;
using hsa::write_splats_json;
using io_test::check_fails;
using nlohmann::json;

namespace {

// The file of commands.md with three splats.
json example() {
    return json::parse(
        R"({ "format": "splatscope-splats", "version": 1, "dimension": 3, "kappa": 1.0,
        "levels": [ {"name": "Token", "weight": 0.6}, {"name": "Phrase", "weight": 0.4} ],
        "splats": [
          {"id": 0, "level": "Token", "parent": 9, "centre": [0.1, 0.2, 0.3],
           "covariance": {"kind": "spherical", "variance": 0.5}, "amplitude": 2.0, "beta": 3.0, "age": 4},
          {"id": 4, "level": "Token", "centre": [1, 2, 3],
           "covariance": {"kind": "diagonal", "variance": [0.5, 0.25, 1]}},
          {"id": 9, "level": "Phrase", "parent": null, "centre": [0, 0, 0],
           "covariance": {"kind": "spherical", "variance": 1}} ] })");
}

SplatRegistry read(const json& file) { return read_splats_json("s.json", file.dump()); }

// Changes the example and checks that the file is refused with these words.
template <class Change>
void refuses(Change&& change, const std::vector<std::string>& parts) {
    json file = example();
    change(file);
    std::vector<std::string> all = parts;
    all.emplace_back("s.json");
    check_fails([&] { (void)read(file); }, all);
}

}  // namespace

TEST_CASE("the file of the contract is read", "[io][splats]") {
    const SplatRegistry registry = read(example());
    CHECK(registry.id == std::vector<hsa::SplatId>{0, 4, 9});
    CHECK(registry.level == std::vector<std::uint16_t>{0, 0, 1});
    CHECK(registry.parent == std::vector<hsa::SplatId>{9, hsa::kNoSplat, hsa::kNoSplat});
    CHECK(registry.gaussians.centre(0, 1) == 0.2F);
    CHECK(registry.gaussians.variance(0, 2) == 0.5F);
    CHECK(registry.gaussians.variance(1, 1) == 0.25F);
    CHECK(registry.log_amplitude[0] == std::log(2.0F));
    CHECK(registry.beta[0] == 3.0F);
    CHECK(registry.age[0] == 4);
    CHECK(registry.next_id == 10);
    CHECK(registry.hierarchy.levels[1].weight == 0.4);
    CHECK_FALSE(registry.made_here);
    CHECK_NOTHROW(hsa::check_invariants(registry));
}

TEST_CASE("what may be left out has its default", "[io][splats]") {
    json file = example();
    file.erase("kappa");
    const SplatRegistry registry = read(file);
    CHECK(registry.log_amplitude[1] == 0.0F);
    CHECK(registry.beta[1] == 1.0F);
    CHECK(registry.age[1] == 0);
    CHECK(registry.kappa == 1.0);
    CHECK(registry.form == hsa::Form::token);
    CHECK(registry.background_log_weight == std::nullopt);
    CHECK(registry.kappa_query == std::nullopt);
    CHECK(registry.offset == std::nullopt);
    CHECK(registry.coordinates == nullptr);
}

TEST_CASE("unknown keys are ignored and log_amplitude wins", "[io][splats]") {
    json file = example();
    file["colour"] = {1, 2};
    file["splats"][0]["log_amplitude"] = 0.25;
    CHECK(read(file).log_amplitude[0] == 0.25F);
    file["splats"][1]["amplitude"] = 0;
    CHECK(read(file).log_amplitude[1] == -std::numeric_limits<float>::infinity());
}

TEST_CASE("load(save(x)) is x bit for bit", "[io][splats]") {
    SplatRegistry registry = io_test::make_registry();
    CHECK(hsa::same_bits(read_splats_json("s", write_splats_json(registry)), registry));
    registry.coordinates = io_test::make_recipe(7, 3);
    const SplatRegistry back = read_splats_json("s", write_splats_json(registry));
    CHECK(hsa::same_bits(back, registry));
    CHECK(*back.coordinates == *registry.coordinates);
    CHECK(write_splats_json(back) == write_splats_json(registry));
    const SplatRegistry paired = io_test::make_paired_registry();
    CHECK(hsa::same_bits(read_splats_json("s", write_splats_json(paired)), paired));
}

TEST_CASE("weights without a finite logarithm survive", "[io][splats]") {
    SplatRegistry registry = io_test::make_registry();
    registry.log_amplitude[0] = -std::numeric_limits<float>::infinity();
    registry.background_log_weight = -std::numeric_limits<double>::infinity();
    registry.gaussians.centre(1, 1) = -0.0F;
    registry.gaussians.centre(1, 2) = std::numeric_limits<float>::denorm_min();
    CHECK(hsa::same_bits(read_splats_json("s", write_splats_json(registry)), registry));
}

TEST_CASE("numbers are the shortest that give the float back", "[io][splats]") {
    CHECK(hsa::json_number(0.1F).dump() == "0.1");
    CHECK(hsa::json_number(-0.0F).dump() == "-0.0");
    CHECK(hsa::json_number(std::numeric_limits<float>::quiet_NaN()).is_null());
    CHECK(hsa::json_number(std::numeric_limits<double>::infinity()).is_null());
    // Every exponent, with fractions of all kinds.
    std::uint32_t bits = 1;
    for (int i = 0; i < 200'000; ++i) {
        bits = bits * 1664525U + 1013904223U;
        float value = 0.0F;
        std::memcpy(&value, &bits, sizeof value);
        if (!std::isfinite(value)) continue;
        const auto back =
            static_cast<float>(json::parse(hsa::json_number(value).dump()).get<double>());
        if (std::bit_cast<std::uint32_t>(back) != std::bit_cast<std::uint32_t>(value))
            FAIL("changed: " << value);
    }
}

TEST_CASE("a file that is no splat file is refused", "[io][splats]") {
    check_fails([] { (void)read_splats_json("s.json", "{\n \"format\": nonsense }"); },
                {"s.json", "not valid JSON", "line 2, column 1"});
    check_fails([] { (void)read_splats_json("s.json", "[1, 2]"); },
                {"s.json", "expected an object"});
    refuses([](json& f) { f["format"] = "other"; }, {"not a splat file", "other"});
    refuses([](json& f) { f.erase("format"); }, {"not a splat file", "missing"});
    refuses([](json& f) { f["version"] = 2; }, {"'version' is 2", "reads version 1"});
    refuses([](json& f) { f.erase("splats"); }, {"'splats' is missing"});
    refuses([](json& f) { f["splats"] = json::array(); }, {"at least one splat"});
    check_fails([] { (void)read_splats_json("s.json", std::string(100'000, '[')); },
                {"nested deeper"});
}

TEST_CASE("a wrong dimension is refused with the splat's id", "[io][splats]") {
    refuses(
        [](json& f) {
            f["splats"][1]["centre"] = {1, 2};
        },
        {"splat 4", "'centre' has 2 numbers", "expected 3"});
    refuses(
        [](json& f) {
            f["splats"][1]["covariance"]["variance"] = {1, 2, 3, 4};
        },
        {"splat 4 covariance", "'variance' has 4", "expected 3"});
    refuses([](json& f) { f["dimension"] = 0; }, {"'dimension' is 0"});
    refuses([](json& f) { f["dimension"] = 2.5; }, {"'dimension' is 2.5", "whole number"});
    refuses([](json& f) { f["dimension"] = 1'000'000'000; }, {"splat 0", "'centre' has 3"});
}

TEST_CASE("a covariance that is not positive definite is refused with the splat's id",
          "[io][splats]") {
    refuses([](json& f) { f["splats"][0]["covariance"]["variance"] = 0; },
            {"splat 0", "not positive definite", "above 0"});
    refuses([](json& f) { f["splats"][1]["covariance"]["variance"][2] = -1; },
            {"splat 4", "not positive definite", "-1"});
    refuses(
        [](json& f) {
            f["splats"][1]["covariance"]["variance"] = {1e-10, 1, 1e5};
        },
        {"splat 4", "condition above 1e12"});
    refuses(
        [](json& f) {
            f["splats"][1]["covariance"]["variance"] = {1e-60, 1, 1};
        },
        {"splat 4", "not positive definite"});
}

TEST_CASE("the kinds lowrank and full are read and written", "[io][splats]") {
    for (const std::size_t dimension : {1U, 2U, 3U, 9U}) {
        const SplatRegistry registry = io_test::make_shaped_registry(dimension);
        CHECK(hsa::same_bits(read_splats_json("s", write_splats_json(registry)), registry));
    }
    SplatRegistry paired = io_test::make_shaped_registry();
    paired.form = hsa::Form::paired;
    paired.query_gaussians = paired.gaussians;
    std::swap(paired.query_gaussians->shape[0], paired.query_gaussians->shape[3]);
    CHECK(hsa::same_bits(read_splats_json("s", write_splats_json(paired)), paired));
}

TEST_CASE("each fault of a lowrank or full covariance is named with the splat's id",
          "[io][splats]") {
    const auto lowrank = [](const json& factor) {
        return json{{"kind", "lowrank"}, {"diagonal", {1, 1, 1}}, {"factor", factor}};
    };
    const auto full = [](const json& matrix) { return json{{"kind", "full"}, {"matrix", matrix}}; };
    const auto refused = [](const json& covariance, std::vector<std::string> words) {
        words.insert(words.begin(), "splat 4");
        refuses([&](json& f) { f["splats"][1]["covariance"] = covariance; }, words);
    };
    refused(lowrank({{1}, {1}}), {"'factor' has 2 rows", "expected 3"});
    refused(lowrank({{1, 2}, {1, 2}, {1}}), {"row 2", "'factor' has 1", "expected 2"});
    refused(lowrank({json::array(), json::array(), json::array()}), {"'factor' has no columns"});
    refused(lowrank({{1}, {"x"}, {1}}), {"row 1", "'factor'"});
    refused(lowrank({{1e30}, {1}, {1}}), {"condition"});
    refused({{"kind", "lowrank"}, {"factor", {{1}, {1}, {1}}}}, {"'diagonal' is missing"});
    refused({{"kind", "lowrank"}, {"diagonal", {1, -1, 1}}, {"factor", {{1}, {1}, {1}}}},
            {"not positive definite", "-1"});
    refused(full({{1, 0, 0}, {0, 1, 0}}), {"'matrix' has 2 rows", "expected 3"});
    refused(full({{1, 0, 0}, {0.5, 1, 0}, {0, 0, 1}}), {"not symmetric", "[1][0]"});
    refused(full({{1, 2, 0}, {2, 1, 0}, {0, 0, 1}}), {"not positive definite"});
    refused(full({{1e-13, 0, 0}, {0, 1, 0}, {0, 0, 1}}), {"condition", "1e12"});
    refused({{"kind", "full"}}, {"'matrix' is missing"});
    refuses([](json& f) { f["splats"][2]["covariance"]["kind"] = "round"; },
            {"splat 9", "'round'", "expected spherical, diagonal, lowrank or full"});
}

TEST_CASE("an unknown level or parent is refused with the splat's id", "[io][splats]") {
    refuses([](json& f) { f["splats"][1]["level"] = "Section"; },
            {"splat 4", "'Section'", "'levels'"});
    refuses([](json& f) { f["splats"][0]["parent"] = 77; },
            {"splat 0", "parent 77", "not in the file"});
    refuses([](json& f) { f["splats"][0]["parent"] = "x"; },
            {"splat 0", "'parent'", "whole number"});
    refuses([](json& f) { f["splats"][0]["parent"] = 4; },
            {"splat 0", "parent 4", "level 'Token'", "exactly one level up"});
}

TEST_CASE("a cycle of parents is refused with a splat's id", "[io][splats]") {
    refuses([](json& f) { f["splats"][2]["parent"] = 0; }, {"splat 9", "cycle"});
    refuses([](json& f) { f["splats"][2]["parent"] = 9; }, {"splat 9", "cycle"});
}

TEST_CASE("a repeated or missing id is refused", "[io][splats]") {
    refuses([](json& f) { f["splats"][2]["id"] = 4; }, {"splat 4", "occurs twice"});
    refuses([](json& f) { f["splats"][2].erase("id"); }, {"position 2", "'id' is missing"});
    refuses([](json& f) { f["splats"][2]["id"] = -1; }, {"position 2", "-1"});
    refuses([](json& f) { f["splats"][2]["id"] = 4294967295U; }, {"position 2", "4294967295"});
    refuses([](json& f) { f["next_id"] = 5; }, {"'next_id' is 5", "largest id 9"});
}

TEST_CASE("what is not finite is refused with the splat's id", "[io][splats]") {
    refuses([](json& f) { f["splats"][1]["centre"][1] = nullptr; },
            {"splat 4", "'centre' number 1", "null", "finite"});
    refuses([](json& f) { f["splats"][1]["centre"][1] = 1e300; }, {"splat 4", "float32"});
    refuses([](json& f) { f["splats"][1]["beta"] = nullptr; }, {"splat 4", "'beta'", "finite"});
    refuses([](json& f) { f["splats"][1]["beta"] = 0; }, {"splat 4", "beta is 0"});
    refuses([](json& f) { f["splats"][1]["amplitude"] = -1; }, {"splat 4", "amplitude is -1"});
    refuses([](json& f) { f["splats"][1]["age"] = -1; }, {"splat 4", "'age'"});
    check_fails([] { (void)read_splats_json("s.json", "{\"kappa\": 1e999}"); },
                {"s.json", "not valid JSON"});
}

TEST_CASE("levels and their weights are checked", "[io][splats]") {
    refuses([](json& f) { f["levels"][0]["weight"] = -0.5; }, {"level 0", "'Token'", "-0.5"});
    refuses(
        [](json& f) {
            f["levels"][0]["weight"] = 0;
            f["levels"][1]["weight"] = 0;
        },
        {"all levels are zero"});
    refuses([](json& f) { f["levels"][1]["name"] = "Token"; }, {"level 1", "'Token'", "twice"});
    refuses(
        [](json& f) {
            f["levels"].push_back({{"name", "Section"}});
        },
        {"'Section' has no splat"});
    refuses([](json& f) { f["levels"] = json::array(); }, {"0 levels"});
}

TEST_CASE("the form and the query side must agree", "[io][splats]") {
    refuses([](json& f) { f["form"] = "round"; }, {"'round'", "token, shared or paired"});
    refuses([](json& f) { f["form"] = "paired"; }, {"splat 0", "query_centre"});
    refuses(
        [](json& f) {
            f["splats"][1]["query_centre"] = {1, 2, 3};
            f["splats"][1]["query_covariance"] = {{"kind", "spherical"}, {"variance", 1}};
        },
        {"splat 4", "query side", "form is token"});
    refuses(
        [](json& f) {
            f["splats"][1]["query_centre"] = {1, 2, 3};
        },
        {"splat 4", "'query_covariance' is missing"});
}

TEST_CASE("stored coordinates are checked", "[io][splats]") {
    SplatRegistry registry = io_test::make_registry();
    registry.coordinates = io_test::make_recipe(7, 3);
    const json good = json::parse(write_splats_json(registry));
    const auto broken = [&](const std::string& pointer, const json& value,
                            const std::string& says) {
        json file = good;
        file[json::json_pointer(pointer)] = value;
        check_fails([&] { (void)read(file); }, {"s.json", "coordinates", says});
    };
    broken("/coordinates/input_dimension", 6, "'mean' has 7");
    broken("/coordinates/axes/2/6", nullptr, "row 2");
    broken("/coordinates/axes", json::array(), "'axes' is empty");
    broken("/coordinates/scale", 0, "'scale' is 0");
    broken("/coordinates/levels/Phrase/soft", -1, "'soft'");
    broken("/coordinates/levels", json::object(), "level 'Token'");
    broken("/coordinates/unit_norm", 1, "true or false");
    broken("/coordinates/position", 0.1, "");
    check_fails(
        [&] {
            json file = good;
            file["coordinates"]["axes"].push_back(file["coordinates"]["axes"][0]);
            for (auto& level : file["coordinates"]["levels"]) level["mean"].push_back(0);
            (void)read(file);
        },
        {"'coordinates' make 4 dimensions", "'dimension' is 3"});
}
