#include "app/views/splats_drag.h"

#include "app/views/splats_frame.h"
#include "app/widgets/numbers.h"
#include "engine/adapt/shape_edits.h"
#include "engine/core/error.h"
#include "engine/explain/layout.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <vector>

namespace splatscope {
namespace {

constexpr double kMostTimes = 32.0;   // as wide, or as strong, in one drag
constexpr double kPixelsATime = 8.0;  // of the amplitude: for twice as much
constexpr double kLeastRadius = 2.0;  // pixels from the centre that a width is measured from
constexpr double kMostOff = 1e3;      // times the distance to the eye that a move may reach
constexpr double kAlongTheSight = 1.0 - 1e-6;  // cosine from which an axis points at the eye

// Of an arrow, or of a handle that stretches along that axis.
Vec3 axis_of(HandleKind kind) {
    const auto first = kind < HandleKind::stretch1 ? HandleKind::axis1 : HandleKind::stretch1;
    Vec3 axis{};
    axis[static_cast<std::size_t>(kind) - static_cast<std::size_t>(first)] = 1.0;
    return axis;
}

// How far along an axis through `origin` (of length 1) its nearest point to the ray is.
std::optional<double> along_axis(const Ray& ray, const Vec3& origin, const Vec3& axis) {
    const double across = dot(ray.direction, axis);
    if (std::abs(across) > kAlongTheSight) return std::nullopt;
    const Vec3 between = ray.origin - origin;
    return (dot(axis, between) - across * dot(ray.direction, between)) / (1.0 - across * across);
}

// Where a ray meets the plane through `origin` that faces the eye.
std::optional<Vec3> on_plane(const Ray& ray, const Vec3& origin, const Vec3& towards_eye) {
    const double steep = dot(ray.direction, towards_eye);
    if (std::abs(steep) < 1e-9) return std::nullopt;
    return ray.origin + (dot(origin - ray.origin, towards_eye) / steep) * ray.direction;
}

Vec3 moved_by(HandleKind kind, const HandledSplat& splat, const OrbitCamera& camera, Vec2 from,
              Vec2 to) {
    Vec3 moved{};
    if (kind == HandleKind::plane) {
        const auto a = on_plane(camera.ray(from), splat.centre, camera.towards_eye());
        const auto b = on_plane(camera.ray(to), splat.centre, camera.towards_eye());
        if (a && b) moved = *b - *a;
    } else {
        const Vec3 axis = axis_of(kind);
        const auto a = along_axis(camera.ray(from), splat.centre, axis);
        const auto b = along_axis(camera.ray(to), splat.centre, axis);
        if (a && b) moved = (*b - *a) * axis;
    }
    return length(moved) <= kMostOff * camera.distance ? moved : Vec3{};
}

// How much farther from the centre, along the axis and towards the handle, the pointer is.
double stretched_by(HandleKind kind, const HandledSplat& splat, const OrbitCamera& camera,
                    Vec2 from, Vec2 to) {
    const Vec3 axis = axis_of(kind);
    const auto a = along_axis(camera.ray(from), splat.centre, axis);
    const auto b = along_axis(camera.ray(to), splat.centre, axis);
    if (!a || !b || *a == 0.0) return 1.0;
    return std::clamp(*b / *a, 1.0 / kMostTimes, kMostTimes);
}

// From the drawn centre, y upwards.
std::array<double, 2> from_centre(Vec2 at, Vec2 centre) {
    return {static_cast<double>(at.x - centre.x), static_cast<double>(centre.y - at.y)};
}

// A direction of the three axes shown in the d' coordinates: R^T v, since the axes are orthonormal.
std::vector<double> in_coordinates(const hsa::Layout& layout, const Vec3& v) {
    std::vector<double> out(layout.axes.cols(), 0.0);
    for (std::size_t r = 0; r < 3; ++r)
        for (std::size_t a = 0; a < out.size(); ++a)
            out[a] += v[r] * static_cast<double>(layout.axes(r, a));
    return out;
}

void append(std::string& line, const std::vector<double>& numbers) {
    for (const double number : numbers) line += fmt::format(" {}", number);
}

// Q C Q^T for the turn of a change.
std::array<float, 6> turned_covariance(const std::array<float, 6>& c, const SplatChange& change) {
    const auto at = [&](std::size_t r, std::size_t s) {
        constexpr std::array<std::array<std::size_t, 3>, 3> kEntry = {
            {{0, 1, 2}, {1, 3, 4}, {2, 4, 5}}};
        return static_cast<double>(c[kEntry[r][s]]);
    };
    const double cosine = std::cos(change.angle);
    const double sine = std::sin(change.angle);
    std::array<Vec3, 3> q{};  // its rows
    for (std::size_t r = 0; r < 3; ++r)
        for (std::size_t s = 0; s < 3; ++s)
            q[r][s] =
                (r == s ? 1.0 : 0.0) +
                (cosine - 1.0) * (change.from[r] * change.from[s] + change.to[r] * change.to[s]) +
                sine * (change.to[r] * change.from[s] - change.from[r] * change.to[s]);
    std::array<float, 6> turned{};
    std::size_t entry = 0;
    for (std::size_t r = 0; r < 3; ++r)
        for (std::size_t s = r; s < 3; ++s) {
            double sum = 0.0;
            for (std::size_t a = 0; a < 3; ++a)
                for (std::size_t b = 0; b < 3; ++b) sum += q[r][a] * at(a, b) * q[s][b];
            turned[entry++] = static_cast<float>(sum);
        }
    return turned;
}

// Where the stretch cannot be, the splat stays as it is: the command will say why.
std::array<float, 6> stretched_covariance(const HandledSplat& splat, const SplatChange& change) {
    if (!splat.layout) return splat.covariance;
    try {
        return hsa::projected_covariance(hsa::stretched(splat.gaussian, change.stretch,
                                                        in_coordinates(*splat.layout, change.along))
                                             .covariance(),
                                         *splat.layout);
    } catch (const hsa::Error&) {
        return splat.covariance;
    }
}

}  // namespace

std::optional<HandledSplat> handled_splat(const ViewContext& context) {
    const hsa::Snapshot& snapshot = context.snapshot;
    const std::vector<hsa::SplatId>& selected = context.session.document.selection.splats;
    if (!snapshot.registry || !snapshot.layout || selected.size() != 1) return std::nullopt;
    const hsa::SplatRegistry& registry = *snapshot.registry;
    const SplatsDesk& desk = context.session.desk.splats;
    const auto row = registry.find(selected.front());
    if (!row || registry.form != hsa::Form::token || *row >= snapshot.layout->centres.rows() ||
        desk.hidden.count(selected.front()) > 0 ||
        desk.hidden_levels.count(registry.hierarchy.levels[registry.level[*row]].name) > 0)
        return std::nullopt;
    HandledSplat splat;
    splat.id = selected.front();
    splat.centre = point_at(snapshot.layout->centres, *row);
    const auto covariance = snapshot.layout->covariances.row(*row);
    std::copy(covariance.begin(), covariance.end(), splat.covariance.begin());
    splat.amplitude = std::exp(static_cast<double>(registry.log_amplitude[*row]));
    splat.why_not_turned = hsa::why_not_turned(registry.gaussians.covariance(*row));
    splat.why_not_stretched = hsa::why_not_stretched(registry.gaussians.covariance(*row));
    splat.gaussian = registry.splat(*row);
    splat.layout = snapshot.layout;
    return splat;
}

SplatChange dragged(HandleKind kind, const HandledSplat& splat, const OrbitCamera& camera,
                    Vec2 from, Vec2 to) {
    SplatChange change;
    const auto middle = camera.project(splat.centre);
    if (!middle) return change;
    const auto [x0, y0] = from_centre(from, middle->position);
    const auto [x1, y1] = from_centre(to, middle->position);
    switch (kind) {
        case HandleKind::width: {
            const double before = std::max(std::hypot(x0, y0), kLeastRadius);
            const double after = std::max(std::hypot(x1, y1), kLeastRadius);
            change.width = std::clamp(after / before, 1.0 / kMostTimes, kMostTimes);
            break;
        }
        case HandleKind::amplitude:
            change.amplitude =
                std::clamp(std::exp2((y1 - y0) / kPixelsATime), 1.0 / kMostTimes, kMostTimes);
            break;
        case HandleKind::turn:
            change.angle =
                std::remainder(std::atan2(y1, x1) - std::atan2(y0, x0), 2.0 * std::numbers::pi);
            change.from = camera.right();
            change.to = camera.up();
            break;
        case HandleKind::stretch1:
        case HandleKind::stretch2:
        case HandleKind::stretch3:
            change.stretch = stretched_by(kind, splat, camera, from, to);
            change.along = axis_of(kind);
            break;
        default: change.moved = moved_by(kind, splat, camera, from, to); break;
    }
    return change;
}

Ellipsoid changed_shape(const HandledSplat& splat, const SplatChange& change, double sigma) {
    const std::array<float, 6> covariance =
        change.stretch != 1.0 ? stretched_covariance(splat, change)
        : change.angle != 0.0 ? turned_covariance(splat.covariance, change)
                              : splat.covariance;
    return ellipsoid_at(splat.centre + change.moved, covariance, sigma * change.width);
}

float changed_alpha(float alpha, const SplatChange& change) {
    if (change.amplitude == 1.0) return alpha;
    return 1.0F - std::pow(1.0F - alpha, static_cast<float>(std::sqrt(change.amplitude)));
}

std::string change_command(const HandledSplat& splat, const SplatChange& change,
                           const hsa::Layout& layout) {
    if (change.width != 1.0) return fmt::format("splats.widen {} {:.6g}", splat.id, change.width);
    if (change.stretch != 1.0) {
        std::string line = fmt::format("splats.stretch {} {:.6g}", splat.id, change.stretch);
        append(line, in_coordinates(layout, change.along));
        return line;
    }
    if (change.amplitude != 1.0)
        return fmt::format("splats.amplitude {} {:.6g}", splat.id,
                           splat.amplitude * change.amplitude);
    if (change.angle != 0.0) {
        std::string line = fmt::format("splats.turn {} {:.6g}", splat.id, change.angle);
        append(line, in_coordinates(layout, change.from));
        append(line, in_coordinates(layout, change.to));
        return line;
    }
    std::string line = fmt::format("splats.move {}", splat.id);
    append(line, in_coordinates(layout, change.moved));
    return line;
}

std::string change_words(const HandledSplat& splat, const SplatChange& change) {
    if (change.width != 1.0) return number_text(change.width) + " times as wide";
    if (change.stretch != 1.0)
        return number_text(change.stretch) + " times as wide along this axis";
    if (change.amplitude != 1.0)
        return fmt::format("amplitude {}, it was {}",
                           number_text(splat.amplitude * change.amplitude),
                           number_text(splat.amplitude));
    if (change.angle != 0.0)
        return fmt::format("turned by {}\u00b0",
                           number_text(change.angle * 180.0 / std::numbers::pi));
    return "moved by " + number_text(length(change.moved));
}

}  // namespace splatscope
