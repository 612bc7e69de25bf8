#include "app/views/splats_scene.h"

#include "app/views/splats_kept.h"
#include "app/views/splats_opacity.h"
#include "app/views/view_names.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace splatscope {
namespace {

constexpr float kUnlitAlpha = 0.22F;  // share of its opacity a body keeps while others are lit

// Whatever is selected, so that selecting moves nothing.
std::size_t framed_level(const ViewContext& context) {
    const hsa::Hierarchy& hierarchy = context.snapshot.registry->hierarchy;
    if (const auto named = hierarchy.index_of(context.session.desk.splats.points_level))
        return *named;
    return std::min<std::size_t>(1, hierarchy.size() - 1);
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
    const std::vector<float> alpha = splat_opacity(context).alpha;
    const hsa::Measures* measures = context.snapshot.measures.get();
    const bool measured = measures != nullptr && measures->usage.size() == registry.size();
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
        body.drawn.alpha = alpha[s];
        if (measured) body.usage = measures->usage[s];
        scene.bodies.push_back(body);
    }
    const bool any_lit = std::any_of(scene.bodies.begin(), scene.bodies.end(),
                                     [](const SplatsScene::Body& body) { return body.lit; });
    if (!any_lit) return;
    for (SplatsScene::Body& body : scene.bodies)
        if (!body.lit) body.drawn.alpha *= kUnlitAlpha;
}

void add_points(const ViewContext& context, SplatsScene& scene, KeptColours& kept) {
    const hsa::Matrix<float>& points = *context.snapshot.layout->points[points_level(context)];
    const std::size_t n = points.rows();
    const std::size_t shown = std::min(n, kMostPoints);
    const PointColours& colours = kept.of(context, points_level(context));
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
        scene.points.push_back({place(i), colours.of(i), colours.shape_of(i)});
        scene.point_token.push_back(static_cast<std::uint32_t>(i));
    }
    // What the selected splats hold would hide where it can lie.
    const bool says_inside = context.session.desk.splats.point_colour.by == PointColour::inside;
    const hsa::Linked* linked = says_inside ? nullptr : context.look.linked.get();
    for (const std::uint32_t i :
         lit_tokens(context.session.document.selection.tokens,
                    linked != nullptr ? std::span<const std::uint32_t>(linked->tokens)
                                      : std::span<const std::uint32_t>(),
                    n, kMostPoints)) {
        // Rings are the tokens that answer to a question.
        const Marker shape = colours.shape_of(i);
        scene.lit_points.push_back(
            {place(i), context.theme.accent, shape == Marker::ring ? Marker::circle : shape});
        scene.lit_token.push_back(i);
    }
}

}  // namespace

std::vector<std::uint32_t> lit_tokens(std::span<const hsa::Range> selected,
                                      std::span<const std::uint32_t> linked, std::size_t tokens,
                                      std::size_t most) {
    std::vector<std::uint32_t> lit;
    std::size_t both = linked.size();
    for (const hsa::Range& range : selected)
        both += std::min(range.end, tokens) - std::min(range.begin, tokens);
    if (both <= most) {
        for (const hsa::Range& range : selected)
            for (std::size_t i = range.begin; i < std::min(range.end, tokens); ++i)
                lit.push_back(static_cast<std::uint32_t>(i));
        for (const std::uint32_t i : linked)
            if (i < tokens) lit.push_back(i);
        return lit;
    }
    std::vector<bool> is_lit(tokens, false);
    for (const hsa::Range& range : selected)
        for (std::size_t i = range.begin; i < std::min(range.end, tokens); ++i) is_lit[i] = true;
    for (const std::uint32_t i : linked)
        if (i < tokens) is_lit[i] = true;
    const auto count = static_cast<std::size_t>(std::count(is_lit.begin(), is_lit.end(), true));
    const std::size_t step = std::max<std::size_t>(1, (count + most - 1) / most);
    std::size_t met = 0;
    for (std::size_t i = 0; i < tokens; ++i)
        if (is_lit[i] && met++ % step == 0) lit.push_back(static_cast<std::uint32_t>(i));
    return lit;
}

std::size_t points_level(const ViewContext& context) {
    const hsa::SplatRegistry& registry = *context.snapshot.registry;
    const SplatsDesk& desk = context.session.desk.splats;
    const bool of_splats = desk.point_colour.by == PointColour::inside ||
                           desk.point_colour.by == PointColour::distance;
    if (of_splats && !registry.hierarchy.index_of(desk.points_level))
        for (const hsa::SplatId id : context.session.document.selection.splats)
            if (const auto row = registry.find(id)) return registry.level[*row];
    return framed_level(context);
}

double mass_within(double sigma) {
    return std::erf(sigma / std::numbers::sqrt2) -
           std::sqrt(2.0 / std::numbers::pi) * sigma * std::exp(-0.5 * sigma * sigma);
}

SplatsScene make_splats_scene(const ViewContext& context, SplatsKept& kept) {
    SplatsScene scene;
    scene.tokens = context.snapshot.dataset->size();
    const SplatsDesk& desk = context.session.desk.splats;
    const std::shared_ptr<const hsa::Layout>& layout = context.snapshot.layout;
    scene.explained = layout->explained;
    scene.frame =
        kept.frame.of(layout, layout->points[framed_level(context)], desk.sigma, desk.everything);
    scene.frame_there = desk.way
                            ? kept.frame_there.of(layout, layout->points[framed_level(context)],
                                                  desk.sigma, desk.way->to.everything)
                            : scene.frame;
    add_bodies(context, scene);
    scene.soft = desk.style == SplatStyle::soft;
    if (desk.grid) scene.square = add_ground(context, scene);
    if (desk.edges) add_edges(context, scene);
    scene.without_trails = add_trails(context, scene, kept.trails);
    if (desk.points) add_points(context, scene, kept.colours);
    return scene;
}

SplatsScene make_splats_scene(const ViewContext& context) {
    SplatsKept nothing;
    return make_splats_scene(context, nothing);
}

}  // namespace splatscope
