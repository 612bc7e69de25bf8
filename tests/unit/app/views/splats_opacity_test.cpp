#include "app/views/splats_opacity.h"

#include "tests/catch.h"
#include "tests/unit/app/views/splats_world.h"

#include <algorithm>
#include <cmath>

namespace splatscope {
namespace {

TEST_CASE("opacity says usage or amplitude against the level, or any property", "[views][splats]") {
    SmallWorld world = splats_world();
    auto measures = std::make_shared<hsa::Measures>(*world.snapshot->measures);
    measures->usage = {0.4, 0.1, 0.1, 0.1, 0.2, 0.1};
    world.snapshot->measures = measures;
    auto registry = std::make_shared<hsa::SplatRegistry>(*world.snapshot->registry);
    registry->log_amplitude[2] = 2.0F;
    registry->age = {0, 10, 20, 30, 40, 50};
    world.snapshot->registry = registry;
    std::string& wanted = world.session.desk.splats.opacity;

    const SplatOpacity usage = splat_opacity(world.context());
    REQUIRE(usage.alpha.size() == kSmallSplats);
    CHECK(usage.says == "opacity = usage");
    CHECK(usage.alpha[0] > usage.alpha[1]);
    CHECK(usage.alpha[1] == usage.alpha[2]);
    CHECK(usage.alpha[4] < usage.alpha[0]);  // of a coarse level: a shell

    wanted = "amplitude";
    const SplatOpacity amplitude = splat_opacity(world.context());
    CHECK(amplitude.says == "opacity = amplitude");
    CHECK(amplitude.alpha[2] > amplitude.alpha[0]);
    CHECK(amplitude.alpha[0] == amplitude.alpha[3]);

    wanted = "age";
    const SplatOpacity age = splat_opacity(world.context());
    CHECK(age.says == "opacity = age, 0 to 50 cycles");
    CHECK(std::is_sorted(age.alpha.begin(), age.alpha.end()));
    CHECK(age.alpha[5] - age.alpha[4] == Approx(age.alpha[1] - age.alpha[0]));

    wanted = "alike";
    const SplatOpacity alike = splat_opacity(world.context());
    CHECK(alike.says.empty());
    CHECK(alike.alpha[0] == alike.alpha[3]);

    wanted = "nonsense";
    const SplatOpacity unknown = splat_opacity(world.context());
    CHECK(unknown.says == "opacity = usage (splats have no nonsense)");
    CHECK(unknown.alpha == usage.alpha);
    for (const std::string& choice : opacity_choices(*world.snapshot)) {
        CAPTURE(choice);
        wanted = choice;
        const SplatOpacity any = splat_opacity(world.context());
        CHECK(any.says.find("no ") == std::string::npos);
        for (const float alpha : any.alpha) CHECK((alpha > 0.0F && alpha < 1.0F));
    }
}

}  // namespace
}  // namespace splatscope
