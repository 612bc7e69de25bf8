#include "app/views/splats_scene.h"

#include "app/views/splats_colours.h"
#include "app/views/view_names.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace splatscope {
namespace {

constexpr double kFramedShare = 0.97;  // of points and centres that the framing holds
constexpr double kFramedBeyond = 1.1;  // of their radius, for what stands apart
constexpr float kFlatAlpha = 0.3F;     // of one level alone: nothing else shows what lies inside
constexpr float kFinestAlpha = 0.7F;
constexpr float kCoarsestAlpha = 0.16F;
constexpr float kUnlitAlpha = 0.22F;  // share of its opacity a body keeps while others are lit

Vec3 point_at(const hsa::Matrix<float>& points, std::size_t i) {
    return {static_cast<double>(points(i, 0)), static_cast<double>(points(i, 1)),
            static_cast<double>(points(i, 2))};
}

// Fine splats are bodies, coarse ones shells one looks through.
float level_alpha(std::size_t level, std::size_t levels) {
    if (levels < 2) return kFlatAlpha;
    const double t = static_cast<double>(level) / static_cast<double>(levels - 1);
    return kFinestAlpha *
           static_cast<float>(std::pow(static_cast<double>(kCoarsestAlpha / kFinestAlpha), t));
}

// Opacity says how much a splat is used, against the mean of its level (maths.md 6: never the
// size).
float used_alpha(float alpha, double usage, double level_mean) {
    const double ratio = level_mean > 0.0 ? std::clamp(usage / level_mean, 0.15, 3.0) : 1.0;
    return 1.0F - std::pow(1.0F - alpha, static_cast<float>(std::sqrt(ratio)));
}

// Mean usage of each level's splats; empty while nothing is measured.
std::vector<double> level_means(const hsa::Snapshot& snapshot) {
    const hsa::SplatRegistry& registry = *snapshot.registry;
    if (!snapshot.measures || snapshot.measures->usage.size() != registry.size()) return {};
    std::vector<double> sum(registry.hierarchy.size());
    std::vector<double> count(registry.hierarchy.size());
    for (std::size_t s = 0; s < registry.size(); ++s) {
        sum[registry.level[s]] += snapshot.measures->usage[s];
        count[registry.level[s]] += 1.0;
    }
    for (std::size_t l = 0; l < sum.size(); ++l) sum[l] /= std::max(count[l], 1.0);
    return sum;
}

bool is_lit(const ViewContext& context, hsa::SplatId id) {
    const auto holds = [id](const std::vector<hsa::SplatId>& sorted) {
        return std::binary_search(sorted.begin(), sorted.end(), id);
    };
    return holds(context.session.document.selection.splats) ||
           (context.look.linked && holds(context.look.linked->splats));
}

void add_bodies(const ViewContext& context, SplatsScene& scene) {
    const hsa::SplatRegistry& registry = *context.snapshot.registry;
    const hsa::Layout& layout = *context.snapshot.layout;
    const SplatsDesk& desk = context.session.desk.splats;
    const std::vector<double> means = level_means(context.snapshot);
    for (std::size_t s = 0; s < registry.size(); ++s) {
        const std::size_t level = registry.level[s];
        if (desk.hidden_levels.count(registry.hierarchy.levels[level].name) > 0 ||
            desk.hidden.count(registry.id[s]) > 0)
            continue;
        SplatsScene::Body body;
        body.id = registry.id[s];
        body.level = registry.level[s];
        body.lit = is_lit(context, body.id);
        body.drawn.shape =
            ellipsoid_at(point_at(layout.centres, s), layout.covariances.row(s), desk.sigma);
        body.drawn.colour = level_colour(level);
        body.drawn.alpha = level_alpha(level, registry.hierarchy.size());
        if (!means.empty()) {
            body.usage = context.snapshot.measures->usage[s];
            body.drawn.alpha = used_alpha(body.drawn.alpha, body.usage, means[level]);
        }
        scene.bodies.push_back(body);
    }
    const bool any_lit = std::any_of(scene.bodies.begin(), scene.bodies.end(),
                                     [](const SplatsScene::Body& body) { return body.lit; });
    if (!any_lit) return;
    for (SplatsScene::Body& body : scene.bodies)
        if (!body.lit) body.drawn.alpha *= kUnlitAlpha;
}

void add_points(const ViewContext& context, SplatsScene& scene) {
    const hsa::Matrix<float>& points = *context.snapshot.layout->points[points_level(context)];
    const std::size_t n = points.rows();
    const std::size_t shown = std::min(n, kMostPoints);
    const PointColours colours = point_colours(context, points_level(context));
    scene.bar = colours.bar;
    if (!colours.bar) scene.classes = colours.classes;
    scene.classes_title = colours.title;
    const auto place = [&points](std::size_t i) {
        return std::array<float, 3>{points(i, 0), points(i, 1), points(i, 2)};
    };
    scene.points.reserve(shown);
    scene.point_token.reserve(shown);
    for (std::size_t r = 0; r < shown; ++r) {
        const std::size_t i = shown == n ? r : (2 * r + 1) * n / (2 * shown);
        scene.points.push_back({place(i), colours.of(i)});
        scene.point_token.push_back(static_cast<std::uint32_t>(i));
    }
    const auto light = [&](std::size_t i) {
        if (i < n) scene.lit_points.push_back({place(i), context.theme.accent});
    };
    for (const hsa::Range& range : context.session.document.selection.tokens)
        for (std::size_t i = range.begin; i < std::min(range.end, n); ++i) light(i);
    if (context.look.linked)
        for (const std::uint32_t i : context.look.linked->tokens) light(i);
}

// The framing leaves hidden levels and the selection out of account, so that choosing moves
// nothing.
void frame(const ViewContext& context, SplatsScene& scene) {
    const hsa::Layout& layout = *context.snapshot.layout;
    const std::size_t k = layout.centres.rows();
    if (k == 0) return;
    for (std::size_t s = 0; s < k; ++s)
        scene.middle = scene.middle + (1.0 / static_cast<double>(k)) * point_at(layout.centres, s);
    std::vector<double> distances;
    const auto add = [&](const Vec3& point, double body) {
        const Vec3 d = point - scene.middle;
        distances.push_back(std::sqrt(dot(d, d)) + body);
    };
    const hsa::Matrix<float>& points = *layout.points[points_level(context)];
    const std::size_t step = std::max<std::size_t>(1, points.rows() / 4096);
    for (std::size_t i = 0; i < points.rows(); i += step) add(point_at(points, i), 0.0);
    const double sigma = context.session.desk.splats.sigma;
    for (std::size_t s = 0; s < k; ++s) {
        const float widest = std::max(
            {layout.covariances(s, 0), layout.covariances(s, 3), layout.covariances(s, 5)});
        add(point_at(layout.centres, s), sigma * std::sqrt(static_cast<double>(widest)));
    }
    const auto last = static_cast<double>(distances.size() - 1);
    const double whole = *std::max_element(distances.begin(), distances.end());
    const auto place = distances.begin() + static_cast<std::ptrdiff_t>(kFramedShare * last);
    std::nth_element(distances.begin(), place, distances.end());
    // Whatever stands a little apart is framed too; a few far outliers make nothing small.
    const double radius = std::min(whole, kFramedBeyond * *place);
    if (radius > 0.0) scene.radius = radius;
}

}  // namespace

std::size_t points_level(const ViewContext& context) {
    const hsa::Hierarchy& hierarchy = context.snapshot.registry->hierarchy;
    if (const auto named = hierarchy.index_of(context.session.desk.splats.points_level))
        return *named;
    return std::min<std::size_t>(1, hierarchy.size() - 1);
}

double mass_within(double sigma) {
    return std::erf(sigma / std::numbers::sqrt2) -
           std::sqrt(2.0 / std::numbers::pi) * sigma * std::exp(-0.5 * sigma * sigma);
}

SplatsScene make_splats_scene(const ViewContext& context) {
    SplatsScene scene;
    scene.tokens = context.snapshot.dataset->size();
    frame(context, scene);
    add_bodies(context, scene);
    if (context.session.desk.splats.points) add_points(context, scene);
    return scene;
}

}  // namespace splatscope
