#include "engine/adapt/measures.h"

#include "engine/adapt/redundancy.h"
#include "engine/adapt/rows.h"
#include "engine/attention/factors.h"
#include "engine/attention/target.h"
#include "tests/catch.h"
#include "tests/unit/engine/adapt/synthetic.h"

#include <cmath>
#include <numeric>

using hsa::Matrix;
using hsa::Measures;

namespace {

// D1 of reference-values.md.
hsa::SplatRegistry d1_registry() {
    hsa::SplatRegistry registry;
    registry.hierarchy.levels = {{"fine", 0.6}, {"coarse", 0.4}};
    registry.dimension = 3;
    for (std::size_t s = 0; s < 4; ++s) {
        hsa::Splat splat;
        splat.level = s < 2 ? 0 : 1;
        for (std::size_t c = 0; c < 3; ++c)
            splat.centre.push_back(static_cast<float>(
                std::cos(0.5 * static_cast<double>(s + 1) + 0.8 * static_cast<double>(c + 1))));
        splat.variance.assign(3, 0.5F + 0.25F * static_cast<float>(s));
        splat.log_amplitude = static_cast<float>(std::log(1.0 + 0.1 * static_cast<double>(s)));
        registry.add(splat);
    }
    return registry;
}

hsa::Coordinates d1_coordinates() {
    auto x = std::make_shared<Matrix<float>>(6, 3);
    for (std::size_t i = 0; i < 6; ++i)
        for (std::size_t c = 0; c < 3; ++c)
            (*x)(i, c) = static_cast<float>(
                std::sin(0.7 * static_cast<double>(i + 1) + 1.3 * static_cast<double>(c + 1)));
    hsa::Coordinates coordinates;
    coordinates.base = x;
    coordinates.levels = {x, x};
    return coordinates;
}

// ln of each token's weights in double: [n, columns of one level, the background last].
struct Brute {
    const hsa::SplatRegistry& registry;
    const Matrix<float>& x;

    [[nodiscard]] double ell(std::size_t i, std::size_t s) const {
        double m = 0.0;
        for (std::size_t a = 0; a < x.cols(); ++a) {
            const double delta =
                static_cast<double>(x(i, a)) - static_cast<double>(registry.gaussians.centre(s, a));
            m += delta * delta / static_cast<double>(registry.gaussians.variance(s, a));
        }
        return -0.5 * static_cast<double>(registry.beta[s]) * m;
    }
    // Row i of the attention of some splats with the background at ln w = `background`.
    [[nodiscard]] std::vector<double> row(std::size_t i, const std::vector<std::size_t>& splats,
                                          const std::vector<double>& log_weight,
                                          double background) const {
        const std::size_t n = x.rows();
        std::vector<double> a(n, 0.0);
        double z = std::exp(background) * static_cast<double>(n);
        for (double& value : a) value = std::exp(background);
        for (const std::size_t s : splats) {
            double mass = 0.0;
            for (std::size_t j = 0; j < n; ++j) mass += std::exp(ell(j, s));
            const double p = std::exp(log_weight[s] + ell(i, s)) * mass;
            z += p;
            for (std::size_t j = 0; j < n; ++j) a[j] += p * std::exp(ell(j, s)) / mass;
        }
        for (double& value : a) value /= z;
        return a;
    }
};

}  // namespace

TEST_CASE("usage, information and entropy of D1", "[adapt][measures][reference]") {
    const hsa::SplatRegistry registry = d1_registry();
    const hsa::Coordinates coordinates = d1_coordinates();
    const auto backend = adapt_test::cpu();
    const hsa::Factors factors = hsa::compute_factors(*backend, registry, coordinates, {}, {});
    const Measures measures =
        hsa::measure(factors, registry, *backend, coordinates, nullptr, {}, {});
    const std::vector<double> usage = {.1501812635, .1862668893, .2067156024, .4568362447};
    const std::vector<double> information = {.0951826821, .0297757668, .0048126729, .0645969530};
    for (std::size_t s = 0; s < 4; ++s) {
        CHECK(measures.usage[s] == Approx(usage[s]).epsilon(1e-5));
        CHECK(measures.information[s] == Approx(information[s]).margin(2e-6));
    }
    CHECK(measures.information_total == Approx(.194368074705).epsilon(1e-5));
    CHECK(measures.entropy_mean == Approx(1.08716602342).epsilon(1e-5));
    CHECK(measures.levels[0].usage == Approx(usage[0] + usage[1]).epsilon(1e-5));
    CHECK(measures.levels[1].weight == Approx(0.4));
    CHECK_FALSE(measures.row_kl.has_value());
    CHECK(measures.objective.has_value());
    CHECK(measures.measured_on_fit_rows);
    CHECK(measures.dead == 0);
    CHECK(hsa::redundancy(factors, 0, 1) == Approx(.801108064221).epsilon(1e-5));
    CHECK(hsa::redundancy(factors, 2, 3) == Approx(.896426937391).epsilon(1e-5));
    CHECK(hsa::redundancy(factors, 2, 2) == Approx(1.0).epsilon(1e-6));
    CHECK(hsa::overlap(factors, 1, 1) == Approx(1.0).epsilon(1e-5));
    CHECK(hsa::overlap(factors, 0, 3) < 1.0);
}

TEST_CASE("row-KL of the joint attention and of every level, against brute force",
          "[adapt][measures]") {
    const auto around = adapt_test::directions(6, 4, 3);
    const Matrix<float> x = adapt_test::clusters(200, around, 6, 4, 0.3);
    const adapt_test::Data data = adapt_test::data_of(x, 2);
    std::vector<hsa::Splat> splats;
    for (std::size_t s = 0; s < 6; ++s) splats.push_back(adapt_test::splat_at(around[s], 0.6, 0));
    for (std::size_t s = 0; s < 2; ++s)
        splats.push_back(adapt_test::splat_at(around[3 * s], 0.1, 1));
    splats[2].log_amplitude = 1.0F;
    hsa::SplatRegistry registry =
        adapt_test::registry_of(splats, {{"Token", 3.0}, {"Phrase", 1.0}});
    if (GENERATE(false, true)) registry.hierarchy.levels[1].weight = 0.0;
    const auto backend = adapt_test::cpu();
    const hsa::Factors factors = hsa::compute_factors(*backend, registry, data.coordinates, {}, {});
    hsa::MeasureOptions options;
    const Measures measures =
        hsa::measure(factors, registry, *backend, data.coordinates, data.target.get(), options, {});
    const std::vector<std::uint32_t> rows = hsa::row_sets(200, 128, 1).report;
    Matrix<float> t(rows.size(), 200);
    data.target->rows(rows, t.view());
    const Brute brute{registry, x};
    const std::vector<double> joint_weight = registry.log_weights();
    std::vector<double> own_weight(registry.log_amplitude.begin(), registry.log_amplitude.end());
    std::vector<double> kl(3, 0.0);
    double reference = 0.0;
    double entropy = 0.0;
    for (std::size_t r = 0; r < rows.size(); ++r) {
        const auto add = [&](double& into, const std::vector<double>& a) {
            for (std::size_t j = 0; j < 200; ++j) {
                const auto p = static_cast<double>(t(r, j));
                if (p > 0.0) into += p * std::log(p / a[j]) / static_cast<double>(rows.size());
            }
        };
        std::vector<std::size_t> heard = {0, 1, 2, 3, 4, 5};
        if (registry.hierarchy.levels[1].weight > 0.0) heard.insert(heard.end(), {6, 7});
        const std::vector<double> joint = brute.row(rows[r], heard, joint_weight, -6.0);
        add(kl[0], joint);
        add(kl[1], brute.row(rows[r], {0, 1, 2, 3, 4, 5}, own_weight, -6.0));
        add(kl[2], brute.row(rows[r], {6, 7}, own_weight, -6.0));
        add(reference, std::vector<double>(200, 1.0 / 200.0));
        for (const double a : joint) entropy -= a * std::log(a) / static_cast<double>(rows.size());
    }
    CHECK(*measures.row_kl == Approx(kl[0]).epsilon(1e-4));
    CHECK(*measures.levels[0].row_kl == Approx(kl[1]).epsilon(1e-4));
    CHECK(*measures.levels[1].row_kl == Approx(kl[2]).epsilon(1e-4));
    CHECK(*measures.reference_kl == Approx(reference).epsilon(1e-4));
    CHECK(measures.row_entropy_mean == Approx(entropy).epsilon(1e-4));
    const double lambda = 1e-3 * *measures.reference_kl;
    CHECK(*measures.levels[0].objective == Approx(kl[1] + 6.0 * lambda).epsilon(1e-4));
    CHECK(*measures.objective == Approx(measures.levels[0].weight * *measures.levels[0].objective +
                                        measures.levels[1].weight * *measures.levels[1].objective));
    double total = measures.background_usage;
    for (const double u : measures.usage) total += u;
    CHECK(total == Approx(1.0).epsilon(1e-5));
}

TEST_CASE("a splat that nothing uses is dead", "[adapt][measures]") {
    const auto around = adapt_test::directions(3, 4, 3);
    const adapt_test::Data data = adapt_test::data_of(adapt_test::clusters(100, around, 3, 4), 1);
    std::vector<hsa::Splat> splats;
    splats.reserve(around.size());
    for (const auto& direction : around) splats.push_back(adapt_test::splat_at(direction));
    splats[1].log_amplitude = -20.0F;
    const hsa::SplatRegistry registry = adapt_test::registry_of(splats);
    const auto backend = adapt_test::cpu();
    const hsa::Factors factors = hsa::compute_factors(*backend, registry, data.coordinates, {}, {});
    CHECK(hsa::measure(factors, registry, *backend, data.coordinates, data.target.get(), {}, {})
              .dead == 1);
    CHECK(hsa::usage_of(factors)[1] < 0.01);
}

TEST_CASE("measures are of the rows of W that have keys", "[adapt][measures]") {
    const auto backend = adapt_test::cpu();
    const hsa::SplatRegistry registry = d1_registry();
    hsa::Coordinates coordinates = d1_coordinates();
    hsa::FactorOptions causal;
    causal.causal = true;
    const auto rows_of = [&](const hsa::FactorOptions& options) {
        const hsa::Factors factors =
            hsa::compute_factors(*backend, registry, coordinates, options, {});
        return hsa::measure(factors, registry, *backend, coordinates, nullptr, {}, {}).report_rows;
    };
    CHECK(rows_of({}) == 6);
    CHECK(rows_of(causal) == 6);
    coordinates.masked = {0, 1, 3};
    CHECK(rows_of({}) == 6);
    CHECK(rows_of(causal) == 4);  // the first two see nothing

    const auto around = adapt_test::directions(3, 4, 3);
    const adapt_test::Data data = adapt_test::data_of(adapt_test::clusters(100, around, 3, 4), 1);
    const hsa::SplatRegistry wide = adapt_test::registry_of({adapt_test::splat_at(around[0])});
    const hsa::Factors factors = hsa::compute_factors(*backend, wide, data.coordinates, {}, {});
    CHECK(hsa::measure(factors, wide, *backend, data.coordinates, nullptr, {}, {}).report_rows ==
          hsa::row_sets(factors.tokens(), 128, 1).report.size());
    CHECK(hsa::measure_shares(factors, wide, {}).report_rows == 0);
}

TEST_CASE("row-KL of a level does not depend on its weight, with rows that see nothing, too",
          "[adapt][measures]") {
    const auto backend = adapt_test::cpu();
    hsa::Coordinates coordinates = d1_coordinates();
    hsa::FactorOptions causal;
    causal.causal = true;
    const auto measured = [&](double weight) {
        hsa::SplatRegistry registry = d1_registry();
        registry.hierarchy.levels[1].weight = weight;
        const hsa::Factors factors =
            hsa::compute_factors(*backend, registry, coordinates, causal, {});
        const hsa::Target target(*coordinates.base, 1.0, true, coordinates.masked);
        return *hsa::measure(factors, registry, *backend, coordinates, &target, {}, {})
                    .levels[1]
                    .row_kl;
    };
    for (const std::vector<std::uint32_t>& masked :
         std::vector<std::vector<std::uint32_t>>{{}, {0, 1, 3}}) {
        CAPTURE(masked.size());
        coordinates.masked = masked;
        CHECK(measured(0.4) > 1e-3);
        CHECK(measured(0.0) == Approx(measured(0.4)).epsilon(1e-4));
    }
}
