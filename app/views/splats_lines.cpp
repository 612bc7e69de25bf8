#include "app/views/splats_lines.h"

#include "app/views/view_names.h"
#include "engine/core/error.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <span>

namespace splatscope {
namespace {

using Spot = std::array<float, 3>;

constexpr float kThinEdge = 1.0F;
constexpr float kWideEdge = 3.2F;
constexpr float kFaintEdge = 0.45F;  // alpha, where nothing of the child is covered
constexpr float kUnlitEdge = 0.3F;   // share of its alpha an edge keeps while others are lit
constexpr float kTowardsText = 0.45F;
constexpr float kTrailWidth = 2.0F;
constexpr float kOldestTrail = 0.12F;  // alpha
constexpr float kNewestTrail = 0.95F;
constexpr double kSquares = 10.0;  // across the scene, at least half of them
constexpr float kGround = 1.0F;    // alpha in the middle

Spot place_of(const Vec3& v) {
    return {static_cast<float>(v[0]), static_cast<float>(v[1]), static_cast<float>(v[2])};
}

const SplatsScene::Body* find_body(const SplatsScene& scene, hsa::SplatId id) {
    const auto found =
        std::lower_bound(scene.bodies.begin(), scene.bodies.end(), id,
                         [](const SplatsScene::Body& body, hsa::SplatId x) { return body.id < x; });
    return found != scene.bodies.end() && found->id == id ? &*found : nullptr;
}

bool any_lit(const SplatsScene& scene) {
    return std::any_of(scene.bodies.begin(), scene.bodies.end(),
                       [](const SplatsScene::Body& body) { return body.lit; });
}

// A level's colour, so far towards that of words that it shows in bodies of the same level.
Colour line_colour(const ViewContext& context, std::size_t level) {
    return mix(level_colour(level), context.theme.text, kTowardsText);
}

// R (centre - mean) of a splat.
Spot seen_at(const hsa::Layout& layout, std::span<const float> centre) {
    Spot place{};
    for (std::size_t r = 0; r < 3; ++r) {
        double sum = 0.0;
        for (std::size_t a = 0; a < centre.size(); ++a)
            sum += static_cast<double>(layout.axes(r, a)) *
                   (static_cast<double>(centre[a]) - static_cast<double>(layout.mean[a]));
        place[r] = static_cast<float>(sum);
    }
    return place;
}

// What the splats of one cycle were made of, where an accepted event made them.
std::map<hsa::SplatId, std::vector<hsa::SplatId>> made_of(const hsa::Cycle& cycle) {
    std::map<hsa::SplatId, std::vector<hsa::SplatId>> origins;
    for (const hsa::Event& event : cycle.events) {
        if (!event.accepted) continue;
        for (const hsa::SplatId after : event.after)
            if (std::find(event.before.begin(), event.before.end(), after) == event.before.end())
                origins[after].insert(origins[after].end(), event.before.begin(),
                                      event.before.end());
    }
    return origins;
}

}  // namespace

double round_length(double length) {
    const double power = std::pow(10.0, std::floor(std::log10(length) + 1e-9));
    for (const double step : {5.0, 2.0})
        if (step * power <= length * (1.0 + 1e-9)) return step * power;
    return power;
}

void add_edges(const ViewContext& context, SplatsScene& scene) {
    const hsa::SplatRegistry& registry = *context.snapshot.registry;
    const std::vector<float>* shares = context.snapshot.parent_share.get();
    const bool some_lit = any_lit(scene);
    for (const SplatsScene::Body& body : scene.bodies) {
        const std::size_t row = registry.row(body.id);
        if (registry.parent[row] == hsa::kNoSplat) continue;
        const SplatsScene::Body* parent = find_body(scene, registry.parent[row]);
        if (parent == nullptr) continue;
        float share = 1.0F;
        if (shares != nullptr && row < shares->size() && std::isfinite((*shares)[row]))
            share = std::clamp((*shares)[row], 0.0F, 1.0F);
        float alpha = kFaintEdge + (1.0F - kFaintEdge) * share;
        if (some_lit && !body.lit && !parent->lit) alpha *= kUnlitEdge;
        SceneLine line;
        line.from = place_of(body.drawn.shape.centre);
        line.to = place_of(parent->drawn.shape.centre);
        line.from_colour = line_colour(context, body.level).with_alpha(alpha);
        line.to_colour = line_colour(context, parent->level).with_alpha(alpha);
        line.width = kThinEdge + share * (kWideEdge - kThinEdge);
        scene.lines.push_back(line);
    }
}

const std::array<float, 3>* TrailsPast::Then::place_of(hsa::SplatId id) const {
    const auto found =
        std::lower_bound(places.begin(), places.end(), id,
                         [](const auto& one, hsa::SplatId x) { return one.first < x; });
    return found != places.end() && found->first == id ? &found->second : nullptr;
}

void TrailsPast::update(const hsa::Snapshot& snapshot, std::int32_t wanted) {
    const std::int32_t from = std::max(snapshot.cycle - wanted, 0);
    if (history == snapshot.history && layout == snapshot.layout && cycle == snapshot.cycle &&
        first == from)
        return;
    const hsa::History& all = *snapshot.history;
    const auto made_at = [&](std::int32_t c) -> const hsa::Cycle& {
        return *all.cycles.at(static_cast<std::size_t>(c));
    };
    std::int32_t whole = from;
    while (whole > 0 && !made_at(whole).state) --whole;
    if (!made_at(whole).state) hsa::fault("a history without a whole first cycle");
    std::shared_ptr<const hsa::SplatRegistry> stored;
    std::optional<hsa::SplatRegistry> changed;  // the stored one with the deltas since
    std::vector<Then> places;
    for (std::int32_t c = whole; c < snapshot.cycle; ++c) {
        const hsa::Cycle& made = made_at(c);
        if (made.state) {
            stored = made.state->registry;
            changed.reset();
        } else {
            if (!changed) changed = *stored;
            for (const hsa::Event& event : made.events)
                if (event.accepted) hsa::apply(event.delta, *changed);
        }
        if (c < from) continue;
        const hsa::SplatRegistry& registry = changed ? *changed : *stored;
        Then& at = places.emplace_back();
        at.origins = made_of(made_at(c + 1));
        // Coordinates of another kind have no place among these axes: trails end there.
        if (registry.dimension != snapshot.layout->mean.size()) continue;
        at.places.reserve(registry.size());
        for (std::size_t row = 0; row < registry.size(); ++row)
            at.places.emplace_back(registry.id[row],
                                   seen_at(*snapshot.layout, registry.gaussians.centre.row(row)));
    }
    *this = {snapshot.history, snapshot.layout, snapshot.cycle, from, std::move(places)};
}

std::string add_trails(const ViewContext& context, SplatsScene& scene, TrailsPast& past) {
    const hsa::Snapshot& snapshot = context.snapshot;
    const auto wanted = static_cast<std::int32_t>(context.session.desk.splats.trails);
    const bool drawn_at_centres = snapshot.registry->form == hsa::Form::token;
    if (wanted == 0 || !drawn_at_centres || !snapshot.history || snapshot.cycle == 0) {
        past = {};
        if (wanted == 0) return "";
        return drawn_at_centres ? "no trails: no cycle has run yet"
                                : "no trails: these splats are drawn where their keys lie";
    }
    past.update(snapshot, wanted);
    std::map<hsa::SplatId, std::pair<Spot, Colour>> now;  // places and colours a cycle later
    const bool some_lit = any_lit(scene);
    for (const SplatsScene::Body& body : scene.bodies)
        if (body.lit || !some_lit)
            now[body.id] = {place_of(body.drawn.shape.centre), line_colour(context, body.level)};
    const auto alpha = [&](std::int32_t at) {
        const float t = static_cast<float>(at - past.first) /
                        static_cast<float>(std::max(snapshot.cycle - past.first, 1));
        return kOldestTrail + t * (kNewestTrail - kOldestTrail);
    };
    for (std::int32_t cycle = snapshot.cycle; cycle > past.first && !now.empty(); --cycle) {
        const TrailsPast::Then& then = past.then[static_cast<std::size_t>(cycle - 1 - past.first)];
        std::map<hsa::SplatId, std::pair<Spot, Colour>> before;
        for (const auto& [id, later] : now) {
            std::vector<hsa::SplatId> sources = {id};
            if (then.place_of(id) == nullptr) {
                const auto origin = then.origins.find(id);
                sources =
                    origin == then.origins.end() ? std::vector<hsa::SplatId>{} : origin->second;
            }
            for (const hsa::SplatId source : sources) {
                const Spot* place = then.place_of(source);
                if (place == nullptr) continue;
                SceneLine line;
                line.from = *place;
                line.to = later.first;
                line.from_colour = later.second.with_alpha(alpha(cycle - 1));
                line.to_colour = later.second.with_alpha(alpha(cycle));
                line.width = kTrailWidth;
                scene.lines.push_back(line);
                before[source] = {*place, later.second};
            }
        }
        now = std::move(before);
    }
    return "";
}

double add_ground(const ViewContext& context, SplatsScene& scene) {
    const SceneFrame& frame = scene.frame;
    const double step = round_length(2.0 * frame.radius / kSquares);
    double floor = frame.middle[1];
    for (const Ellipsoid& body : frame.held)
        floor = std::min(floor, body.centre[1] - body.reach({0.0, 1.0, 0.0}));
    const auto cells = static_cast<int>(std::ceil(frame.radius / step));
    const double x0 = step * std::round(frame.middle[0] / step);
    const double z0 = step * std::round(frame.middle[2] / step);
    const auto at = [&](int i, int j) {
        return Vec3{x0 + step * static_cast<double>(i), floor, z0 + step * static_cast<double>(j)};
    };
    const Colour line = mix(context.theme.lines, context.theme.secondary, 0.22F);
    const double rim = step * static_cast<double>(cells);
    const auto colour = [&](const Vec3& p) {
        const double away = std::hypot(p[0] - x0, p[2] - z0) / rim;
        return line.with_alpha(kGround * static_cast<float>(std::clamp(1.2 - away, 0.0, 1.0)));
    };
    const auto add = [&](const Vec3& a, const Vec3& b) {
        scene.ground.push_back({place_of(a), place_of(b), colour(a), colour(b), 1.0F});
    };
    for (int i = -cells; i <= cells; ++i)
        for (int j = -cells; j < cells; ++j) {
            add(at(i, j), at(i, j + 1));
            add(at(j, i), at(j + 1, i));
        }
    return step;
}

}  // namespace splatscope
