#pragma once

#include <cstdint>
#include <vector>

namespace splatscope {

// Triangles around the unit sphere that touch it from outside.
struct Hull {
    std::vector<float> vertices;  // x, y, z
    std::vector<std::uint16_t> indices;
};

// An icosahedron whose faces are cut into four `rounds` times: 20, 80, 320 triangles. `reach`: of
// the sphere it is around.
[[nodiscard]] Hull make_hull(int rounds, double reach = 1.0);

}  // namespace splatscope
