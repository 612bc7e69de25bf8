#include "engine/adapt/level_strengths.h"

#include "tests/catch.h"
#include "tests/unit/engine/adapt/synthetic.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

using adapt_test::Lab;

namespace {

constexpr std::size_t kClusters = 8;

// Eight clusters with a splat each; above them two splats, each the parent of four, both at the
// first cluster.
hsa::SplatRegistry two_levels(const std::vector<std::vector<double>>& around) {
    std::vector<hsa::Splat> splats;
    splats.reserve(around.size() + 2);
    for (const auto& direction : around) splats.push_back(adapt_test::splat_at(direction, 4.0));
    for (int parent = 0; parent < 2; ++parent)
        splats.push_back(adapt_test::splat_at(around[0], 0.5, 1));
    hsa::SplatRegistry registry =
        adapt_test::registry_of(splats, {{"Token", 0.5}, {"Phrase", 0.5}});
    for (std::size_t s = 0; s < kClusters; ++s) registry.parent[s] = s < 4 ? 8 : 9;
    return registry;
}

struct World {
    std::vector<std::vector<double>> around = adapt_test::directions(kClusters, 6, 21);
    Lab lab;

    explicit World(double from_children, double from_parent) {
        lab.data = adapt_test::data_of(adapt_test::clusters(400, around, kClusters, 5), 2);
        lab.settings.rate_death = lab.settings.rate_merge = 0;
        lab.settings.rate_mitosis = lab.settings.rate_birth = 0;
        lab.settings.learning_rate = 1e-6;  // what moves is moved by the strengths
        lab.settings.from_children = from_children;
        lab.settings.from_parent = from_parent;
    }
    [[nodiscard]] hsa::AdaptState after(int cycles) const {
        hsa::AdaptState state = lab.begin(two_levels(around));
        for (int c = 0; c < cycles; ++c) state = lab.step(state).state;
        return state;
    }
};

double distance(const hsa::SplatRegistry& registry, std::size_t row,
                const std::vector<double>& point) {
    double squares = 0.0;
    for (std::size_t a = 0; a < point.size(); ++a) {
        const double delta = static_cast<double>(registry.gaussians.centre(row, a)) - point[a];
        squares += delta * delta;
    }
    return std::sqrt(squares);
}

// The middle of four clusters' tokens.
std::vector<double> middle(const World& world, std::size_t first) {
    std::vector<double> sum(6, 0.0);
    for (std::size_t c = first; c < first + 4; ++c)
        for (std::size_t a = 0; a < 6; ++a)
            sum[a] += world.around[c][a] * adapt_test::kLength / 4.0;
    return sum;
}

}  // namespace

TEST_CASE("without strengths levels do not hold each other", "[adapt][levels]") {
    const World world(0.0, 0.0);
    const hsa::CycleResult result = world.lab.step(world.lab.begin(two_levels(world.around)));
    CHECK(adapt_test::count_events(result.events, hsa::EventKind::level, true) == 0);
}

TEST_CASE("a parent is drawn to the merge of its children", "[adapt][levels]") {
    const World world(0.5, 0.0);
    const hsa::AdaptState start = world.lab.begin(two_levels(world.around));
    const hsa::CycleResult first = world.lab.step(start);
    REQUIRE(adapt_test::count_events(first.events, hsa::EventKind::level, true) == 1);
    const auto event =
        std::find_if(first.events.begin(), first.events.end(),
                     [](const hsa::Event& one) { return one.kind == hsa::EventKind::level; });
    CHECK(event->level == 1);
    CHECK(event->after == std::vector<hsa::SplatId>{8, 9});
    CHECK(event->text.find("merge of their children") != std::string::npos);
    const hsa::SplatRegistry settled = *world.after(12).registry;
    check_invariants(settled);
    // The second parent began at a cluster that is none of its children's.
    CHECK(distance(*start.registry, 9, middle(world, 4)) > 2.0);
    CHECK(distance(settled, 9, middle(world, 4)) <
          0.6 * distance(*start.registry, 9, middle(world, 4)));
    CHECK(distance(settled, 9, middle(world, 4)) < distance(settled, 9, middle(world, 0)));
}

TEST_CASE("a child is drawn to its parent the more the fewer tokens it has", "[adapt][levels]") {
    const World weak(0.0, 2.0);
    const World strong(0.0, 50.0);
    const hsa::SplatRegistry start = *weak.lab.begin(two_levels(weak.around)).registry;
    const auto moved = [&](const hsa::SplatRegistry& registry) {
        double sum = 0.0;
        for (std::size_t s = 0; s < kClusters; ++s) {
            std::vector<double> point(6);
            for (std::size_t a = 0; a < 6; ++a)
                point[a] = static_cast<double>(start.gaussians.centre(s, a));
            sum += distance(registry, s, point);
        }
        return sum;
    };
    const double little = moved(*weak.after(1).registry);
    const double much = moved(*strong.after(1).registry);
    CHECK(little > 0.01);
    CHECK(much > 3.0 * little);
    check_invariants(*strong.after(6).registry);
}

TEST_CASE("what strengths did is replayed bit for bit", "[adapt][levels][replay]") {
    const World world(0.3, 10.0);
    hsa::AdaptState state = world.lab.begin(two_levels(world.around));
    for (int cycle = 0; cycle < 3; ++cycle) {
        hsa::SplatRegistry replayed = *state.registry;
        const hsa::CycleResult result = world.lab.step(state);
        for (const hsa::Event& event : result.events)
            if (event.accepted) hsa::apply(event.delta, replayed);
        CHECK(same_bits(replayed, *result.state.registry));
        state = result.state;
    }
}
