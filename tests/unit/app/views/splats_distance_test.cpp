#include "app/views/splats_distance.h"

#include "app/views/splats_colours.h"
#include "tests/catch.h"
#include "tests/unit/app/views/splats_world.h"

#include <array>
#include <cmath>

namespace splatscope {
namespace {

TEST_CASE("a distance in standard deviations is that of the covariance", "[views][splats]") {
    hsa::SplatRegistry registry;
    registry.dimension = 2;
    registry.hierarchy.levels = {{"Token", 1.0}};
    hsa::Splat splat;
    splat.centre = {1.0F, 2.0F};
    splat.variance = {4.0F, 0.25F};
    splat.kind = hsa::CovarianceKind::diagonal;
    (void)registry.add(splat);
    splat.kind = hsa::CovarianceKind::full;
    splat.variance = {2.0F, 1.0F};
    splat.shape = {0.8F};
    (void)registry.add(splat);
    const std::array<float, 2> place = {3.0F, 3.0F};
    CHECK(SplatMetric(registry, 0).distance(place) == Approx(std::sqrt(1.0 + 4.0)));
    // delta (2, 1), Sigma (2 .8; .8 1): delta^T Sigma^-1 delta = (4 - 3.2 + 2) / 1.36.
    CHECK(SplatMetric(registry, 1).distance(place) == Approx(std::sqrt(2.8 / 1.36)).epsilon(1e-6));
}

TEST_CASE("a kept metric is that of the splat and the registry asked for", "[views][splats]") {
    const SmallWorld world = splats_world();
    const auto registry = world.snapshot->registry;
    auto changed = std::make_shared<hsa::SplatRegistry>(*registry);
    changed->gaussians.centre(2, 0) += 1.0F;
    const auto place = world.snapshot->coordinates->base->row(5);
    KeptMetric kept;
    for (const std::size_t row : {2U, 2U, 3U, 2U})
        for (const auto& of : {registry, std::shared_ptr<const hsa::SplatRegistry>(changed)})
            CHECK(kept.of(of, row).distance(place) == SplatMetric(*of, row).distance(place));
    CHECK(&kept.of(registry, 2) == &kept.of(registry, 2));
    CHECK(kept.of(registry, 2).distance(place) != kept.of(changed, 2).distance(place));
}

TEST_CASE("no token drawn outside is inside a splat, and some drawn inside are not",
          "[views][splats]") {
    SmallWorld world = splats_world(18);
    world.session.desk.splats.sigma = 2.0;
    const hsa::SplatRegistry& registry = *world.snapshot->registry;
    const std::vector<std::size_t> rows = registry.rows_of_level(0);
    const std::vector<Lies> lies = where_tokens_lie(world.context(), 0, rows);
    std::array<std::size_t, 3> counts{};
    for (std::size_t i = 0; i < lies.size(); ++i) {
        ++counts[static_cast<std::size_t>(lies[i])];
        bool within = false;
        for (const std::size_t row : rows)
            within =
                within || SplatMetric(registry, row)
                                  .distance(world.snapshot->coordinates->levels[0]->row(i)) <= 2.0;
        CHECK(within == (lies[i] == Lies::inside));
    }
    for (const std::size_t count : counts) CHECK(count > 0);
}

TEST_CASE("the legend counts where tokens lie and follows the selection", "[views][splats]") {
    SmallWorld world = splats_world();
    const std::size_t n = world.snapshot->dataset->size();
    SplatsDesk& desk = world.session.desk.splats;
    desk.point_colour.by = PointColour::inside;
    CHECK(points_level(world.context()) == 1);
    world.session.document.selection.splats = {2};
    CHECK(points_level(world.context()) == 0);  // a splat lies among its own level's coordinates
    const PointColours colours = point_colours(world.context(), 0);
    CHECK(colours.title == "splat 2 at 1\u03c3");
    REQUIRE(colours.kind.size() == n);
    REQUIRE(colours.classes.size() == 3);
    std::array<std::size_t, 3> counts{};
    for (const std::uint8_t kind : colours.kind) ++counts[kind];
    CHECK(colours.classes[0].name == fmt::format("certainly outside  {}", counts[0]));
    CHECK(colours.classes[1].name == fmt::format("possibly inside  {}", counts[1]));
    // A head's splats are drawn at their keys: there the ellipsoids say nothing of the kind.
    auto registry = std::make_shared<hsa::SplatRegistry>(*world.snapshot->registry);
    registry->form = hsa::Form::shared;
    world.snapshot->registry = registry;
    CHECK(point_colours(world.context(), 0).title != colours.title);
}

TEST_CASE("the share of a distance that is shown is that of the projection", "[views][splats]") {
    SmallWorld world = splats_world();
    const ViewContext context = world.context();
    const hsa::Layout& layout = *world.snapshot->layout;
    const std::vector<double> from_middle = shown_shares(context, 0, kSmallSplats);
    const std::vector<double> from_splat = shown_shares(context, 0, 3);
    REQUIRE(from_middle.size() == world.snapshot->dataset->size());
    for (std::size_t i = 0; i < from_middle.size(); i += 7) {
        const auto y = world.snapshot->coordinates->base->row(i);
        const auto centre = world.snapshot->registry->gaussians.centre.row(3);
        std::array<double, 2> full{};
        std::array<double, 2> shown{};
        for (std::size_t r = 0; r < 3; ++r) {
            std::array<double, 2> along{};
            for (std::size_t a = 0; a < y.size(); ++a) {
                along[0] += static_cast<double>(layout.axes(r, a) * (y[a] - layout.mean[a]));
                along[1] += static_cast<double>(layout.axes(r, a) * (y[a] - centre[a]));
            }
            for (std::size_t w = 0; w < 2; ++w) shown[w] += along[w] * along[w];
        }
        for (std::size_t a = 0; a < y.size(); ++a) {
            full[0] += std::pow(static_cast<double>(y[a] - layout.mean[a]), 2.0);
            full[1] += std::pow(static_cast<double>(y[a] - centre[a]), 2.0);
        }
        CHECK(from_middle[i] == Approx(std::sqrt(shown[0] / full[0])).epsilon(1e-4));
        CHECK(from_splat[i] == Approx(std::sqrt(shown[1] / full[1])).epsilon(1e-4));
    }
    world.session.desk.splats.point_colour.by = PointColour::distance;
    const PointColours colours = point_colours(world.context(), 0);
    CHECK(colours.title == "distance shown, from the middle, %");
    REQUIRE(colours.bar);
    CHECK(colours.bar->least >= 0.0);
    CHECK(colours.bar->most <= 100.0);
    KeptMetric kept;
    const std::string text = distance_text(context, 5, 0, kept);
    CHECK(text.find("in 5 dimensions") != std::string::npos);
    CHECK(text.find("from Token splat ") != std::string::npos);
}

}  // namespace
}  // namespace splatscope
