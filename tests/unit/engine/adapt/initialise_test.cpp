#include "tests/unit/engine/adapt/initialise_test.h"

#include "engine/adapt/bandwidth.h"
#include "engine/compute/level_kernels.h"
#include "engine/core/error.h"
#include "engine/core/stratified.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>

using hsa::default_counts;
using hsa::Factors;
using hsa::InitMethod;
using hsa::InitSettings;
using hsa::SplatRegistry;
using namespace initialise_test;

namespace {

using Counts = std::vector<std::size_t>;

Counts counts_of(const SplatRegistry& registry) {
    Counts counts;
    for (std::size_t l = 0; l < registry.hierarchy.size(); ++l) counts.push_back(registry.count(l));
    return counts;
}

std::size_t dead(const Factors& factors, std::size_t levels) {
    const std::vector<double> usage = usage_of(factors);
    std::size_t count = 0;
    for (std::size_t l = 0; l < levels; ++l) {
        double sum = 0.0;
        double members = 0.0;
        for (std::size_t s = 0; s < usage.size(); ++s)
            if (factors.level[s] == l) {
                sum += usage[s];
                members += 1.0;
            }
        for (std::size_t s = 0; s < usage.size(); ++s)
            if (factors.level[s] == l && usage[s] < 0.05 * sum / members) ++count;
    }
    return count;
}

void check_works(const Made& made) {
    check_invariants(made.registry);
    const Factors factors = factors_of(made);
    for (std::size_t i = 0; i < factors.tokens(); ++i) {
        double sum = 0.0;
        for (const float p : factors.p.row(i)) {
            REQUIRE(std::isfinite(p));
            sum += static_cast<double>(p);
        }
        REQUIRE(sum == Approx(1.0).epsilon(1e-5));
    }
    CHECK(embed_test::all_finite(factors.k.values().view()));
}

}  // namespace

TEST_CASE("counts are those of the ruling", "[adapt][initialise]") {
    constexpr std::size_t kMany = 1'000'000;
    CHECK(default_counts(1719, 4, kMany) == Counts{100, 50, 20, 5});
    CHECK(default_counts(913000, 4, kMany) == Counts{100, 50, 20, 5});
    CHECK(default_counts(620, 4, kMany) == Counts{60, 30, 12, 3});
    CHECK(default_counts(256, 4, kMany) == Counts{38, 19, 8, 2});
    CHECK(default_counts(50, 4, kMany) == Counts{12, 9, 3, 2});
    CHECK(default_counts(12, 4, kMany) == Counts{3, 3, 3, 2});
    CHECK(default_counts(4, 4, kMany) == Counts{1, 1, 1, 1});
    CHECK(default_counts(1, 4, kMany) == Counts{1, 1, 1, 1});
    CHECK(default_counts(1000, 4, 6) == Counts{6, 6, 6, 4});
    CHECK(default_counts(5000, 1, kMany) == Counts{100});
    CHECK(default_counts(5000, 2, kMany) == Counts{100, 5});
    const Counts seven = default_counts(5000, 7, kMany);
    CHECK(seven.front() == 100);
    CHECK(seven[2] == 50);
    CHECK(seven.back() == 5);
    CHECK(std::is_sorted(seven.rbegin(), seven.rend()));
}

TEST_CASE("the voyage sample starts without a dead splat", "[adapt][initialise][plain]") {
    for (std::uint64_t seed = 1; seed <= 3; ++seed) {
        const Made made = voyage(seed);
        CHECK(counts_of(made.registry) == Counts{100, 50, 20, 5});
        const Factors factors = factors_of(made);
        CHECK(dead(factors, 4) == 0);
        const std::vector<double> usage = usage_of(factors);
        std::vector<double> level(4, 0.0);
        for (std::size_t s = 0; s + 1 < usage.size(); ++s) level[factors.level[s]] += usage[s];
        for (const double share : level) CHECK(share == Approx(0.25).epsilon(0.05));
        CHECK(usage.back() == Approx(1e-3).epsilon(0.05));
    }
}

TEST_CASE("every level meets its perplexity", "[adapt][initialise]") {
    const Made made = voyage();
    const std::vector<double> targets = {3.0, 4.0, 5.0, 2.0};
    const auto backend = cpu();
    for (std::size_t l = 0; l < 4; ++l) {
        const hsa::LevelKernel kernel = hsa::bind_level(*backend, made.registry, l, 1.0);
        const hsa::Matrix<float> ell = hsa::log_kernel_of_tokens(
            *backend, kernel, made.coordinates, hsa::stratified_rows(made.dataset.size(), 20000));
        // The fitted beta is in the kernels: fitting again finds 1.
        const hsa::Bandwidth again = hsa::fit_bandwidth(ell, targets[l], hsa::Work{});
        CHECK(again.beta == Approx(1.0).epsilon(1e-3));
        CHECK(again.perplexity == Approx(targets[l]).epsilon(1e-3));
        for (const std::size_t row : kernel.rows)
            CHECK(made.registry.beta[row] == made.registry.beta[kernel.rows[0]]);
    }
}

TEST_CASE("the registry says how it was made", "[adapt][initialise]") {
    const Made made = make(embed_test::embedded(embed_test::made_up_text(900, 3)));
    const SplatRegistry& registry = made.registry;
    CHECK(registry.made_here);
    CHECK(registry.coordinates == made.coordinates.recipe);
    CHECK(registry.dimension == made.coordinates.dimension());
    CHECK(registry.background_log_weight.has_value());
    for (std::size_t s = 0; s < registry.size(); ++s) {
        CHECK(registry.age[s] == 3);
        CHECK(registry.gaussians.kind[s] == hsa::CovarianceKind::spherical);
        for (std::size_t a = 1; a < registry.dimension; ++a)
            REQUIRE(registry.gaussians.variance(s, a) == registry.gaussians.variance(s, 0));
        CHECK((registry.parent[s] == hsa::kNoSplat) == (registry.level[s] == 3));
        if (registry.parent[s] != hsa::kNoSplat)
            CHECK(registry.level[registry.row(registry.parent[s])] == registry.level[s] + 1);
    }
}

TEST_CASE("centres are the weighted means and variances are clipped", "[adapt][initialise]") {
    InitSettings init;
    init.counts = {1, 1, 1, 1};
    const Made made = make(embed_test::embedded(embed_test::made_up_text(700, 3)), init);
    for (std::size_t l = 0; l < 4; ++l) {
        const hsa::Matrix<float>& y = *made.coordinates.levels[l];
        double total = 0.0;
        std::vector<double> mean(y.cols(), 0.0);
        for (std::size_t i = 0; i < y.rows(); ++i) {
            const auto w = static_cast<double>(made.coordinates.token_weight[i]);
            total += w;
            for (std::size_t a = 0; a < y.cols(); ++a) mean[a] += w * static_cast<double>(y(i, a));
        }
        double v = 0.0;
        for (double& m : mean) m /= total;
        for (std::size_t i = 0; i < y.rows(); ++i)
            for (std::size_t a = 0; a < y.cols(); ++a) {
                const double delta = static_cast<double>(y(i, a)) - mean[a];
                v += static_cast<double>(made.coordinates.token_weight[i]) * delta * delta;
            }
        v /= total * static_cast<double>(y.cols());
        const std::size_t row = made.registry.rows_of_level(l)[0];
        for (std::size_t a = 0; a < y.cols(); ++a)
            CHECK(static_cast<double>(made.registry.gaussians.centre(row, a)) ==
                  Approx(mean[a]).margin(1e-6));
        // One splat is the pool: shrinking leaves it.
        CHECK(static_cast<double>(made.registry.gaussians.variance(row, 0)) ==
              Approx(v).epsilon(1e-5));
        CHECK(made.registry.beta[row] == 1.0F);
    }
}

TEST_CASE("diagonal splats have a variance an axis", "[adapt][initialise]") {
    hsa::SplatSettings settings;
    settings.kernel = hsa::CovarianceKind::diagonal;
    const Made made = make(embed_test::embedded(embed_test::made_up_text(900, 3)), {}, settings);
    bool differs = false;
    for (std::size_t s = 0; s < made.registry.size(); ++s) {
        CHECK(made.registry.gaussians.kind[s] == hsa::CovarianceKind::diagonal);
        differs = differs ||
                  made.registry.gaussians.variance(s, 0) != made.registry.gaussians.variance(s, 1);
    }
    CHECK(differs);
    check_works(made);
}

TEST_CASE("lowrank and full splats take the covariance of their tokens",
          "[adapt][initialise][plain]") {
    for (const hsa::CovarianceKind kind :
         {hsa::CovarianceKind::lowrank, hsa::CovarianceKind::full}) {
        hsa::SplatSettings settings;
        settings.kernel = kind;
        const Made made =
            make(embed_test::embedded(embed_test::made_up_text(900, 3)), {}, settings);
        bool mixes = false;
        for (std::size_t s = 0; s < made.registry.size(); ++s) {
            CHECK(made.registry.gaussians.kind[s] == kind);
            for (const float v : made.registry.gaussians.shape[s]) mixes = mixes || v != 0.0F;
            CHECK(hsa::condition_of(made.registry.gaussians.covariance(s)) < 1.01e4);
        }
        CHECK(mixes);
        check_works(made);
    }
}

TEST_CASE("every method makes splats that work", "[adapt][initialise]") {
    const hsa::Dataset text = embed_test::embedded(embed_test::made_up_text(1200, 3));
    const hsa::Dataset rows = embed_test::vectors(embed_test::clusters(1200, 10, 15, 3));
    for (const InitMethod method :
         {InitMethod::levels, InitMethod::kmeans, InitMethod::pca, InitMethod::random})
        for (const hsa::Dataset& dataset : {text, rows}) {
            InitSettings init;
            init.method = method;
            const Made made = make(dataset, init);
            CHECK(counts_of(made.registry) == Counts{83, 42, 17, 4});
            check_works(made);
            CHECK(dead(factors_of(made), 4) == 0);
        }
}

TEST_CASE("counts can be given", "[adapt][initialise]") {
    InitSettings init;
    init.counts = {30, 10, 2};
    const hsa::Dataset dataset = embed_test::embedded(embed_test::made_up_text(600, 3));
    CHECK(counts_of(make(dataset, init, {}, 3).registry) == Counts{30, 10, 2});
    CHECK_THROWS_AS(make(dataset, init, {}, 4), hsa::Error);
    init.counts = {5000};
    const Made capped = make(dataset, init, {}, 1);
    CHECK(capped.registry.size() <= dataset.type_names.size());
    check_works(capped);
}

TEST_CASE("one seed, the same bits; another seed, others", "[adapt][initialise]") {
    const hsa::Dataset dataset = embed_test::embedded(embed_test::made_up_text(1500, 8));
    hsa::SplatSettings settings;
    const SplatRegistry first = make(dataset, {}, settings).registry;
    CHECK(same_bits(first, make(dataset, {}, settings).registry));
    settings.seed = 2;
    CHECK_FALSE(same_bits(first, make(dataset, {}, settings).registry));
}

TEST_CASE("the start has the same bits for any number of threads", "[adapt][initialise][plain]") {
    const std::string text = embed_test::made_up_text(5000, 8);
    const auto run = [&](std::size_t threads) {
        const hsa::ThreadLimit limit(threads);
        return make(embed_test::embedded(text)).registry;
    };
    CHECK(same_bits(run(1), run(4)));
}

TEST_CASE("the smallest and the flattest data start", "[adapt][initialise]") {
    for (const std::string& text :
         {std::string("one"), std::string("one two"), std::string("same same same same same same"),
          std::string("a b a b a b a b a b a b"), embed_test::made_up_text(50, 1),
          embed_test::made_up_text(128, 1)})
        check_works(make(embed_test::embedded(text)));
    check_works(make(embed_test::vectors(hsa::Matrix<float>(1, 3, 1.0F))));
    check_works(make(embed_test::vectors(hsa::Matrix<float>(300, 3, 1.0F))));
    hsa::Matrix<float> two(400, 3, 1.0F);
    for (std::size_t i = 0; i < 400; i += 3) two(i, 1) = -1.0F;
    const Made made = make(embed_test::vectors(two));
    CHECK(made.registry.count(0) <= 2);
    check_works(made);
}

TEST_CASE("permuting rows without an order permutes usage", "[adapt][initialise]") {
    // Places are drawn by row, so another order is another start: usage stays calibrated.
    const hsa::Matrix<float> rows = embed_test::clusters(2000, 8, 12, 5);
    hsa::Matrix<float> reversed(2000, 8);
    for (std::size_t i = 0; i < 2000; ++i)
        std::copy_n(rows.row(1999 - i).begin(), 8, reversed.row(i).begin());
    for (const auto& each : {rows, reversed}) {
        const Made made = make(embed_test::vectors(each));
        CHECK(dead(factors_of(made), 4) == 0);
        CHECK(counts_of(made.registry) == Counts{100, 50, 20, 5});
    }
}
