#pragma once

#include "app/render/scene_painter.h"
#include "app/views/view.h"

#include <cstdint>
#include <string>
#include <vector>

namespace splatscope {

// What the 3-D view draws, from a snapshot and the session: ready for the painter and for picking.
struct SplatsScene {
    struct Body {
        hsa::SplatId id = hsa::kNoSplat;
        std::uint16_t level = 0;
        Vec3 centre{};
        double usage = 0.0;
        bool lit = false;
    };
    std::vector<Body> bodies;                   // visible splats, registry order
    std::vector<EllipsoidInstance> ellipsoids;  // the same order
    std::vector<PointInstance> points;
    std::vector<std::uint32_t> point_token;     // [points]
    std::vector<PointInstance> lit_points;
    std::size_t tokens = 0;                     // n; points may be a stratified part of them
    std::uint64_t points_key = 0;
    Vec3 middle{};                              // of everything
    double radius = 1.0;
};

// Throws nothing; needs layout, registry, factors and measures in the snapshot.
[[nodiscard]] SplatsScene make_splats_scene(const ViewContext& context);

// The level whose coordinates the points show.
[[nodiscard]] std::size_t points_level(const ViewContext& context);

// Share of a 3-D Gaussian inside `sigma` standard deviations (maths.md 6: .199, .739, .971 at 1, 2, 3).
[[nodiscard]] double mass_within(double sigma);

}  // namespace splatscope
