#include "app/views/splats_frame.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numbers>
#include <utility>

namespace splatscope {
namespace {

constexpr double kFarBeyond = 2.5;  // of the distance that kNearShare of the splats keep within
constexpr double kNearShare = 0.9;
constexpr std::size_t kFewSplats = 5;         // of fewer none is an outlier
constexpr std::size_t kMostLookedAt = 16384;  // looked at
constexpr std::size_t kDirections = 200;      // in each the outermost token counts
constexpr double kCovered = 0.4;              // a covered place costs so much of the distance
constexpr double kAir = 14.0;                 // pixels between the scene and the picture's border
constexpr double kAirAbove = 30.0;            // with room for a name
constexpr double kFront = 0.75;  // share of the distance that the scene may come nearer

// Of each coordinate by itself: one far splat does not move it.
Vec3 median_centre(const hsa::Matrix<float>& centres) {
    Vec3 middle{};
    std::vector<float> column(centres.rows());
    for (std::size_t a = 0; a < 3; ++a) {
        for (std::size_t s = 0; s < column.size(); ++s) column[s] = centres(s, a);
        const auto half = column.begin() + static_cast<std::ptrdiff_t>(column.size() / 2);
        std::nth_element(column.begin(), half, column.end());
        middle[a] = static_cast<double>(*half);
    }
    return middle;
}

double quantile(std::vector<double> values, double share) {
    const auto place = values.begin() +
                       static_cast<std::ptrdiff_t>(share * static_cast<double>(values.size() - 1));
    std::nth_element(values.begin(), place, values.end());
    return *place;
}

// Evenly over the sphere, on a spiral.
std::vector<Vec3> directions() {
    std::vector<Vec3> all;
    const double turn = std::numbers::pi * (3.0 - std::sqrt(5.0));
    for (std::size_t p = 0; p < kDirections; ++p) {
        const auto at = static_cast<double>(p);
        const double z = 1.0 - (2.0 * at + 1.0) / static_cast<double>(kDirections);
        const double r = std::sqrt(1.0 - z * z);
        all.push_back({r * std::cos(turn * at), r * std::sin(turn * at), z});
    }
    return all;
}

// The rows that lie farthest in some direction, of those within `limit` of a place; rising.
std::vector<std::size_t> outermost(const hsa::Matrix<float>& points, const Vec3& from,
                                   double limit) {
    const std::vector<Vec3> ways = directions();
    std::vector<double> most(ways.size(), -std::numeric_limits<double>::infinity());
    std::vector<std::size_t> best(ways.size(), points.rows());
    const std::size_t step = std::max<std::size_t>(1, points.rows() / kMostLookedAt);
    double least = 0.0;  // of `most`: what is nearer reaches farther nowhere
    for (std::size_t i = 0; i < points.rows(); i += step) {
        const Vec3 away = point_at(points, i) - from;
        const double far = length(away);
        if (far > limit || far < 0.999 * least) continue;
        bool reaches = false;
        for (std::size_t w = 0; w < ways.size(); ++w)
            if (const double reach = dot(away, ways[w]); reach > most[w]) {
                most[w] = reach;
                best[w] = i;
                reaches = true;
            }
        if (reaches) least = *std::min_element(most.begin(), most.end());
    }
    std::sort(best.begin(), best.end());
    best.erase(std::unique(best.begin(), best.end()), best.end());
    if (!best.empty() && best.back() == points.rows()) best.pop_back();
    return best;
}

void surround(SceneFrame& frame) {
    Vec3 low = frame.held.front().centre;
    Vec3 high = low;
    for (const Ellipsoid& body : frame.held)
        for (std::size_t a = 0; a < 3; ++a) {
            Vec3 axis{};
            axis[a] = 1.0;
            const double reach = body.reach(axis);
            low[a] = std::min(low[a], body.centre[a] - reach);
            high[a] = std::max(high[a], body.centre[a] + reach);
        }
    frame.middle = 0.5 * (low + high);
    double radius = 0.0;
    for (const Ellipsoid& body : frame.held)
        radius = std::max(radius, length(body.centre - frame.middle) + body.radius_bound());
    if (radius > 0.0) frame.radius = radius;
}

// How far the bodies reach along a direction, from a point.
double farthest(const SceneFrame& frame, const Vec3& from, const Vec3& direction) {
    double most = -std::numeric_limits<double>::infinity();
    for (const Ellipsoid& body : frame.held)
        most = std::max(most, dot(direction, body.centre - from) + body.reach(direction));
    return most;
}

// The normal, pointing out, of the plane through the eye that leans `tangent` to one side; without
// perspective the plane is parallel to the line of sight.
struct Side {
    Vec3 normal{};
    double along = 1.0;  // part of the normal to that side
};
Side side_plane(const OrbitCamera& camera, const Vec3& way, double tangent) {
    if (camera.orthographic) return {way, 1.0};
    const double along = 1.0 / std::sqrt(1.0 + tangent * tangent);
    return {along * way + (tangent * along) * camera.towards_eye(), along};
}

// Across one direction of the picture: the least distance, and how far the pivot goes that way.
struct Fit {
    double distance = 0.0;
    double least_shift = 0.0, most_shift = 0.0;  // at the least distance
    double ahead = 0.0, behind = 0.0;  // tangents: how much farther apart a unit of distance more

    [[nodiscard]] double shift(double at_distance) const {
        const double more = at_distance - distance;
        return 0.5 * (least_shift - more * ahead + most_shift + more * behind);
    }
};
Fit fit_across(const OrbitCamera& camera, const SceneFrame& frame, const Vec3& way, double ahead,
               double behind) {
    const Side front = side_plane(camera, way, ahead);
    const Side back = side_plane(camera, -1.0 * way, behind);
    const double a = farthest(frame, frame.middle, front.normal) / front.along;
    const double b = farthest(frame, frame.middle, back.normal) / back.along;
    Fit fit;
    fit.ahead = ahead;
    fit.behind = behind;
    fit.distance = (a + b) / (ahead + behind);
    fit.least_shift = a - fit.distance * ahead;
    fit.most_shift = fit.distance * behind - b;
    return fit;
}

// Of the part of the picture that the scene may fill, pixels.
struct Borders {
    double left = 0.0, top = 0.0, right = 0.0, bottom = 0.0;
};
OrbitCamera fitted(OrbitCamera camera, const SceneFrame& frame, const Borders& borders) {
    const double unit = camera.pixel_length() / camera.distance;
    const double middle = 0.5 * camera.height;
    const Fit across =
        fit_across(camera, frame, camera.right(), (borders.right - camera.centre()) * unit,
                   (camera.centre() - borders.left) * unit);
    const Fit upwards = fit_across(camera, frame, camera.up(), (middle - borders.top) * unit,
                                   (borders.bottom - middle) * unit);
    double distance = std::max({across.distance, upwards.distance, 1e-9});
    if (!camera.orthographic)
        distance = std::max(distance, farthest(frame, frame.middle, camera.towards_eye()) / kFront);
    camera.distance = distance;
    camera.pivot = frame.middle + across.shift(distance) * camera.right() +
                   upwards.shift(distance) * camera.up();
    return camera;
}

// Whether a body lies wholly on the near side of the plane through a border of the picture.
bool is_within(const Ellipsoid& body, const OrbitCamera& camera, const Vec3& way, double tangent) {
    const Side side = side_plane(camera, way, tangent);
    const Vec3 from = camera.orthographic ? camera.pivot : camera.eye();
    const double limit = camera.orthographic ? camera.distance * tangent : 0.0;
    return dot(side.normal, body.centre - from) + body.reach(side.normal) <=
           limit + 1e-9 * camera.distance;
}

// Whether nothing held lies at a place that reaches to the picture's lower border and to that at
// its side.
bool is_clear(const OrbitCamera& camera, const SceneFrame& frame, const Rect& place) {
    const double unit = camera.pixel_length() / camera.distance;
    const bool left = static_cast<double>(place.centre().x) < 0.5 * camera.width;
    const double beside = left ? camera.centre() - static_cast<double>(place.max.x)
                               : static_cast<double>(place.min.x) - camera.centre();
    const double above = 0.5 * camera.height - static_cast<double>(place.min.y);
    const Vec3 outwards = left ? -1.0 * camera.right() : camera.right();
    return std::all_of(frame.held.begin(), frame.held.end(), [&](const Ellipsoid& body) {
        return is_within(body, camera, outwards, beside * unit) ||
               is_within(body, camera, -1.0 * camera.up(), -above * unit);
    });
}

}  // namespace

Vec3 point_at(const hsa::Matrix<float>& points, std::size_t row) {
    return {static_cast<double>(points(row, 0)), static_cast<double>(points(row, 1)),
            static_cast<double>(points(row, 2))};
}

SceneFrame frame_of(const hsa::Layout& layout, const hsa::Matrix<float>& points, double sigma,
                    bool everything) {
    SceneFrame frame;
    const std::size_t k = layout.centres.rows();
    if (k == 0) return frame;
    const Vec3 median = median_centre(layout.centres);
    std::vector<Ellipsoid> bodies;
    std::vector<double> reach;
    for (std::size_t s = 0; s < k; ++s) {
        bodies.push_back(
            ellipsoid_at(point_at(layout.centres, s), layout.covariances.row(s), sigma));
        const Vec3 away = bodies.back().centre - median;
        const double far = length(away);
        reach.push_back(far + (far > 0.0 ? bodies.back().reach((1.0 / far) * away) : 0.0));
    }
    double limit = std::numeric_limits<double>::infinity();
    if (!everything && k >= kFewSplats) limit = kFarBeyond * quantile(reach, kNearShare);
    for (std::size_t s = 0; s < k; ++s) {
        if (reach[s] <= limit) frame.held.push_back(bodies[s]);
        else ++frame.outliers;
    }
    for (const std::size_t i : outermost(points, median, limit)) {
        Ellipsoid point;
        point.centre = point_at(points, i);
        frame.held.push_back(point);
    }
    surround(frame);
    return frame;
}

bool SceneFrame::operator==(const SceneFrame& other) const {
    return outliers == other.outliers && middle == other.middle && radius == other.radius &&
           std::equal(held.begin(), held.end(), other.held.begin(), other.held.end(),
                      [](const Ellipsoid& a, const Ellipsoid& b) {
                          return a.centre == b.centre && a.lower == b.lower;
                      });
}

const SceneFrame& KeptFrame::of(const std::shared_ptr<const hsa::Layout>& layout,
                                const std::shared_ptr<const hsa::Matrix<float>>& points,
                                double sigma, bool everything) {
    Key key{layout, points, sigma, everything};
    if (key_ == key) return frame_;
    frame_ = frame_of(*layout, *points, sigma, everything);
    key_ = std::move(key);
    return frame_;
}

OrbitCamera KeptFraming::of(const OrbitCamera& camera, const SceneFrame& frame,
                            std::span<const Rect> taken) {
    const auto same_way = [](const OrbitCamera& a, const OrbitCamera& b) {
        return a.yaw == b.yaw && a.pitch == b.pitch && a.orthographic == b.orthographic &&
               a.width == b.width && a.height == b.height && a.right_margin == b.right_margin;
    };
    if (asked_ && same_way(*asked_, camera) &&
        std::equal(taken.begin(), taken.end(), taken_.begin(), taken_.end()) && frame_ == frame)
        return framed_;
    framed_ = framed(camera, frame, taken);
    frame_ = frame;
    taken_.assign(taken.begin(), taken.end());
    asked_ = camera;
    return framed_;
}

OrbitCamera framed(OrbitCamera camera, const SceneFrame& frame, std::span<const Rect> taken) {
    camera.pivot = frame.middle;
    camera.distance = camera.framing_distance(frame.radius);
    if (frame.held.empty()) return camera;
    const double air = std::min(kAir, 0.05 * camera.height);
    const Borders whole = {air, std::min(kAirAbove, 0.1 * camera.height), camera.width - air,
                           camera.height - air};
    const OrbitCamera widest = fitted(camera, frame, whole);
    const auto cost = [&](const OrbitCamera& tried) {
        double covered = 0.0;
        for (const Rect& place : taken) covered += is_clear(tried, frame, place) ? 0.0 : 1.0;
        return tried.distance * (1.0 + kCovered * covered);
    };
    // Each place is passed at its side or above it, or not at all.
    OrbitCamera best = widest;
    double least = cost(widest);
    for (std::size_t choice = 1; choice < (std::size_t{1} << (2 * taken.size())); ++choice) {
        Borders borders = whole;
        for (std::size_t t = 0; t < taken.size(); ++t) {
            const bool left = static_cast<double>(taken[t].centre().x) < 0.5 * camera.width;
            const std::size_t how = (choice >> (2 * t)) & 3U;
            if ((how & 1U) != 0 && left)
                borders.left = std::max(borders.left, static_cast<double>(taken[t].max.x) + 4.0);
            if ((how & 1U) != 0 && !left)
                borders.right = std::min(borders.right, static_cast<double>(taken[t].min.x) - 4.0);
            if ((how & 2U) != 0)
                borders.bottom =
                    std::min(borders.bottom, static_cast<double>(taken[t].min.y) - 4.0);
        }
        if (borders.right - borders.left < 0.25 * camera.width ||
            borders.bottom - borders.top < 0.25 * camera.height)
            continue;
        const OrbitCamera tried = fitted(camera, frame, borders);
        if (tried.distance >= least || cost(tried) >= least) continue;
        best = tried;
        least = cost(tried);
    }
    return best;
}

bool wholly_seen(const Ellipsoid& body, const OrbitCamera& camera) {
    const double unit = camera.pixel_length() / camera.distance;
    const double left = camera.centre() * unit;
    const double right = camera.width * unit - left;
    const double half = 0.5 * camera.height * unit;
    const std::array<std::pair<Vec3, double>, 4> borders = {{{camera.right(), right},
                                                             {-1.0 * camera.right(), left},
                                                             {camera.up(), half},
                                                             {-1.0 * camera.up(), half}}};
    return std::all_of(borders.begin(), borders.end(), [&](const auto& border) {
        return is_within(body, camera, border.first, border.second);
    });
}

}  // namespace splatscope
