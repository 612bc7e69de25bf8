#pragma once

#include "app/views/splats_scene.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace splatscope {

// What stands under a place of the picture.
struct Picked {
    std::optional<std::size_t> body;  // index into the scene's bodies
    std::optional<std::uint32_t> token;
    std::optional<Vec3> point;  // of the token
};

// Exact: the line of sight against each surface, the finest level it meets first, then the nearest;
// and the tokens whose drawn point lies within a few pixels, unless a body that hides them stands
// before them. `at`: pixels from the picture's corner. Without bodies a splat is met within a few
// pixels of its centre.
[[nodiscard]] Picked pick(const SplatsScene& scene, const OrbitCamera& camera, Vec2 at,
                          bool with_bodies);

// What lies inside a closed line on the picture (pixels from its corner): the splats whose centres
// do, else the tokens whose points do. Returns the command that selects it, or nothing.
[[nodiscard]] std::optional<std::string> select_inside(const SplatsScene& scene,
                                                       const OrbitCamera& camera,
                                                       std::span<const Vec2> line);

}  // namespace splatscope
