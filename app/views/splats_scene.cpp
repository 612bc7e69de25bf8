#include "app/views/splats_scene.h"

#include "app/views/view_names.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace splatscope {
namespace {

constexpr std::size_t kMostPoints = 200000;
constexpr double kRadiusShare = 0.97;   // of the points that the framing holds

std::array<float, 4> rgba(Colour c, float alpha) {
    return {static_cast<float>(c.r) / 255.0F, static_cast<float>(c.g) / 255.0F, static_cast<float>(c.b) / 255.0F, alpha};
}

// Coarse levels are shells one looks through; fine ones are bodies.
float level_alpha(std::size_t level, std::size_t levels) {
    if (levels < 2) return 0.9F;
    const float t = static_cast<float>(level) / static_cast<float>(levels - 1);
    return 0.92F - 0.82F * std::sqrt(t);
}

Vec3 point_at(const hsa::Matrix<float>& points, std::size_t i) {
    return {static_cast<double>(points(i, 0)), static_cast<double>(points(i, 1)), static_cast<double>(points(i, 2))};
}

void frame(SplatsScene& scene, const hsa::Layout& layout, const hsa::Matrix<float>& points) {
    Vec3 middle{};
    const std::size_t k = layout.centres.rows();
    for (std::size_t s = 0; s < k; ++s) middle = middle + (1.0 / static_cast<double>(k)) * point_at(layout.centres, s);
    std::vector<double> distances;
    const std::size_t step = std::max<std::size_t>(1, points.rows() / 4096);
    for (std::size_t i = 0; i < points.rows(); i += step) {
        const Vec3 d = point_at(points, i) - middle;
        distances.push_back(std::sqrt(dot(d, d)));
    }
    for (std::size_t s = 0; s < k; ++s) {
        const Vec3 d = point_at(layout.centres, s) - middle;
        distances.push_back(std::sqrt(dot(d, d)));
    }
    if (distances.empty()) return;
    const auto place = distances.begin() + static_cast<std::ptrdiff_t>(kRadiusShare * static_cast<double>(distances.size() - 1));
    std::nth_element(distances.begin(), place, distances.end());
    scene.middle = middle;
    scene.radius = *place > 0.0 ? *place : 1.0;
}

Colour point_colour(const ViewContext& context, std::size_t token, std::size_t level) {
    const hsa::Snapshot& snapshot = context.snapshot;
    const hsa::Dataset& dataset = *snapshot.dataset;
    switch (context.session.desk.splats.point_colour) {
        case PointColour::section:
            if (token < dataset.structure.section.size() && dataset.structure.sections.size() > 1)
                return class_colour(dataset.structure.section[token]);
            [[fallthrough]];
        case PointColour::label:
            if (token < dataset.types.size() && !dataset.labels.empty()) return class_colour(dataset.types[token]);
            [[fallthrough]];
        case PointColour::level: return level_colour(level);
        case PointColour::selection: break;
    }
    return context.theme.secondary;
}

void add_points(const ViewContext& context, SplatsScene& scene) {
    const hsa::Snapshot& snapshot = context.snapshot;
    const std::size_t level = points_level(context);
    const hsa::Matrix<float>& points = *snapshot.layout->points[level];
    const std::size_t n = points.rows();
    const std::size_t shown = std::min(n, kMostPoints);
    scene.tokens = n;
    const float alpha = n > 20000 ? 0.45F : 0.62F;
    for (std::size_t r = 0; r < shown; ++r) {
        const std::size_t i = shown == n ? r : (2 * r + 1) * n / (2 * shown);
        scene.points.push_back({{points(i, 0), points(i, 1), points(i, 2)}, rgba(point_colour(context, i, level), alpha)});
        scene.point_token.push_back(static_cast<std::uint32_t>(i));
    }
    const auto light = [&](std::size_t i) {
        if (i < n) scene.lit_points.push_back({{points(i, 0), points(i, 1), points(i, 2)}, rgba(context.theme.accent, 1.0F)});
    };
    for (const hsa::Range& range : context.session.document.selection.tokens)
        for (std::size_t i = range.begin; i < std::min(range.end, n); ++i) light(i);
    if (context.look.linked)
        for (const std::uint32_t i : context.look.linked->tokens) light(i);
}

}  // namespace

std::size_t points_level(const ViewContext& context) {
    const hsa::Hierarchy& hierarchy = context.snapshot.registry->hierarchy;
    if (const auto named = hierarchy.index_of(context.session.desk.splats.points_level)) return *named;
    return 0;
}

double mass_within(double sigma) {
    return std::erf(sigma / std::numbers::sqrt2) - std::sqrt(2.0 / std::numbers::pi) * sigma * std::exp(-0.5 * sigma * sigma);
}

SplatsScene make_splats_scene(const ViewContext& context) {
    SplatsScene scene;
    const hsa::Snapshot& snapshot = context.snapshot;
    const hsa::SplatRegistry& registry = *snapshot.registry;
    const hsa::Layout& layout = *snapshot.layout;
    const SplatsDesk& desk = context.session.desk.splats;
    const std::size_t levels = registry.hierarchy.size();
    const auto lit = [&](hsa::SplatId id) {
        const std::vector<hsa::SplatId>& picked = context.session.document.selection.splats;
        const bool linked = context.look.linked && context.look.of && context.look.of->registry == snapshot.registry &&
                            std::binary_search(context.look.linked->splats.begin(), context.look.linked->splats.end(), id);
        return linked || std::binary_search(picked.begin(), picked.end(), id);
    };
    const bool anything_lit = !context.session.document.selection.empty();
    const double sigma = desk.style == SplatStyle::centres ? 0.0 : desk.sigma;
    for (std::size_t s = 0; s < registry.size(); ++s) {
        const std::string& name = registry.hierarchy.levels[registry.level[s]].name;
        if (desk.hidden_levels.count(name) > 0) continue;
        SplatsScene::Body body;
        body.id = registry.id[s];
        body.level = registry.level[s];
        body.centre = point_at(layout.centres, s);
        body.usage = snapshot.measures ? snapshot.measures->usage[s] : 0.0;
        body.lit = lit(body.id);
        EllipsoidInstance instance;
        for (std::size_t a = 0; a < 3; ++a) instance.centre[a] = layout.centres(s, a);
        instance.shape = ellipsoid_shape(layout.covariances.row(s), std::max(sigma, 0.02));
        float alpha = level_alpha(body.level, levels);
        if (anything_lit && !body.lit) alpha *= 0.35F;
        if (anything_lit && body.lit) alpha = std::min(1.0F, alpha + 0.15F);
        instance.colour = rgba(level_colour(body.level), alpha);
        instance.lit = body.lit ? 1.0F : 0.0F;
        scene.ellipsoids.push_back(instance);
        scene.bodies.push_back(body);
    }
    frame(scene, layout, *layout.points[points_level(context)]);
    if (desk.points) add_points(context, scene);
    return scene;
}

}  // namespace splatscope
