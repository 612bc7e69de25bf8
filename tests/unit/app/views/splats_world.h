#pragma once

#include "app/views/splats_scene.h"
#include "engine/explain/layout.h"
#include "tests/unit/app/views/small_world.h"

#include <cmath>
#include <memory>
#include <utility>
#include <vector>

namespace splatscope {

// A small world whose six splats and tokens have places: five dimensions, of which the picture
// shows the first three.
inline SmallWorld splats_world(std::size_t paragraphs = 6) {
    constexpr std::size_t kDimension = 5;
    SmallWorld world = small_world(paragraphs);
    hsa::Snapshot& s = *world.snapshot;
    auto registry = std::make_shared<hsa::SplatRegistry>(*s.registry);
    registry->dimension = kDimension;
    registry->gaussians = {};
    for (std::size_t row = 0; row < kSmallSplats; ++row) {
        const auto at = static_cast<float>(row);
        const std::vector<float> centre = {2.0F * std::sin(at), std::cos(1.7F * at), 0.5F * at,
                                           0.1F * at, 0.0F};
        const std::vector<float> variance(kDimension, 0.25F + 0.05F * at);
        registry->gaussians.append(centre, hsa::CovarianceKind::spherical, variance, {});
    }
    s.registry = registry;
    const std::size_t n = s.dataset->size();
    hsa::Matrix<float> places(n, kDimension);
    for (std::size_t i = 0; i < n; ++i)
        for (std::size_t a = 0; a < kDimension; ++a)
            places(i, a) = std::sin(0.37F * static_cast<float>((i + 1) * (a + 1)));
    auto coordinates = std::make_shared<hsa::Coordinates>();
    coordinates->base = std::make_shared<const hsa::Matrix<float>>(std::move(places));
    coordinates->levels = {coordinates->base, coordinates->base};
    s.coordinates = coordinates;
    auto layout = std::make_shared<hsa::Layout>(
        hsa::splat_layout(*coordinates, *registry, s.measures->usage, nullptr, {}));
    s.layout = layout;
    return world;
}

}  // namespace splatscope
