#include "app/views/splats_pick.h"

#include "app/render/gaussian_painter.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <utility>

namespace splatscope {
namespace {

constexpr double kPickPixels = 6.0;
constexpr double kFar = 1e300;
constexpr float kSamePlace = 3.0F;  // pixels between clicks on one place
constexpr float kHiding = 0.6F;     // opacity from which a body hides what is behind it
constexpr double kSoftReach = 2.0;  // standard deviations within which a soft body is met
constexpr std::size_t kMostRanges = 5000;

Vec3 place_of(const ScenePoint& point) {
    return {static_cast<double>(point.position[0]), static_cast<double>(point.position[1]),
            static_cast<double>(point.position[2])};
}

// Something that lies at a place of the picture.
struct Met {
    Picked picked;
    double distance = 0.0;  // along the line of sight
    double cover = 0.0;     // of a soft body: the share of what is behind that it hides there
    double gap = 0.0;       // of a token: pixels between the place and where it is drawn
};

// Pixels between a place of the picture and where a point of the scene is drawn; kFar where that is
// certainly too far to matter.
double gap_between(const Projector& projected, Vec2 at, const Vec3& point) {
    const auto drawn = projected(point);
    if (!drawn) return kFar;
    const auto dx = static_cast<double>(drawn->position.x - at.x);
    const auto dy = static_cast<double>(drawn->position.y - at.y);
    if (std::abs(dx) >= kPickPixels || std::abs(dy) >= kPickPixels) return kFar;
    return std::hypot(dx, dy);
}

// Along the line of sight, or negative where a body is not met.
double distance_to(const SplatsScene::Body& body, const Projector& projected, const Ray& ray,
                   Vec2 at, bool with_bodies) {
    if (with_bodies) return ray_enters(ray, body.drawn.shape);
    const Vec3& centre = body.drawn.shape.centre;
    if (gap_between(projected, at, centre) >= kPickPixels) return -1.0;
    return dot(centre - ray.origin, ray.direction);
}

// Where the line of sight passes nearest to a soft body; false where that is too far, or behind.
bool meet_soft(const SplatsScene::Body& body, const Ray& ray, Met& hit) {
    const Vec3 from = body.drawn.shape.unstretched(ray.origin - body.drawn.shape.centre);
    const Vec3 along = body.drawn.shape.unstretched(ray.direction);
    hit.distance = -dot(from, along) / dot(along, along);
    const Vec3 nearest = from + hit.distance * along;
    const double square = dot(nearest, nearest);
    hit.cover = static_cast<double>(soft_alpha(body.drawn)) * std::exp(-0.5 * square);
    return hit.distance > 0.0 && square <= kSoftReach * kSoftReach;
}

// Everything there as it stands in the scene: bodies, then tokens.
std::vector<Met> found_at(const SplatsScene& scene, const OrbitCamera& camera, Vec2 at,
                          bool with_bodies) {
    const Ray ray = camera.ray(at);
    const Projector projected(camera);
    std::vector<Met> found;
    for (std::size_t b = 0; b < scene.bodies.size(); ++b) {
        Met hit;
        hit.picked.body = b;
        if (scene.soft && with_bodies) {
            if (meet_soft(scene.bodies[b], ray, hit)) found.push_back(hit);
            continue;
        }
        hit.distance = distance_to(scene.bodies[b], projected, ray, at, with_bodies);
        if (hit.distance >= 0.0) found.push_back(hit);
    }
    for (std::size_t p = 0; p < scene.points.size(); ++p) {
        const Vec3 place = place_of(scene.points[p]);
        const double gap = gap_between(projected, at, place);
        if (gap >= kPickPixels) continue;
        Met hit;
        hit.picked.token = scene.point_token[p];
        hit.picked.point = place;
        hit.distance = dot(place - ray.origin, ray.direction);
        hit.gap = gap;
        found.push_back(hit);
    }
    return found;
}

// Of soft bodies the one that is seen most, else the token nearest to the place that is not hidden.
Picked pick_soft(std::vector<Met> found) {
    std::stable_sort(found.begin(), found.end(),
                     [](const Met& a, const Met& b) { return a.distance < b.distance; });
    Picked token;
    Picked body;
    double nearest = kPickPixels;
    double most = 0.0;
    double let_through = 1.0;  // by what stands before
    for (const Met& hit : found) {
        if (hit.picked.body) {
            const double seen = let_through * hit.cover;
            let_through -= seen;
            if (seen <= most) continue;
            most = seen;
            body = hit.picked;
        } else if (hit.gap < nearest && 1.0 - let_through < static_cast<double>(kHiding)) {
            nearest = hit.gap;
            token = hit.picked;
        }
    }
    return token.token ? token : body;
}

Picked pick_of(const SplatsScene& scene, const std::vector<Met>& found, bool with_bodies) {
    if (scene.soft && with_bodies) return pick_soft(found);
    Picked picked;
    double nearest = 0.0;  // distance of the body picked
    double hidden_from = kFar;
    double best = kPickPixels;
    for (const Met& hit : found) {
        if (hit.picked.body) {
            const SplatsScene::Body& body = scene.bodies[*hit.picked.body];
            if (with_bodies && body.drawn.alpha >= kHiding)
                hidden_from = std::min(hidden_from, hit.distance);
            const bool better =
                !picked.body || body.level < scene.bodies[*picked.body].level ||
                (body.level == scene.bodies[*picked.body].level && hit.distance < nearest);
            if (!better) continue;
            picked.body = hit.picked.body;
            nearest = hit.distance;
            continue;
        }
        if (hit.gap >= best || hit.distance > hidden_from) continue;
        best = hit.gap;
        picked.token = hit.picked.token;
        picked.point = hit.picked.point;
    }
    // A marked centre is what was meant beside a point that happens to be near.
    if (picked.token && picked.body && !with_bodies) picked.token.reset();
    if (picked.token) picked.body.reset();
    return picked;
}

std::vector<Picked> from_the_front(std::vector<Met> found) {
    std::stable_sort(found.begin(), found.end(),
                     [](const Met& a, const Met& b) { return a.distance < b.distance; });
    std::vector<Picked> hits;
    hits.reserve(found.size());
    for (const Met& hit : found) hits.push_back(hit.picked);
    return hits;
}

}  // namespace

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

Picked pick(const SplatsScene& scene, const OrbitCamera& camera, Vec2 at, bool with_bodies) {
    return pick_of(scene, found_at(scene, camera, at, with_bodies), with_bodies);
}

std::vector<Picked> hits_at(const SplatsScene& scene, const OrbitCamera& camera, Vec2 at,
                            bool with_bodies) {
    return from_the_front(found_at(scene, camera, at, with_bodies));
}

namespace {

// Place of a hit in the list; the list's length where it is not there.
std::size_t place_of_hit(const SplatsScene& scene, const std::vector<Picked>& hits,
                         std::optional<hsa::SplatId> splat, std::optional<std::uint32_t> token) {
    const auto found = std::find_if(hits.begin(), hits.end(), [&](const Picked& hit) {
        if (hit.token) return hit.token == token;
        return splat && scene.bodies[*hit.body].id == *splat;
    });
    return static_cast<std::size_t>(found - hits.begin());
}

std::size_t place_of_pick(const SplatsScene& scene, const std::vector<Picked>& hits,
                          const Picked& picked) {
    std::optional<hsa::SplatId> splat;
    if (picked.body) splat = scene.bodies[*picked.body].id;
    return place_of_hit(scene, hits, splat, picked.token);
}

}  // namespace

bool PickCycle::goes_on(Vec2 at, const hsa::Selection& selected) const {
    if (!last_ || std::hypot(last_->at.x - at.x, last_->at.y - at.y) > kSamePlace) return false;
    if (last_->token)
        return std::any_of(selected.tokens.begin(), selected.tokens.end(),
                           [&](const hsa::Range& range) {
                               return *last_->token >= range.begin && *last_->token < range.end;
                           });
    return last_->splat &&
           std::binary_search(selected.splats.begin(), selected.splats.end(), *last_->splat);
}

PickCycle::Choice PickCycle::look(const SplatsScene& scene, const OrbitCamera& camera, Vec2 at,
                                  bool with_bodies, const hsa::Selection& selected) const {
    return choose(scene, camera, at, with_bodies, goes_on(at, selected), 0);
}

PickCycle::Choice PickCycle::take(const SplatsScene& scene, const OrbitCamera& camera, Vec2 at,
                                  bool with_bodies, const hsa::Selection& selected) {
    const bool again = goes_on(at, selected);
    const Choice choice = choose(scene, camera, at, with_bodies, again, 1);
    // The place stays that of the first click, so that a hand that wanders goes on counting.
    Taken taken;
    taken.at = again ? last_->at : at;
    if (choice.picked.body) taken.splat = scene.bodies[*choice.picked.body].id;
    taken.token = choice.picked.token;
    last_ = taken;
    return choice;
}

PickCycle::Choice PickCycle::choose(const SplatsScene& scene, const OrbitCamera& camera, Vec2 at,
                                    bool with_bodies, bool again, std::size_t steps) const {
    const std::vector<Met> found = found_at(scene, camera, at, with_bodies);
    const std::vector<Picked> hits = from_the_front(found);
    Choice choice;
    choice.hits = hits.size();
    if (hits.empty()) return choice;
    choice.place = hits.size();
    if (again) choice.place = place_of_hit(scene, hits, last_->splat, last_->token);
    if (choice.place < hits.size()) choice.place = (choice.place + steps) % hits.size();
    else choice.place = place_of_pick(scene, hits, pick_of(scene, found, with_bodies));
    choice.place = std::min(choice.place, hits.size() - 1);
    choice.picked = hits[choice.place];
    return choice;
}

std::optional<std::string> select_inside(const SplatsScene& scene, const OrbitCamera& camera,
                                         std::span<const Vec2> line) {
    if (line.size() < 3) return std::nullopt;
    const Projector projected(camera);
    const auto holds = [&](const Vec3& point) {
        const auto drawn = projected(point);
        return drawn && inside(line, drawn->position);
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
