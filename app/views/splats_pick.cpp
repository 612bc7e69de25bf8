#include "app/views/splats_pick.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>

namespace splatscope {
namespace {

constexpr double kPickPixels = 6.0;
constexpr double kFar = 1e300;
constexpr float kHiding = 0.6F;  // opacity from which a body hides what is behind it
constexpr std::size_t kMostRanges = 5000;

Vec3 place_of(const ScenePoint& point) {
    return {static_cast<double>(point.position[0]), static_cast<double>(point.position[1]),
            static_cast<double>(point.position[2])};
}

// Whether a place is inside a polygon, by the crossings of a line to its right.
bool inside(std::span<const Vec2> polygon, Vec2 p) {
    bool within = false;
    for (std::size_t i = 0, before = polygon.size() - 1; i < polygon.size(); before = i++) {
        const Vec2 a = polygon[i];
        const Vec2 b = polygon[before];
        if ((a.y > p.y) != (b.y > p.y) && p.x < (b.x - a.x) * (p.y - a.y) / (b.y - a.y) + a.x)
            within = !within;
    }
    return within;
}

}  // namespace

Picked pick(const SplatsScene& scene, const OrbitCamera& camera, Vec2 at, bool with_bodies) {
    Picked picked;
    const Ray ray = camera.ray(at);
    const auto gap_to = [&](const Vec3& point) {
        const auto projected = camera.project(point);
        if (!projected) return kFar;
        return std::hypot(static_cast<double>(projected->position.x - at.x),
                          static_cast<double>(projected->position.y - at.y));
    };
    double nearest = 0.0;  // distance of the body picked
    double hidden_from = kFar;
    for (std::size_t b = 0; b < scene.bodies.size(); ++b) {
        const SplatsScene::Body& body = scene.bodies[b];
        double distance = dot(body.drawn.shape.centre - ray.origin, ray.direction);
        if (with_bodies) distance = ray_enters(ray, body.drawn.shape);
        else if (gap_to(body.drawn.shape.centre) >= kPickPixels) continue;
        if (distance < 0.0) continue;
        if (with_bodies && body.drawn.alpha >= kHiding)
            hidden_from = std::min(hidden_from, distance);
        const bool better = !picked.body || body.level < scene.bodies[*picked.body].level ||
                            (body.level == scene.bodies[*picked.body].level && distance < nearest);
        if (!better) continue;
        picked.body = b;
        nearest = distance;
    }
    double best = kPickPixels;
    for (std::size_t p = 0; p < scene.points.size(); ++p) {
        const Vec3 place = place_of(scene.points[p]);
        const double gap = gap_to(place);
        if (gap >= best || dot(place - ray.origin, ray.direction) > hidden_from) continue;
        best = gap;
        picked.token = scene.point_token[p];
        picked.point = place;
    }
    // A marked centre is what was meant beside a point that happens to be near.
    if (picked.token && picked.body && !with_bodies) picked.token.reset();
    if (picked.token) picked.body.reset();
    return picked;
}

std::optional<std::string> select_inside(const SplatsScene& scene, const OrbitCamera& camera,
                                         std::span<const Vec2> line) {
    if (line.size() < 3) return std::nullopt;
    const auto holds = [&](const Vec3& point) {
        const auto projected = camera.project(point);
        return projected && inside(line, projected->position);
    };
    std::string command = "select.splats";
    bool any = false;
    for (const SplatsScene::Body& body : scene.bodies) {
        if (!holds(body.drawn.shape.centre)) continue;
        command += fmt::format(" {}", body.id);
        any = true;
    }
    if (any) return command;
    command = "select.tokens";
    std::size_t ranges = 0;
    for (std::size_t p = 0; p < scene.points.size() && ranges < kMostRanges;) {
        if (!holds(place_of(scene.points[p]))) {
            ++p;
            continue;
        }
        // Neighbours in the text that are all inside are one range.
        const std::uint32_t begin = scene.point_token[p];
        std::uint32_t end = begin;
        while (p < scene.points.size() && scene.point_token[p] <= end &&
               holds(place_of(scene.points[p]))) {
            end = scene.point_token[p] + 1;
            ++p;
        }
        command += fmt::format(" {}:{}", begin, end);
        ++ranges;
    }
    return ranges > 0 ? std::optional(command) : std::nullopt;
}

}  // namespace splatscope
