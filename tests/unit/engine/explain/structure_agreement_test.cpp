#include "engine/explain/structure_agreement.h"

#include "engine/core/random.h"
#include "engine/explain/answer_levels.h"
#include "engine/explain/answers.h"
#include "engine/level_advice.h"
#include "tests/catch.h"
#include "tests/reference/cases.h"
#include "tests/unit/engine/explain/world.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <memory>
#include <string>
#include <vector>

TEST_CASE("two partitions agree from 0 by chance to 1 when they are the same", "[explain][text]") {
    std::vector<std::uint32_t> parts;
    std::vector<std::uint32_t> renamed;
    std::vector<std::uint32_t> drawn;
    for (std::size_t i = 0; i < 2000; ++i) {
        parts.push_back(static_cast<std::uint32_t>(i / 100));
        renamed.push_back(static_cast<std::uint32_t>(40 - i / 100));
        drawn.push_back(static_cast<std::uint32_t>(hsa::Random{3, i}.below(20)));
    }
    CHECK(hsa::adjusted_information(parts, renamed) == Approx(1.0));
    CHECK(hsa::adjusted_information(parts, drawn) < 0.02);
    // Halves of the parts: all that the parts know, and one bit more.
    std::vector<std::uint32_t> halves;
    for (std::size_t i = 0; i < 2000; ++i) halves.push_back(static_cast<std::uint32_t>(i / 50));
    const double half = hsa::adjusted_information(parts, halves);
    CHECK(half > 0.85);
    CHECK(half < 0.95);
    CHECK(hsa::adjusted_information(parts, std::vector<std::uint32_t>(2000, 7)) == 0.0);
}

TEST_CASE("a level agrees with the structure that its splats stand for", "[explain][text]") {
    // Three splats far apart, the tokens of a section at each.
    reference::Case made = reference::random_case(
        {.tokens = 90, .dimension = 2, .splats = {3}, .background = true}, 8);
    hsa::Matrix<float> rows(90, 2);
    hsa::Dataset data;
    for (std::size_t i = 0; i < 90; ++i) {
        const auto centre = made.registry.gaussians.centre.row(i / 30);
        for (std::size_t a = 0; a < 2; ++a) rows(i, a) = centre[a];
        data.structure.section.push_back(static_cast<std::uint32_t>(i / 30));
        data.structure.paragraph.push_back(0);
        data.structure.sentence.push_back(static_cast<std::uint32_t>(i / 5));
    }
    data.embeddings = hsa::Embeddings::own(rows);
    made.set_rows(rows);
    const hsa::StructureAgreement agreement =
        hsa::structure_agreement(data, reference::factors_of(made), 0);
    REQUIRE(agreement.section);
    REQUIRE(agreement.sentence);
    CHECK(!agreement.paragraph);  // one paragraph parts nothing
    CHECK(agreement.section->information > agreement.sentence->information);
    CHECK(agreement.section->information > 0.5);
    CHECK(!agreement.phrase);
    CHECK(!agreement.dependencies);
    CHECK(!hsa::structure_agreement(data, reference::factors_of(made), 1).any());
}

TEST_CASE("borders that are found and missed make an F1, beside that of chance",
          "[explain][text]") {
    const std::vector<std::uint32_t> parts = {0, 0, 0, 1, 1, 1, 2, 2, 2};
    CHECK(hsa::part_agreement(parts, parts).boundary_f1 == Approx(1.0));
    // One of two borders, and one that is none: precision 1/2, recall 1/2; chance: 2 of 8 places.
    const hsa::PartAgreement half =
        hsa::part_agreement(std::vector<std::uint32_t>{0, 0, 0, 1, 1, 1, 1, 3, 3}, parts);
    CHECK(half.boundary_f1 == Approx(0.5));
    CHECK(half.f1_by_chance == Approx(0.25));
    CHECK(half.tolerance == 0);
    CHECK(hsa::part_agreement(std::vector<std::uint32_t>(9, 0), parts).boundary_f1 == 0.0);
    // Parts of 30 tokens: a change 3 tokens off is found, one 4 off is not.
    const auto long_parts = [](std::size_t off) {
        std::vector<std::uint32_t> shifted;
        for (std::size_t i = 0; i < 300; ++i)
            shifted.push_back(static_cast<std::uint32_t>((i + off) / 30));
        return shifted;
    };
    CHECK(hsa::part_agreement(long_parts(3), long_parts(0)).tolerance == 3);
    CHECK(hsa::part_agreement(long_parts(3), long_parts(0)).boundary_f1 > 0.9);
    CHECK(hsa::part_agreement(long_parts(4), long_parts(0)).boundary_f1 == 0.0);
}

TEST_CASE("attention to heads is held against words that stand as far apart", "[explain][text]") {
    // Two splats far apart; tokens 0, 2, 4 ... at one, the others at the other: a head two tokens
    // on is attended to, one token on it is not.
    reference::Case made = reference::random_case(
        {.tokens = 60, .dimension = 2, .splats = {2}, .background = false}, 8);
    hsa::Matrix<float> rows(60, 2);
    hsa::Dataset data;
    hsa::MetadataColumn head{"head", {}, std::vector<double>(60, -1.0)};
    hsa::MetadataColumn phrase{"phrase", {}, {}};
    for (std::size_t i = 0; i < 60; ++i) {
        const auto centre = made.registry.gaussians.centre.row(i / 2 % 2);
        for (std::size_t a = 0; a < 2; ++a) rows(i, a) = centre[a];
        // The other token of its pair: of the first it is the next, of the second the one before.
        head.numbers[i] = static_cast<double>(i ^ 1U);
        phrase.numbers.push_back(std::floor(0.5 * static_cast<double>(i)));
    }
    data.embeddings = hsa::Embeddings::own(rows);
    data.properties = {head, phrase};
    hsa::Matrix<float>& variance = made.registry.gaussians.variance;
    for (std::size_t e = 0; e < variance.size(); ++e) variance.data()[e] *= 0.1F;
    made.set_rows(rows);
    const hsa::Factors factors = reference::factors_of(made);
    const hsa::StructureAgreement agreement = hsa::structure_agreement(data, factors, 0);
    REQUIRE(agreement.dependencies);
    CHECK(agreement.dependencies->pairs == 60);
    CHECK(agreement.dependencies->lift() > 1.2);
    REQUIRE(agreement.phrase);
    CHECK(agreement.phrase->boundary_f1 > 0.9);
    // Heads drawn at random are attended to as anything that far away.
    for (std::size_t i = 0; i < 60; ++i)
        data.properties[0].numbers[i] = static_cast<double>(hsa::Random{5, i}.below(60));
    const auto drawn = hsa::structure_agreement(data, factors, 0).dependencies;
    REQUIRE(drawn);
    CHECK(drawn->lift() < 1.2);
}

TEST_CASE("every answer has the same numbers of a level and the text", "[explain][text]") {
    const explain_test::World world = explain_test::make_world({.tokens = 120, .seed = 4});
    hsa::Snapshot snapshot = explain_test::snapshot_of(world);
    snapshot.factors_exact = true;
    auto data = std::make_shared<hsa::Dataset>(*snapshot.dataset);
    data->structure = {};
    const std::size_t n = data->size();
    for (std::size_t i = 0; i < n; ++i) {
        // What the finer splats part, with some noise, and stretches.
        std::size_t best = 0;
        for (std::size_t c = 0; c < world.factors.columns(); ++c)
            if (world.factors.level[c] == 0 && world.factors.p(i, c) > world.factors.p(i, best))
                best = c;
        data->structure.sentence.push_back(static_cast<std::uint32_t>(i % 7 == 0 ? 0 : best));
        data->structure.paragraph.push_back(0);
        data->structure.section.push_back(static_cast<std::uint32_t>(i / 40));
    }
    snapshot.dataset = data;
    const nlohmann::json flow = hsa::answer_flow(snapshot, hsa::Work{});
    const nlohmann::json levels = hsa::answer_levels(snapshot, {});
    const hsa::LevelAdvice advice = hsa::level_advice(snapshot, {});
    double most = 0.0;
    for (std::size_t l = 0; l < 2; ++l) {
        const std::string name = world.registry.hierarchy.levels[l].name;
        const hsa::StructureAgreement expected = hsa::structure_agreement(*data, world.factors, l);
        const nlohmann::json alone = hsa::answer_level(snapshot, l).at("structure");
        CHECK(alone.size() == 2);  // one paragraph parts nothing
        CHECK(alone.at("sentences").at("information") == expected.sentence->information);
        CHECK(alone.at("sections").at("boundary_f1") == expected.section->boundary_f1);
        CHECK(flow.at("structure").at(name) == alone);
        CHECK(levels.at("levels").at(l).at("structure") == alone);
        most = std::max(most, expected.sentence->information);
        // And of its share of attention: what leaves through it, over all it arrives at.
        double leaves = 0.0;
        for (const nlohmann::json& share : flow.at("levels_between").at("share").at(l))
            leaves += share.get<double>();
        CHECK(levels.at("levels").at(l).at("gate").at("mean").get<double>() ==
              Approx(leaves).epsilon(1e-6));
    }
    REQUIRE(most > 0.3);
    REQUIRE(advice.parts.size() == 2);
    CHECK(advice.parts[0].kind == "sentence");
    CHECK(advice.parts[0].agreement == most);
}
