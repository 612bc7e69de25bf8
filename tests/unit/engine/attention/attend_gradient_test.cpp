#include "engine/attention/attend_gradient.h"

#include "engine/attention/cells.h"
#include "engine/core/parallel.h"
#include "engine/core/random.h"
#include "tests/catch.h"
#include "tests/reference/attend_model.h"
#include "tests/reference/cases.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <string>
#include <vector>

namespace {

using hsa::AttendGradient;
using hsa::CovarianceKind;
using hsa::Matrix;
using reference::Case;
using reference::kKinds;
using reference::Model;

Matrix<float> drawn(std::size_t rows, std::size_t cols, std::uint64_t seed) {
    Matrix<float> m(rows, cols);
    for (std::size_t e = 0; e < m.size(); ++e) {
        hsa::Random random({seed, e});
        m.data()[e] = static_cast<float>(random.normal());
    }
    return m;
}

AttendGradient gradient_of(const Case& data, const Matrix<float>& values,
                           const Matrix<float>& d_outputs, const hsa::FactorOptions& options = {}) {
    return hsa::attend_gradient(data.registry, data.coordinates,
                                reference::factors_of(data, options), options.temperature,
                                values.view(), d_outputs.view(), {});
}

// One group of numbers of the model beside their slopes.
struct Group {
    std::string name;
    std::vector<double*> at;
    std::vector<double> slopes;

    void add(std::span<double> values, std::span<const double> more) {
        REQUIRE(values.size() == more.size());
        for (double& value : values) at.push_back(&value);
        slopes.insert(slopes.end(), more.begin(), more.end());
    }
};

std::vector<double> wide(std::span<const float> values) { return {values.begin(), values.end()}; }

std::vector<Group> groups_of(Model& model, const AttendGradient& gradient, bool background) {
    std::vector<Group> groups(7);
    groups[0].name = "centre";
    groups[1].name = "covariance";
    for (std::size_t s = 0; s < model.kind.size(); ++s) {
        groups[0].add(model.centre[s], gradient.centre.row(s));
        groups[1].add(model.covariance[s], gradient.covariance[s]);
    }
    groups[2].name = "ln beta";
    groups[2].add(model.log_beta, gradient.log_beta);
    groups[3].name = "log amplitude";
    groups[3].add(model.log_amplitude, gradient.log_amplitude);
    groups[4].name = "ln level weight";
    groups[4].add(model.log_level_weight, gradient.log_level_weight);
    groups[5].name = "background and temperature";
    if (background)
        groups[5].add(std::span(&model.background, 1),
                      std::span(&gradient.background_log_weight, 1));
    groups[5].add(std::span(&model.log_temperature, 1), std::span(&gradient.log_temperature, 1));
    groups[6].name = "values";
    groups[6].add({model.values.data(), model.values.size()},
                  wide({gradient.values.data(), gradient.values.size()}));
    for (std::size_t l = 0; l < gradient.coordinates.size(); ++l) {
        Group group;
        group.name = fmt::format("coordinates of level {}", l);
        group.add({model.coordinates[l].data(), model.coordinates[l].size()},
                  wide({gradient.coordinates[l].data(), gradient.coordinates[l].size()}));
        groups.push_back(std::move(group));
    }
    return groups;
}

// Every slope against central differences of the double reference.
void check_slopes(const Case& data, double temperature) {
    constexpr double kStep = 1e-5;
    const std::size_t n = data.tokens();
    const Matrix<float> values = drawn(n, 2, 31);
    const Matrix<float> d_outputs = drawn(n, 2, 32);
    hsa::FactorOptions options;
    options.temperature = temperature;
    const AttendGradient gradient = gradient_of(data, values, d_outputs, options);
    Model model = reference::model_of(data, values, temperature);
    const bool background = data.registry.background_log_weight.has_value();
    const Matrix<double> slopes_of_outputs = reference::widened(d_outputs);
    for (Group& group : groups_of(model, gradient, background)) {
        std::vector<double> exact;
        double largest = 0.0;
        double worst = 0.0;
        for (double* value : group.at) {
            const double old = *value;
            *value = old + kStep;
            const double above = reference::loss_of(model, background, slopes_of_outputs);
            *value = old - kStep;
            const double below = reference::loss_of(model, background, slopes_of_outputs);
            *value = old;
            exact.push_back((above - below) / (2.0 * kStep));
            largest = std::max(largest, std::abs(exact.back()));
        }
        for (std::size_t e = 0; e < exact.size(); ++e)
            worst = std::max(worst, std::abs(exact[e] - group.slopes[e]));
        INFO(group.name << ": " << worst << " beside " << largest);
        // Rows of P, in float32, sum to 1 within 1e-7: so much is left of slopes that cancel.
        CHECK(worst <= 1e-5 * largest + 3e-7);
    }
}

reference::Shape shape_of(std::size_t tokens, CovarianceKind kind, bool background = true) {
    reference::Shape shape;
    shape.tokens = tokens;
    shape.dimension = 3;
    shape.splats = {3, 2, 1};
    shape.kind = kind;
    shape.background = background;
    shape.own_blocks = true;
    shape.mixed_ids = true;
    return shape;
}

void change_kind(Case& data, std::size_t row, CovarianceKind kind) {
    hsa::Splat splat = data.registry.splat(row);
    const hsa::Covariance covariance =
        hsa::restricted(hsa::dense_covariance(splat.covariance()), kind);
    splat.kind = kind;
    splat.variance = covariance.variance;
    splat.shape = covariance.shape;
    data.registry.assign(splat);
}

bool all_zero(std::span<const double> values) {
    return std::all_of(values.begin(), values.end(), [](double x) { return x == 0.0; });
}

std::vector<double> all_numbers(const AttendGradient& gradient) {
    std::vector<double> all;
    const auto add = [&all](const auto& some) { all.insert(all.end(), some.begin(), some.end()); };
    for (std::size_t s = 0; s < gradient.centre.rows(); ++s) {
        add(gradient.centre.row(s));
        add(gradient.covariance[s]);
    }
    add(gradient.log_beta);
    add(gradient.log_amplitude);
    add(gradient.log_level_weight);
    for (const Matrix<float>& level : gradient.coordinates)
        add(std::span(level.data(), level.size()));
    add(std::span(gradient.values.data(), gradient.values.size()));
    all.push_back(gradient.background_log_weight);
    all.push_back(gradient.log_temperature);
    return all;
}

}  // namespace

TEST_CASE("D1: the gradient of the design", "[attention][gradient][reference]") {
    const Case data = reference::d1();
    const hsa::Factors factors = reference::factors_of(data);
    Matrix<float> values(6, 6);
    for (std::size_t i = 0; i < 6; ++i) values(i, i) = 1.0F;
    Matrix<float> d_outputs = hsa::attend(factors, values.view());
    double loss = 0.0;
    for (std::size_t i = 0; i < 6; ++i) {
        d_outputs(i, i) -= 1.0F;
        for (const float x : d_outputs.row(i))
            loss += 0.5 * static_cast<double>(x) * static_cast<double>(x);
    }
    CHECK(loss == Approx(2.41790108937).epsilon(1e-5));
    const AttendGradient gradient = hsa::attend_gradient(data.registry, data.coordinates, factors,
                                                         1.0, values.view(), d_outputs.view(), {});
    constexpr std::array kCentre = {-.2276007881, -.1065157232, .0752075093};
    constexpr std::array kAmplitude = {-.0550384712, .0355558930, .0434396106, -.0239570324};
    constexpr std::array kVariance = {.0011137069, .0891402067, .0653385677, -.1016659804};
    for (std::size_t a = 0; a < 3; ++a)
        CHECK(gradient.centre(0, a) == Approx(kCentre[a]).margin(1e-5).epsilon(0));
    for (std::size_t s = 0; s < 4; ++s) {
        CHECK(gradient.log_amplitude[s] == Approx(kAmplitude[s]).margin(1e-5).epsilon(0));
        REQUIRE(gradient.covariance[s].size() == 1);
        CHECK(gradient.covariance[s][0] == Approx(kVariance[s]).margin(1e-5).epsilon(0));
        // A spherical splat's width and its beta do the same.
        CHECK(gradient.log_beta[s] == -gradient.covariance[s][0]);
    }
}

TEST_CASE("every slope is what central differences say", "[attention][gradient]") {
    for (const CovarianceKind kind : kKinds)
        for (const bool background : {true, false}) {
            INFO(hsa::name_of(kind) << (background ? ", background" : ""));
            check_slopes(reference::random_case(shape_of(30, kind, background), 4),
                         background ? 0.7 : 1.0);
        }
}

TEST_CASE("slopes where keys are masked", "[attention][gradient][mask]") {
    for (const bool background : {true, false}) {
        Case data = reference::random_case(shape_of(30, CovarianceKind::diagonal, background), 6);
        data.coordinates.masked = {0, 3, 4, 21};
        check_slopes(data, 0.8);
        const AttendGradient gradient = gradient_of(data, drawn(30, 2, 31), drawn(30, 2, 32));
        for (const std::uint32_t token : data.coordinates.masked)
            for (const float slope : gradient.values.row(token)) CHECK(slope == 0.0F);
    }
}

TEST_CASE("slopes of a level whose splats have different kinds", "[attention][gradient]") {
    Case data = reference::random_case(shape_of(30, CovarianceKind::full), 6);
    change_kind(data, 0, CovarianceKind::spherical);
    change_kind(data, 1, CovarianceKind::diagonal);
    change_kind(data, 3, CovarianceKind::lowrank);
    check_slopes(data, 1.3);
}

TEST_CASE("slopes of data far from the origin", "[attention][gradient]") {
    for (const CovarianceKind kind : kKinds) {
        INFO(hsa::name_of(kind));
        Case data = reference::random_case(shape_of(25, kind), 8);
        for (float& c : std::span(data.registry.gaussians.centre.data(),
                                  data.registry.gaussians.centre.size()))
            c += 1000.0F;
        for (auto& level : data.coordinates.levels) {
            Matrix<float> rows = *level;
            for (float& x : std::span(rows.data(), rows.size())) x += 1000.0F;
            level = std::make_shared<const Matrix<float>>(std::move(rows));
        }
        check_slopes(data, 1.0);
    }
}

TEST_CASE("slopes in one dimension, of one token and of none", "[attention][gradient]") {
    for (const CovarianceKind kind : kKinds) {
        INFO(hsa::name_of(kind));
        reference::Shape shape = shape_of(9, kind);
        shape.dimension = 1;
        check_slopes(reference::random_case(shape, 2), 1.0);
        check_slopes(reference::random_case(shape_of(1, kind), 2), 1.0);
        const Case empty = reference::random_case(shape_of(0, kind), 2);
        CHECK(all_zero(all_numbers(gradient_of(empty, Matrix<float>(0, 2), Matrix<float>(0, 2)))));
    }
}

// What a registry holds, one by one: a member that is added to it does not compile here until it is
// said what it does to the outputs.
TEST_CASE("whatever in a registry changes the outputs has a slope", "[attention][gradient]") {
    using Change = std::function<void(hsa::SplatRegistry&)>;
    using Slopes = std::function<std::vector<double>(const AttendGradient&)>;
    struct Member {
        const char* name;
        Change change;
        Slopes slopes;  // nothing: it may not change the outputs
    };
    const auto scale = [](std::span<float> values) {
        for (std::size_t e = 0; e < values.size(); ++e)
            values[e] *= 1.1F + 0.1F * static_cast<float>(e % 3);
    };
    const auto variance_of = [](const AttendGradient& g, bool shape) {
        std::vector<double> some;
        for (const auto& all : g.covariance)
            for (std::size_t e = 0; e < all.size(); ++e)
                if ((e >= g.centre.cols()) == shape) some.push_back(all[e]);
        return some;
    };
    const Case data = reference::random_case(shape_of(40, CovarianceKind::lowrank), 12);
    hsa::SplatRegistry first = data.registry;
    // The two lines that stop compiling.
    const auto& [hierarchy, form, dimension, id, level, parent, gaussians, query_gaussians,
                 log_amplitude, beta, age, usage_history, next_id, background_log_weight, kappa,
                 kappa_query, query_quadratic, offset, fitted_with, coordinates, made_here,
                 covered] = first;
    const auto& [centre, kind, variance, shape] = gaussians;
    REQUIRE(hierarchy.size() == 3);
    REQUIRE(centre.rows() == kind.size());
    const std::vector<Member> members = {
        {"hierarchy: weights", [](auto& r) { r.hierarchy.levels[0].weight *= 1.5; },
         [](const AttendGradient& g) { return g.log_level_weight; }},
        {"gaussians.centre",
         [&](auto& r) {
             scale({r.gaussians.centre.data(), r.gaussians.centre.size()});
         },
         [](const AttendGradient& g) {
             return std::vector<double>(g.centre.data(), g.centre.data() + g.centre.size());
         }},
        {"gaussians.variance",
         [&](auto& r) {
             scale({r.gaussians.variance.data(), r.gaussians.variance.size()});
         },
         [&](const AttendGradient& g) { return variance_of(g, false); }},
        {"gaussians.shape",
         [&](auto& r) {
             for (auto& some : r.gaussians.shape) scale(some);
         },
         [&](const AttendGradient& g) { return variance_of(g, true); }},
        {"log_amplitude", [&](auto& r) { scale(r.log_amplitude); },
         [](const AttendGradient& g) { return g.log_amplitude; }},
        {"beta", [&](auto& r) { scale(r.beta); },
         [](const AttendGradient& g) { return g.log_beta; }},
        {"background_log_weight", [](auto& r) { *r.background_log_weight += 0.4; },
         [](const AttendGradient& g) { return std::vector<double>{g.background_log_weight}; }},
        // In form token nothing of these reaches the outputs.
        {"id", [](auto& r) { r.id.back() += 5; }, {}},
        {"parent", [](auto& r) { r.parent.assign(r.size(), hsa::kNoSplat); }, {}},
        {"age", [](auto& r) { r.age.assign(r.size(), 17); }, {}},
        {"usage_history", [](auto& r) { r.usage_history[0].push(0.3F); }, {}},
        {"next_id", [](auto& r) { r.next_id += 9; }, {}},
        {"query_gaussians",
         [](auto& r) {
             r.query_gaussians = r.gaussians;
             r.query_gaussians->centre(0, 0) += 3.0F;
         },
         {}},
        {"kappa", [](auto& r) { r.kappa = 0.3; }, {}},
        {"kappa_query", [](auto& r) { r.kappa_query = 0.2; }, {}},
        {"query_quadratic", [](auto& r) { r.query_quadratic.assign(r.dimension, 0.7); }, {}},
        {"offset", [](auto& r) { r.offset = 1.5; }, {}},
        {"fitted_with", [](auto& r) { r.fitted_with = hsa::FittedWith{}; }, {}},
        {"made_here", [](auto& r) { r.made_here = !r.made_here; }, {}},
    };
    // Not numbers of attention by themselves: form, dimension, level and kind say how the others
    // are read, coordinates how the rows were made.
    REQUIRE(members.size() + 5 == 21 - 1 + 4);
    const Matrix<float> values = drawn(40, 2, 1);
    const auto outputs_of = [&](const hsa::SplatRegistry& registry) {
        Case other = data;
        other.registry = registry;
        return hsa::attend(reference::factors_of(other), values.view());
    };
    const Matrix<float> outputs = outputs_of(first);
    const AttendGradient gradient = gradient_of(data, values, drawn(40, 2, 2));
    for (const Member& member : members) {
        INFO(member.name);
        hsa::SplatRegistry changed = data.registry;
        member.change(changed);
        const bool matters = !(outputs_of(changed) == outputs);
        CHECK(matters == static_cast<bool>(member.slopes));
        if (!member.slopes) continue;
        const std::vector<double> slopes = member.slopes(gradient);
        CHECK(!slopes.empty());
        CHECK(std::none_of(slopes.begin(), slopes.end(), [](double x) { return x == 0.0; }));
    }
    CHECK(gradient.log_temperature != 0.0);
}

TEST_CASE("what is not heard has a slope of exactly zero", "[attention][gradient]") {
    for (const CovarianceKind kind : kKinds)
        for (const bool muted : {true, false}) {
            INFO(hsa::name_of(kind) << (muted ? ", muted" : ", weight 0"));
            Case data = reference::random_case(shape_of(50, kind, false), 3);
            hsa::FactorOptions options;
            if (muted) options.mask.muted = {"level 1"};
            else data.registry.hierarchy.levels[1].weight = 0.0;
            const AttendGradient gradient =
                gradient_of(data, drawn(50, 3, 1), drawn(50, 3, 2), options);
            for (const double x : all_numbers(gradient)) REQUIRE(std::isfinite(x));
            for (std::size_t s = 0; s < data.registry.size(); ++s) {
                const bool silent = data.registry.level[s] == 1;
                CHECK(all_zero(gradient.centre.row(s)) == silent);
                CHECK(all_zero(gradient.covariance[s]) == silent);
                CHECK((gradient.log_beta[s] == 0.0) == silent);
                CHECK((gradient.log_amplitude[s] == 0.0) == silent);
            }
            for (std::size_t l = 0; l < 3; ++l) {
                const Matrix<float>& level = gradient.coordinates[l];
                CHECK(all_zero(wide({level.data(), level.size()})) == (l == 1));
                CHECK((gradient.log_level_weight[l] == 0.0) == (l == 1));
            }
        }
}

TEST_CASE("the gradient has the same bits for any number of threads",
          "[attention][gradient][threads]") {
    for (const CovarianceKind kind : kKinds) {
        const Case data = reference::random_case(shape_of(2500, kind), 5);
        const Matrix<float> values = drawn(2500, 4, 1);
        const Matrix<float> d_outputs = drawn(2500, 4, 2);
        const std::vector<double> many = all_numbers(gradient_of(data, values, d_outputs));
        const hsa::ThreadLimit one(1);
        CHECK(all_numbers(gradient_of(data, values, d_outputs)) == many);
    }
}

// A table of n x n numbers would be 40 GB here.
TEST_CASE("the gradient of many tokens", "[attention][gradient]") {
    const std::size_t n = 100'000;
    const Case data = reference::random_case(shape_of(n, CovarianceKind::diagonal), 5);
    const std::vector<double> numbers =
        all_numbers(gradient_of(data, drawn(n, 1, 1), drawn(n, 1, 2)));
    CHECK(std::all_of(numbers.begin(), numbers.end(), [](double x) { return std::isfinite(x); }));
    CHECK(numbers.size() > n);
}

TEST_CASE("data at the ends of float32 leave no slope infinite", "[attention][gradient]") {
    for (const CovarianceKind kind : kKinds)
        for (const float scale : {1e-18F, 1e18F, 1e30F}) {
            INFO(hsa::name_of(kind) << " at " << scale);
            Case data = reference::random_case(shape_of(40, kind), 7);
            for (auto& level : data.coordinates.levels) {
                Matrix<float> rows = *level;
                for (float& x : std::span(rows.data(), rows.size())) x *= scale;
                level = std::make_shared<const Matrix<float>>(std::move(rows));
            }
            const AttendGradient gradient = gradient_of(data, drawn(40, 2, 1), drawn(40, 2, 2));
            for (const double x : all_numbers(gradient)) REQUIRE(std::isfinite(x));
        }
}

TEST_CASE("a gradient of factors without all their splats is refused", "[attention][gradient]") {
    const Case data = reference::random_case(shape_of(40, CovarianceKind::spherical, false), 7);
    hsa::FactorOptions options;
    options.splats_per_token = 1;
    CHECK_THROWS_AS(gradient_of(data, drawn(40, 2, 1), drawn(40, 2, 2), options), hsa::Error);
    CHECK_THROWS_AS(gradient_of(data, drawn(40, 2, 1), drawn(39, 2, 2)), hsa::Error);
}
