#include "engine/adapt/level_pool.h"

#include "engine/adapt/birth.h"
#include "engine/adapt/merge.h"
#include "engine/adapt/mitosis.h"
#include "tests/catch.h"
#include "tests/unit/engine/adapt/synthetic.h"

#include <cmath>
#include <functional>
#include <numeric>
#include <string>
#include <vector>

using adapt_test::Lab;

namespace {

// Largest difference of two tables of one shape, in units of the largest of the second.
double difference(const hsa::Matrix<float>& a, const hsa::Matrix<float>& b) {
    REQUIRE(a.rows() == b.rows());
    REQUIRE(a.cols() == b.cols());
    double largest = 0.0;
    double scale = 1e-30;
    for (std::size_t e = 0; e < a.size(); ++e) {
        largest = std::max(largest, static_cast<double>(std::abs(a.data()[e] - b.data()[e])));
        scale = std::max(scale, static_cast<double>(std::abs(b.data()[e])));
    }
    return largest / scale;
}

// The splats change as an event changes them.
using Change = std::function<void(hsa::SplatRegistry&)>;

hsa::Splat of(const hsa::SplatRegistry& registry, hsa::SplatId id) {
    return registry.splat(registry.row(id));
}

void split(hsa::SplatRegistry& registry, hsa::SplatId id) {
    for (const hsa::Splat& half : hsa::halves(of(registry, id), {})) (void)registry.add(half);
    registry.remove(id);
}

void merge(hsa::SplatRegistry& registry, hsa::SplatId a, hsa::SplatId b) {
    (void)registry.add(hsa::joined(of(registry, a), of(registry, b), 0.3, 0.7));
    registry.remove(a);
    registry.remove(b);
}

void bear(hsa::SplatRegistry& registry) {
    hsa::Splat splat = hsa::median_splat(registry, 0);
    splat.centre.assign(registry.dimension, 0.4F);
    (void)registry.add(splat);
}

}  // namespace

TEST_CASE("measures that follow an event are those from scratch", "[adapt][measures]") {
    const bool causal = GENERATE(false, true);
    Lab lab;
    lab.data =
        adapt_test::data_of(adapt_test::clusters(700, adapt_test::directions(9, 6, 31), 9, 32));
    hsa::AdaptInput input = lab.input();
    input.causal = causal;
    std::vector<hsa::Splat> splats;
    for (const auto& direction : adapt_test::directions(9, 6, 31))
        splats.push_back(adapt_test::splat_at(direction, 2.0));
    hsa::SplatRegistry registry = adapt_test::registry_of(splats);
    const hsa::Work work;
    const hsa::CycleContext context(*lab.backend, input, registry, 1, work);
    const hsa::Pool pool = hsa::draw_pool(context);
    hsa::LevelPool followed = hsa::measure_level(context, pool, registry, 0);
    const std::vector<std::pair<std::string, Change>> events = {
        {"death", [](hsa::SplatRegistry& r) { r.remove(3); }},
        {"merge", [](hsa::SplatRegistry& r) { merge(r, 0, 7); }},
        {"mitosis", [](hsa::SplatRegistry& r) { split(r, 5); }},
        {"birth", bear},
        {"mitosis of a child", [](hsa::SplatRegistry& r) { split(r, 10); }},
    };
    std::vector<std::size_t> places(pool.rows.size());
    std::iota(places.begin(), places.end(), std::size_t{0});
    for (const auto& [name, change] : events) {
        INFO(name << (causal ? ", causal" : ""));
        const hsa::LevelPool before = followed;
        change(registry);
        hsa::follow_registry(context, pool, registry, followed);
        const hsa::LevelPool scratch = hsa::measure_level(context, pool, registry, 0);
        REQUIRE(followed.splats.id == scratch.splats.id);
        CHECK(difference(followed.keys.k, scratch.keys.k) < 1e-5);
        CHECK(difference(followed.queries.p, scratch.queries.p) < 1e-5);
        CHECK(difference(followed.queries.weights(), scratch.queries.weights()) < 1e-5);
        CHECK(difference(hsa::pool_attention(followed, places),
                         hsa::pool_attention(scratch, places)) < 1e-5);
        for (std::size_t s = 0; s < scratch.splats.size(); ++s) {
            CHECK(followed.keys.log_mass[s] == Approx(scratch.keys.log_mass[s]).margin(1e-6));
            CHECK(followed.usage[s] == Approx(scratch.usage[s]).margin(1e-7));
        }
        for (std::size_t i = 0; i < pool.rows.size(); ++i)
            REQUIRE(followed.queries.log_normaliser[i] ==
                    Approx(scratch.queries.log_normaliser[i]).margin(1e-5));
        // What costs a pass over the target stays as it was first measured; nothing new has any.
        CHECK(followed.row_kl == before.row_kl);
        for (std::size_t s = 0; s < followed.splats.size(); ++s) {
            const auto old =
                std::find(before.splats.id.begin(), before.splats.id.end(), followed.splats.id[s]);
            const auto was = static_cast<std::size_t>(old - before.splats.id.begin());
            CHECK(followed.error_share[s] ==
                  (old == before.splats.id.end() ? 0.0 : before.error_share[was]));
        }
    }
}

TEST_CASE("error shares sum to what attention lacks", "[adapt][measures]") {
    Lab lab;
    lab.data =
        adapt_test::data_of(adapt_test::clusters(500, adapt_test::directions(9, 6, 31), 9, 32));
    std::vector<hsa::Splat> splats;
    for (const auto& direction : adapt_test::directions(4, 6, 31))
        splats.push_back(adapt_test::splat_at(direction, 2.0));
    hsa::SplatRegistry registry = adapt_test::registry_of(splats);
    registry.background_log_weight.reset();  // whose share would be missing
    const hsa::AdaptInput input = lab.input();
    const hsa::Work work;
    const hsa::CycleContext context(*lab.backend, input, registry, 1, work);
    const hsa::Pool pool = hsa::draw_pool(context);
    const hsa::LevelPool level = hsa::measure_level(context, pool, registry, 0);
    const double all = std::accumulate(level.error_share.begin(), level.error_share.end(), 0.0);
    CHECK(all == Approx(hsa::mean(level.row_kl)).epsilon(1e-4));
}
