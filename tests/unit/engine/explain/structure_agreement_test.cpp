#include "engine/explain/structure_agreement.h"

#include "engine/core/random.h"
#include "tests/catch.h"
#include "tests/reference/cases.h"

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
    CHECK(*agreement.section > *agreement.sentence);
    CHECK(*agreement.section > 0.5);
    CHECK(!hsa::structure_agreement(data, reference::factors_of(made), 1).any());
}
