#include "engine/explain/cards.h"

#include "engine/core/error.h"
#include "engine/core/stratified.h"
#include "engine/explain/sampled_rows.h"
#include "tests/catch.h"
#include "tests/unit/engine/explain/world.h"

#include <algorithm>
#include <cmath>

using explain_test::attention_of;
using explain_test::falling;
using explain_test::make_world;
using explain_test::World;

namespace {

// The column with the largest part of A_ij.
hsa::SplatId carrier(const hsa::Factors& factors, std::size_t i, std::size_t j) {
    std::vector<double> parts;
    for (std::size_t c = 0; c < factors.columns(); ++c)
        parts.push_back(static_cast<double>(factors.p(i, c)) *
                        static_cast<double>(factors.k(j, c)));
    return factors.ids[falling(parts).front()];
}

hsa::History history_of(std::vector<hsa::Event> events) {
    hsa::History history;
    for (std::size_t c = 0; c < events.size(); ++c) {
        auto cycle = std::make_shared<hsa::Cycle>();
        events[c].cycle = static_cast<std::int32_t>(c);
        cycle->events.push_back(std::move(events[c]));
        history.cycles.push_back(std::move(cycle));
    }
    return history;
}

hsa::Event event_of(hsa::EventKind kind, std::vector<hsa::SplatId> before,
                    std::vector<hsa::SplatId> after, bool accepted = true) {
    hsa::Event event;
    event.kind = kind;
    event.before = std::move(before);
    event.after = std::move(after);
    event.accepted = accepted;
    return event;
}

// A_l in double: rows of P within the level, the background with its weight times the level's.
hsa::Matrix<double> level_attention_of(const World& world, std::size_t level) {
    const hsa::Factors& f = world.factors;
    const std::size_t n = f.tokens();
    hsa::Matrix<double> a(n, n);
    for (std::size_t i = 0; i < n; ++i) {
        std::vector<double> p(f.columns(), 0.0);
        double mass = 0.0;
        for (std::size_t c = 0; c < p.size(); ++c) {
            if (f.level[c] == level) p[c] = static_cast<double>(f.p(i, c));
            if (f.ids[c] == hsa::kNoSplat)
                p[c] = static_cast<double>(f.p(i, c)) * world.registry.hierarchy.share(level);
            mass += p[c];
        }
        for (std::size_t j = 0; j < n; ++j)
            for (std::size_t c = 0; c < p.size(); ++c)
                a(i, j) += p[c] / mass * static_cast<double>(f.k(j, c));
    }
    return a;
}

}  // namespace

TEST_CASE("a token's card is its row of P and its row and column of A", "[explain][cards]") {
    const World world = make_world({70, 4, 18, 5, true, 12});
    const auto a = attention_of(world.factors);
    for (const std::size_t token : {std::size_t{0}, std::size_t{33}, std::size_t{69}}) {
        const hsa::TokenCard card = hsa::token_card(world.factors, token);
        CHECK(card.token == token);
        const auto p = world.factors.p.row(token);
        const auto splats = falling({p.begin(), p.end()});
        REQUIRE(card.splats.size() == 20);
        for (std::size_t r = 0; r < 20; ++r) {
            CHECK(card.splats[r].splat == world.factors.ids[splats[r]]);
            CHECK(card.splats[r].level == world.factors.level[splats[r]]);
            CHECK(card.splats[r].p == p[splats[r]]);
        }
        std::vector<double> row;
        std::vector<double> column;
        for (std::size_t j = 0; j < 70; ++j) {
            row.push_back(a(token, j));
            column.push_back(a(j, token));
        }
        REQUIRE(card.to.size() == 20);
        REQUIRE(card.from.size() == 20);
        for (std::size_t r = 0; r < 20; ++r) {
            const std::uint32_t to = falling(row)[r];
            const std::uint32_t from = falling(column)[r];
            CHECK(card.to[r].token == to);
            CHECK(card.to[r].value == Approx(row[to]).epsilon(1e-6));
            CHECK(card.to[r].splat == carrier(world.factors, token, to));
            CHECK(card.from[r].token == from);
            CHECK(card.from[r].value == Approx(column[from]).epsilon(1e-6));
            CHECK(card.from[r].splat == carrier(world.factors, from, token));
        }
    }
}

TEST_CASE("cards of few tokens list them all, ties by lower index", "[explain][cards]") {
    World world = make_world({3, 4, 2, 1, false, 2});
    for (std::size_t x = 0; x < world.factors.k.size(); ++x)
        world.factors.k.data()[x] = 1.0F / 3.0F;
    const hsa::TokenCard card = hsa::token_card(world.factors, 1);
    CHECK(card.splats.size() == 3);
    REQUIRE(card.to.size() == 3);
    for (std::uint32_t r = 0; r < 3; ++r) CHECK(card.to[r].token == r);
    CHECK_THROWS_AS(hsa::token_card(world.factors, 3), hsa::Error);
}

TEST_CASE("a splat's card", "[explain][cards]") {
    const World world = make_world({});
    const hsa::History history = history_of({event_of(hsa::EventKind::initialise, {}, {0, 1, 2}),
                                             event_of(hsa::EventKind::merge, {40, 41}, {1}),
                                             event_of(hsa::EventKind::death, {1}, {}, false),
                                             event_of(hsa::EventKind::adjust, {1}, {1}),
                                             event_of(hsa::EventKind::birth, {}, {2}),
                                             event_of(hsa::EventKind::mitosis, {1}, {50, 51})});
    const hsa::SplatCard card =
        hsa::splat_card(world.factors, world.registry, world.measures, history, 4, 1);
    CHECK(card.splat == 1);
    CHECK(card.level == 0);
    CHECK(card.parent == world.registry.parent[1]);
    CHECK(card.usage == world.measures.usage[1]);
    CHECK(card.information == world.measures.information[1]);
    CHECK(card.events == std::vector<std::size_t>{1, 2});
    // What a hand did to it is told, unlike the steps of every cycle.
    hsa::Event by_hand = event_of(hsa::EventKind::adjust, {1}, {1});
    by_hand.by = hsa::Actor::user;
    CHECK(hsa::splat_card(world.factors, world.registry, world.measures,
                          history_of({event_of(hsa::EventKind::adjust, {1}, {1}), by_hand}), 1, 1)
              .events == std::vector<std::size_t>{1});
    std::vector<double> k;
    for (std::size_t j = 0; j < world.factors.tokens(); ++j)
        k.push_back(static_cast<double>(world.factors.k(j, 1)));
    REQUIRE(card.top.size() == 20);
    for (std::size_t r = 0; r < 20; ++r) {
        CHECK(card.top[r].token == falling(k)[r]);
        CHECK(static_cast<double>(card.top[r].value) == k[falling(k)[r]]);
    }
    std::vector<double> spectrum;
    for (const float v : world.registry.gaussians.variance.row(1))
        spectrum.push_back(
            std::sqrt(static_cast<double>(v) / static_cast<double>(world.registry.beta[1])));
    std::sort(spectrum.rbegin(), spectrum.rend());
    REQUIRE(card.spectrum.size() == spectrum.size());
    for (std::size_t a = 0; a < spectrum.size(); ++a)
        CHECK(card.spectrum[a] == Approx(spectrum[a]).epsilon(1e-12));
    CHECK_THROWS_AS(hsa::splat_card(world.factors, world.registry, world.measures, history, 0, 99),
                    hsa::Error);
}

TEST_CASE("the parent's share is the share of the child, muted or not", "[explain][cards]") {
    World world = make_world({});
    const hsa::Factors& f = world.factors;
    const std::size_t parent = world.registry.row(world.registry.parent[2]);
    double share = 0.0;
    for (std::size_t j = 0; j < f.tokens(); ++j) {
        double all = 0.0;
        for (std::size_t c = 0; c < world.registry.size(); ++c)
            if (f.level[c] == 1) all += static_cast<double>(f.p(j, c));
        share += static_cast<double>(f.k(j, 2)) * static_cast<double>(f.p(j, parent)) / all;
    }
    const auto card = [&] {
        return hsa::splat_card(world.factors, world.registry, world.measures, {}, 0, 2);
    };
    CHECK(card().parent_share == Approx(share).epsilon(1e-5));
    for (std::size_t j = 0; j < f.tokens(); ++j)  // the coarse level muted: P is zero there
        for (std::size_t c = 0; c < world.registry.size(); ++c)
            if (f.level[c] == 1) world.factors.p(j, c) = 0.0F;
    CHECK(card().parent_share == Approx(share).epsilon(1e-5));
    const hsa::SplatCard top =
        hsa::splat_card(world.factors, world.registry, world.measures, {}, 0, 7);
    CHECK(top.parent == hsa::kNoSplat);
    CHECK(top.parent_share == 0.0);
}

TEST_CASE("a level's card and its agreement with the whole", "[explain][cards]") {
    for (const bool background : {true, false}) {
        const World world = make_world({40, 5, 6, 3, background, 3});
        const auto a = attention_of(world.factors);
        for (std::size_t level = 0; level < 2; ++level) {
            const auto own = level_attention_of(world, level);
            double agreement = 0.0;
            for (std::size_t i = 0; i < 40; ++i)
                for (std::size_t j = 0; j < 40; ++j)
                    agreement += std::min(a(i, j), own(i, j)) / 40.0;
            const hsa::LevelCard card =
                hsa::level_card(world.factors, world.registry, world.measures, level);
            CHECK(card.name == (level == 0 ? "Fine" : "Coarse"));
            CHECK(card.splats == (level == 0 ? 6U : 3U));
            CHECK(card.weight == Approx(level == 0 ? 0.6 : 0.4));
            CHECK(card.usage == world.measures.levels[level].usage);
            CHECK(card.agreement == Approx(agreement).epsilon(1e-5));
            CHECK(card.exact);
        }
        CHECK_THROWS_AS(hsa::level_card(world.factors, world.registry, world.measures, 2),
                        hsa::Error);
    }
}

TEST_CASE("a level that is not heard agrees with nothing", "[explain][cards]") {
    World world = make_world({40, 5, 6, 3, false, 3});
    for (std::size_t i = 0; i < 40; ++i)
        for (std::size_t c = 0; c < world.factors.columns(); ++c)
            if (world.factors.level[c] == 0) world.factors.p(i, c) = 0.0F;
    CHECK(hsa::level_card(world.factors, world.registry, world.measures, 0).agreement == 0.0);
}

TEST_CASE("long data are sampled and say so", "[explain][cards]") {
    const World world = make_world({1000, 3, 4, 2, true, 3});
    const hsa::LevelCard card = hsa::level_card(world.factors, world.registry, world.measures, 0);
    CHECK_FALSE(card.exact);
    CHECK(card.agreement > 0.0);
    CHECK(card.agreement <= 1.0);
}

TEST_CASE("sampled rows are the middles of equal stretches", "[explain][cards]") {
    CHECK(hsa::stratified_rows(4, 9) == std::vector<std::uint32_t>{0, 1, 2, 3});
    CHECK(hsa::stratified_rows(10, 2) == std::vector<std::uint32_t>{2, 7});
    CHECK(hsa::stratified_rows(0, 5).empty());
}
