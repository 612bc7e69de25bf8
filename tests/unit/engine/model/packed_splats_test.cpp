#include "engine/model/packed_splats.h"

#include "tests/catch.h"

#include <cmath>
#include <limits>
#include <vector>

using hsa::PackedSplats;
using hsa::Splat;

TEST_CASE("packed splats come back bit for bit", "[model][packed]") {
    std::vector<Splat> splats(5);
    splats[0].id = 7;
    splats[0].level = 0xffffU;
    splats[0].parent = 3;
    splats[0].centre = {1.0F, -0.0F, 3.5F};
    splats[0].variance = {2.0F, 2.0F, 2.0F};
    splats[0].log_amplitude = -std::numeric_limits<float>::infinity();
    splats[0].beta = 0.25F;
    splats[0].age = -2;
    for (int push = 0; push < 12; ++push) splats[0].usage.push(0.01F * static_cast<float>(push));
    splats[1].kind = hsa::CovarianceKind::full;
    splats[1].centre = {1.0F, 2.0F};
    splats[1].variance = {1.0F, 2.0F};
    splats[1].shape = {0.5F};
    splats[1].usage.push(0.5F);
    splats[2].centre = {1.0F};
    splats[2].variance = {-1.0F};
    splats[3].variance = {0.0F, -0.0F};  // equal, but not the same bits
    const PackedSplats packed(splats);
    CHECK(packed.size() == 5);
    const std::vector<Splat> back = packed.unpack();
    CHECK(back == splats);
    CHECK(std::signbit(back[0].centre[1]));
    CHECK(std::signbit(back[3].variance[1]));
    CHECK(PackedSplats().empty());
    CHECK(PackedSplats().unpack().empty());
}
