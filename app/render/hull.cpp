#include "app/render/hull.h"

#include "app/render/camera.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <map>
#include <numbers>
#include <utility>

namespace splatscope {

Hull make_hull(int rounds, double reach) {
    const double t = std::numbers::phi;
    std::vector<Vec3> points = {{-1, t, 0}, {1, t, 0}, {-1, -t, 0}, {1, -t, 0},
                                {0, -1, t}, {0, 1, t}, {0, -1, -t}, {0, 1, -t},
                                {t, 0, -1}, {t, 0, 1}, {-t, 0, -1}, {-t, 0, 1}};
    std::vector<std::array<std::size_t, 3>> faces = {
        {0, 11, 5},  {0, 5, 1},  {0, 1, 7},  {0, 7, 10}, {0, 10, 11}, {1, 5, 9}, {5, 11, 4},
        {11, 10, 2}, {10, 7, 6}, {7, 1, 8},  {3, 9, 4},  {3, 4, 2},   {3, 2, 6}, {3, 6, 8},
        {3, 8, 9},   {4, 9, 5},  {2, 4, 11}, {6, 2, 10}, {8, 6, 7},   {9, 8, 1}};
    const auto unit = [](const Vec3& p) { return (1.0 / std::sqrt(dot(p, p))) * p; };
    for (Vec3& p : points) p = unit(p);
    for (int round = 0; round < rounds; ++round) {
        std::map<std::pair<std::size_t, std::size_t>, std::size_t> middles;
        const auto middle = [&](std::size_t a, std::size_t b) {
            const auto [place, is_new] =
                middles.emplace(std::pair(std::min(a, b), std::max(a, b)), points.size());
            if (is_new) points.push_back(unit(points[a] + points[b]));
            return place->second;
        };
        std::vector<std::array<std::size_t, 3>> finer;
        for (const auto& f : faces) {
            const std::size_t ab = middle(f[0], f[1]);
            const std::size_t bc = middle(f[1], f[2]);
            const std::size_t ca = middle(f[2], f[0]);
            finer.push_back({f[0], ab, ca});
            finer.push_back({f[1], bc, ab});
            finer.push_back({f[2], ca, bc});
            finer.push_back({ab, bc, ca});
        }
        faces = std::move(finer);
    }
    // Scaled until its faces touch the sphere from outside.
    double least = 1.0;
    for (const auto& f : faces) {
        const Vec3 centre = (1.0 / 3.0) * (points[f[0]] + points[f[1]] + points[f[2]]);
        least = std::min(least, std::sqrt(dot(centre, centre)));
    }
    Hull hull;
    for (const Vec3& p : points)
        for (const double x : p)
            hull.vertices.push_back(static_cast<float>(reach * x / (0.998 * least)));
    for (const auto& f : faces)
        for (const std::size_t v : f) hull.indices.push_back(static_cast<std::uint16_t>(v));
    return hull;
}

}  // namespace splatscope
