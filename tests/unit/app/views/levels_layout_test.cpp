#include "app/views/levels_layout.h"

#include "tests/catch.h"

#include <numeric>

using namespace splatscope;

namespace {

// Four splats and two, the first pair of which goes to the second parent.
hsa::LevelFlow crossed() {
    hsa::LevelFlow flow;
    hsa::FlowLevel fine;
    fine.name = "Token";
    fine.splats = {0, 1, 2, 3};
    fine.usage = {0.1, 0.2, 0.3, 0.4};
    hsa::FlowLevel coarse;
    coarse.name = "Phrase";
    coarse.splats = {4, 5};
    coarse.usage = {0.7, 0.3};
    hsa::FlowLink link;
    link.coarser = 1;
    link.mass = hsa::Matrix<double>(4, 2);
    for (std::size_t c = 0; c < 4; ++c) link.mass(c, c < 2 ? 1 : 0) = fine.usage[c];
    link.into = {0.7, 0.3};
    link.along_tree = 1.0;
    link.kept = 0.9;
    flow.levels = {fine, coarse};
    flow.links = {link};
    return flow;
}

}  // namespace

TEST_CASE("bars are as high as usage and stand where their mass goes", "[views][levels]") {
    const Rect plot = {{10.0F, 20.0F}, {410.0F, 320.0F}};
    const LevelsLayout layout = levels_layout(crossed(), plot, 12.0F);
    REQUIRE(layout.first == std::vector<std::size_t>{0, 4, 6});
    // The parent with most usage above, its children beside it, ties by usage.
    CHECK(layout.bars[4].splat == 4);
    CHECK(layout.bars[5].splat == 5);
    std::vector<hsa::SplatId> order;
    for (std::size_t b = 0; b < 4; ++b) order.push_back(layout.bars[b].splat);
    CHECK(order == std::vector<hsa::SplatId>{3, 2, 1, 0});
    CHECK(layout.bars[0].place.height() == Approx(4.0F * layout.bars[3].place.height()));
    CHECK(layout.bars.front().place.min == plot.min);
    CHECK(layout.bars[3].place.max.y == Approx(plot.max.y));
    CHECK(layout.bars.back().place.max.x == Approx(plot.max.x));
    CHECK(layout.bars.back().place.max.y == Approx(plot.max.y));
}

TEST_CASE("bands are as wide as the mass and end on their bars", "[views][levels]") {
    const LevelsLayout layout = levels_layout(crossed(), {{0.0F, 0.0F}, {400.0F, 300.0F}}, 12.0F);
    REQUIRE(layout.bands.size() == 8);
    for (const LevelBand& band : layout.bands) {
        const LevelBar& finer = layout.bars[band.finer];
        const LevelBar& coarser = layout.bars[band.coarser];
        CHECK(finer.level == 0);
        CHECK(coarser.level == 1);
        CHECK(band.width == Approx(finer.place.height() * band.mass / finer.usage).margin(1e-4));
        CHECK(band.from.x == finer.place.max.x);
        CHECK(band.to.x == coarser.place.min.x);
        CHECK(band.from.y >= finer.place.min.y - 0.01F);
        CHECK(band.from.y <= finer.place.max.y + 0.01F);
        CHECK(band.to.y >= coarser.place.min.y - 0.01F);
        CHECK(band.to.y <= coarser.place.max.y + 0.01F);
        const std::vector<Vec2> line = band_line(band);
        CHECK(line.front() == band.from);
        CHECK(line.back().x == Approx(band.to.x));
        CHECK(line.back().y == Approx(band.to.y));
        if (band.mass > 0.0) CHECK(band.over_chance > 1.0);
    }
    CHECK(layout.bands.back().mass > 0.0);  // drawn last, above the others
    CHECK(levels_layout({}, {{0.0F, 0.0F}, {10.0F, 10.0F}}, 2.0F).bars.empty());
}
